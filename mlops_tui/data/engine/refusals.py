"""One clear sentence for each way in which a file can fail to be read."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from math import isinf
from pathlib import Path

import duckdb
import pyarrow as pa

from mlops_tui.core.errors import FileUnreadable
from mlops_tui.data.engine.lines import wrong_quote
from mlops_tui.data.model import BadRow, Rejects
from mlops_tui.data.options import ReadOptions

WHOLE = {".parquet": "Parquet", **dict.fromkeys((".arrow", ".feather", ".ipc"), "Arrow"), ".xlsx": "Excel"}
"""Files that cannot be read at all where a part of them is broken, and what they are called."""

_BINARY = (
    (b"PK\x03\x04", "a zip archive", "Unpack it"),
    (b"PK\x05\x06", "an empty zip archive", "Take it out"),
    (b"\x1f\x8b", "packed with gzip", "End its name in .gz, or unpack it"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd", "End its name in .zst, or unpack it"),
    (b"\xfd7zXZ\x00", "packed with xz", "Unpack it"),
    (b"PAR1\x15", "a Parquet file", "End its name in .parquet"),
    (b"SQLite format 3\x00", "a SQLite database", "Export a table of it as CSV"),
)
"""The first bytes of files that are no text, what they are, and what to do."""

_TIME = "(date-time)"
_KINDS = {
    "BIGINT": "integer",
    "BOOLEAN": "boolean",
    "DOUBLE": "numeric",
    **dict.fromkeys(("DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"), "date-time"),
}
_FIELDS = re.compile(r"^has \d+ fields? where")
_NO_VALUE = re.compile(r"^has '(N/?A|n/?a|#N/?A|NULL|null|None|none|NIL|nil|missing|unknown|-+|\?|\.)' in")
"""Words that say in many files that there is no value."""

ENCODING = "Save it as UTF-8, or say how all files are encoded (data options --encoding latin-1 for most old ones)"
"""What to do about a file that is no text in its encoding, without a full stop."""

_COUNTS = re.compile(r"Expected Number of Columns: (\d+) Found: (\d+)")


class RowsUnreadable(FileUnreadable):
    """A file that holds too many rows that cannot be read, with the first of them."""

    def __init__(self, title: str, remedy: str, rejects: Rejects) -> None:
        first = rejects.first[0]
        super().__init__(title, remedy, row=first.line or None, column=first.column_name)
        self.rejects = rejects


def escaped(text: str) -> str:
    """The text with its control characters written out, so that no file can draw on a terminal."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def shown(path: Path) -> str:
    """A file's name as sentences say it."""
    return escaped(path.name)


def require_file(path: Path) -> None:
    """Raise FileUnreadable unless there is a file with content that may be opened."""
    require_openable(path)
    if path.stat().st_size == 0:
        raise FileUnreadable(f"{shown(path)} is empty.", "Write a header and at least one row.")


def require_openable(path: Path) -> None:
    """Raise FileUnreadable unless there is a file that may be opened."""
    name = shown(path)
    if not path.exists():
        raise FileUnreadable(f"{name} does not exist.", f"Look for it in {escaped(str(path.parent))}.")
    if not path.is_file():
        raise FileUnreadable(f"{name} is not a file.", "Name one data file.")
    if not os.access(path, os.R_OK):
        raise FileUnreadable(f"{name} may not be read by this user.", "Give yourself permission with chmod u+r.")


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


def reason_of(found: str, column: str | None, message: str) -> str:
    """What is wrong with a row, after "line 5": from the engine's kind of error, column and message."""
    if counts := _COUNTS.search(message):
        return f"has {counts[2]} {'field' if counts[2] == '1' else 'fields'} where the header has {counts[1]}"
    if found == "INVALID ENCODING":
        return "is not text in the encoding it is read with"
    if found == "LINE SIZE OVER MAXIMUM":
        return "is longer than 2 MB"
    if found == "UNQUOTED VALUE":
        place = f" in column {escaped(column)}" if column is not None else ""
        return f"has a quotation mark that is not closed{place}"
    return f"cannot be read: {_first_line(message)}"


def misfit_reason(value: str, column: str, wanted: str) -> str:
    """What is wrong with a row that has such a value in a column that is read as the type `wanted`."""
    if wanted == "DOUBLE" and _is_beyond(value):
        return f"has {escaped(value)[:40]!r} in column {escaped(column)}, which is too large for a number of 64 bits"
    kind = f" ({_KINDS[wanted]})" if wanted in _KINDS else ""
    return f"has {escaped(value)[:40]!r} in column {escaped(column)}, which does not fit the column's kind{kind}"


def _shell(word: str) -> str:
    return word if word.isalnum() else f"'{word}'"


def _is_beyond(value: str) -> bool:
    try:
        return isinf(float(value))
    except ValueError:
        return False


def rejected(path: Path, rejects: Rejects, noun: str) -> FileUnreadable:
    """The error of a file by its first bad row."""
    first, count = rejects.first[0], rejects.count
    more = f", and {count - 1:,} more {'row is' if count == 2 else 'rows are'} bad" if count > 1 else ""
    remedy = f"{remedy_of(first)}; no row of it was used."
    where = f"{shown(path)}, {noun} {first.line:,}" if first.line else shown(path)
    return RowsUnreadable(f"{where} {first.reason}{more}.", remedy, rejects)


def remedy_of(row: BadRow) -> str:
    """What to do about a bad row, without a full stop."""
    if row.column_name is not None:
        how = ""
        if row.reason.endswith(_TIME):
            how = ", say how times are written (data options --date-format, --timestamp-format)"
        elif re.search(r"^has '[-+0-9]*,[0-9]+' in", row.reason):
            how = ", say that a comma is the decimal separator (data options --decimal)"
        elif no_value := _NO_VALUE.match(row.reason):
            how = f", say that {no_value[1]} is no value (data options --missing '' --missing {_shell(no_value[1])})"
        return f"Mend the file{how}, or give the column another kind (data schema --kind)"
    if _FIELDS.search(row.reason):
        above = ", or --skip where lines stand above its table" if row.reason.endswith("the header has 1") else ""
        return f"Mend the file, or say how it is read (data options --delimiter, --quote{above})"
    if "in the encoding" in row.reason:
        return ENCODING
    return "Mend the file"


def require_no_archive(path: Path, head: bytes) -> None:
    """Raise FileUnreadable where the first bytes of what should be text are those of an archive or of a packed file."""
    if head.startswith(b"PK\x03\x04") and b"[Content_Types].xml" in head:
        raise FileUnreadable(f"{shown(path)} is an Excel workbook.", "End its name in .xlsx, or save it as CSV.")
    for mark, what, remedy in _BINARY:
        if head.startswith(mark):
            raise FileUnreadable(f"{shown(path)} is {what}.", f"{remedy}; no row of it was used.")


def without_rows(path: Path) -> FileUnreadable:
    """The error of a file that has columns and nothing in them."""
    has = "columns" if path.suffix.lower() in WHOLE else "a header"
    return FileUnreadable(f"{shown(path)} has {has} and no rows.", "Write at least one row.")


def not_text(path: Path, line: int) -> FileUnreadable:
    """The error of a file that is no text and should be: there is a NUL in that line."""
    return FileUnreadable(
        f"{shown(path)} is not a text file: line {line:,} has a NUL character.",
        "Take it out, or give a CSV or a Parquet file with the matching ending.",
        row=line,
    )


def wrongly_quoted(path: Path, line: int, column: str | None, what: str) -> FileUnreadable:
    """The error of a file whose rows cannot be told apart because of a quotation mark."""
    where = f" in column {escaped(column)}" if column is not None else ""
    return FileUnreadable(
        f"{shown(path)}, line {line:,} {what}{where}.",
        "Close or double it; no row of it was used.",
        row=line,
        column=column,
    )


def otherwise_encoded(path: Path, seems: str, wanted: str) -> FileUnreadable:
    """The error of a file that is clearly of another encoding than the one that it is read with."""
    return FileUnreadable(
        f"{shown(path)} is {_said(seems)}, and is read as {_said(wanted)}.",
        f"Save it as {_said(wanted)}, or say how all files are encoded (data options --encoding {seems}); no row of it was used.",
    )


def _said(encoding: str) -> str:
    return encoding.upper() if encoding.startswith("utf") else encoding


def not_encoded(path: Path, line: int | None = None) -> FileUnreadable:
    """The error of a file whose bytes are not the encoding that it is read with."""
    where = f"{shown(path)}, line {line:,}" if line else shown(path)
    return FileUnreadable(
        f"{where} is not text in the encoding it is read with.",
        f"{ENCODING}.",
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
    if not path.exists():
        return FileUnreadable(f"{name} went away while it was read.", "Put it back, or scan its source again.")
    with path.open("rb") as file:
        head = file.read(65536)
    if path.suffix.lower() in WHOLE:
        kind = WHOLE[path.suffix.lower()]
        return FileUnreadable(f"{name} is not a whole {kind} file.", "Write it again; its end may be missing.")
    if path.suffix in (".gz", ".zst"):
        return FileUnreadable(
            f"{name} cannot be unpacked, or is no table: {_first_line(message)}.",
            "Compress it again; its end may be missing.",
        )
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return not_text(path, head.count(b"\n", 0, head.index(b"\0")) + 1)
    if "not utf-8 encoded" in lower or "byte sequence mismatch" in lower:
        found = re.search(r"on Line: (\d+)", message)
        return not_encoded(path, int(found[1]) if found else None)
    if 0 < head.count(b"\r\n") < head.count(b"\n"):
        return FileUnreadable(
            f"{name} mixes two kinds of line ending.", "Save it with one kind, for example by dos2unix."
        )
    if wrong := wrong_quote(path, ReadOptions(), len(head)):
        return wrongly_quoted(path, *wrong)
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
    except (duckdb.Error, pa.ArrowException, UnicodeDecodeError) as error:
        raise _diagnosed(path, str(error)) from error
    except OSError as error:
        if error.errno is not None:
            raise
        raise _diagnosed(path, str(error)) from error  # what is packed cannot be unpacked
    except MemoryError as error:
        raise FileUnreadable(f"{shown(path)} does not fit into memory.", "Split it into several files.") from error
