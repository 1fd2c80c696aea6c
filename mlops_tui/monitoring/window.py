"""Windows: which rows of a source are meant, in a word that a person can type, and what such a word comes to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.model import TRAINING, ProfileBlock, Source, SourceFile
from mlops_tui.monitoring.period import read_period

VERSION, FILE, LAST, DATES, ROWS = "version", "file", "last", "dates", "rows"
ROLLING, SEASON = "rolling", "season"
MOVING = frozenset({ROLLING, SEASON})
"""Windows that depend on the current one: they are references only."""

ONE_FILE, WINDOW = "file", "window"
"""Units of a window: one whole file, and what is neither that nor a chunk of a history."""

LONGEST = 9
"""No number in a window has more digits."""

_VERSION = re.compile(r"v?(\d+)", re.IGNORECASE)
_LAST = re.compile(r"last:(.*)", re.IGNORECASE)
_SINCE = re.compile(r"since:(.*)", re.IGNORECASE)
_BETWEEN = re.compile(r"(\d{4}-.*?)\.\.(\d{4}-.*)")
_PERIOD = re.compile(r"period:(.*)", re.IGNORECASE)
_ROWS = re.compile(r"rows:(.*)", re.IGNORECASE)
_ROLLING = re.compile(r"rolling:(.*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Window:
    """What a person asked for, not yet looked up.

    `kind` is training, version, file, last, dates, rows, rolling or season; `text` the words that name it. `number` is the
    version, how many files, or (of rows) the first one; `upto` the last row. `first` and `last` are the days that a
    window of dates begins and ends with (`last` None: it is open), `days` how many a rolling one has, and `unit` that of
    a period.
    """

    kind: str
    text: str
    number: int | None = None
    first: date | None = None
    last: date | None = None
    upto: int | None = None
    days: int | None = None
    unit: str = WINDOW


@dataclass(frozen=True, slots=True)
class Rows:
    """A window looked up: files of one source, in training order; `label` names it in reports.

    `parts` has, by a file's id, the blocks that are meant of a file that is not meant whole. `unit` is file, a period's, rows
    or window; `place` orders the windows of one unit, by arrival or by the calendar. `notes` are sentences about it.
    """

    source: Source
    label: str
    files: tuple[SourceFile, ...]
    parts: Mapping[str, tuple[ProfileBlock, ...]] = field(default_factory=dict)
    unit: str = WINDOW
    place: str = ""
    notes: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many rows it has."""
        return sum(self._rows_of(file) for file in self.files)

    @property
    def together(self) -> float:
        """The share of its rows that a row has its file in common with, in the mean: 1 of one file, a tenth of ten equal ones."""
        rows = [self._rows_of(file) for file in self.files]
        whole = sum(rows)
        return sum(count * count for count in rows) / (whole * whole) if whole else 1.0

    def _rows_of(self, file: SourceFile) -> int:
        part = self.parts.get(file.id)
        return file.rows or 0 if part is None else sum(block.rows for block in part)

    def has(self, file_id: str, block: int) -> bool:
        """Whether that block of that file is in it."""
        part = self.parts.get(file_id)
        return any(one.block == block for one in part) if part is not None else any(f.id == file_id for f in self.files)

    def is_same_as(self, other: Rows) -> bool:
        """Whether both are the same rows."""
        return self.source.id == other.source.id and self._members() == other._members()

    def _members(self) -> dict[str, tuple[int, ...] | None]:
        blocks = {file_id: tuple(one.block for one in part) for file_id, part in self.parts.items()}
        return {file.id: blocks.get(file.id) for file in self.files}


def parse(text: str) -> Window:
    """The window that `W` means: `training`, `v3` or `3`, `last:N`, `since:DATE`, `DATE..DATE`, `period:P`, `rows:A..B`,
    `rolling:N`, `rolling:30d`, `season`, else a tag or a file's name.

    Dates are written YYYY-MM-DD, periods 2026, 2026-Q1, 2026-03, 2026-W10 or 2026-03-05; both ends belong to the window.

    Raises:
        UsageError: a number or a date that cannot be meant.
    """
    asked = text.strip()
    if not asked:
        raise UsageError("A window needs a name.", "Say training, a version, a file's name, last:N or period:YYYY-MM.")
    if asked.lower() in (TRAINING, SEASON):
        return Window(asked.lower(), asked.lower())
    if found := _VERSION.fullmatch(asked):
        return Window(VERSION, f"v{int(found[1])}", int(found[1]))
    if found := _LAST.fullmatch(asked):
        number = _whole(found[1], asked, "is no window", "Say how many files: last:3.")
        return Window(LAST, f"last:{number}", number)
    if found := _ROLLING.fullmatch(asked):
        return _parse_rolling(found[1], asked)
    if found := _ROWS.fullmatch(asked):
        return _parse_rows(found[1], asked)
    return _parse_dates(asked) or Window(FILE, asked)


def _parse_rolling(text: str, asked: str) -> Window:
    remedy = "Say how many files or days: rolling:3 or rolling:30d."
    if text[-1:] in ("d", "D"):
        days = _whole(text[:-1], asked, "is no rolling window", remedy)
        return Window(ROLLING, f"rolling:{days}d", days=days)
    number = _whole(text, asked, "is no rolling window", remedy)
    return Window(ROLLING, f"rolling:{number}", number)


def _parse_rows(text: str, asked: str) -> Window:
    remedy = "Say the first and the last row: rows:1..10000."
    low, dots, high = text.partition("..")
    first, last = (_whole(part, asked, "is no window of rows", remedy) for part in (low, high if dots else ""))
    if last < first:
        raise UsageError(f"'{printable(asked)}' ends before it begins.", f"Say rows:{last}..{first}.")
    return Window(ROWS, f"rows:{first}..{last}", first, upto=last, unit=ROWS)


def _whole(text: str, asked: str, wrong: str, remedy: str) -> int:
    """A whole number from 1 on; raises UsageError where the text is none."""
    if not (re.fullmatch(r"[0-9]+", text) and len(text) <= LONGEST and int(text) >= 1):
        raise UsageError(f"'{printable(asked)}' {wrong}.", remedy)
    return int(text)


def _parse_dates(asked: str) -> Window | None:
    if found := _SINCE.fullmatch(asked):
        first = _day(found[1], asked)
        return Window(DATES, f"since:{first}", first=first)
    if found := _BETWEEN.fullmatch(asked):
        first, last = _day(found[1], asked), _day(found[2], asked)
        if last < first:
            raise UsageError(f"'{printable(asked)}' ends before it begins.", f"Say {last}..{first}.")
        return Window(DATES, f"{first}..{last}", first=first, last=last)
    if found := _PERIOD.fullmatch(asked):
        return _parse_period(found[1], asked)
    return None


def _parse_period(text: str, asked: str) -> Window:
    try:
        unit, (first, last) = read_period(text)
    except ValueError:
        raise UsageError(
            f"'{printable(asked)}' is no period.",
            "Say a month, or another one: period:2026-03, period:2026, period:2026-Q1, period:2026-W10, period:2026-03-05.",
        ) from None
    return Window(DATES, f"period:{text.upper()}", first=first, last=last, unit=unit)


def _day(text: str, asked: str) -> date:
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise UsageError(f"'{printable(asked)}' has no date in it.", "Write dates as 2026-03-31.")
