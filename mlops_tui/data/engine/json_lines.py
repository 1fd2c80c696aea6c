"""JSON lines, also packed: an object a line, its keys the columns; objects and lists within it are their JSON."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path

import duckdb

from mlops_tui.core.errors import FileUnreadable
from mlops_tui.data.engine.casting import TEXT, TIMES_FIRST, fitting_types, kept_type, literal, path_literal, quoted
from mlops_tui.data.engine.dialect import require_distinct
from mlops_tui.data.engine.lines import PACKED, head_of
from mlops_tui.data.engine.raw import BAD_ROWS_KEPT, Broken, Raw, cut
from mlops_tui.data.engine.refusals import shown
from mlops_tui.data.model import BadRow
from mlops_tui.data.options import ReadOptions

LONGEST = 1 << 24
"""Bytes of a line."""


def open_json_lines(con: duckdb.DuckDBPyConnection, path: Path, options: ReadOptions) -> Raw:
    """The file's keys as columns, in the order in which they first appear. Raises FileUnreadable."""
    lines = _lines_sql(path)
    keys = _keys(con, lines)
    if not keys:
        first = head_of(path).lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
        what = "is one JSON array" if first == b"[" else "has no JSON object in any line"
        how = ", as jq -c '.[]' does" if first == b"[" else ""
        raise FileUnreadable(f"{shown(path)} {what}.", f'Write one object a line, such as {{"a": 1}}{how}.')
    require_distinct(path, keys)
    paths = ", ".join(literal("$." + json.dumps(key, ensure_ascii=False)) for key in keys)
    missing = ", ".join(map(literal, options.missing))
    terms = ", ".join(
        f"CASE WHEN found[{place}] IN ({missing}) THEN NULL ELSE found[{place}] END AS {quoted(key)}"
        if options.missing
        else f"found[{place}] AS {quoted(key)}"
        for place, key in enumerate(keys, 1)
    )
    sql = (
        f"(SELECT {terms} FROM (SELECT json_extract_string(line, [{paths}]) AS found FROM {lines}"
        f" WHERE {_is_object('line')}))"
    )
    stored = dict.fromkeys(keys, TEXT)
    return Raw(
        sql,
        sql,
        sql,
        stored,
        partial(_guess, lines, sql, keys),
        options,
        partial(_broken, lines),
        partial(_row_lines, lines),
        partial(_texts_at, lines),
        noun="line",
    )


def _lines_sql(path: Path) -> str:
    packed = PACKED.get(path.suffix.lower(), "none")
    return (
        f"read_csv({path_literal(path)}, auto_detect=false, header=false, delim='\x01', quote='', escape='', comment='',"
        f" skip=0, compression='{packed}', max_line_size={LONGEST}, columns={{'line': 'VARCHAR'}},"
        " hive_partitioning=false, nullstr=[''])"
    )


def _is_object(line: str) -> str:
    return f"json_type(TRY_CAST({line} AS JSON)) = 'OBJECT'"


def _keys(con: duckdb.DuckDBPyConnection, lines: str) -> list[str]:
    rows = con.execute(
        f"SELECT key FROM (SELECT row, unnest(json_keys(line)) AS key, unnest(range(len(json_keys(line)))) AS place"
        f" FROM (SELECT row_number() OVER () AS row, line FROM {lines}) WHERE {_is_object('line')})"
        " GROUP BY key ORDER BY min(row * 100000 + place)"
    ).fetchall()
    return [key for (key,) in rows]


def _guess(lines: str, sql: str, keys: Sequence[str], con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The types that JSON itself tells; texts may be dates and times."""
    found = con.execute(
        f"SELECT json_group_structure(TRY_CAST(line AS JSON)) FROM {lines} WHERE {_is_object('line')}"
    ).fetchone()
    structure = json.loads(found[0]) if found and found[0] else {}
    types = {key: _type_of(structure.get(key)) for key in keys}
    texts = [key for key in keys if types[key] == TEXT]
    return types | fitting_types(con, sql, texts, ReadOptions(), TIMES_FIRST)


def _type_of(told: object) -> str:
    if not isinstance(told, str):
        return TEXT
    return "BIGINT" if told in ("UBIGINT", "HUGEINT", "UHUGEINT") else kept_type(told)


def _broken(lines: str, con: duckdb.DuckDBPyConnection, most: int = BAD_ROWS_KEPT) -> Broken:
    rows = con.execute(
        f"SELECT row, line, json_valid(line) FROM (SELECT row_number() OVER () AS row, line FROM {lines})"
        f" WHERE line IS NOT NULL AND {_is_object('line')} IS DISTINCT FROM true ORDER BY row"
    ).fetchall()
    first = tuple(
        BadRow(number, None, "is not a JSON object" if valid else "is not JSON", cut(line))
        for number, line, valid in rows[:most]
    )
    return Broken(len(rows), first, frozenset(number for number, _, _ in rows))


def _row_lines(
    lines: str, con: duckdb.DuckDBPyConnection, rows: Sequence[int], bad_lines: Collection[int]
) -> list[int]:
    numbers = con.execute(
        f"SELECT row FROM (SELECT row_number() OVER () AS row, line FROM {lines})"
        f" WHERE line IS NOT NULL AND {_is_object('line')} ORDER BY row LIMIT {max(rows, default=0)}"
    ).fetchall()
    return [numbers[row - 1][0] if row <= len(numbers) else 0 for row in rows]


def _texts_at(lines: str, con: duckdb.DuckDBPyConnection, wanted: Collection[int]) -> dict[int, str]:
    numbers = ", ".join(map(str, wanted)) or "NULL"
    numbered = f"(SELECT row_number() OVER () AS row, line FROM {lines} LIMIT {max(wanted, default=0)})"
    return dict(con.execute(f"SELECT row, line FROM {numbered} WHERE row IN ({numbers})").fetchall())
