"""Days, weeks, months, quarters and years by the calendar: what each is called, and the days that it begins and ends with."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

DAY, WEEK, MONTH, QUARTER, YEAR = "day", "week", "month", "quarter", "year"
UNITS = (DAY, WEEK, MONTH, QUARTER, YEAR)
"""What a history can be cut by, the shortest first."""

Days = tuple[date, date]
"""The first and the last day."""

_YEAR = re.compile(r"(\d{4})")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])", re.IGNORECASE)
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_WEEK = re.compile(r"(\d{4})-W(\d{2})", re.IGNORECASE)
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


def period_of(unit: str, day: date) -> str:
    """The period of that unit in which the day lies: 2026-03-05, 2026-W10 (weeks of ISO 8601), 2026-03, 2026-Q1 or 2026."""
    if unit == WEEK:
        year, week, _ = day.isocalendar()
        return f"{year:04d}-W{week:02d}"
    if unit == QUARTER:
        return f"{day.year:04d}-Q{(day.month + 2) // 3}"
    return str(day)[: {DAY: 10, MONTH: 7, YEAR: 4}[unit]]


def read_period(text: str) -> tuple[str, Days]:
    """The unit and the days of a period as `period_of` writes it. Raises ValueError where there is no such period."""
    if found := _YEAR.fullmatch(text):
        year = int(found[1])
        return YEAR, (date(year, 1, 1), date(year, 12, 31))
    if found := _QUARTER.fullmatch(text):
        year, last = int(found[1]), 3 * int(found[2])
        return QUARTER, (date(year, last - 2, 1), _end_of_month(year, last))
    if found := _MONTH.fullmatch(text):
        year, month = int(found[1]), int(found[2])
        return MONTH, (date(year, month, 1), _end_of_month(year, month))
    if found := _WEEK.fullmatch(text):
        year, week = int(found[1]), int(found[2])
        return WEEK, (date.fromisocalendar(year, week, 1), date.fromisocalendar(year, week, 7))
    if found := _DAY.fullmatch(text):
        day = date(int(found[1]), int(found[2]), int(found[3]))
        return DAY, (day, day)
    raise ValueError(f"{text!r} is no period")


def _end_of_month(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def year_before(days: Days) -> Days:
    """The same days of the year before; the end of a month stays its end. Raises ValueError where there is no such year."""
    first, last = days
    is_end = last == _end_of_month(last.year, last.month)
    end = _end_of_month(last.year - 1, last.month) if is_end else last.replace(year=last.year - 1)
    return _in_year(first, first.year - 1), end


def _in_year(day: date, year: int) -> date:
    """That day in another year; of 29 February the 28th where the year has none."""
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


def days_before(day: date, number: int) -> Days:
    """So many days before that one, not later than the first that there is."""
    try:
        return day - timedelta(days=number), day - timedelta(days=1)
    except OverflowError:
        return date.min, day - timedelta(days=1)


def begin(day: date) -> float:
    """When a day begins in UTC, in seconds since 1970."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()


def end(day: date) -> float:
    """When a day ends in UTC, in seconds since 1970."""
    return begin(day) + 86_400


def day_of(seconds: float) -> date:
    """The day in UTC of seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC).date()
