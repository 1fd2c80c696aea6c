"""How a field becomes a value of a type, in SQL: what does not fit is told apart, and nothing is lost unsaid."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from mlops_tui.data.options import ReadOptions
from mlops_tui.data.profile import EXACT

KEPT_TYPES = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"), "BIGINT"),
    **dict.fromkeys(("FLOAT", "DOUBLE"), "DOUBLE"),
    "BOOLEAN": "BOOLEAN",
    "DATE": "DATE",
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"), "TIMESTAMP"),
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMP WITH TIME ZONE",
}
"""Types of the engine and the few that columns are told by; all others are text (VARCHAR)."""

AT_ONCE = 250
"""Columns that one query asks much about: planning grows with the square of them."""

TEXT = "VARCHAR"
TIMES = frozenset({"DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"})
NUMBERS = frozenset({"BIGINT", "DOUBLE"})

_PATTERN = str.maketrans({letter: f"[{letter}]" for letter in "*?["})
_WHOLE = r"\s*[+-]?(0|[1-9][0-9]*)\s*"
_LONG_DIGITS = 19
_LONG = "9223372036854775808.0"
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")
_ZONED = r":[0-9.]+ ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$"


def literal(text: str) -> str:
    """The text as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def path_literal(path: Path) -> str:
    """The path of one file as an SQL string: the engine reads paths as patterns, in which `[*]` is a star."""
    return literal(str(path).translate(_PATTERN))


def quoted(name: str) -> str:
    """The name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def kept_type(engine_type: str) -> str:
    """The type that a column is told by: BIGINT, DOUBLE, BOOLEAN, DATE, TIMESTAMP (WITH TIME ZONE) or VARCHAR."""
    if found := _DECIMAL.fullmatch(engine_type):  # as whole numbers only where each of them fits into 64 bits
        return "BIGINT" if int(found[1]) < _LONG_DIGITS and found[2] == "0" else "DOUBLE"
    return KEPT_TYPES.get(engine_type, TEXT)


def decimal_size(engine_type: str) -> tuple[int, int] | None:
    """A decimal's digits before and behind the point; None of another type."""
    found = _DECIMAL.fullmatch(engine_type)
    return (int(found[1]) - int(found[2]), int(found[2])) if found else None


def any_of(conditions: Iterable[str]) -> str:
    """One of the conditions holds; halved again and again, since the engine does not take a long chain."""
    found = list(conditions)
    if len(found) <= 1:
        return found[0] if found else "false"
    half = len(found) // 2
    return f"({any_of(found[:half])} OR {any_of(found[half:])})"


def type_for(guessed: str, kind: str | None) -> str:
    """The type that a column of a known kind is read as, given the one that its values suggest."""
    if kind == "integer":
        return "BIGINT"
    if kind == "numeric":
        return guessed if guessed in NUMBERS else "DOUBLE"
    if kind == "date-time":
        return guessed if guessed in TIMES else "TIMESTAMP"
    if kind == "boolean":
        return "BOOLEAN"
    return guessed if kind is None else TEXT


def wider(kind: str, fixed: bool) -> str | None:
    """The type to try where a value does not fit; of a column whose kind is `fixed` none beyond that kind."""
    if kind in ("BIGINT", "DATE", "TIMESTAMP") and (fixed or kind != "TIMESTAMP"):
        return {"BIGINT": "DOUBLE", "DATE": "TIMESTAMP", "TIMESTAMP": "TIMESTAMP WITH TIME ZONE"}[kind]
    return None if fixed or kind == TEXT else TEXT


def cast(column: str, stored: str, wanted: str, options: ReadOptions) -> str:
    """The SQL of a value; NULL where it does not fit. `column` is an SQL identifier, `stored` its type in the file."""
    if wanted == TEXT or kept_type(stored) == wanted:
        return column
    text = column if stored == TEXT else f"CAST({column} AS VARCHAR)"
    if wanted == "DOUBLE" and kept_type(stored) == "BIGINT":
        return f"CAST({column} AS DOUBLE)"
    if wanted == "BIGINT":
        if kept_type(stored) == "DOUBLE":
            return f"TRY_CAST({column} AS BIGINT)"
        return f"coalesce(TRY_CAST({text} AS BIGINT), TRY_CAST({cast(column, stored, 'DOUBLE', options)} AS BIGINT))"
    if wanted == "DOUBLE" and stored == TEXT and options.decimal == ",":
        return f"CASE WHEN contains({text}, '.') THEN NULL ELSE TRY_CAST(replace({text}, ',', '.') AS DOUBLE) END"
    if wanted == "BOOLEAN" and stored == TEXT:  # the engine's own cast takes yes, T and 1 for true
        return f"CASE lower({column}) WHEN 'true' THEN true WHEN 'false' THEN false END"
    if wanted in TIMES and stored == TEXT and (formats := _formats(options)):
        plain = f"try_strptime({text}, [{', '.join(map(literal, formats))}])"
        return f"coalesce(TRY_CAST({plain} AS {wanted}), TRY_CAST({text} AS {wanted}))"
    return f"TRY_CAST({text} AS {wanted})"


def _formats(options: ReadOptions) -> list[str]:
    """The formats that are not the standard's own, times before dates."""
    told = (options.timestamp_format, options.date_format)
    return [one for one in told if one is not None and not one.startswith("%Y-%m-%d")]


def microseconds(column: str, stored: str, options: ReadOptions) -> str:
    """The SQL of a date or time as microseconds since 1970 UTC; NULL where it is none."""
    if kept_type(stored) in TIMES:
        return f"epoch_us({column})"
    text = column if stored == TEXT else f"CAST({column} AS VARCHAR)"
    plain = f"epoch_us(TRY_CAST({text} AS TIMESTAMP WITH TIME ZONE))"
    formats = _formats(options) if stored == TEXT else []
    told = f"try_strptime({text}, [{', '.join(map(literal, formats))}])"
    return f"coalesce(epoch_us({told}), {plain})" if formats else plain


def misfits(column: str, stored: str, wanted: str, options: ReadOptions) -> str | None:
    """The condition in which a value is there and does not fit; None where every one fits."""
    found = cast(column, stored, wanted, options)
    if found == column or found.startswith("CAST"):
        return None
    if wanted == "DOUBLE" and stored == TEXT:  # the number first, which is then read once for this and for the profile
        return (
            f"(CASE WHEN isfinite({found}) OR {column} IS NULL THEN false WHEN {found} IS NULL THEN true"
            f" ELSE {_beyond(column, found)} END)"
        )
    return _not_whole(column, stored, options) if wanted == "BIGINT" else f"({column} IS NOT NULL AND {found} IS NULL)"


def _beyond(column: str, number: str) -> str:
    """The condition in which a text has digits that say a number too large for a float64; `inf` itself says no digits."""
    return f"(isinf({number}) AND regexp_matches({column}, '[0-9]'))"


def _not_whole(column: str, stored: str, options: ReadOptions) -> str:
    """The condition in which a value is there and no whole number of 64 bits: the engine's own cast rounds 1.5 to 2.

    It asks for the number as the profile reads it, so that both are read once.
    """
    number = cast(column, stored, "DOUBLE", options)
    if kept_type(stored) == "DOUBLE":  # NaN is a missing value there
        beyond = f"{number} < -{_LONG} OR {number} >= {_LONG}"
        return f"({column} IS NOT NULL AND NOT isnan({number}) AND ({number} <> trunc({number}) OR {beyond}))"
    text = column if stored == TEXT else f"CAST({column} AS VARCHAR)"
    long = f"TRY_CAST({text} AS BIGINT) IS NULL OR contains({text}, {literal(options.decimal or '.')})"
    return (
        f"(CASE WHEN {column} IS NULL THEN false WHEN {number} IS NULL OR {number} <> trunc({number}) THEN true"
        f" WHEN abs({number}) >= {EXACT} THEN {long} ELSE false END)"
    )


@dataclass(frozen=True, slots=True)
class Loss:
    """A text that loses something as a type: the `condition` in a row, for which no row may have `unless`, and the type
    that loses nothing.
    """

    condition: str
    better: str
    unless: str | None = None

    @property
    def of_all(self) -> str:
        """The condition over all rows; never NULL."""
        found = f"coalesce(bool_or({self.condition}), false)"
        return f"({found} AND NOT coalesce(bool_or({self.unless}), false))" if self.unless else found


def losses(column: str, wanted: str, options: ReadOptions) -> list[Loss]:
    """What texts of a column may lose as that type: 007, twenty digits, a late 1.5, a late time zone."""
    if wanted == "BIGINT":
        whole = f"regexp_full_match({column}, {literal(_WHOLE)})"
        fraction = any_of(f"contains({column}, {part})" for part in ("'.'", "','", "'e'", "'E'"))
        return [Loss(f"NOT {whole} AND {fraction}", "DOUBLE"), Loss(f"NOT ({whole} OR {fraction})", TEXT)]
    if wanted == "DOUBLE":
        digits = f"length({column}) >= {_LONG_DIGITS} AND regexp_full_match({column}, '[+-]?[0-9]+')"
        mark = literal(options.decimal or ".")
        return [Loss(digits, TEXT, unless=f"contains({column}, {mark})"), Loss(f"contains({column}, '_')", TEXT)]
    if wanted == "DATE":  # the engine drops a time of day, and of a time its zone
        return [Loss(f"length({column}) > 10 AND contains({column}, ':')", "TIMESTAMP")]
    if wanted == "TIMESTAMP":
        zone = f"length({column}) > 16 AND regexp_matches({column}, {literal(_ZONED)})"
        return [Loss(zone, "TIMESTAMP WITH TIME ZONE")]
    return []


TIMES_FIRST = ("DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE")
_SAMPLE = 20_000
_FIRST = 1_000


def fitting_types(
    con: duckdb.DuckDBPyConnection,
    sql: str,
    names: Sequence[str],
    options: ReadOptions,
    candidates: Sequence[str] = ("BIGINT", "DOUBLE", "BOOLEAN", *TIMES_FIRST),
) -> dict[str, str]:
    """The first of the candidates that all of the first rows' texts fit, and that loses nothing; text where none is."""
    found = dict.fromkeys(names, TEXT)
    for start in range(0, len(names), AT_ONCE):
        terms, asked = list[str](), list[tuple[str, str]]()
        for name in names[start : start + AT_ONCE]:
            column = quoted(name)
            for kind in candidates:
                lossy = any_of(loss.of_all for loss in losses(column, kind, options))
                bad = misfits(column, TEXT, kind, options)
                terms.append(f"count({column}) > 0 AND NOT bool_or{bad} AND NOT {lossy}")
                asked.append((name, kind))
        answers = con.execute(f"SELECT {', '.join(terms)} FROM (FROM {sql} LIMIT {_SAMPLE})").fetchone() or ()
        for (name, kind), fits in reversed(list(zip(asked, answers, strict=True))):
            if fits:
                found[name] = kind
    return found


def with_infinite(con: duckdb.DuckDBPyConnection, sql: str, names: Sequence[str], options: ReadOptions) -> list[str]:
    """Those of columns of texts that have an infinite number in the first rows."""
    found = list[str]()
    for start in range(0, len(names), AT_ONCE):
        some = names[start : start + AT_ONCE]
        numbers = [cast(quoted(name), TEXT, "DOUBLE", options) for name in some]
        terms = [f"bool_or(isinf({number}))" for number in numbers]
        answers = con.execute(f"SELECT {', '.join(terms)} FROM (FROM {sql} LIMIT {_FIRST})").fetchone() or ()
        found += [name for name, holds in zip(some, answers, strict=True) if holds]
    return found


def values(stored: Mapping[str, str], types: Mapping[str, str], options: ReadOptions) -> str:
    """The columns of a SELECT that gives each its type, under its own name."""
    return ", ".join(
        found if found == quoted(name) else f"{found} AS {quoted(name)}"
        for name, found in ((name, cast(quoted(name), stored[name], kind, options)) for name, kind in types.items())
    )
