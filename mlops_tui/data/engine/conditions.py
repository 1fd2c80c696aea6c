"""A filter over rows as SQL: names are quoted, and every value of the filter is bound."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from mlops_tui.core.errors import UnknownColumn, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.engine.casting import NUMBERS, TIMES, quoted
from mlops_tui.data.engine.reading import ColumnShape
from mlops_tui.data.rowfilter import Comparison, Filter, Part, Word

_WHOLE = re.compile(r"[-+]?\d{1,38}", re.ASCII)
NAMED = 10
"""So many columns are named where one is not there."""


def condition(wanted: Filter, columns: Sequence[ColumnShape]) -> tuple[str, list[Any]]:
    """The SQL condition that a filter means, and the values to bind; `true` of none.

    Raises:
        UnknownColumn: a column is named that is not there.
        UsageError: a value does not fit its column.
    """
    ways = [[_on_part(part, columns) for part in parts] for parts in wanted]
    conditions = [" AND ".join(sql for sql, _ in way) for way in ways]
    sql = conditions[0] if len(conditions) == 1 else " OR ".join(f"({one})" for one in conditions)
    return (f"({sql})" if len(conditions) > 1 else sql) or "true", [v for way in ways for _, vs in way for v in vs]


def column_of(name: str, columns: Sequence[ColumnShape]) -> ColumnShape:
    """The column of that name, whatever its case. Raises UnknownColumn."""
    exact = [column for column in columns if column.name == name]
    alike = exact or [column for column in columns if column.name.casefold() == name.casefold()]
    if alike:
        return alike[0]
    known = ", ".join(printable(column.name) for column in columns[:NAMED])
    more = f" and {len(columns) - NAMED:,} more" if len(columns) > NAMED else ""
    raise UnknownColumn(
        f"There is no column '{printable(name)}'.", f"The columns are {known}{more}.{_quoting(name, columns)}"
    )


def _quoting(name: str, columns: Sequence[ColumnShape]) -> str:
    """How a name with blanks or signs is written, where the one that is lacking may be the end of such a name."""
    meant = [column.name for column in columns if column.name != name and name.casefold() in column.name.casefold()]
    return f" A name with blanks or signs is put in backticks: `{printable(meant[0])}`." if meant else ""


def _on_part(part: Part, columns: Sequence[ColumnShape]) -> tuple[str, list[Any]]:
    sql, values = _anywhere(part, columns) if isinstance(part, Word) else _on_column(part, columns)
    return (f"NOT {sql}" if part.negated else sql), values


def _anywhere(part: Word, columns: Sequence[ColumnShape]) -> tuple[str, list[Any]]:
    cells = ", ".join(quoted(column.name) for column in columns)
    # a sign between the cells that nobody types: else a word could lie over the border of two
    return f"contains(lower(concat_ws(chr(31), {cells})), lower(?))", [part.text]


def _on_column(part: Comparison, columns: Sequence[ColumnShape]) -> tuple[str, list[Any]]:
    column = column_of(part.column, columns)
    name = quoted(column.name)
    if part.value is None:
        return f"({name} IS {'' if part.operator == '=' else 'NOT '}NULL)", []
    if part.operator == "~":
        return f"coalesce(contains(lower(CAST({name} AS VARCHAR)), lower(?)), false)", [part.value]
    if column.dtype in NUMBERS:
        return f"coalesce({name} {part.operator} ?, false)", [_number(column, part.value)]
    if column.dtype in TIMES or column.dtype == "BOOLEAN":
        target = "TIMESTAMP" if column.dtype == "DATE" else column.dtype
        return f"coalesce({name} {part.operator} CAST(? AS {target}), false)", [part.value]
    return f"coalesce({name} {part.operator} ?, false)", [part.value]


def _number(column: ColumnShape, text: str) -> int | float:
    try:
        return int(text) if _WHOLE.fullmatch(text) else float(text)
    except ValueError:
        raise UsageError(
            f"Column '{printable(column.name)}' holds numbers, and '{printable(text)}' is none.",
            f"Compare it with a number, or by ~ with a text: `{printable(column.name)}` ~ {printable(text)}",
        ) from None
