"""A comparison as a file: one page with its pictures, Markdown, or a table."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Protocol

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.plot.figure import Figure
from mlops_tui.plot.svg import svg
from mlops_tui.presenters.beside import TITLES, cells, sentence
from mlops_tui.presenters.compared import (
    END_IT,
    ENDINGS,
    HTML,
    MARKDOWN,
    MOST_AXES,
    OF_ANSWERS,
    lettered,
    parallel,
    said,
    telling,
    words_of_pictures,
)
from mlops_tui.presenters.overlay import Overlay
from mlops_tui.presenters.page import page, write
from mlops_tui.presenters.ways import Way
from mlops_tui.presenters.words import one_line
from mlops_tui.runs.beside import METRICS, Line, lines
from mlops_tui.runs.model import Run
from mlops_tui.runs.query import runs_of

MOST_CURVES = 24


class Asks(Protocol):
    """Who is asked what models said, and which is better."""

    def ask(self, what: str, **given: Any) -> Mapping[str, Any]:
        """The answer."""
        ...


@dataclass(frozen=True, slots=True)
class Compared:
    """What is written: the runs and what they are called, the lines, the verdict on each run beside the first and a sentence that
    says it, and the pictures.
    """

    runs: Sequence[Run]
    names: Sequence[str]
    lines: Sequence[Line]
    verdicts: Sequence[Mapping[str, Any]]
    sentences: Sequence[str]
    figures: Sequence[Figure]


def export(
    connection: sqlite3.Connection, asking: Asks, run_ids: Sequence[str], path: Path, metric: str | None = None
) -> Path:
    """Writes the comparison of these runs, judged by that metric or their own, as the file's ending says; returns the file's path.
    What was there before gives way only to a whole file.

    Raises:
        UsageError: there are not two of them, the ending is unknown, or the file cannot be written.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise UsageError(f"{printable(path.name)} does not say what is to be written.", END_IT)
    runs = runs_of(connection, run_ids)
    if len(runs) < 2:
        raise UsageError("There is one run, and nothing beside it.", "Name two or more.")
    found = _compared(connection, asking, runs, metric, with_figures=ending in HTML)
    text = _html(found) if ending in HTML else _markdown(found) if ending in MARKDOWN else _csv(found)
    return write(path, text)


def _compared(
    connection: sqlite3.Connection, asking: Asks, runs: Sequence[Run], metric: str | None, *, with_figures: bool
) -> Compared:
    ids = [run.id for run in runs]
    short = lettered(ids)
    names = {run.id: f"{short[run.id]} {one_line(run.name)}" for run in runs}
    told = asking.ask("compare", runs=ids, against=ids[0], metric=metric)["verdicts"]
    of_runs = lines(runs)
    figures = _figures(connection, asking, runs, of_runs, short) if with_figures else []
    sentences = [sentence(verdict, names) for verdict in told]
    return Compared(runs, list(names.values()), of_runs, told, sentences, figures)


def _figures(
    connection: sqlite3.Connection, asking: Asks, runs: Sequence[Run], of_runs: Sequence[Line], short: Mapping[str, str]
) -> list[Figure]:
    ids = [run.id for run in runs]
    overlay = Overlay(ids)
    overlay.read_keys(connection)
    keys = overlay.keys[:MOST_CURVES]
    overlay.read_on(connection, keys)
    found: list[Figure] = [overlay.figure(key, short, Way()) for key in keys]
    bundle = parallel(list(short.values()), telling(of_runs)[:MOST_AXES])
    if len(bundle.axes) > 1:
        found.append(bundle)
    told = asking.ask("pictures", runs=ids)["runs"]
    for picture in words_of_pictures(told):
        if picture in OF_ANSWERS or picture == "confusion":
            found += said(picture, told, ids, list(short.values()))
    return found


def _csv(found: Compared) -> str:
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(["kind", "key", *(printable(run.name) for run in found.runs)])
    rows.writerow(["run", "id", *(run.id for run in found.runs)])
    for line in found.lines:
        values = (printable(one) if isinstance(one, str) else "" if one is None else one for one in line.values)
        rows.writerow([line.table, printable(line.key), *values])
    told = {verdict["b"]: verdict for verdict in found.verdicts}
    for key in ("verdict", "metric", "difference", "low", "high", "n", "by"):
        rows.writerow(["beside the first", key, *(_of_verdict(told.get(run.id), key) for run in found.runs)])
    return written.getvalue()


def _of_verdict(verdict: Mapping[str, Any] | None, key: str) -> Any:
    """What a verdict on a run beside the first says; as the run has it, which is the other way round."""
    if verdict is None:
        return ""
    interval = verdict["interval"]
    if key in ("low", "high"):
        return "" if interval is None else -interval[key == "low"]
    if key == "difference":
        return "" if verdict[key] is None else -verdict[key]
    turned = {"better": "worse", "worse": "better"}
    found = verdict[key]
    return "" if found is None else turned.get(found, found)


def _markdown(found: Compared) -> str:
    parts = ["# " + " · ".join(_plain(name) for name in found.names)]
    if found.sentences:
        parts.append("\n".join(f"- {_plain(text)}" for text in found.sentences))
    for table, title in TITLES.items():
        some = [line for line in found.lines if line.table == table]
        if some:
            head = f"| {title} | " + " | ".join(_plain(name) for name in found.names) + " |"
            rule = "| --- |" + (" ---: |" if table == METRICS else " --- |") * len(found.runs)
            parts.append("\n".join([head, rule, *map(_markdown_row, some)]))
    return "\n\n".join(parts) + "\n"


def _markdown_row(line: Line) -> str:
    told = [f"**{_plain(one.text)}**" if one.tone == "good" else _plain(one.text) for one in cells(line)]
    return f"| {_plain(one_line(line.key))} | " + " | ".join(told) + " |"


def _plain(text: str) -> str:
    """Text that Markdown takes for text."""
    for sign in ("\\", "|", "*", "_", "`", "<", "[", "]"):
        text = text.replace(sign, f"\\{sign}")
    return text


def _html(found: Compared) -> str:
    parts = []
    if found.sentences:
        parts.append("<ul>" + "".join(f"<li>{escape(text)}</li>" for text in found.sentences) + "</ul>")
    for table, heading in TITLES.items():
        some = [line for line in found.lines if line.table == table]
        if some:
            head = "".join(f"<th>{escape(name)}</th>" for name in (heading, *found.names))
            rows = "".join(map(_html_row, some))
            parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")
    parts += [f"<figure><figcaption>{escape(one.title)}</figcaption>{svg(one)}</figure>" for one in found.figures]
    return page(" · ".join(found.names), parts)


def _html_row(line: Line) -> str:
    told = []
    for one, shown in zip(line.values, cells(line), strict=True):
        kinds = [*(["number"] if isinstance(one, int | float) else []), *(["best"] if shown.tone == "good" else [])]
        mark = f' class="{" ".join(kinds)}"' if kinds else ""
        told.append(f"<td{mark}>{escape(shown.text)}</td>")
    kind = "" if line.differs else ' class="alike"'
    return f"<tr{kind}><td>{escape(one_line(line.key))}</td>{''.join(told)}</tr>"
