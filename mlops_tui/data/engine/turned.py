"""CSV files in UTF-16 whose bytes come the other way round (big-endian), which the engine does not read: they are parsed here, into memory."""

from __future__ import annotations

import codecs
import csv
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from mlops_tui.core.errors import FileUnreadable
from mlops_tui.data.engine.casting import TEXT, fitting_types, quoted
from mlops_tui.data.engine.columnar import attached_name
from mlops_tui.data.engine.dialect import ENDLESS, is_wide, names_of, plain_dialect
from mlops_tui.data.engine.lines import head_of, records_of, texts_at, unpacked, wrong_quote
from mlops_tui.data.engine.preamble import with_skipped
from mlops_tui.data.engine.raw import BAD_ROWS_KEPT, Broken, Raw, cut
from mlops_tui.data.engine.refusals import mark_of, not_encoded, shown, wrongly_quoted
from mlops_tui.data.model import BadRow
from mlops_tui.data.options import ReadOptions

LARGEST = 1 << 29
"""Bytes of a file from which it is not read into memory."""
KEPT_FILES = 2
AT_ONCE = 10_000
_HEAD = 202
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class _Parsed:
    """The rows of a file as texts, the lines that they begin in, and the rows that are none."""

    rows: pa.Table
    lines: Sequence[int]
    broken: Broken
    options: ReadOptions


_PARSED: OrderedDict[tuple[Any, ...], _Parsed] = OrderedDict()


def is_turned(path: Path, options: ReadOptions) -> bool:
    """Whether the file is such a one, by its mark or a NUL in every other byte of a first line."""
    if options.encoding not in (None, "utf-16") or not path.is_file():
        return False
    head = head_of(path, _HEAD)
    return head.startswith(codecs.BOM_UTF16_BE) or (head[:1] == b"\0" and is_wide(head[1:]))


def turned_rows(path: Path, options: ReadOptions) -> pa.Table:
    """The rows of such a file that are whole. Raises FileUnreadable."""
    return _parsed(path, options).rows


def open_turned(path: Path, options: ReadOptions) -> Raw:
    """Such a file; the connection has it attached. Raises FileUnreadable."""
    parsed = _parsed(path, options)
    sql, names, found = quoted(attached_name(path)), parsed.rows.column_names, parsed.options
    return Raw(
        sql,
        sql,
        sql,
        dict.fromkeys(names, TEXT),
        lambda con: fitting_types(con, sql, names, found),
        found,
        lambda con, most=BAD_ROWS_KEPT: parsed.broken,
        lambda con, rows, bad_lines: [parsed.lines[row - 1] for row in rows],
        lambda con, lines: texts_at(path, found, lines, ENDLESS),
        noun="line",
        rows_about=max(1, parsed.rows.num_rows),
    )


def _parsed(path: Path, options: ReadOptions) -> _Parsed:
    key = (path, mark_of(path), options)
    if key not in _PARSED:
        _PARSED[key] = _parse(path, options)
        while len(_PARSED) > KEPT_FILES:
            _PARSED.popitem(last=False)
    return _PARSED[key]


def _parse(path: Path, options: ReadOptions) -> _Parsed:
    if path.stat().st_size > LARGEST:
        raise FileUnreadable(
            f"{shown(path)} is UTF-16 with its bytes turned round, and too large to be read so.", "Save it as UTF-8."
        )
    _require_text(path)
    told = with_skipped(replace(options, encoding="utf-16", comment=options.comment or ""), head_of(path))
    found = plain_dialect(path, told)
    names = names_of(path, found)
    if found.quote and (wrong := wrong_quote(path, found, ENDLESS)):
        raise wrongly_quoted(path, *wrong)
    batches, waiting = list[pa.RecordBatch](), list[list[str]]()
    lines, bad = list[int](), dict[int, str]()
    is_header = bool(found.header)
    try:
        for line, record in records_of(path, found, blank_rows=len(names) == 1):
            if is_header:
                is_header = False
                continue
            row = record or [""]
            if len(row) != len(names):
                many = f"{len(row)} {'field' if len(row) == 1 else 'fields'}"
                bad[line] = f"has {many} where the header has {len(names)}"
                continue
            lines.append(line)
            waiting.append(row)
            if len(waiting) == AT_ONCE:
                batches.append(_batch(waiting, names, found))
                waiting = []
    except csv.Error as error:
        raise FileUnreadable(f"{shown(path)} cannot be read: {error}.", "Save it as UTF-8.") from error
    batches.append(_batch(waiting, names, found))
    first = list(bad)[:BAD_ROWS_KEPT]
    texts = texts_at(path, found, first, ENDLESS) if first else {}
    kept = tuple(BadRow(line, None, bad[line], cut(texts.get(line, ""))) for line in first)
    return _Parsed(pa.Table.from_batches(batches), lines, Broken(len(bad), kept, frozenset(bad)), found)


def _require_text(path: Path) -> None:
    """Raises FileUnreadable where the bytes are no UTF-16: what is none would be read as another letter."""
    decoder, line = codecs.getincrementaldecoder("utf-16-be")(), 1
    with unpacked(path) as stream:
        while True:
            chunk = stream.read(_CHUNK)
            try:
                line += decoder.decode(chunk, final=not chunk).count("\n")
            except UnicodeDecodeError as error:
                raise not_encoded(path, line + chunk[: error.start].count(b"\0\n")) from error
            if not chunk:
                return


def _batch(rows: Sequence[Sequence[str]], names: Sequence[str], options: ReadOptions) -> pa.RecordBatch:
    missing = frozenset(options.missing)
    columns = [[None if row[place] in missing else row[place] for row in rows] for place in range(len(names))]
    return pa.RecordBatch.from_arrays([pa.array(column, pa.large_string()) for column in columns], names=list(names))
