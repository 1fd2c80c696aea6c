"""Rows of files and of queries as cells, as they are written there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from mlops_tui.core.printable import printable
from mlops_tui.presenters.words import MISSING, Cell, one_line

NUMBER_KINDS = frozenset({"numeric", "integer"})
WIDEST, LEAST = 32, 3
"""Characters of a column, whatever its values."""
WIDEST_NAME = 18
"""Characters that a column gets for its name, where its values need no more."""
LONGEST = 2_000
"""Characters that are kept of one value."""
NO_VALUE = Cell(MISSING, "dim")


RESERVED = re.compile(
    "all|analyse|analyze|and|any|array|as|asc|asymmetric|both|case|cast|check|collate|column|constraint|"
    "create|default|deferrable|desc|describe|distinct|do|else|end|except|false|fetch|for|foreign|from|"
    "group|having|in|initially|intersect|into|lambda|lateral|leading|limit|not|null|offset|on|only|or|"
    "order|pivot|placing|primary|qualify|references|returning|select|show|some|summarize|symmetric|table|"
    "then|to|trailing|true|union|unique|unpivot|using|variadic|when|where|window|with"
)
"""Words that DuckDB takes for a name only in quotes."""


def sql_name(name: str) -> str:
    """A name as SQL takes it."""
    is_plain = name.isascii() and name.isidentifier() and not RESERVED.fullmatch(name.lower())
    return name if is_plain else '"' + name.replace('"', '""') + '"'


def written(value: Any) -> str:
    """A value in one line; truths as files write them."""
    return str(value).lower() if isinstance(value, bool) else one_line(str(value), LONGEST)


def grid_cell(value: Any) -> Cell:
    """A value, or the sign of a missing one."""
    return NO_VALUE if value is None else Cell(written(value))


class Room(NamedTuple):
    """What the values of a column need: characters before the point, and from it on; of texts all are before it."""

    whole: int = 0
    fraction: int = 0


def grid_room(cells: Iterable[Cell], before: Room, *, numbers: bool) -> Room:
    """The room that these cells need, no less than `before`."""
    whole, fraction = before
    for cell in cells:
        after = fraction_of(cell.text) if numbers else 0
        whole, fraction = max(whole, len(cell.text) - after), max(fraction, after)
    return Room(whole, fraction)


def grid_width(name: str, room: Room) -> int:
    """How wide a column has to be for its name and its values, within bounds."""
    named = min(len(printable(name)), WIDEST_NAME - 2) + 2  # an arrow may stand beside the name
    return min(WIDEST, max(LEAST, named, sum(room)))


def fraction_of(number: str) -> int:
    """How many characters a number has from its point on, or from its exponent where there is no point."""
    return len(number) - next((place for place, sign in enumerate(number) if sign in ".e"), len(number))


def at_point(number: str, fraction: int, width: int) -> str:
    """The number with blanks behind it, so that its point stands where that of others with as long a fraction does."""
    return number.ljust(min(len(number) + fraction - fraction_of(number), width))


def record_lines(columns: Sequence[tuple[str, str]], row: Sequence[Any]) -> list[tuple[str, str, Cell]]:
    """A row as a list: name, kind and value of each of its columns."""
    return [(printable(name), kind, grid_cell(value)) for (name, kind), value in zip(columns, row, strict=True)]
