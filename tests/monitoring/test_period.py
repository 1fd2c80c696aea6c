"""Periods of the calendar are written and read alike, and a year before keeps the ends of months."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.monitoring.period import UNITS, day_of, days_before, end, period_of, read_period, year_before

LENGTHS = {"day": (1, 1), "week": (7, 7), "month": (28, 31), "quarter": (90, 92), "year": (365, 366)}


@given(st.dates(date(1, 1, 8), date(9999, 12, 24)), st.sampled_from(UNITS))
def test_a_day_lies_in_the_period_that_it_names_and_the_period_is_read_back(day: date, unit: str) -> None:
    """The next day is in the same period or begins another one, which follows at once."""
    found, (first, last) = read_period(period_of(unit, day))
    shortest, longest = LENGTHS[unit]
    assert found == unit
    assert first <= day <= last
    assert shortest <= (last - first).days + 1 <= longest
    assert period_of(unit, last + timedelta(days=1)) != period_of(unit, day)


@given(st.text(max_size=12))
def test_another_text_is_no_period(text: str) -> None:
    try:
        unit, days = read_period(text)
    except ValueError:
        return
    assert period_of(unit, days[0]) == text.upper()


@pytest.mark.parametrize(
    ("first", "last", "then"),
    [
        ("2026-03-01", "2026-03-31", ("2025-03-01", "2025-03-31")),
        ("2025-02-01", "2025-02-28", ("2024-02-01", "2024-02-29")),
        ("2024-02-29", "2024-02-29", ("2023-02-28", "2023-02-28")),
        ("2026-01-05", "2026-01-11", ("2025-01-05", "2025-01-11")),
    ],
)
def test_the_year_before_has_the_same_days_and_whole_months(first: str, last: str, then: tuple[str, str]) -> None:
    found = year_before((date.fromisoformat(first), date.fromisoformat(last)))
    assert found == (date.fromisoformat(then[0]), date.fromisoformat(then[1]))


def test_days_before_end_the_day_before_and_never_begin_before_there_is_a_calendar() -> None:
    assert days_before(date(2026, 3, 1), 28) == (date(2026, 2, 1), date(2026, 2, 28))
    assert days_before(date(2026, 3, 1), 999_999_999)[0] == date.min


@given(st.dates(date(2, 1, 1)))
def test_a_day_ends_as_the_next_one_begins(day: date) -> None:
    assert day_of(end(day - timedelta(days=1))) == day
