"""How two runs differ, part by part: values, packages, machine, data, code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlops_tui.core.ids import shorten
from mlops_tui.presenters.beside import TITLES, cells
from mlops_tui.presenters.versions import difference_cells, difference_lines
from mlops_tui.presenters.words import MISSING, one_line
from mlops_tui.runs.beside import METRICS, Line
from mlops_tui.runs.difference import Difference
from mlops_tui.runs.model import Run

ALIKE = "They do not differ in anything that is known of both."


@dataclass(frozen=True, slots=True)
class Part:
    """A table under a title, whose first column the title names, or, without rows, lines of text."""

    title: str
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    text: Sequence[str] = ()
    are_numbers: bool = False


def told_apart(runs: Sequence[Run]) -> dict[str, str]:
    """The names of runs by their ids, with a part of the id where two have the same."""
    shown_ids, counts = shorten(run.id for run in runs), Counter(run.name for run in runs)
    return {run.id: run.name if counts[run.name] == 1 else f"{run.name} {shown_ids[run.id]}" for run in runs}


def parts(
    runs: Sequence[Run], differing: Sequence[Line], found: Difference, data: Mapping[str, Any] | None
) -> list[Part]:
    """Everything in which the second run differs from the first; `data` is how the versions do that they learnt from."""
    short = told_apart(runs)
    names = [one_line(short[run.id]) for run in runs]
    told = [
        Part(
            title,
            names,
            [[one_line(line.key), *(cell.text for cell in cells(line))] for line in differing if line.table == table],
            are_numbers=table == METRICS,
        )
        for table, title in TITLES.items()
    ]
    for title, rows in (("Packages", found.packages), ("Machine", found.machine)):
        told.append(Part(title, names, [[one_line(name), *map(_or_none, pair)] for name, *pair in rows]))
    given = [(found.gone, names[0]), (found.added, names[1])]
    alone = [(one_line(one.name), one.hash[:12], f"{name} alone") for some, name in given for one in some]
    told.append(Part("Data", ("sha256", "given to"), alone))
    if data is not None:
        told += _versions(data)
    commits = [run.commit_hash for run in runs]
    if found.code is None and None not in commits and commits[0] != commits[1]:
        told.append(Part("Code", text=["Of other commits, and their repository is not at hand."]))
    elif found.code:
        told.append(Part("Code", text=found.code.splitlines()))
    for name, changes in zip(names, found.changes, strict=True):
        if changes and found.changes[0] != found.changes[1]:
            told.append(Part(f"{name} had changed since its commit", text=changes.splitlines()))
    return [part for part in told if part.rows or part.text]


def _versions(data: Mapping[str, Any]) -> list[Part]:
    moved = [
        [cell.text for cell in difference_cells(column)]
        for column in data["columns"]
        if column["moved"] or column["new"] or column["vanished"]
    ]
    title = f"{one_line(data['source'])}: version {data['before']['version']} → {data['after']['version']}"
    still = len(data["columns"]) - len(moved)
    lines = [*difference_lines(data), f"{still} of {len(data['columns'])} columns did not move beyond chance."]
    return [Part(title, text=lines), Part("Column", ("kind", "change", "new", "vanished"), moved)]


def _or_none(text: str | None) -> str:
    return MISSING if text is None else one_line(text)
