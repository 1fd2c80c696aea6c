"""The header of a file that lies there already, read without an engine, so that a mistyped column is said at once."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.listing import names_in
from mlops_tui.data.model import LIVE

ENDINGS = (".csv", ".tsv", ".txt")
DELIMITERS = ",;\t|"
LONGEST = 1 << 20
SHOWN = 20


def header_of(place: Path, pattern: str, exclude: Sequence[str] = ()) -> list[str]:
    """The columns of the file, or of the folder's first by name that is plain text and fits the pattern.

    Empty where there is no such file, or where its first line is no plain header: only the scan can tell then.
    """
    if place.is_file():
        first: Path | None = place
    else:
        try:
            found = (place / name for name in names_in(place, pattern, exclude))
            first = min((path for path in found if path.is_file()), default=None)
        except OSError:
            return []
    if first is None or first.suffix not in ENDINGS:
        return []
    try:
        with first.open(encoding="utf-8-sig", newline="") as file:
            line = file.readline(LONGEST)
        if sum(mark in line for mark in DELIMITERS) > 1:
            return []
        delimiter = max(DELIMITERS, key=line.count)
        names = next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except (OSError, UnicodeDecodeError, csv.Error):
        return []
    return names if all(re.search(r"[^\W\d]", name) for name in names) else []  # rows without a header hold numbers


def check_columns_lie_there(
    place: Path, pattern: str, role: str, columns: Mapping[str, str | None], exclude: Sequence[str] = ()
) -> None:
    """Raises UsageError where a file lies there and lacks a named column; `columns` is the column by role.

    A live source need not have the target.
    """
    header = header_of(place, pattern, exclude)
    for given, column in columns.items():
        if header and column is not None and column not in header and not (given == "target" and role == LIVE):
            more = ", …" if len(header) > SHOWN else ""
            names = ", ".join(printable(name) for name in header[:SHOWN])
            raise UsageError(
                f"There is no column '{printable(column)}' to be the {given}.", f"Name one of: {names}{more}."
            )
