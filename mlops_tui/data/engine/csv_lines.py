"""CSV files, also packed: every field is read as text, and what makes no row is recorded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from math import ceil
from pathlib import Path

import duckdb

from mlops_tui.core.errors import FileUnreadable
from mlops_tui.data.engine.casting import TEXT, TIMES, fitting_types, with_infinite
from mlops_tui.data.engine.dialect import (
    ENDLESS,
    REJECTS_KEPT,
    csv_sql,
    names_of,
    recording,
    require_readable_lines,
    sniff,
    told_dialect,
)
from mlops_tui.data.engine.lines import PACKED, head_of, is_ascii, lines_at, lines_of_rows, texts_at, wrong_quote
from mlops_tui.data.engine.narrow import parts_of, short_table
from mlops_tui.data.engine.raw import BAD_ROWS_KEPT, Broken, Raw, cut
from mlops_tui.data.engine.refusals import reason_of, shown, wrongly_quoted
from mlops_tui.data.model import BadRow
from mlops_tui.data.options import ReadOptions


def open_csv(con: duckdb.DuckDBPyConnection, path: Path, options: ReadOptions, *, is_known: bool = False) -> Raw:
    """The file with its dialect; one that `is_known` is not looked through. Raises FileUnreadable."""
    head = head_of(path)
    found, types = told_dialect(path, options, head), None
    if not is_known:
        require_readable_lines(path, found)
    if found.delimiter is None or found.header is None:
        found, types = sniff(con, path, found)
    found = replace(found, decimal=found.decimal or ".")
    names = names_of(path, found)
    return Raw(
        csv_sql(path, found, names),
        csv_sql(path, found, names, recording(1)),
        csv_sql(path, found, names, recording(REJECTS_KEPT)),
        dict.fromkeys(names, TEXT),
        partial(_guess, path, found, names, types),
        found,
        partial(broken_lines, path, found),
        partial(_lines, path, found, len(names) == 1),
        lambda con, lines: texts_at(path, found, lines, ENDLESS),
        noun="line",
        rows_about=_rows_about(path, head),
        has_only_ascii=not is_known and head.isascii() and is_ascii(path),
    )


def _guess(
    path: Path, options: ReadOptions, names: Sequence[str], types: list[str] | None, con: duckdb.DuckDBPyConnection
) -> dict[str, str]:
    """The types that the sniffer found, or those that all of the first rows fit where it found none."""
    found = sniff(con, path, options)[1] if types is None else types
    sql = csv_sql(path, options, names, recording(1))
    if len(found) != len(names):
        return fitting_types(con, sql, names, options)
    told = dict(zip(names, found, strict=True))
    # the engine takes `inf` for a date, and a column that begins with it for dates or texts
    texts = [name for name, kind in told.items() if kind == TEXT or kind in TIMES]
    table = short_table(con, sql, texts)
    parts = [(texts, sql)] if table is None else parts_of(con, table)
    asked = [name for some, source in parts for name in with_infinite(con, source, some, options)]
    numbers = fitting_types(con, sql, asked, options, ("DOUBLE",))
    return told | {name: kind for name, kind in numbers.items() if kind != TEXT}


def _rows_about(path: Path, head: bytes) -> int | None:
    if path.suffix.lower() in PACKED:
        return None
    return ceil(path.stat().st_size / max(1, len(head)) * head.count(b"\n"))


def _lines(
    path: Path,
    options: ReadOptions,
    one_column: bool,
    con: duckdb.DuckDBPyConnection,
    rows: Sequence[int],
    bad_lines: Collection[int],
) -> list[int]:
    return lines_of_rows(path, options, rows, bad_lines, blank_rows=one_column)


def broken_lines(path: Path, options: ReadOptions, con: duckdb.DuckDBPyConnection, most: int = BAD_ROWS_KEPT) -> Broken:
    """What the scan that has just ended recorded. Raises FileUnreadable where that is too much."""
    count, found = 0, []
    if con.execute("SELECT 1 FROM reject_errors LIMIT 1").fetchall():
        ((count,),) = con.execute("SELECT count(DISTINCT line) FROM reject_errors").fetchall()
        found = con.execute(
            "SELECT line_byte_position, column_name, error_type, error_message, csv_line FROM reject_errors"
            " QUALIFY row_number() OVER (PARTITION BY line ORDER BY byte_position NULLS LAST) = 1 ORDER BY line"
        ).fetchall()
    con.execute("DROP TABLE reject_errors")
    con.execute("DROP TABLE reject_scans")
    if not found:
        return Broken()
    if any(kind in _SPANNING and _is_of_many_lines(text) for _, _, kind, _, text in found) and (
        wrong := wrong_quote(path, options, ENDLESS)
    ):  # the rows below the mark are in its value, and counted as one
        raise wrongly_quoted(path, *wrong)
    lines = lines_at(path, options.encoding, options.comment, {int(row[0] or 0) for row in found})
    kept = tuple(
        BadRow(lines[int(place or 0)], None, reason_of(kind, column, message), cut((text or "").strip("\r\n")))
        for place, column, kind, message, text in found[:most]
    )
    if count >= REJECTS_KEPT:
        raise FileUnreadable(
            f"{shown(path)}, line {kept[0].line:,} {kept[0].reason}, and {count:,} or more rows are bad.",
            "Mend the file, or set the source's delimiter and quotation mark; no row of it was used.",
            row=kept[0].line,
        )
    return Broken(int(count), kept, frozenset(lines.values()))


_SPANNING = frozenset({"UNQUOTED VALUE", "LINE SIZE OVER MAXIMUM"})
"""What the engine calls a row that a quotation mark may have made of many."""


def _is_of_many_lines(text: str | None) -> bool:
    return len((text or "").splitlines()) > 1
