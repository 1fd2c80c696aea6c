"""Drift as a person reads it in a terminal: one report, a history in chunks, a pinned reference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlops_tui.cli.output import table
from mlops_tui.core.printable import printable
from mlops_tui.monitoring.model import ColumnDrift, DriftReport, Pinned
from mlops_tui.monitoring.quality_model import Importances
from mlops_tui.monitoring.slices import SliceReport
from mlops_tui.presenters import monitor, slices
from mlops_tui.presenters.column_page import Table, bars, tables
from mlops_tui.presenters.multivariate import lines
from mlops_tui.presenters.words import counted

Record = Mapping[str, Any]
OF_TOOLS = {"evidently": "Evidently", "nannyml": "NannyML"}
OTHERS = {
    "psi": "PSI",
    "jensen_shannon": "JS",
    "wasserstein": "Wasserstein",
    "hellinger": "Hellinger",
    "l_infinity": "L-infinity",
    "ks": "KS",
    "ks_p": "KS p",
    "chi2": "chi-square",
    "chi2_p": "chi-square p",
}
"""The figures of other tools, and what they are called."""
ROUNDED = 1e-4
"""A figure below this is told by its power of ten."""
SAID = 5
"""So many chunks that are left out are said one by one."""


def report(record: Record, *, whole: bool = False) -> str:
    """One report: what was compared, what all columns say at once where that was asked, then a line for each column; with `whole` all
    that is known of each column beneath.
    """
    found, known = DriftReport.from_json(record), importances(record)
    rows = [[cell.text for cell in row] for row in monitor.rows(found, known)]
    shown = table(monitor.columns_of(known), rows, right=("effect", "importance", "test p"), empty="It has no columns.")
    said = monitor.importance_note(known)
    pages = [page(column) for column in found.columns] if whole else []
    at_once = [] if found.multivariate is None else lines(found.multivariate)
    effect = (record.get("expected") or {}).get("words")
    about = [*at_once, *monitor.notes(found), *(one for one in (effect, said) if one)]
    others = definitions(record.get("definitions"))
    return "\n".join([monitor.headline(found), *about, "", shown, *pages, *others])


def definitions(told: Sequence[Record] | None) -> list[str]:
    """Each column by other tools' definitions, a line a tool; nothing where they were not asked for."""
    if told is None:
        return []
    rows = [
        [printable(one["name"]), OF_TOOLS[tool], *(_figure(one[tool].get(name)) for name in OTHERS)]
        for one in told
        for tool in OF_TOOLS
        if tool in one
    ]
    titles = ("column", "as", *OTHERS.values())
    shown = table(titles, rows, right=tuple(OTHERS.values()), empty="No column has values on both sides.")
    return ["", "By other tools' definitions, from the files:", shown]


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}" if 0 < abs(value) < ROUNDED else f"{value:.4f}"


def page(column: ColumnDrift) -> str:
    """All that is known of a column beside its verdict."""
    shares = bars(column)
    return "".join(f"\n{_titled(one)}\n" for one in [*([shares] if shares else []), *tables(column)]).rstrip()


def _titled(told: Table) -> str:
    rows = [[cell.text for cell in row] for row in told.rows]
    shown = [table(told.columns, rows, right=tuple(told.right))] if rows else []
    return "\n".join([printable(told.title), *shown, *([told.said] if told.said else [])])


def sliced(record: Record, found: SliceReport) -> str:
    """One report by slice: what was compared, what came of it as a whole, then a line for each slice."""
    whole = DriftReport.from_json(record)
    rows = [[cell.text for cell in row] for row in slices.rows(found)]
    shown = table(slices.COLUMNS, rows, right=slices.RIGHT, empty="It has no slices.")
    said = [monitor.headline(whole), *monitor.notes(whole), "", *slices.headlines(found)]
    return "\n".join([*said, "", shown])


def importances(record: Record) -> Importances | None:
    """What predictions hang on, as a record has it."""
    found = record.get("importance")
    return None if found is None else Importances(found["version"], found["columns"])


def chunks(shown: Record, records: Sequence[Record]) -> str:
    """A history: what was compared with what, then a line for each chunk."""
    if not records:
        return "Stopped before anything was compared."
    found = [DriftReport.from_json(record) for record in records]
    rows = [[cell.text for cell in row] for row in monitor.chunk_rows(found)]
    return f"{monitor.history_line(found, pinned=shown['pinned'])}\n\n{table(monitor.CHUNK_COLUMNS, rows, right=('rows',))}"


def about_chunks(shown: Record) -> Iterator[str]:
    """What a person has to know beside the table: what was stopped, rounded or left out."""
    done = len(shown["chunks"])
    if 0 < done < shown["of"]:
        yield f"stopped after {done} of {counted(shown['of'], 'chunk')}."
    rounded = [chunk for chunk in shown["chunks"] if any(note.startswith("rounded") for note in chunk["notes"])]
    for chunk in rounded[:SAID]:
        note = next(note for note in chunk["notes"] if note.startswith("rounded"))
        yield f"{printable(chunk['current'])} is {note}."
    if len(rounded) > SAID:
        yield f"{counted(len(rounded) - SAID, 'more chunk')} {'is' if len(rounded) == SAID + 1 else 'are'} rounded to whole blocks."
    for one in shown["left_out"][:SAID]:
        yield f"{printable(one['what'])} left out: {printable(one['why'])}"
    if len(shown["left_out"]) > SAID:
        yield f"{counted(len(shown['left_out']) - SAID, 'more chunk')} left out; --json lists them."


def pinned(name: str, kept: Pinned, *, is_pinned: bool) -> str:
    """What the source is compared with from now on."""
    if is_pinned:
        return (
            f"{name} is compared with {printable(kept.label)} from now on; let go of it: mlops-tui drift {name} --unpin"
        )
    return f"{name} is compared with what was learnt from again; {printable(kept.label)} was pinned."
