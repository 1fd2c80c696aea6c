"""Lines of a text file as an editor counts them, whatever it is packed and encoded with."""

from __future__ import annotations

import codecs
import csv
import io
import mmap
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pyarrow as pa

from mlops_tui.data.options import ReadOptions

PACKED = {".gz": "gzip", ".zst": "zstd"}
"""What a last ending says of how a file is packed."""

HEAD = 1 << 16
"""So many of a file's first bytes tell what it is."""

_CHUNK = 1 << 20
_MARK = codecs.BOM_UTF8


@contextmanager
def unpacked(path: Path) -> Iterator[Any]:
    """The file's bytes, unpacked where its ending says that it is packed."""
    with pa.input_stream(str(path), compression=PACKED.get(path.suffix.lower()), buffer_size=_CHUNK) as stream:
        yield stream


def head_of(path: Path, size: int = HEAD) -> bytes:
    """The first bytes, unpacked. Raises OSError where they cannot be."""
    with unpacked(path) as stream:
        return cast("bytes", stream.read(size))


@contextmanager
def text_of(path: Path, encoding: str | None) -> Iterator[io.TextIOWrapper]:
    """The file's text; line breaks as they are, what is no text of that encoding replaced."""
    with (
        unpacked(path) as stream,
        io.TextIOWrapper(stream, encoding=_codec(path, encoding), errors="replace", newline="") as text,
    ):
        yield text


def pass_skipped(text: io.TextIOWrapper, options: ReadOptions) -> int:
    """Passes over the lines above the table; returns how many there are."""
    above = options.skip or 0
    for _ in range(above):
        text.readline()
    return above


def _codec(path: Path, encoding: str | None) -> str:
    """What the encoding is called here; UTF-16 without a mark is read as the engine reads it."""
    if encoding is None or encoding == "utf-8":
        return "utf-8-sig"
    if encoding != "utf-16":
        return encoding
    head = head_of(path, 2)
    if head in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return encoding
    return "utf-16-be" if head[:1] == b"\0" else "utf-16-le"


def is_ascii(path: Path) -> bool:
    """Whether a file that is not packed has no byte beyond ASCII, which is told much sooner than texts are checked."""
    if path.suffix.lower() in PACKED:
        return False
    with path.open("rb") as file:
        return all(chunk.isascii() for chunk in iter(lambda: file.read(_CHUNK), b""))


def unreadable_line(path: Path, longest: int, *, may_have_nul: bool) -> tuple[int, bool] | None:
    """The number of a line of so many bytes or more (up to twice that many), or of one with a NUL where there may be none, and
    whether it is that; None where there is neither.
    """
    if path.suffix.lower() in PACKED:
        return _unreadable_packed(path, longest, may_have_nul)
    if line := _endless(path, longest):
        return line, False
    line = None if may_have_nul else _line_of_nul(path)
    return (line, True) if line else None


def _line_of_nul(path: Path) -> int | None:
    with path.open("rb") as file:
        place = 0
        while chunk := file.read(_CHUNK):
            if b"\0" in chunk:
                place += chunk.index(b"\0")
                break
            place += len(chunk)
        else:
            return None
        file.seek(0)
        line = 1
        while place > 0:
            chunk = file.read(min(place, _CHUNK))
            line += chunk.count(b"\n")
            place -= len(chunk)
    return line


def _endless(path: Path, longest: int) -> int | None:
    """Little is read: in each stretch the first line's end is enough."""
    if path.stat().st_size < longest:
        return None
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for start in range(0, len(data) - longest + 1, longest):
            if data.find(b"\n", start, start + longest) < 0 and data.find(b"\r", start, start + longest) < 0:
                return 1 + sum(
                    data[place : min(place + _CHUNK, start)].count(b"\n") for place in range(0, start, _CHUNK)
                )
    return None


def _unreadable_packed(path: Path, longest: int, may_have_nul: bool) -> tuple[int, bool] | None:
    line, since = 1, 0
    with unpacked(path) as stream:
        while chunk := stream.read(_CHUNK):
            if not may_have_nul and b"\0" in chunk:
                return line + chunk.count(b"\n", 0, chunk.index(b"\0")), True
            last = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
            line += chunk.count(b"\n")
            since = since + len(chunk) if last < 0 else len(chunk) - last
            if since >= longest:
                return line, False
    return None


def lines_at(path: Path, encoding: str | None, comment: str | None, places: Collection[int]) -> dict[int, int]:
    """The line of the row that begins at each place, by place.

    A place is a byte of the text as UTF-8, counted from 1 and with the mark of UTF-16, as the engine counts. It may lie
    before blank lines, comments and the end of the line above, which are passed over.
    """
    waiting = sorted(places)
    found: dict[int, int] = {}
    codec = _codec(path, encoding)
    seen = 1 + len(_MARK) if codec == "utf-16" else 1
    mark = (comment or "").encode()
    with unpacked(path) as stream:
        for number, line in enumerate(_lines_of(_as_utf8(stream, codec)), 1):
            text = line.rstrip(b"\r\n")
            is_row = bool(text) and not (mark and text.startswith(mark))
            while waiting and is_row and waiting[0] < seen + len(text):
                found[waiting.pop(0)] = number
            if not waiting:
                break
            seen += len(line)
    return found | dict.fromkeys(waiting, 0)


def _lines_of(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Lines with their ends; `\r` alone ends one only where there is no `\n` at all in what was read together."""
    rest = b""
    for chunk in chunks:
        whole = rest + chunk
        lines = whole.split(b"\n") if b"\n" in whole else whole.split(b"\r")
        end = b"\n" if b"\n" in whole else b"\r"
        rest = lines.pop()
        yield from (line + end for line in lines)
    if rest:
        yield rest


def _as_utf8(stream: Any, codec: str) -> Iterator[bytes]:
    decoder = None if codec == "utf-8-sig" else codecs.getincrementaldecoder(codec)("replace")
    while chunk := stream.read(_CHUNK):
        yield chunk if decoder is None else decoder.decode(chunk).encode()


def lines_of_rows(
    path: Path, options: ReadOptions, rows: Sequence[int], bad_lines: Collection[int] = (), *, blank_rows: bool = False
) -> list[int]:
    """The lines that those rows of a CSV file begin in; rows are counted from 1, the header and bad lines aside.

    With `blank_rows` an empty line is a row too, as it is where there is one column. 0 where a row is not found.
    """
    wanted, found = sorted(set(rows)), {}
    bad = set(bad_lines)
    with text_of(path, options.encoding) as text:
        records = _records(text, options, blank_rows, pass_skipped(text, options))
        number = -1 if options.header else 0
        for line, is_row in records:
            if not wanted:
                break
            if line in bad or not is_row:
                continue
            number += 1
            if number == wanted[0]:
                found[wanted.pop(0)] = line
    return [found.get(row, 0) for row in rows]


def texts_at(path: Path, options: ReadOptions, lines: Collection[int], longest: int) -> dict[int, str]:
    """The rows of a CSV file that begin in those lines, as they stand there without the last line's end, by line."""
    wanted, found, record = set(lines), dict[int, str](), list[str]()
    with text_of(path, options.encoding) as text:
        above = pass_skipped(text, options)
        reader = csv_reader(_noted(text, record, longest), options)
        line = above + 1
        for _ in reader:
            if line in wanted:
                found[line] = "".join(record).rstrip("\r\n")
            if len(found) == len(wanted):
                break
            line = above + reader.line_num + 1
            record.clear()
    return found


def records_of(path: Path, options: ReadOptions, *, blank_rows: bool = False) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV file, the header too if it has one: the line that each begins in, and its fields."""
    with text_of(path, options.encoding) as text:
        above = pass_skipped(text, options)
        reader = csv_reader(text, options)
        line = above + 1
        for record in reader:
            if (blank_rows or record) and not _is_comment(record, options):
                yield line, record
            line = above + reader.line_num + 1


def field_too_many(path: Path, options: ReadOptions, columns: int) -> bool:
    """Whether a row of a CSV file has a field beyond so many, and the first of those is a missing one."""
    with text_of(path, options.encoding) as text:
        pass_skipped(text, options)
        return any(len(row) > columns and row[columns] in options.missing for row in csv_reader(text, options))


def wrong_quote(path: Path, options: ReadOptions, longest: int) -> tuple[int, str | None, str] | None:
    """The line and the column of the first quotation mark that is wrong, and what is wrong: that it is not closed, up to the
    file's end or for so many characters, or that text stands behind the one that closes it. None where none is wrong.
    """
    header = list[str]()
    with text_of(path, options.encoding) as text:
        record = list[str]()
        above = pass_skipped(text, options)
        reader = csv_reader(_noted(text, record, longest), options, strict=True)
        while True:
            record.clear()
            line = above + reader.line_num + 1
            try:
                fields = next(reader)
                header = header or fields
            except StopIteration:
                return None
            except csv.Error:
                if found := _wrong_in("".join(record), options):
                    place, field, what = found
                    name = header[field] if field < len(header) else None
                    return line + "".join(record).count("\n", 0, place), name, what


def _noted(text: Iterable[str], record: list[str], longest: int) -> Iterator[str]:
    """The lines, each noted in `record`; they end where it is too long."""
    held = 0
    for line in text:
        held = held + len(line) if record else len(line)
        record.append(line)
        yield line
        if held > longest:
            return


def _wrong_in(record: str, options: ReadOptions) -> tuple[int, int, str] | None:
    """Where the wrong quotation mark of a record opens, in which field, and what is wrong."""
    quote, delimiter = options.quote, options.delimiter or ","
    place = field = 0
    while place < len(record):
        if record.startswith(quote, place):
            opened = place
            place = record.find(quote, place + 1)
            while place >= 0 and record.startswith(quote, place + 1):
                place = record.find(quote, place + 2)
            if place < 0:
                return opened, field, "has a quotation mark that is not closed"
            if not record[place + 1 :].lstrip(" ").startswith((delimiter, "\r", "\n")) and record[place + 1 :].strip():
                return opened, field, "has text behind a value in quotation marks"
        place = record.find(delimiter, place)
        if place < 0:
            return None
        place, field = place + len(delimiter), field + 1
    return None


def _records(text: io.TextIOWrapper, options: ReadOptions, blank_rows: bool, above: int) -> Iterator[tuple[int, bool]]:
    """The line that each record begins in, and whether it is one of the table."""
    reader = csv_reader(text, options)
    line = above + 1
    for record in reader:
        yield line, (blank_rows or bool(record)) and not _is_comment(record, options)
        line = above + reader.line_num + 1


def csv_reader(text: Iterable[str], options: ReadOptions, *, strict: bool = False) -> Any:
    """A reader of the texts' records; with `strict` it raises csv.Error where a quotation mark is wrong."""
    csv.field_size_limit(1 << 30)
    escape = options.escape if options.escape and options.escape != options.quote else None
    return csv.reader(
        (line.replace("\0", " ") for line in text),
        delimiter=options.delimiter or ",",
        quotechar=options.quote or None,
        quoting=csv.QUOTE_MINIMAL if options.quote else csv.QUOTE_NONE,
        escapechar=escape,
        doublequote=escape is None,
        strict=strict,
    )


def _is_comment(record: Sequence[str], options: ReadOptions) -> bool:
    return bool(options.comment and record and record[0].startswith(options.comment))
