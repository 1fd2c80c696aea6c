"""Rows of files and of queries as a person reads them in a terminal."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from mlops_tui.cli.output import table
from mlops_tui.core.printable import printable
from mlops_tui.presenters.words import MISSING, one_line

Record = Mapping[str, Any]
WIDEST = 32
"""Characters that are shown of one value."""


def page(found: Record, offset: int) -> str:
    """A page of rows, under as many columns as fit the terminal."""
    rows = [[str(offset + number), *row] for number, row in enumerate(found["rows"], start=1)]
    return _rows(["", *_names(found)], rows, empty="No row fits.")


def page_note(found: Record, offset: int) -> str:
    """Which rows and columns were shown, of how many."""
    last = offset + len(found["rows"])
    rows = f"Rows {offset + 1:,} to {last:,}" if found["rows"] else "No rows"
    fits = "" if found["matched"] == found["total"] else " that fit"
    of = found["file"] or f"version {found['version']} of {found['source']}"
    shown = _fitting(["", *_names(found)], found["rows"]) - 1
    hidden = f" {found['width'] - shown} more columns: --json has them." if shown < found["width"] else ""
    return f"{rows} of {found['matched']:,}{fits}, {printable(of)}.{hidden}"


def answer(found: Record) -> str:
    """The rows of a query."""
    return _rows(_names(found), found["rows"], empty="The query gave no rows.", all_columns=True)


def _names(found: Record) -> list[str]:
    return [column["name"] if isinstance(column, Mapping) else str(column) for column in found["columns"]]


def _rows(names: Sequence[str], rows: Sequence[Sequence[Any]], *, empty: str, all_columns: bool = False) -> str:
    shown = len(names) if all_columns else _fitting(names, [row[1:] for row in rows])
    numbers = [
        name
        for place, name in enumerate(names[:shown])
        if all(row[place] is None or isinstance(row[place], int | float) for row in rows)
    ]
    cells = [[_cell(value) for value in row[:shown]] for row in rows]
    heads = [printable(name) for name in names[:shown]]
    return table(heads, cells, right=["", *map(printable, numbers)], empty=empty, width=sys.maxsize)


def _fitting(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
    """How many columns fit the terminal, the numbers of the rows among them; all where stdout is none."""
    if not sys.stdout.isatty():
        return len(names)
    room, shown = shutil.get_terminal_size().columns - 8, 1
    for place, name in enumerate(names[1:]):
        room -= 2 + max([len(printable(name)), *(len(_cell(row[place])) for row in rows)])
        if room < 0 and shown > 1:
            break
        shown += 1
    return shown


def _cell(value: Any) -> str:
    if value is None:
        return MISSING
    return one_line(str(value).lower() if isinstance(value, bool) else str(value), WIDEST)
