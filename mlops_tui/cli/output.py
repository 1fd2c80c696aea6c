"""What goes to stdout: a table for a person, JSON for a program. Data only; words about it go to stderr."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Sequence
from typing import Any

from mlops_tui.core.printable import printable

Row = Sequence[str]


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
    columns: Sequence[str], rows: Sequence[Row], *, right: Sequence[str] = (), empty: str = "Nothing here yet."
) -> str:
    """Aligned columns under their names; columns named in `right` hold digits and are aligned to the right."""
    if not rows:
        return empty
    cells = [[printable(cell) for cell in row] for row in rows]
    widths = [max(len(name), *(len(row[i]) for row in cells)) for i, name in enumerate(columns)]
    aligned = [name in right for name in columns]

    def line(row: Sequence[str]) -> str:
        parts = [
            cell.rjust(w) if to_right else cell.ljust(w) for cell, w, to_right in zip(row, widths, aligned, strict=True)
        ]
        return "  ".join(parts).rstrip()

    return "\n".join([line(columns), "  ".join("─" * width for width in widths), *(line(row) for row in cells)])


def say(words: str) -> None:
    """A sentence about what happened, for a person: to stderr."""
    print(words, file=sys.stderr)
