"""Checks of a source's files, and their verdicts on what is known of a file without reading it. Pure rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from math import inf, nextafter

from mlops_tui.data.profile import EXACT, NUMERIC_KINDS

WARN, STOP = "warn", "stop"
SEVERITIES = (WARN, STOP)
OPERATORS = ("<", "<=", "=", "!=", ">=", ">")
TOLERATED = 0.01
"""Share of the rows of a file that may be unreadable, where a check does not say."""

Bound = int | float | date | datetime
Value = str | bool | int | float

STOPPING = frozenset({"missing_column", "unreadable", "type"})
"""Kinds that keep a file out where nothing else is said."""


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation of each file of a source.

    `least` and `most` are bounds that still hold: values of a range, rows of a volume, a share of the rows (0 to 1) of
    `missing`, `type` and `unreadable`. `hours` is how long after the last file the next one is overdue. `pattern` is a
    regular expression that a whole value fits; `expression` SQL that is not false in any row.
    """

    kind: str
    severity: str
    column: str | None = None
    least: Bound | None = None
    most: Bound | None = None
    hours: float | None = None
    values: tuple[Value, ...] = ()
    pattern: str | None = None
    operator: str | None = None
    other: str | None = None
    expression: str | None = None

    @property
    def name(self) -> str:
        """What findings call it: its kind, and what it is about."""
        about = self.expression or (f"{self.column} {self.operator} {self.other}" if self.other else self.column)
        return f"{self.kind} {about}" if about else self.kind

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it names."""
        return tuple(column for column in (self.column, self.other) if column is not None)


@dataclass(frozen=True, slots=True)
class ColumnFigures:
    """What a profile tells of a column of a file.

    `finite` is how many finite numbers it has, between `least` and `most` (seconds since 1970 UTC for date-times);
    `values` all its different values as text, None where they were not all counted.
    """

    kind: str
    rows: int
    missing: int
    finite: int = 0
    least: float | None = None
    most: float | None = None
    values: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class FileFigures:
    """What is known of a file without reading it.

    `rows` were read and `bad_rows` could not be; `misfits` is how many of those have a value in a column that does not
    fit its kind, by column. `lacking` are columns of the source that the file has not and should, `absent` all that it has
    not, `unknown` are the other way round.
    """

    name: str
    rows: int
    columns: Mapping[str, ColumnFigures]
    bad_rows: int = 0
    misfits: Mapping[str, int] = field(default_factory=dict)
    lacking: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


def verdict(check: Check, file: FileFigures) -> bool | None:
    """Whether the file holds to the check; None where only its rows can tell.

    A check of a column that the file lacks holds: that it is lacking is another check's matter. Of freshness no file
    says anything.
    """
    if check.kind in _OF_FILES:
        return _OF_FILES[check.kind](check, file)
    column = file.columns.get(check.column) if check.column else None
    if any(name in file.lacking or name in file.absent for name in check.columns) or (check.column and column is None):
        return True
    rule = _OF_COLUMNS.get(check.kind)
    return None if rule is None or column is None else rule(check, column)


def seconds(bound: Bound) -> float:
    """A bound as figures have it: a number, or seconds since 1970 UTC; a time without a zone is meant in UTC. An `int`
    stays one, since a float has not every large one.
    """
    if isinstance(bound, datetime):
        return (bound if bound.tzinfo else bound.replace(tzinfo=UTC)).timestamp()
    if isinstance(bound, date):
        return datetime.combine(bound, time(), UTC).timestamp()
    return bound


def as_text(value: Value) -> str:
    """A value as figures have it: booleans in small letters."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def texts_of(value: Value) -> frozenset[str]:
    """The texts that a value of a list stands for in a column of texts: 866.0 for 866 too, as a file may have it."""
    text = as_text(value)
    return frozenset((text, text.removesuffix(".0"))) if isinstance(value, float) else frozenset((text,))


def _holds_type(check: Check, file: FileFigures) -> bool:
    there = max(file.rows + file.bad_rows, 1)
    counted = [file.misfits.get(check.column, 0)] if check.column else list(file.misfits.values())
    return all(count <= share_of(check) * there for count in counted)


def _holds_unreadable(check: Check, file: FileFigures) -> bool:
    return file.bad_rows <= share_of(check) * max(file.rows + file.bad_rows, 1)


def share_of(check: Check) -> float:
    """The share of the rows that it lets pass."""
    return TOLERATED if check.most is None else seconds(check.most)


def _within(check: Check, least: float, most: float) -> bool:
    above = check.least is None or least >= seconds(check.least)
    return above and (check.most is None or most <= seconds(check.most))


def _holds_range(check: Check, column: ColumnFigures) -> bool | None:
    if column.kind not in NUMERIC_KINDS or column.finite < column.rows - column.missing:
        return None  # an infinite value is in no moment
    if column.least is None or column.most is None:
        return True
    least, most = column.least, column.most
    if column.kind == "numeric":  # a figure that is no integer may be rounded there: the rows tell
        least = nextafter(least, -inf) if abs(least) >= EXACT else least
        most = nextafter(most, inf) if abs(most) >= EXACT else most
    return _within(check, least, most)


def _holds_allowed(check: Check, column: ColumnFigures) -> bool | None:
    if column.values is None:
        return None
    allowed = frozenset[str]().union(*map(texts_of, check.values))
    if column.values <= allowed:
        return True
    # a file of numbers has 866 where a profile of texts has 866.0: its rows tell
    return None if {value.removesuffix(".0") for value in column.values} <= allowed else False


def _holds_missing(check: Check, column: ColumnFigures) -> bool:
    return column.missing <= share_of(check) * max(column.rows, 1)


_OF_FILES: dict[str, Callable[[Check, FileFigures], bool | None]] = {
    "missing_column": lambda check, file: check.column not in file.absent if check.column else not file.lacking,
    "new_column": lambda _, file: not file.unknown,
    "unreadable": _holds_unreadable,
    "type": _holds_type,
    "volume": lambda check, file: _within(check, file.rows, file.rows),
    "freshness": lambda _check, _file: True,
}
_OF_COLUMNS: dict[str, Callable[[Check, ColumnFigures], bool | None]] = {
    "required": lambda _, column: column.missing == 0,
    "missing": _holds_missing,
    "range": _holds_range,
    "allowed": _holds_allowed,
}


@dataclass(frozen=True, slots=True)
class Example:
    """A row that broke a check: its line as an editor counts it (its number in a file without lines), and its values."""

    line: int
    values: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Broken:
    """A check that a file does not hold to: the sentence, how many rows or columns broke it, and the first of them."""

    check: Check
    reason: str
    count: int | None = None
    column: str | None = None
    examples: tuple[Example, ...] = ()
    bad_line: int | None = None
    """That of the first row that cannot be read, which is no example: it has no values."""

    @property
    def line(self) -> int | None:
        """The first row that broke it."""
        return self.examples[0].line if self.examples else self.bad_line
