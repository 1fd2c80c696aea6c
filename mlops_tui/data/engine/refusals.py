"""One clear sentence for each way in which a file can fail to be read."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from mlops_tui.core.errors import FileUnreadable

_PATTERN_CHARACTERS = set("*?[")
_VALUE = re.compile(r'Could not convert string "(.*)" to', re.DOTALL)
_COUNTS = re.compile(r"Expected Number of Columns: (\d+) Found: (\d+)")


def escaped(text: str) -> str:
    """The text with its control characters written out, so that no file can draw on a terminal."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def shown(path: Path) -> str:
    """A file's name as sentences say it."""
    return escaped(path.name)


def require_file(path: Path) -> None:
    """Raise FileUnreadable unless there is a file with content that may be opened."""
    name = shown(path)
    if not path.exists():
        raise FileUnreadable(f"{name} does not exist.", f"Look for it in {escaped(str(path.parent))}.")
    if not path.is_file():
        raise FileUnreadable(f"{name} is not a file.", "Name one data file.")
    if not os.access(path, os.R_OK):
        raise FileUnreadable(f"{name} may not be read by this user.", "Give yourself permission with chmod u+r.")
    if path.stat().st_size == 0:
        raise FileUnreadable(f"{name} is empty.", "Write a header and at least one row.")
    if _PATTERN_CHARACTERS & set(str(path)):
        raise FileUnreadable(f"{name} has *, ? or [ in its path, which reads as a pattern.", "Rename it.")


def mark_of(path: Path) -> tuple[int, int, int, int]:
    """What moves where a file is written to or replaced. Raises OSError where it is gone."""
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


@contextmanager
def unchanged(path: Path) -> Iterator[None]:
    """Raise FileUnreadable where the file was written to or replaced between entry and exit."""
    before = mark_of(path)
    trouble: FileUnreadable | None = None
    try:
        yield
    except FileUnreadable as error:  # a file in motion reads as a broken one: the motion is what to say
        trouble = error
    try:
        moved = mark_of(path) != before
    except FileNotFoundError:
        moved = True
    if moved:
        raise FileUnreadable(f"{shown(path)} changed while it was read.", "Read it again once nothing writes to it.")
    if trouble:
        raise trouble


def rejected(path: Path, first: dict[str, object], count: int) -> FileUnreadable:
    """The error of a file's first bad line, from DuckDB's table of rejects; `count` lines are bad in all."""
    line, column = int(str(first["line"])), first["column_name"]
    label = escaped(str(column)) if column is not None else None
    message, found = str(first["error_message"]), str(first["error_type"])
    where = f"{shown(path)}, line {line:,}"
    if counts := _COUNTS.search(message):
        fault = f"has {counts[2]} {'field' if counts[2] == '1' else 'fields'} where the header has {counts[1]}"
    elif found == "CAST" and (value := _VALUE.search(message)):
        fault = f"has {escaped(value[1])[:40]!r} in column {label}, which does not fit the column's kind"
    elif found == "INVALID ENCODING":
        return not_encoded(path, line)
    elif found == "LINE SIZE OVER MAXIMUM":
        fault = "is longer than 2 MB"
    elif found == "UNQUOTED VALUE":
        fault = f"has a quotation mark that is not closed in column {label}"
    else:
        fault = f"cannot be read: {_first_line(message)}"
    others = f", and {count - 1:,} more {'line is' if count == 2 else 'lines are'} bad" if count > 1 else ""
    remedy = "Mend the file; no row of it was used."
    name = None if column is None or counts else str(column)
    return FileUnreadable(f"{where} {fault}{others}.", remedy, row=line, column=name)


def not_encoded(path: Path, line: int | None = None) -> FileUnreadable:
    """The error of a file whose bytes are not the encoding that it is read with."""
    where = f"{shown(path)}, line {line:,}," if line else shown(path)
    return FileUnreadable(
        f"{where} is not text in the encoding it is read with.",
        "Set the source's encoding (latin-1 for most old files), or save the file as UTF-8.",
        row=line,
    )


def _first_line(message: str) -> str:
    """The first line of the engine's message that says what is wrong, not where."""
    plain = re.sub(r"^[A-Za-z ]+ Error: ", "", message.strip())
    said = [line for line in plain.splitlines() if line and not line.startswith(("CSV Error on", "Original Line"))]
    return escaped((said or ["no reason given"])[0]).rstrip(".")[:200]


def _diagnosed(path: Path, message: str) -> FileUnreadable:
    """Look at the file's first bytes for what the engine could not say."""
    name, lower = shown(path), message.lower()
    with path.open("rb") as file:
        head = file.read(65536)
    if path.suffix == ".parquet":
        return FileUnreadable(f"{name} is not a whole Parquet file.", "Write it again; its end may be missing.")
    if path.suffix in (".gz", ".zst"):
        return FileUnreadable(
            f"{name} cannot be unpacked, or is no table: {_first_line(message)}.",
            "Compress it again; its end may be missing.",
        )
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return FileUnreadable(f"{name} is not a text file.", "Give a CSV or a Parquet file with the matching ending.")
    if "not utf-8 encoded" in lower or "byte sequence mismatch" in lower:
        found = re.search(r"on Line: (\d+)", message)
        return not_encoded(path, int(found[1]) if found else None)
    if 0 < head.count(b"\r\n") < head.count(b"\n"):
        return FileUnreadable(
            f"{name} mixes two kinds of line ending.", "Save it with one kind, for example by dos2unix."
        )
    if head.count(b'"') % 2 and len(head) < 65536:
        return FileUnreadable(f"{name} has a quotation mark that is not closed.", "Close or double it.")
    return FileUnreadable(
        f"{name} cannot be read: {_first_line(message)}.", "Check that it is a CSV file with a header."
    )


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn DuckDB's errors about a file into FileUnreadable."""
    try:
        yield
    except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException):
        raise  # a fault of a query, not of the file
    except (duckdb.Error, UnicodeDecodeError) as error:
        raise _diagnosed(path, str(error)) from error
    except MemoryError as error:
        raise FileUnreadable(f"{shown(path)} does not fit into memory.", "Split it into several files.") from error
