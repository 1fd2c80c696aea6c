"""What goes to stdout: a table for a person, JSON for a program. Data only; words about it go to stderr."""

from __future__ import annotations

import json
import math
import shutil
import sys
from collections.abc import Callable, Sequence
from textwrap import wrap
from typing import Any

from mlops_tui.core.printable import printable

Row = Sequence[str]
NARROWEST = 24
"""Cells that the last column of a table keeps, however narrow the terminal is."""


def emit(data: Any, *, as_json: bool, render: Callable[[], str]) -> None:
    """Prints the data as JSON, or what `render` makes of it."""
    print(to_json(data) if as_json else render())


def to_json(data: Any, *, indent: int | None = 2) -> str:
    """JSON with stable keys, on one line where `indent` is None; NaN and infinities become null."""
    return json.dumps(_finite(data), ensure_ascii=False, indent=indent, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value


def table(
    columns: Sequence[str],
    rows: Sequence[Row],
    *,
    right: Sequence[str] = (),
    empty: str = "Nothing here yet.",
    width: int | None = None,
) -> str:
    """Aligned columns under their names; columns named in `right` hold digits and are aligned to the right.

    What is wider than `width`, that of the terminal where stdout is one, goes on below in the last column.
    """
    if not rows:
        return empty
    cells = [[printable(cell) for cell in row] for row in rows]
    widths = [max(len(name), *(len(row[i]) for row in cells)) for i, name in enumerate(columns)]
    aligned = [name in right for name in columns]
    room = (width or _terminal_width()) - sum(widths[:-1]) - 2 * len(widths[1:])
    if not aligned[-1]:
        widths[-1] = min(widths[-1], max(room, NARROWEST))

    def line(row: Sequence[str]) -> str:
        parts = [
            cell.rjust(w) if to_right else cell.ljust(w) for cell, w, to_right in zip(row, widths, aligned, strict=True)
        ]
        return "  ".join(parts).rstrip()

    lines = [line(part) for row in cells for part in _parts(row, widths[-1])]
    return "\n".join([line(columns), "  ".join("─" * w for w in widths), *lines])


def _parts(row: Sequence[str], width: int) -> list[list[str]]:
    """The row as lines whose last cell fits the width; the other cells stand in the first one."""
    *others, last = row
    pieces = wrap(last, width) if len(last) > width else [last]
    return [[*(others if number == 0 else [""] * len(others)), piece] for number, piece in enumerate(pieces)]


def _terminal_width() -> int:
    """Its cells where stdout is a terminal; more than any table has where it is not."""
    return (shutil.get_terminal_size((0, 0)).columns if sys.stdout.isatty() else 0) or sys.maxsize


def say(words: str) -> None:
    """A sentence about what happened, for a person: to stderr."""
    print(words, file=sys.stderr)
