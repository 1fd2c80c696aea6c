"""What kind of thing a column holds, guessed from its type and a few counts, with the reason in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from mlops_tui.data.engine.casting import AT_ONCE, TEXT, TIMES, literal, quoted
from mlops_tui.data.engine.narrow import is_wide, parts_of, short_table

COUNTED_UP_TO = 100_000
COUNTED_COLUMNS = 50
"""The different values of so many rows and columns are counted; of larger files their number is an estimate, and said as
one: counting takes memory for each row, and planning it time for each column.
"""
NEARLY_UNIQUE = 0.95
"""Distinct values per value from which text counts as unique."""

LONG_TEXT = 30.0
"""Mean characters from which many distinct strings are text rather than categories."""

MANY_DISTINCT = 0.5
"""Distinct values per value from which strings are many."""

THOUSANDS, DATES = "numbers with thousands separators", "dates that are not all of one format"
"""What strings may look like that are read as text."""
CODES = "codes of digits"
"""Such as postal codes: they tell rows apart only where no two are the same."""

_GROUPED = r"[+-]?[0-9]{1,3}([,.' ][0-9]{3})+([.,][0-9]+)?"
_LIKE = {
    THOUSANDS: rf"({_GROUPED}|[+-]?[0-9]+([.,][0-9]+)?)",
    DATES: r"([0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4})([ T].*)?",
}

ENOUGH_ROWS = 20
"""Below so many values, all of them differing says nothing."""

_NAMED_LIKE_ID = re.compile(r"(^|[_\s.-])(id|uuid|guid)$|[a-z](Id|ID|Uuid|UUID)$", re.ASCII)
_ALSO_ID = re.compile(r"^(ID|Id|UUID|GUID)$|_(ID|UUID)$")


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What a guess rests on.

    `distinct` counts for strings and for what is named like an id. `length` is the mean number of characters of strings,
    `spaced` whether one has a space in it (hashes and UUIDs have none), `constant` whether all values are alike, `looks`
    what all strings look like. Where `is_estimate`, `distinct` is about right.
    """

    name: str
    dtype: str
    rows: int
    missing: int
    distinct: int
    length: float
    spaced: bool
    constant: bool
    looks: str | None = None
    is_estimate: bool = False


def named_like_id(name: str) -> bool:
    """Whether the name says that the column tells rows apart: id, customer_id, orderId, uuid."""
    return bool(_NAMED_LIKE_ID.search(name) or _ALSO_ID.search(name))


def guess_kind(facts: ColumnFacts) -> tuple[str, str]:
    """The kind (numeric, integer, boolean, category, text, date-time, identifier, constant) and why."""
    values = facts.rows - facts.missing
    if values == 0:
        return "constant", "every value is missing"
    if facts.dtype in TIMES:  # before constant: the rows of a daily file share their day
        return "date-time", "every value reads as a date or time"
    if facts.constant and facts.rows > 1:
        gaps = f", and {facts.missing:,} are missing" if facts.missing else ""
        return "constant", f"all {values:,} values are alike{gaps}"
    share = min(1.0, facts.distinct / values)
    unique = share >= NEARLY_UNIQUE
    if facts.dtype == "BOOLEAN":
        return "boolean", "every value is true or false"
    if facts.dtype == "DOUBLE":
        return "numeric", "every value is a number"
    if facts.dtype == "BIGINT":
        if unique and named_like_id(facts.name):
            return "identifier", "whole numbers, nearly all different, with a name like an id"
        return "integer", "every value is a whole number"
    return _kind_of_strings(facts, values, share, unique)


def _kind_of_strings(facts: ColumnFacts, values: int, share: float, unique: bool) -> tuple[str, str]:
    about = "about " if facts.is_estimate else ""
    told = f"{about}{facts.distinct:,} different strings in {values:,} values"
    if share >= MANY_DISTINCT and named_like_id(facts.name):
        return "identifier", f"{told}, with a name like an id"
    if facts.looks == CODES and facts.distinct < values and not facts.is_estimate:
        return "category", f"{told}, {CODES} of which some come again"
    if facts.looks not in (None, CODES):
        return "text" if share >= MANY_DISTINCT else "category", f"{facts.looks}, read as text: {told}"
    if share >= MANY_DISTINCT and facts.length >= LONG_TEXT and facts.spaced:
        return "text", f"{told}, {facts.length:.0f} characters long in the mean"
    if unique and values >= ENOUGH_ROWS:
        return "identifier", f"{told}, nearly all different"
    return "category", told


def facts_of(
    con: duckdb.DuckDBPyConnection, sql_of: Callable[[Sequence[str]], str], types: Mapping[str, str]
) -> list[ColumnFacts]:
    """The facts of columns of those types, in as few passes as may be; `sql_of` says what to write after FROM to read some.

    Of a large file `distinct` is approximate (HyperLogLog), but never more than there are values.
    """
    names = list(types)
    if not names:
        return []
    some = f"FROM {sql_of(names[:1])} LIMIT {COUNTED_UP_TO + 1}"
    ((rows,),) = con.execute(f"SELECT count(*) FROM ({some})").fetchall()
    parts = [names[start : start + AT_ONCE] for start in range(0, len(names), AT_ONCE)]
    is_long = rows > COUNTED_UP_TO or len(names) > COUNTED_COLUMNS
    table = short_table(con, sql_of(names), names) if is_wide(names) else None
    asked = ((part, sql_of(part)) for part in parts) if table is None else parts_of(con, table)
    return [fact for part, sql in asked for fact in _facts(con, sql, {n: types[n] for n in part}, is_long)]


def _facts(con: duckdb.DuckDBPyConnection, sql: str, types: Mapping[str, str], is_long: bool) -> list[ColumnFacts]:
    number = "approx_count_distinct(" if is_long else "count(DISTINCT "
    terms = ["count(*)"]
    for column, dtype in types.items():
        name = quoted(column)
        text = f"CAST({name} AS VARCHAR)"
        lengths = f"avg(length({text}))" if dtype == TEXT else "NULL"
        spaced = f"bool_or(contains({text}, ' '))" if dtype == TEXT else "NULL"
        alike = f"min({name}) IS NOT DISTINCT FROM max({name})"
        counts = dtype == TEXT or (dtype == "BIGINT" and named_like_id(column))  # of others the number says nothing
        distinct = f"{number}{name})" if counts else f"count({name})"
        looks = _looks(text) if dtype == TEXT else "NULL"
        terms += [f"count({name})", distinct, lengths, spaced, alike, looks]
    row = con.execute(f"SELECT {', '.join(terms)} FROM {sql}").fetchone()
    assert row is not None
    rows, answers = row[0], row[1:]
    facts = []
    for position, (column, dtype) in enumerate(types.items()):
        count, distinct, length, spaced, alike, looks = answers[6 * position : 6 * position + 6]
        told = (min(distinct, count), length or 0.0, bool(spaced), alike, looks)
        facts.append(ColumnFacts(column, dtype, rows, rows - count, *told, is_estimate=is_long))
    return facts


def _looks(text: str) -> str:
    """The SQL of what all strings of a column look like; NULL where it is none of the known."""
    fits = {looks: f"bool_and(regexp_full_match({text}, {literal(pattern)}))" for looks, pattern in _LIKE.items()}
    grouped = f"bool_or(regexp_full_match({text}, {literal(_GROUPED)}))"
    cases = f"WHEN {fits[THOUSANDS]} AND {grouped} THEN {literal(THOUSANDS)} WHEN {fits[DATES]} THEN {literal(DATES)}"
    codes = f"bool_and(regexp_full_match({text}, '[0-9]+'))"
    return f"CASE {cases} WHEN {codes} THEN {literal(CODES)} END"


def guess_kinds(
    con: duckdb.DuckDBPyConnection, sql_of: Callable[[Sequence[str]], str], types: Mapping[str, str]
) -> dict[str, tuple[str, str]]:
    """The kind of every column of those types, and why; `sql_of` as in `facts_of`."""
    return {facts.name: guess_kind(facts) for facts in facts_of(con, sql_of, types)}
