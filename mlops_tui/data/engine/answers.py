"""Pages of a file or of a version of a source, whatever its length: rows are scanned, and a few blocks of them kept."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import duckdb

from mlops_tui.core.errors import UsageError
from mlops_tui.data.engine.casting import quoted
from mlops_tui.data.engine.conditions import column_of, condition
from mlops_tui.data.engine.reading import ColumnShape
from mlops_tui.data.engine.tables import (
    Member,
    Needed,
    Table,
    member_named,
    members_of,
    plain,
    reading,
    table_of,
    told,
)
from mlops_tui.data.query import find_source
from mlops_tui.data.rowfilter import Comparison, Filter, Word, parse
from mlops_tui.jobs.context import AnswerContext

Rows = list[list[Any]]
BLOCK_CELLS, BLOCK_ROWS = 100_000, 1_000
"""A block is so many rows, fewer where they are wide; it is read at once, since a page further on costs a scan too."""
KEPT_BLOCKS = 24

_BLOCKS: OrderedDict[str, Rows] = OrderedDict()
_COUNTS: OrderedDict[str, int] = OrderedDict()
KEPT_COUNTS = 200


def page(
    context: AnswerContext,
    *,
    source: str,
    file: str | None = None,
    version: str | None = None,
    where: str = "",
    sort: str | None = None,
    descending: bool = False,
    offset: int = 0,
    limit: int = 64,
    first_column: int = 0,
    columns: int | None = None,
) -> dict[str, Any]:
    """Rows `offset` to `offset + limit` of a file or a version, those that fit `where` alone, sorted by a column.

    `first_column` and `columns` say which columns are read; missing values come last whatever the direction, rows that
    are alike keep the order of the file.

    Returns `{source, file, version, total, matched, width, columns: [{name, kind}], rows}`: `total` rows there are,
    `matched` of them fit, `width` columns there are, a row has a cell for each of the `columns` that were asked for.

    Raises UnknownName, UnknownColumn, UsageError (a filter that cannot be meant), DataError (a file that cannot be read).
    """
    found = find_source(context.store.reader, source)
    number = None
    if file is None:
        number, wanted = members_of(context.store, found, version)
    else:
        wanted = [member_named(context.store, found, file)]
    part = PageWanted(where, sort, descending, offset, limit, first_column, columns)
    return {"source": found.name, "file": file, "version": number, **page_of(context, wanted, part)}


class PageWanted(NamedTuple):
    """Which part of a table is asked for; see `page`."""

    where: str = ""
    sort: str | None = None
    descending: bool = False
    offset: int = 0
    limit: int = 64
    first_column: int = 0
    columns: int | None = None


def page_of(context: AnswerContext, wanted: Sequence[Member], part: PageWanted) -> dict[str, Any]:
    """A page of these files: what `page` tells of it, without the source. Raises as that does."""
    where, sort, descending, offset, limit, first_column, columns = part
    table = table_of(context, wanted, _needed(parse(where), sort, first_column, columns))
    asked = _Asked(table, where, sort, descending, first_column, columns)
    matched = asked.matched(context)
    rows = asked.rows(context, offset, max(0, min(limit, matched - offset)))
    kinds = dict(wanted[0].kinds)
    return {
        "total": table.rows,
        "matched": matched,
        "width": len(table.columns),
        "columns": [{"name": one.name, "kind": kinds.get(one.name, one.plain_kind)} for one in asked.columns],
        "rows": rows,
    }


def _needed(wanted: Filter, sort: str | None, first_column: int, columns: int | None) -> Needed:
    """The columns that are shown, filtered and sorted by; a word is looked for in all of them."""
    end = None if columns is None else first_column + columns
    parts = [part for way in wanted for part in way]
    named = {part.column.casefold() for part in parts if isinstance(part, Comparison)} | {(sort or "").casefold()}

    def needed(names: Sequence[str]) -> Collection[str]:
        if any(isinstance(part, Word) for part in parts):
            return dict.fromkeys(names)
        shown = dict.fromkeys(names[first_column:end])
        return shown | dict.fromkeys(name for name in names if name.casefold() in named)

    return needed


class _Asked:
    """A table filtered, sorted and cut to some columns."""

    def __init__(
        self, table: Table, where: str, sort: str | None, descending: bool, first_column: int, columns: int | None
    ) -> None:
        self.table = table
        self.condition, self.values = condition(parse(where), table.columns)
        self.order = column_of(sort, table.columns) if sort is not None else None
        self.descending = descending
        end = None if columns is None else first_column + columns
        self.columns: tuple[ColumnShape, ...] = table.columns[first_column:end]
        files = [[str(member.path), *mark] for member, mark in zip(table.members, table.marks, strict=True)]
        self._key = json.dumps([files, table.sql, self.condition, self.values])
        self._block = max(1, min(BLOCK_ROWS, BLOCK_CELLS // max(1, len(self.columns))))

    def matched(self, context: AnswerContext) -> int:
        """How many rows fit the filter."""
        if self.condition == "true":
            return self.table.rows
        known = _COUNTS.get(self._key)
        if known is None:
            sql = f"SELECT count(*) FROM {self.table.sql} WHERE {self.condition}"
            ((known,),) = self._fetched(context, sql, self.values)
            _keep(_COUNTS, self._key, int(known), KEPT_COUNTS)
        return int(known)

    def rows(self, context: AnswerContext, offset: int, limit: int) -> Rows:
        """A page, put together from the blocks that it lies on."""
        found: Rows = []
        for block in range(offset // self._block, -(-(offset + limit) // self._block) if limit else 0):
            rows = self._read_block(context, block)
            start = block * self._block
            found += rows[max(0, offset - start) : offset + limit - start]
        return found

    def _read_block(self, context: AnswerContext, block: int) -> Rows:
        names = [column.name for column in self.columns]
        key = json.dumps([self._key, names, self.order and self.order.name, self.descending, block])
        known = _BLOCKS.get(key)
        if known is None:
            fetched = self._fetched(context, self._sql(names), [*self.values, self._block, block * self._block])
            known = [[plain(cell) for cell in row] for row in fetched]
            _keep(_BLOCKS, key, known, KEPT_BLOCKS)
        return known

    def _sql(self, names: list[str]) -> str:
        shown = ", ".join(map(quoted, names))
        if self.order is None:
            return f"SELECT {shown} FROM {self.table.sql} WHERE {self.condition} LIMIT ? OFFSET ?"
        place = quoted(_free_name(self.table))
        numbered = f"SELECT *, row_number() OVER () AS {place} FROM {self.table.sql}"
        order = f"{quoted(self.order.name)} {'DESC' if self.descending else 'ASC'} NULLS LAST, {place}"
        return f"SELECT {shown} FROM ({numbered}) WHERE {self.condition} ORDER BY {order} LIMIT ? OFFSET ?"

    def _fetched(self, context: AnswerContext, sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
        with reading(context, [self.table]) as con:
            try:
                return con.execute(sql, values).fetchall()
            except (duckdb.ConversionException, duckdb.BinderException) as error:
                if self.condition == "true":
                    raise
                raise UsageError(
                    f"The filter does not fit its column: {told(error)}.",
                    "Compare a date with one such as 2026-03-01, and a truth with true or false.",
                ) from error


def _free_name(table: Table) -> str:
    """A name that no column has."""
    name = "row"
    while any(column.name.casefold() == name for column in table.columns):
        name += "_"
    return name


def _keep(kept: OrderedDict[str, Any], key: str, value: Any, most: int) -> None:
    kept[key] = value
    while len(kept) > most:
        kept.popitem(last=False)
