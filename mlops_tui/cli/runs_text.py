"""What the commands of runs print for people."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlops_tui.cli.output import table
from mlops_tui.core.ids import shorten
from mlops_tui.core.printable import printable
from mlops_tui.presenters.beside import TITLES, cells, folded, sentence
from mlops_tui.presenters.difference import ALIKE, Part, told_apart
from mlops_tui.presenters.run_columns import attribute, took
from mlops_tui.presenters.run_groups import group_cells, title_of
from mlops_tui.presenters.runs import code_words
from mlops_tui.presenters.words import MISSING, Cell, between, duration, minute, one_line, size, state, value
from mlops_tui.runs.artifact import Artifact
from mlops_tui.runs.beside import Line
from mlops_tui.runs.expression import SPANS, Name
from mlops_tui.runs.grouping import Group
from mlops_tui.runs.model import Run
from mlops_tui.runs.where import field

LONGEST = 10_000
"""Characters of a value that are printed of one run."""


def compared(runs: list[Run], of_runs: list[Line], told: list[dict[str, Any]], *, every: bool) -> str:
    """Runs side by side, what differs first, and a sentence on each two."""
    differing, alike = folded(of_runs)
    names = told_apart(runs)
    parts = []
    for name, title in TITLES.items():
        rows = [
            [printable(line.key), *(f"{cell.text} *" if cell.tone == "good" else cell.text for cell in cells(line))]
            for line in (of_runs if every else differing)
            if line.table == name
        ]
        if rows:
            columns = [title, *(printable(names[run.id]) for run in runs)]
            parts.append(table(columns, rows, right=columns[1:] if name == "metrics" else ()))
    if alike and not every:
        parts.append(f"{alike} more are alike in all of them: --all shows them.")
    parts.append("\n".join(sentence(verdict, {key: printable(one) for key, one in names.items()}) for verdict in told))
    return "\n\n".join(parts)


def difference(found: Sequence[Part]) -> str:
    """How two runs differ, part by part."""
    return "\n\n".join(_part(part) for part in found) or ALIKE


def _part(part: Part) -> str:
    if part.rows:
        right = part.columns if part.are_numbers else ()
        return table((part.title, *part.columns), part.rows, right=right)
    return "\n".join((f"{part.title}:", *(f"  {printable(line)}" for line in part.text)))


def files(kept: list[Artifact], out: Path | None) -> str:
    """A run\'s files, or how many were written elsewhere."""
    if out is not None:
        return f"{len(kept)} written to {printable(str(out))}"
    rows = [(printable(one.name), one.kind, size(one.size), one.hash[:12]) for one in kept]
    return table(("name", "kind", "size", "sha256"), rows, right=("size",), empty="It has none.")


def listed(runs: list[Run], columns: list[str]) -> str:
    """Runs, a line each."""
    ids = shorten(run.id for run in runs)
    rows = [[_cell(run, name, ids[run.id]) for name in columns] for run in runs]
    numbers = [name for name in columns if name.startswith("metrics.")]
    return table(
        [printable(name) for name in columns], rows, right=numbers, empty="No run matches, or there is none yet."
    )


def _cell(run: Run, column: str, shown_id: str) -> str:
    name = field(column)
    if name.table:
        found = getattr(run, name.table).get(name.key)
        return MISSING if found is None else one_line(found) if isinstance(found, str) else value(found)
    if column in ("id", "status"):
        return shown_id if column == "id" else state(run.status).text
    if column in SPANS:
        until = None if column == "age" else run.ended
        return MISSING if column == "took" and until is None else duration(between(run.started, until, time.time()))
    text = getattr(run, attribute(name))
    if text is None:
        return MISSING
    if isinstance(text, bool):
        return "yes" if text else "no"
    return minute(text) if column in ("started", "ended") else one_line(str(text))


def _second(moment: str | None) -> str:
    return moment[:19].replace("T", " ") if moment else MISSING


def whole(run: Run, found: dict[str, Any], way: Sequence[tuple[str, Cell]]) -> str:
    """One run with what belongs to it."""
    lines = [
        ("run", f"{run.name}  {run.id}"),
        ("status", state(run.status).text),
        ("experiment", run.experiment),
        *([("why", found["why"])] if found["why"] else []),
        *([("within", found["above"])] if found["above"] else []),
        ("started", _second(run.started)),
        ("ended", _second(run.ended)),
        ("took", duration(took(run, time.time()))),
        *([("host", run.host)] if run.host else []),
        ("note", run.note or MISSING),
        ("tags", pairs(run.tags) or MISSING),
        *_origin(run),
        *((f"params.{key}", str(given)) for key, given in run.params.items()),
        *((f"metrics.{key}", value(number)) for key, number in run.metrics.items()),
    ]
    lines += [(name, cell.text) for name, cell in way]
    lines += [(f"input {given['role']}", _input_words(given)) for given in found["inputs"]]
    lines += [("artifact", f"{one['name']}  {size(one['size'])}") for one in found["artifacts"]]
    lines += [("within it", f"{one['name']}  {state(one['status']).text}") for one in found["within"]]
    width = max(len(printable(name)) for name, _ in lines)
    return "\n".join(f"{printable(name).ljust(width)}  {one_line(text, LONGEST)}" for name, text in lines)


def _origin(run: Run) -> list[tuple[str, str]]:
    """Where its code is from; what is not known is left out."""
    lines = [("command", run.command), ("script", run.script), ("code", code_words(run))]
    return [(name, text) for name, text in lines if text]


def _input_words(given: dict[str, Any]) -> str:
    rows = "" if given["rows"] is None else f"  {given['rows']:,} rows"
    known = f"  source {', '.join(given['sources'])}" if given["sources"] else ""
    return f"{given['name']}{rows}  {given['hash'][:12]}{known}"


def pairs(tags: Any) -> str:
    """Tags in one line."""
    return ", ".join(f"{printable(key)}={one_line(text)}" for key, text in tags.items())


def grouped(by: Sequence[Name | str], found: Sequence[Group], metrics: Sequence[str], telling: Sequence[str]) -> str:
    """Groups of runs, a line each; of a configuration the parameters that are `telling`."""
    columns = [*(title_of(name) for name in by), "runs", *(one_line(key) for key in metrics)]
    rows = [[cell.text for cell in group_cells(by, group, metrics, telling)] for group in found]
    return table(columns, rows, right=columns[len(by) :], empty="No run matches, or there is none yet.")
