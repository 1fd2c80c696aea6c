"""Which rows of a file break a check: each check as a condition in SQL, in a locked engine that may read this file alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from math import ceil, isfinite
from pathlib import Path

import duckdb

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.checks import Broken, Check, Example, Value, seconds, share_of, texts_of
from mlops_tui.data.checkwords import sentence
from mlops_tui.data.engine.casting import decimal_size, literal, quoted
from mlops_tui.data.engine.reading import OpenFile, locked_connection, open_file
from mlops_tui.data.engine.refusals import shown
from mlops_tui.data.engine.schema import Schema
from mlops_tui.data.engine.trying import rows_sql
from mlops_tui.data.profile import NUMERIC_KINDS

EXAMPLES = 5
"""So many rows that broke a check are shown."""
LONGEST = 200
"""Characters of a value that are shown."""
ROW = quoted("\x01row")
"""The number of a row, from 1; no header has such a name."""
BREAKS = quoted("\x02breaks")
DIGITS = "digits"
"""What a numeric column is called here whose values are decimals: a DOUBLE has not every one of more than 15 digits."""
FLOATS = "floats"
"""And what a column of text is called whose values are floats in the file: 866 is compared as 866, not as 866.0."""
_DECIMALS = 38
"""The engine's digits of a decimal, before and behind the point together."""
NO_DECIMALS: Mapping[str, tuple[int, int]] = {}
ROWS_AT_ONCE = 2_000_000
"""So many different values are kept in memory to tell which come twice."""

_FLOATING = frozenset({"FLOAT", "DOUBLE"})
_TYPES = {"numeric": "DOUBLE", "integer": "BIGINT", "boolean": "BOOLEAN", "date-time": "TIMESTAMP"}


def broken_rows(schema: Schema, path: Path, checks: Sequence[Check]) -> list[Broken | None]:
    """For each check what breaks it, None where nothing does. The file is opened once.

    Raises:
        FileUnreadable: it cannot be read.
        UsageError: an expression that cannot be evaluated in a row of it.
    """
    with open_file(path, schema.options, schema.kinds, leave_out_bad_rows=True, alone=True, is_known=True) as file:
        reader = RowReader(file, schema.kinds, path)
        return [reader.broken(check) for check in checks]


class RowReader:
    """An open file with its rows numbered."""

    def __init__(self, file: OpenFile, kinds: Mapping[str, str], path: Path) -> None:
        self._con = file.con
        self._file = file
        self._path = path
        self._columns = {column.name: column.dtype for column in file.shape.columns}
        self._kinds = {name: kinds.get(name, "category") for name in self._columns}
        self._as_text = {name: FLOATS if file.raw.stored[name] in _FLOATING else "text" for name in self._columns}
        for name, dtype in self._columns.items():
            if self._as_text[name] == FLOATS and self._kinds[name] not in _TYPES and dtype == "DOUBLE":
                self._kinds[name] = FLOATS
        self._decimals = {name: size for name, stored in file.raw.stored.items() if (size := decimal_size(stored))}
        there = {name.casefold() for name in self._columns}
        absent = [
            f"NULL::{_TYPES.get(kind, 'VARCHAR')} AS {quoted(name)}"
            for name, kind in kinds.items()
            if name.casefold() not in there
        ]  # an expression that names a column which the file lacks is not false of its rows
        self._numbered = f"(SELECT {', '.join([f'row_number() OVER () AS {ROW}', '*', *absent])} FROM {file.sql})"

    def broken(self, check: Check) -> Broken | None:
        """What breaks the check, with the first rows that do; None where nothing does."""
        if any(column not in self._columns for column in check.columns):
            return None
        condition = condition_of(check, self._kinds_of(check), self._decimals)
        shown_columns = [name for name in self._columns if name in check.columns]
        if check.expression is not None:
            shown_columns = [name for name in self._columns if name.casefold() in check.expression.casefold()]
        try:
            count, rows = self._found(check, condition, shown_columns[:EXAMPLES])
        except (duckdb.BinderException, duckdb.ParserException, duckdb.ConversionException) as error:
            if check.expression is None:
                raise
            return Broken(check, f"{shown(self._path)}: {sentence(check)}; that cannot be told: {_said(error)}.")
        if not rows or (check.kind == "missing" and count <= share_of(check) * self._file.shape.rows):
            return None
        lines = self._file.lines_of([number for number, _ in rows])
        values = [dict(zip(shown_columns, map(_cut, cells), strict=False)) for _, cells in rows]
        examples = tuple(Example(line, told) for line, told in zip(lines, values, strict=True))
        return Broken(check, self._reason(check, count, examples[0]), count, check.column, examples)

    def _kinds_of(self, check: Check) -> Mapping[str, str]:
        """The kinds that it compares values by: a pattern is for numbers as they are written."""
        if check.kind != "pattern" or self._kinds.get(check.column or "") not in ("numeric", "integer"):
            return self._kinds
        assert check.column is not None
        return {**self._kinds, check.column: self._as_text[check.column]}

    def _rows(self, check: Check) -> str:
        """What to write after FROM, the rows numbered; a column that is not compared by its kind is as the file has it."""
        if self._kinds_of(check) is self._kinds:
            return self._numbered
        sql = rows_sql(self._file.raw, self._file.tried, as_stored={check.column or ""})
        return f"(SELECT row_number() OVER () AS {ROW}, * FROM {sql})"

    def _found(
        self, check: Check, condition: str, columns: Sequence[str]
    ) -> tuple[int, list[tuple[int, list[str | None]]]]:
        """How many rows break it, and the number and values of the first, in order; memory does not grow with the file."""
        cells = ", ".join(f"CAST({quoted(name)} AS VARCHAR)" for name in columns)
        first = f"arg_min({{'row': {ROW}, 'cells': [{cells}]::VARCHAR[]}}, {ROW}, {EXAMPLES})"
        count, rows = 0, list[tuple[int, list[str | None]]]()
        for among in self._parts(check):
            if check.kind == "unique" and self._all_differ(quoted(check.column or ""), among):
                continue
            marked = f"(SELECT *, ({condition}) AS {BREAKS} FROM {among})"
            ((number, found),) = self._con.execute(f"SELECT count(*), {first} FROM {marked} WHERE {BREAKS}").fetchall()
            count += number
            rows += [(one["row"], one["cells"]) for one in found or ()]
        return count, sorted(rows)[:EXAMPLES]

    def _all_differ(self, column: str, among: str) -> bool:
        """Whether surely no value comes twice: where two hashes are alike, the values have to be looked at."""
        ((differ,),) = self._con.execute(f"SELECT count(*) = count(DISTINCT hash({column})) FROM {among}").fetchall()
        return bool(differ)

    def _parts(self, check: Check) -> list[str]:
        """What to write after FROM, once or more often: a check of values against each other looks at those that there
        are, and at a part of them at a time where it has to keep them."""
        if check.kind not in ("unique", "monotone"):
            return [self._rows(check)]
        assert check.column is not None
        column = quoted(check.column)
        there = f"SELECT * FROM {self._numbered} WHERE {column} IS NOT NULL"
        if self._kinds[check.column] == "numeric":
            there += f" AND NOT isnan({_number(column, 'numeric')})"
        if check.kind == "monotone":
            return [f"({there})"]
        parts = ceil(self._file.shape.rows / ROWS_AT_ONCE)
        return [f"({there} AND hash({column}) % {parts} = {part})" for part in range(parts)]

    def _reason(self, check: Check, count: int, first: Example) -> str:
        told = [f"{printable(name)} is {_value(value)}" for name, value in first.values.items()]
        others = f" ({count:,} rows do not)" if count > 1 else ""
        where = f"{shown(self._path)}, {self._file.noun} {first.line:,}"
        return f"{where}: {', '.join(told) or 'this row does not hold'}, but {sentence(check)}{others}."


def condition_of(check: Check, kinds: Mapping[str, str], decimals: Mapping[str, tuple[int, int]] = NO_DECIMALS) -> str:
    """The SQL that is true of a row that breaks the check.

    Numbers in columns of `decimals` (digits before and behind the point, by column) compare digit by digit, where the
    engine has as many digits as that takes.
    """
    decimals = decimals if _have_room(check, decimals) else NO_DECIMALS
    if check.kind == "sql":
        return f"({check.expression}) IS FALSE"
    assert check.column is not None
    column, kind = quoted(check.column), kinds[check.column]
    kind = DIGITS if kind == "numeric" and check.column in decimals else kind
    number, text = _number(column, kind), _text(column, kind)
    there = f"NOT isnan(CAST({number} AS DOUBLE))"
    if check.kind in ("required", "missing"):
        return f"{column} IS NULL OR isnan({number})" if kind == "numeric" else f"{column} IS NULL"
    if check.kind == "range":
        outside = [_compared(column, "<", seconds(check.least), kind)] if check.least is not None else []
        outside += [_compared(column, ">", seconds(check.most), kind)] if check.most is not None else []
        return f"{there} AND ({' OR '.join(outside) or 'false'})"
    if check.kind == "allowed":
        if kind in NUMERIC_KINDS or kind == DIGITS:
            allowed = [_literal(value, kind) for told in check.values if (value := _number_in(told)) is not None]
            return f"{there} AND {number} NOT IN ({', '.join(allowed)})" if allowed else there
        return (
            f"{text} NOT IN ({', '.join(map(literal, sorted(frozenset[str]().union(*map(texts_of, check.values)))))})"
        )
    if check.kind == "pattern":
        return f"NOT regexp_full_match({text}, {literal(check.pattern or '')})"
    if check.kind == "unique":
        return f"row_number() OVER (PARTITION BY {column} ORDER BY {ROW}) > 1"
    if check.kind == "monotone":
        ordered = number if kind in NUMERIC_KINDS or kind == DIGITS else text
        return f"{ordered} < lag({ordered}) OVER ()"  # in the order of the file, and streamed
    return _relation(check, column, kind, kinds, decimals)


def _relation(
    check: Check, column: str, kind: str, kinds: Mapping[str, str], decimals: Mapping[str, tuple[int, int]]
) -> str:
    assert check.other is not None
    other, its_kind = quoted(check.other), kinds[check.other]
    made = _number if kind in (*NUMERIC_KINDS, DIGITS) and its_kind in NUMERIC_KINDS else _text
    its_kind = DIGITS if its_kind == "numeric" and check.other in decimals else its_kind
    return f"({made(column, kind)} {check.operator} {made(other, its_kind)}) IS FALSE"


def _number(column: str, kind: str) -> str:
    """A value that compares as a number; integers as they are, since a DOUBLE has not every large one."""
    if kind in ("integer", DIGITS):
        return column
    return f"(epoch_us({column}) / 1e6)" if kind == "date-time" else f"TRY_CAST({column} AS DOUBLE)"


def _number_in(value: Value) -> int | float | None:
    """What a value of a list says as a number, also one that a file of texts had; None where it is none."""
    if not isinstance(value, str):
        return value
    for made in (int, float):
        try:
            return made(value)
        except ValueError:
            continue
    return None


def _have_room(check: Check, decimals: Mapping[str, tuple[int, int]]) -> bool:
    values = map(_number_in, check.values)
    limits = [limit for limit in (check.least, check.most, *values) if not isinstance(limit, bool | None)]
    sizes = [decimals[name] for name in check.columns if name in decimals]
    sizes += [_size_of(number) for limit in limits if isfinite(number := seconds(limit))]
    return sum(map(max, zip(*sizes, strict=True))) <= _DECIMALS if sizes else True


def _size_of(number: float) -> tuple[int, int]:
    """A number's digits before and behind the point."""
    before, _, behind = _digits(number).lstrip("-").partition(".")
    return len(before), len(behind)


def _digits(number: float) -> str:
    return f"{Decimal(repr(number) if isinstance(number, float) else number):f}"


def _compared(column: str, operator: str, limit: float, kind: str) -> str:
    """A value against a limit; of texts those that are whole numbers digit by digit."""
    plain = f"{_number(column, kind)} {operator} {_literal(limit, kind)}"
    if kind in NUMERIC_KINDS or kind == DIGITS or not isfinite(limit):
        return plain
    text = _text(column, kind)
    whole = f"regexp_full_match({text}, '[+-]?[0-9]{{1,{max(1, _DECIMALS - _size_of(limit)[1])}}}')"
    return f"CASE WHEN {whole} THEN TRY_CAST({text} AS HUGEINT) {operator} {_literal(limit, DIGITS)} ELSE {plain} END"


def _literal(number: float, kind: str) -> str:
    if kind == DIGITS and isfinite(number) and sum(_size_of(number)) <= _DECIMALS:
        return f"({_digits(number)})"
    return f"({number:d})" if kind == "integer" and isinstance(number, int) else f"'{float(number)!r}'::DOUBLE"


def _text(column: str, kind: str) -> str:
    if kind == "boolean":  # a cast would keep the file's own spelling
        return f"(CASE WHEN {column} THEN 'true' WHEN NOT {column} THEN 'false' END)"
    text = f"CAST({column} AS VARCHAR)"
    return f"nullif(regexp_replace({text}, '\\.0$', ''), 'nan')" if kind == FLOATS else text


def require_runnable(checks: Sequence[Check], kinds: Mapping[str, str], where: str) -> None:
    """Raises UsageError where the engine cannot understand an expression or a pattern; `where` names the checks' file."""
    asked = [check for check in checks if check.kind in ("sql", "pattern")]
    if not asked:
        return
    columns = ", ".join(f"{quoted(name)} {_TYPES.get(kind, 'VARCHAR')}" for name, kind in kinds.items())
    with locked_connection([]) as con:
        con.execute(f"CREATE TABLE rows ({columns})")
        for check in asked:
            query = f"SELECT ({condition_of(check, kinds)}) FROM rows"
            if check.kind == "pattern":
                query = f"SELECT regexp_full_match('', {literal(check.pattern or '')})"
            try:
                if len(con.extract_statements(query)) != 1:
                    raise duckdb.ParserException("it holds more than one statement")
                con.execute(query)
            except duckdb.Error as error:
                key = "pattern" if check.kind == "pattern" else "expression"
                raise UsageError(
                    f"{where}: '{key}' of the check {printable(check.name)} cannot be understood: {_said(error)}.",
                    "Mend it; columns go in double quotes, texts in single ones.",
                ) from error


def _said(error: duckdb.Error) -> str:
    first = (str(error).strip().splitlines() or ["no reason given"])[0]
    return printable(first.split(" Error: ", 1)[-1]).rstrip(".")


def _cut(value: str | None) -> str | None:
    return value if value is None or len(value) <= LONGEST else value[: LONGEST - 1] + "…"


def _value(value: str | None) -> str:
    return "missing" if value is None else printable(value) or "''"
