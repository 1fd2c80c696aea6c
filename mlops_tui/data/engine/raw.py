"""A file's rows as they are stored, before any value is given a type."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from mlops_tui.data.model import BadRow
from mlops_tui.data.options import ReadOptions

BAD_ROWS_KEPT = 100
"""So many bad rows of a file are kept; the others are counted."""

LONGEST_TEXT = 500
"""Characters of a bad row that are kept."""


@dataclass(frozen=True, slots=True)
class Broken:
    """Rows that are none of the table: how many, the first of them, and the lines of those and all others."""

    count: int = 0
    first: tuple[BadRow, ...] = ()
    lines: frozenset[int] = frozenset()


def _none_broken(con: duckdb.DuckDBPyConnection, most: int = BAD_ROWS_KEPT) -> Broken:
    return Broken()


def cut(text: str) -> str:
    """As much of a bad row as is kept."""
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def _no_texts(con: duckdb.DuckDBPyConnection, lines: Collection[int]) -> dict[int, str]:
    return {}


def _row_numbers(con: duckdb.DuckDBPyConnection, rows: Sequence[int], bad_lines: Collection[int]) -> list[int]:
    return list(rows)


@dataclass(frozen=True, slots=True)
class Raw:
    """What to write after FROM, and what the file says of its columns.

    `sql` gives the rows where none is broken and raises where one is; `tolerant` leaves broken ones out; `tried` does so
    too and may be read once, whereupon `broken` tells which they were, with the `most` first of them. `stored` is the engine's type by column, `guess` asks for
    the types that the first rows suggest. `lines_of` turns numbers of rows (from 1, broken ones aside) into lines.
    `texts_at` is what the file says of the rows that begin in some lines, by line; nothing where it has none.
    `rows_about` is how many rows the first ones suggest, None where counting them is cheap. Where a file `has_only_ascii` no
    row is broken by its bytes.
    """

    sql: str
    tolerant: str
    tried: str
    stored: Mapping[str, str]
    guess: Callable[[duckdb.DuckDBPyConnection], Mapping[str, str]]
    options: ReadOptions
    broken: Callable[..., Broken] = field(default=_none_broken)
    lines_of: Callable[[duckdb.DuckDBPyConnection, Sequence[int], Collection[int]], list[int]] = field(
        default=_row_numbers
    )
    texts_at: Callable[[duckdb.DuckDBPyConnection, Collection[int]], dict[int, str]] = field(default=_no_texts)
    noun: str = "row"
    rows_about: int | None = None
    has_only_ascii: bool = False

    @classmethod
    def whole(cls, sql: str, stored: Mapping[str, str], guessed: Mapping[str, str], options: ReadOptions) -> Raw:
        """Of a file that is read as a whole or not at all."""
        return cls(sql, sql, sql, stored, lambda con: guessed, options)
