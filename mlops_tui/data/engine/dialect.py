"""The dialect of a CSV file: what was told of it, and the rest sniffed from its first rows."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

import duckdb

from mlops_tui.core.errors import FileUnreadable
from mlops_tui.data.engine.casting import TEXT, kept_type, literal, path_literal, quoted
from mlops_tui.data.engine.lines import (
    HEAD,
    PACKED,
    pass_skipped,
    records_of,
    text_of,
    unreadable_line,
    wrong_quote,
)
from mlops_tui.data.engine.preamble import lines_above, with_skipped
from mlops_tui.data.engine.refusals import (
    escaped,
    not_text,
    otherwise_encoded,
    require_no_archive,
    shown,
    wrongly_quoted,
)
from mlops_tui.data.engine.surplus import has_surplus
from mlops_tui.data.options import ReadOptions

REJECTS_KEPT = 100_000
"""A file with so many bad rows is not read at all."""

LONGEST_LINE = 2_000_000
"""Bytes, the engine's own limit."""

ENDLESS = 1 << 24
"""Bytes of a line from which the file is refused: the engine loses those beyond its buffer without a word."""

_LOOKED_AT = 100
"""So many rows below the header tell whether each has a field more than that."""

_MANY_COLUMNS = 500
"""Of more columns the engine takes long to plan what makes fields missing ones."""

_NEVER = "\x01no field is this\x02"

_QUOTE, _SINGLE = '"', "'"
_COMMENT = "#"
_TOGETHER = re.compile(rb"[\xc3-\xf4][\x80-\xbf]")
"""Two bytes of one letter in UTF-8; hardly ever two letters of latin-1, whose second would be a sign or a control."""
_WINDOWS = re.compile(rb"[\x80-\x9f]")
_DELIMITERS = b",;\t|"
_WIDE = codecs.BOM_UTF16_LE


def _named(options: ReadOptions, path: Path) -> list[str]:
    """The arguments of `read_csv` that are never left to the sniffer, which would skip or pad lines unasked."""
    compression = PACKED.get(path.suffix.lower(), "none")
    fixed = [f"quote={literal(options.quote)}", f"escape={literal(options.escape if options.quote else '')}"]
    fixed += [f"comment={literal(options.comment or '')}", f"skip={lines_above(path, options)}"]
    fixed += ["hive_partitioning=false"]
    fixed += [f"compression='{compression}'", f"nullstr=[{', '.join(map(literal, options.missing or (_NEVER,)))}]"]
    chosen = {
        "delim": options.delimiter,
        "encoding": options.encoding,
        "decimal_separator": options.decimal,
        "dateformat": options.date_format,
        "timestampformat": options.timestamp_format,
    }
    fixed += [f"{name}={literal(value)}" for name, value in chosen.items() if value is not None]
    return fixed if options.header is None else [*fixed, f"header={str(options.header).lower()}"]


def csv_sql(path: Path, options: ReadOptions, names: Iterable[str], *extra: str) -> str:
    """A `read_csv(…)` that names every column, reads it as text and sniffs nothing."""
    names = list(names)
    plain = replace(options, decimal=None, date_format=None, timestamp_format=None)
    # the engine leaves out a field too many where it is one of its missing ones, and a line without any field where none is
    plainly = not options.missing or (
        (len(names) == 1 or len(names) > _MANY_COLUMNS) and not has_surplus(path, options, len(names))
    )
    if not plainly and len(names) == 1 and "" in options.missing:
        _require_no_blank_rows(path, options)
    columns = ", ".join(f"{literal(name)}: '{TEXT}'" for name in names)
    named = _named(plain if plainly else replace(plain, missing=(_NEVER,)), path)
    arguments = [path_literal(path), "auto_detect=false", f"columns={{{columns}}}", *named, *extra]
    sql = f"read_csv({', '.join(arguments)})"
    return sql if plainly else f"(SELECT {', '.join(_present(options, names))} FROM {sql})"


def _require_no_blank_rows(path: Path, options: ReadOptions) -> None:
    """Raises FileUnreadable where a file of one column has an empty line, which is a row there, beside a row with a field too
    many: the engine tells of one of the two only.
    """
    surplus = blank = 0
    for line, record in records_of(path, options, blank_rows=True):
        surplus = surplus or (line if len(record) > 1 else 0)
        blank = blank or (0 if record else line)
        if surplus and blank:
            raise FileUnreadable(
                f"{shown(path)}, line {surplus:,} has a field too many, and line {blank:,} is empty.",
                "Take either out; no row of it was used.",
                row=surplus,
            )


def _present(options: ReadOptions, names: Iterable[str]) -> Iterator[str]:
    """The fields of a row, NULL where they are missing ones."""
    among = ", ".join(map(literal, options.missing))
    for name in map(quoted, names):
        is_one = len(options.missing) == 1
        yield f"{f'nullif({name}, {among})' if is_one else f'CASE WHEN {name} NOT IN ({among}) THEN {name} END'} AS {name}"


def recording(most: int) -> str:
    """The argument that leaves bad rows out and records so many of them.

    Without recording the engine also leaves out good rows after a bad quotation mark.
    """
    return f"store_rejects=true, rejects_limit={most}"


def told_dialect(path: Path, options: ReadOptions, head: bytes) -> ReadOptions:
    """The options with encoding and comments told by the file's first bytes, which the sniffer is not asked for.

    Raises FileUnreadable.
    """
    require_no_archive(path, head)
    encoding = options.encoding or _encoding_of(path, head)
    _require_width(path, encoding, head)
    if encoding == "utf-8" and b"\0" in head:
        raise not_text(path, head.count(b"\n", 0, head.index(b"\0")) + 1)
    if len(head) < HEAD and not head.decode(encoding, "replace").strip("\ufeff \t\r\n\v\f"):
        raise FileUnreadable(f"{shown(path)} is empty: it holds nothing but blanks.", "Write a header and rows.")
    found = with_skipped(replace(options, encoding=encoding), head)
    below = b"".join(head.splitlines(keepends=True)[found.skip :]) if found.skip and encoding != "utf-16" else head
    if found.delimiter is None and found.quote == _QUOTE and _has_single_quotes(below.decode(encoding, "replace")):
        found = replace(found, quote=_SINGLE, escape=_SINGLE)
    if found.comment is None:
        found = replace(found, comment=_comment_in(below) if encoding != "utf-16" else "")
    return found


def _has_single_quotes(head: str) -> bool:
    """Whether values stand clearly in single quotation marks: each one that opens a field closes one, in half of the lines or
    around a delimiter, and there is no other quotation mark.
    """
    if _QUOTE in head or _SINGLE not in head:
        return False
    whole = head[: head.rfind("\n") + 1]
    for mark in map(chr, _DELIMITERS):
        delimiter = re.escape(mark)
        opened = len(re.findall(f"(?:^|{delimiter})'", whole, re.MULTILINE))
        values = re.findall(f"(?:^|{delimiter})'((?:[^']|'')*)'(?={delimiter}|\\r?$)", whole, re.MULTILINE)
        many = 2 * len(values) >= whole.count("\n") and whole.count(mark) > 0
        if len(values) > 1 and opened == len(values) and (many or any(mark in value for value in values)):
            return True
    return False


def require_readable_lines(path: Path, options: ReadOptions) -> None:
    """Raises FileUnreadable where a line is endless, has a NUL, or the mark of a comment in a value.

    What is packed is unpacked for it as a whole, so that this is asked once of a content.
    """
    line, has_nul = unreadable_line(path, ENDLESS, may_have_nul=options.encoding == "utf-16") or (0, False)
    if has_nul:
        raise not_text(path, line)
    if line:
        raise FileUnreadable(
            f"{shown(path)}, line {line:,} is longer than {ENDLESS >> 20} MB.",
            "Look for line ends that are missing; no row of it was used.",
            row=line,
        )
    if options.comment:
        _require_whole_lines(path, options)


def sniff(con: duckdb.DuckDBPyConnection, path: Path, options: ReadOptions) -> tuple[ReadOptions, list[str]]:
    """The options with nothing left open that tells rows from one another, and the types of the columns in the sample.

    Where the sniffer gives up, a plain dialect is tried, and no type is known. Raises FileUnreadable.
    """
    try:
        found, names, types = _sniff_once(con, path, options)
    except duckdb.InvalidInputException:
        return plain_dialect(path, options), []
    if options.decimal is None and found.delimiter != ",":
        comma, _, others = _sniff_once(con, path, replace(found, decimal=","))
        if others.count("DOUBLE") > types.count("DOUBLE"):
            found, types = comma, others
    if options.delimiter is None and len(names) == 1 and any(mark in names[0] for mark in ",;|\t"):
        if options.quote and (wrong := wrong_quote(path, plain_dialect(path, options), ENDLESS)):
            raise wrongly_quoted(path, *wrong)
        raise FileUnreadable(
            f"{shown(path)} has rows that do not fit its header ({escaped(names[0])[:60]}).",
            "Look for a quotation mark that is not closed, or say how it is read (data options --delimiter, or --skip where"
            " lines stand above the table).",
        )
    return replace(found, decimal=found.decimal or "."), types


def _sniff_once(
    con: duckdb.DuckDBPyConnection, path: Path, options: ReadOptions
) -> tuple[ReadOptions, list[str], list[str]]:
    # ignore_errors: else a file with one ragged row is sniffed as one column with an unlikely delimiter
    arguments = ", ".join([path_literal(path), "ignore_errors=true", *_named(options, path)])
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
    return found, [column["name"] for column in columns], [kept_type(column["type"]) for column in columns]


def plain_dialect(path: Path, options: ReadOptions) -> ReadOptions:
    """A header, and the delimiter that its line has most of."""
    with text_of(path, options.encoding) as text:
        pass_skipped(text, options)
        line = next((line for line in iter(partial(text.readline, LONGEST_LINE), "") if line.strip()), "")
    delimiter = options.delimiter or max((chr(mark) for mark in _DELIMITERS), key=line.count)
    header = True if options.header is None else options.header
    return replace(options, delimiter=delimiter, header=header, decimal=options.decimal or ".")


def names_of(path: Path, options: ReadOptions) -> list[str]:
    """The names of the columns: the header's, `column0` and so on where it has none. Raises FileUnreadable."""
    (line, first), *rows = list(islice(records_of(path, options), 1 + _LOOKED_AT)) or [(1, [])]
    others = [row for _, row in rows]
    if sum(map(len, first)) > LONGEST_LINE:
        raise FileUnreadable(
            f"{shown(path)}, line {line:,} is longer than 2 MB.", "Check that it is a CSV file with a header."
        )
    found = first if options.header else [""] * len(first)
    if options.header and others and all(len(row) == len(first) + 1 and not row[-1] for row in others):
        found = [*found, ""]  # a delimiter at each row's end, which the header lacks
    names = [name or f"column{place}" for place, name in enumerate(found)]
    require_distinct(path, names, line=line)
    return names


def _encoding_of(path: Path, head: bytes) -> str:
    """UTF-16 by its mark, or a NUL in every other byte of a first line; latin-1 where letters beyond ASCII stand alone, as they never do in UTF-8. Raises FileUnreadable."""
    if head.startswith(_WIDE) or is_wide(head):
        return "utf-16"
    try:
        head[: head.rfind(b"\n") + 1].decode()
    except UnicodeDecodeError:
        if _TOGETHER.search(head) or b"\0" in head:  # UTF-8 with a broken byte, or no text at all
            return "utf-8"
        if _WINDOWS.search(head):
            raise FileUnreadable(
                f"{shown(path)} is in an encoding of Windows (cp1252), which cannot be read.", "Save it as UTF-8."
            ) from None
        return "latin-1"
    return "utf-8"


def _require_width(path: Path, encoding: str, head: bytes) -> None:
    """Raises FileUnreadable where a file of UTF-16 is to be read otherwise, or one of another encoding as UTF-16."""
    seems = "utf-16" if _is_utf16(head) else encoding
    if encoding == "utf-16" and head and b"\0" not in head:  # a delimiter or a line's end alone would have one
        seems = _encoding_of(path, head)
    if seems != encoding:
        raise otherwise_encoded(path, seems, encoding)


def _is_utf16(head: bytes) -> bool:
    return head.startswith((_WIDE, codecs.BOM_UTF16_BE)) or is_wide(head) or (head[:1] == b"\0" and is_wide(head[1:]))


def is_wide(head: bytes) -> bool:
    """Whether each second byte of what is mostly ASCII is a NUL, and no other one."""
    low, high = head[:200:2], head[1:200:2]
    return len(high) > 1 and b"\0" not in low and high.count(0) > len(high) / 2


def _comment_in(head: bytes) -> str:
    """`#` where the file begins with lines of it that are no header; else nothing begins a comment."""
    mark = _COMMENT.encode()
    lines = [line for line in head.removeprefix(b"\xef\xbb\xbf").splitlines() if line.strip()]
    if not lines or not lines[0].startswith(mark):
        return ""
    below = next((line for line in lines if not line.startswith(mark)), b"")
    for delimiter in _DELIMITERS:
        count = lines[0].count(delimiter)
        if count and count == below.count(delimiter):
            return ""
    return "" if lines[0].lstrip(mark).strip().isalnum() and below.isalnum() else _COMMENT


def _require_whole_lines(path: Path, options: ReadOptions) -> None:
    """Raises FileUnreadable where the mark of a comment stands inside a line: the engine would cut the value there."""
    mark, quote = options.comment or "", re.escape(options.quote)
    inside = re.compile(f"{quote}[^{quote}]*{quote}") if quote else None
    with text_of(path, options.encoding) as text:
        for number, line in enumerate(text, pass_skipped(text, options) + 1):
            if mark in line and not line.lstrip().startswith(mark):
                bare = inside.sub("", line) if inside else line
                if mark in bare:
                    raise FileUnreadable(
                        f"{shown(path)}, line {number:,} has {mark} inside a value, and {mark} begins a comment.",
                        "Put the value in quotation marks, or say that there are no comments: --comment ''.",
                        row=number,
                    )


def require_distinct(path: Path, names: Iterable[str], *, line: int | None = None) -> None:
    """Raise FileUnreadable where two columns have one name, as the header in that line says; the engine does not tell `a`
    from `A`.
    """
    seen: dict[str, str] = {}
    for name in names:
        if name.casefold() in seen:
            pair = f"{escaped(seen[name.casefold()])} and {escaped(name)}"
            raise FileUnreadable(
                f"{shown(path)} has two columns of one name ({pair}).",
                "Rename one; upper and lower case count as alike.",
                check="columns",
                row=line,
                column=name,
            )
        seen[name.casefold()] = name
