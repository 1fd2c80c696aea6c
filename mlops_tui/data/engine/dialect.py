"""The dialect and the column types of a CSV file, sniffed and then tried on every row of it.

A type that holds in the sniffed sample and not in a later row is widened rather than a row lost. Digits that start
with 0 and whole numbers beyond 64 bits stay text, since a number would lose something.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from mlops_tui.core.errors import FileUnreadable
from mlops_tui.data.engine.options import ReadOptions
from mlops_tui.data.engine.refusals import escaped, rejected, shown

KEPT_TYPES = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"), "BIGINT"),
    **dict.fromkeys(("FLOAT", "DOUBLE"), "DOUBLE"),
    "BOOLEAN": "BOOLEAN",
    "DATE": "DATE",
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"), "TIMESTAMP"),
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMP WITH TIME ZONE",
}
"""Types of the engine and the few that columns are told by; all others are text (VARCHAR)."""

TIMES = frozenset({"DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"})
NUMBERS = frozenset({"BIGINT", "DOUBLE"})
_REJECTS_KEPT = 100_000
_LONG_DIGITS = 19


def literal(text: str) -> str:
    """The text as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """The name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def kept_type(engine_type: str) -> str:
    """The type that a column is told by: BIGINT, DOUBLE, BOOLEAN, DATE, TIMESTAMP (WITH TIME ZONE) or VARCHAR."""
    return "DOUBLE" if engine_type.startswith("DECIMAL") else KEPT_TYPES.get(engine_type, "VARCHAR")


def _named(options: ReadOptions, path: Path) -> list[str]:
    """The arguments of `read_csv` that are never left to the sniffer, which would skip or pad lines unasked."""
    compression = {".gz": "gzip", ".zst": "zstd"}.get(path.suffix, "none")
    mark = literal(options.quote)
    fixed = [f"quote={mark}", f"escape={mark}", "comment=''", "skip=0", "hive_partitioning=false"]
    fixed += [f"compression='{compression}'", f"nullstr=[{', '.join(map(literal, options.missing))}]"]
    chosen = {
        "delim": options.delimiter,
        "encoding": options.encoding,
        "decimal_separator": options.decimal,
        "dateformat": options.date_format,
        "timestampformat": options.timestamp_format,
    }
    fixed += [f"{name}={literal(value)}" for name, value in chosen.items() if value is not None]
    return fixed if options.header is None else [*fixed, f"header={str(options.header).lower()}"]


def csv_sql(path: Path, options: ReadOptions, types: Mapping[str, str], *extra: str) -> str:
    """A `read_csv(…)` that names every column and its type and sniffs nothing."""
    columns = ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in types.items())
    arguments = [literal(str(path)), "auto_detect=false", f"columns={{{columns}}}", *_named(options, path), *extra]
    return f"read_csv({', '.join(arguments)})"


def _sniff_once(con: duckdb.DuckDBPyConnection, path: Path, options: ReadOptions) -> tuple[ReadOptions, dict[str, str]]:
    # ignore_errors: else a file with one ragged row is sniffed as one column with an unlikely delimiter
    arguments = ", ".join([literal(str(path)), "ignore_errors=true", *_named(options, path)])
    wanted = "Delimiter, HasHeader, DateFormat, TimestampFormat, Columns"
    row = con.execute(f"SELECT {wanted} FROM sniff_csv({arguments})").fetchone()
    assert row is not None
    delimiter, header, date_format, timestamp_format, columns = row
    found = replace(
        options,
        delimiter=options.delimiter or delimiter,
        header=options.header if options.header is not None else header,
        date_format=options.date_format or date_format,
        timestamp_format=options.timestamp_format or timestamp_format,
    )
    return found, {column["name"]: kept_type(column["type"]) for column in columns}


def sniff(con: duckdb.DuckDBPyConnection, path: Path, options: ReadOptions) -> tuple[ReadOptions, dict[str, str]]:
    """The options with nothing left open, and the type of each column in the sniffed sample."""
    if options.encoding is None:
        with path.open("rb") as file:
            wide = file.read(2) in (b"\xff\xfe", b"\xfe\xff")
        options = replace(options, encoding="utf-16" if wide else "utf-8")
    found, types = _sniff_once(con, path, options)
    if options.decimal is None and found.delimiter != ",":
        comma = _sniff_once(con, path, replace(found, decimal=","))
        if _numbers(comma[1]) > _numbers(types):
            found, types = comma
    _require_parted(path, options, types)
    _require_distinct_names(con, path, found, len(types))
    return replace(found, decimal=found.decimal or "."), types


def _require_parted(path: Path, options: ReadOptions, types: Mapping[str, str]) -> None:
    """A header that holds a delimiter and is one column: the rows below it fit no delimiter."""
    (name, *others) = types
    if options.delimiter is None and not others and any(mark in name for mark in ",;|\t"):
        raise FileUnreadable(
            f"{shown(path)} has rows that do not fit its header ({escaped(name)[:60]}).",
            "Look for a quotation mark that is not closed, or set the source's delimiter.",
        )


def _numbers(types: Mapping[str, str]) -> int:
    return sum(kind == "DOUBLE" for kind in types.values())


def _require_distinct_names(con: duckdb.DuckDBPyConnection, path: Path, options: ReadOptions, width: int) -> None:
    if not options.header:
        return
    plain = csv_sql(
        path, replace(options, header=False), {f"c{i}": "VARCHAR" for i in range(width)}, "ignore_errors=true"
    )
    header = con.execute(f"FROM {plain} LIMIT 1").fetchone() or ()
    require_distinct(path, [name for name in header if name is not None])


def require_distinct(path: Path, names: Iterable[str]) -> None:
    """Raise FileUnreadable where two columns have one name; the engine does not tell `a` from `A`."""
    seen: dict[str, str] = {}
    for name in names:
        if name.casefold() in seen:
            pair = f"{escaped(seen[name.casefold()])} and {escaped(name)}"
            raise FileUnreadable(
                f"{shown(path)} has two columns of one name ({pair}).",
                "Rename one; upper and lower case count as alike.",
                check="columns",
                column=name,
            )
        seen[name.casefold()] = name


def fitting_types(
    con: duckdb.DuckDBPyConnection, path: Path, options: ReadOptions, types: Mapping[str, str], fixed: frozenset[str]
) -> tuple[dict[str, str], int]:
    """Types that every row fits, and the number of rows.

    Columns in `fixed` stay numbers, times or text (a whole number may become a fraction, a date a time). Raises
    FileUnreadable with the line of the first row that cannot be read.
    """
    fitting = dict(types) | _lossless(con, path, options, types, fixed)
    while True:
        rows, rejects = _try_rows(con, path, options, fitting)
        if not rejects:
            return fitting, rows
        misfits = {str(reject["column_name"]) for reject in rejects if reject["error_type"] == "CAST"}
        wider = {name: kind for name in misfits if (kind := _wider(fitting[name], name in fixed))}
        if not wider:
            first = min(rejects, key=lambda reject: reject["line"])
            first["line"] = _line_in_file(path, options, first)
            raise rejected(path, first, len({reject["line"] for reject in rejects}))
        fitting |= wider
        fitting |= _lossless(con, path, options, fitting, fixed, set(wider))


def _line_in_file(path: Path, options: ReadOptions, reject: Mapping[str, Any]) -> int:
    """The line as an editor counts it: the engine counts a row over several lines as one."""
    if options.encoding != "utf-8" or path.suffix in (".gz", ".zst"):
        return int(reject["line"])
    end, line = int(reject["line_byte_position"]), 1
    with path.open("rb") as file:
        while end > 0 and (block := file.read(min(end, 1 << 20))):
            line += block.count(b"\n")
            end -= len(block)
    return line


def _wider(kind: str, fixed: bool) -> str | None:
    if kind in ("BIGINT", "DATE"):
        return {"BIGINT": "DOUBLE", "DATE": "TIMESTAMP"}[kind]
    return None if fixed or kind == "VARCHAR" else "VARCHAR"


def _try_rows(
    con: duckdb.DuckDBPyConnection, path: Path, options: ReadOptions, types: Mapping[str, str]
) -> tuple[int, list[dict[str, Any]]]:
    """Read every field once; the engine converts only columns that are asked for, hence the counts."""
    source = csv_sql(path, options, types, "store_rejects=true", f"rejects_limit={_REJECTS_KEPT}")
    # fetchall: the engine writes its table of rejects only once the result was read to its end
    ((rows, *_),) = con.execute(f"SELECT count(*), count(COLUMNS(*)) FROM {source}").fetchall()
    found = con.execute("SELECT line, line_byte_position, column_name, error_type, error_message FROM reject_errors")
    names = [item[0] for item in found.description]
    rejects = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    con.execute("DROP TABLE reject_errors")
    con.execute("DROP TABLE reject_scans")
    return rows, rejects


def _losses(kind: str, column: str, mark: str) -> list[tuple[str, str]]:
    """Conditions in which a column of text would lose something as that type, and the type that loses nothing."""
    if kind == "BIGINT":
        # the engine rounds 1.5 to 2 where a whole number is asked for, and says nothing
        fraction = " OR ".join(f"contains({column}, {part})" for part in (mark, "'e-'", "'E-'"))
        # 0 and a digit: in text order between 00 and 0:, since : comes after 9
        zero_first = f"bool_or({column} >= '00' AND {column} < '0:')"
        return [(f"bool_or({fraction})", "DOUBLE"), (zero_first, "VARCHAR")]
    if kind == "DOUBLE":
        digits = f"length({column}) >= {_LONG_DIGITS} AND regexp_full_match({column}, '[+-]?[0-9]+')"
        return [(f"coalesce(bool_or({digits}), false) AND NOT bool_or(contains({column}, {mark}))", "VARCHAR")]
    if kind == "TIMESTAMP":  # the engine drops a late zone
        zone = f"regexp_matches({column}, ':[0-9.]+ ?(Z|[+-][0-9]{{2}}(:?[0-9]{{2}})?)$')"
        return [(f"bool_or({zone})", "TIMESTAMP WITH TIME ZONE")]
    if kind == "BOOLEAN":
        return [(f"bool_or(lower({column}) NOT IN ('true', 'false'))", "VARCHAR")]
    return []


def _lossless(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    options: ReadOptions,
    types: Mapping[str, str],
    fixed: frozenset[str],
    among: Container[str] | None = None,
) -> dict[str, str]:
    """Better types for columns (`among` these) that would lose something: 007, twenty digits, yes, a late 1.5."""
    mark = literal(options.decimal or ".")
    asked = [
        (name, condition, better)
        for name, kind in types.items()
        if among is None or name in among
        for condition, better in _losses(kind, quoted(name), mark)
        if better != "VARCHAR" or name not in fixed
    ]
    if not asked:
        return {}
    source = csv_sql(path, options, dict.fromkeys(types, "VARCHAR"), "ignore_errors=true")
    terms = ", ".join(condition for _, condition, _ in asked)
    answers = con.execute(f"SELECT {terms} FROM {source}").fetchone() or ()
    return {name: better for (name, _, better), lossy in zip(asked, answers, strict=True) if lossy}
