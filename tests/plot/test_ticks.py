"""Ticks: in range, round, equally far apart, and labelled so that their digits can be compared."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.plot.axis import across, upward, upward_log
from mlops_tui.plot.ticks import date_labels, date_ticks, labels, log_ticks, nice_ticks, widened

NUMBERS = st.floats(-1e300, 1e300)
POSITIVE = st.floats(1e-290, 1e299)


@given(NUMBERS, NUMBERS, st.integers(2, 9))
def test_ticks_are_few_in_range_rising_and_equally_far_apart(a, b, count):
    low, high = widened(min(a, b), max(a, b))
    ticks = nice_ticks(low, high, count)
    gaps = [after - before for before, after in pairwise(ticks)]
    assert 2 <= len(ticks) <= 10
    assert all(low <= tick <= high for tick in ticks)
    assert min(gaps) > 0
    assert max(gaps) - min(gaps) <= 1e-6 * max(gaps)


@given(st.integers(-(10**8), 10**8), st.integers(1, 10**9))
def test_ticks_of_whole_numbers_are_whole(low, span):
    assert all(tick.is_integer() for tick in nice_ticks(low, low + span, whole=True))


@given(NUMBERS, NUMBERS)
def test_labels_have_equal_decimals_and_differ(a, b):
    low, high = widened(min(a, b), max(a, b))
    texts = labels(nice_ticks(low, high))
    assert len(set(texts)) == len(texts)
    assert len({len(text.split("e")[0].partition(".")[2]) for text in texts if text != "0"}) == 1


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 1, ("0.0", "0.2", "0.4", "0.6", "0.8", "1.0")),
        (-0.3, 0.1, ("-0.3", "-0.2", "-0.1", "0.0", "0.1")),
        (0, 60, ("0", "20", "40", "60")),
        (0, 3e7, ("0", "1e7", "2e7", "3e7")),
        (0.9125, 0.92, ("0.914", "0.916", "0.918", "0.920")),
    ],
)
def test_typical_axes_are_labelled_as_a_person_would(low, high, expected):
    assert labels(nice_ticks(low, high)) == expected


@pytest.mark.parametrize(("low", "high"), [(1, 1), (2, 1), (math.nan, 1), (0, math.inf), (1, 1 + 1e-15)])
def test_an_axis_without_extent_is_refused(low, high):
    with pytest.raises(ValueError, match="an axis cannot run from"):
        nice_ticks(low, high)


@given(NUMBERS, NUMBERS, st.integers(3, 60), st.sampled_from([2, 4]))
def test_vertical_ticks_lie_on_whole_rows_at_equal_distances(a, b, rows, dots):
    axis = upward(min(a, b), max(a, b), rows, dots)
    at = [axis.cell(tick, rows, dots) for tick in axis.ticks]
    gaps = {after - before for before, after in pairwise(at)}
    assert len(gaps) == 1
    assert gaps.pop() > 0
    assert axis.low <= min(a, b)
    assert axis.high >= max(a, b)


@given(NUMBERS, NUMBERS, st.integers(1, 200))
def test_horizontal_axes_run_from_the_first_point_to_the_last(a, b, cells):
    axis = across(min(a, b), max(a, b), cells)
    assert (axis.low, axis.high) == widened(min(a, b), max(a, b))


@given(POSITIVE, POSITIVE, st.integers(1, 60))
def test_logarithmic_ticks_lie_within_on_rows_of_their_own(a, b, rows):
    axis = upward_log(min(a, b), max(a, b), rows)
    at = [axis.cell(tick, rows, 1) for tick in axis.ticks]
    assert all(axis.low - 1e-9 <= math.log10(tick) <= axis.high + 1e-9 for tick in axis.ticks)
    assert at == sorted(set(at))


def test_a_wide_logarithmic_axis_has_powers_of_ten():
    assert log_ticks(1e-4, 1.0) == (1e-4, 1e-3, 1e-2, 1e-1, 1.0)


def test_a_narrow_logarithmic_axis_has_one_two_five():
    assert log_ticks(0.08, 1.5) == (0.1, 0.2, 0.5, 1.0)


SECONDS = st.floats(0, 4e9)


@given(SECONDS, SECONDS, st.integers(2, 9))
def test_date_ticks_are_few_in_range_and_rising(a, b, count):
    low, high = min(a, b), max(a, b)
    ticks = date_ticks(low, high, count)
    assert len(ticks) <= 10
    assert all(low <= tick <= high for tick in ticks)
    assert list(ticks) == sorted(set(ticks))


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (0.8 / 86400, ("00:00:00.0", "00:00:00.2", "00:00:00.4", "00:00:00.6", "00:00:00.8")),
        (3 / 86400, tuple(f"00:00:0{half / 2:.1f}" for half in range(7))),
        (5 / 86400, tuple(f"00:00:0{second}" for second in range(6))),
        (0.2, ("00:00", "01:00", "02:00", "03:00", "04:00")),
        (5, ("03-01", "03-02", "03-03", "03-04", "03-05", "03-06")),
        (125, ("2026-03", "2026-04", "2026-05", "2026-06", "2026-07")),
    ],
)
def test_dates_are_labelled_by_their_distance(days, expected):
    start = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
    assert date_labels(date_ticks(start, start + days * 86400, 6)) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, "03-01"), (3660, "01:01"), (61, "00:01:01"), (0.5, "00:00:00.5")]
)
def test_a_moment_alone_is_labelled_as_it_is(seconds, expected):
    start = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
    assert date_labels([start + seconds]) == (expected,)
