"""The quantiles of both windows in the column's own units."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mlops_tui.monitoring.detail import SHARES, Quantiles
from mlops_tui.monitoring.model import ColumnDrift
from tests.monitoring.test_description import of
from tests.monitoring.test_description import only as compared
from tests.monitoring.test_verdict import categories, numbers, only


def quantiles_of(column: ColumnDrift) -> Quantiles:
    """The quantiles, which are there."""
    assert column.quantiles is not None
    return column.quantiles


def test_each_is_the_least_value_that_so_many_rows_do_not_exceed() -> None:
    draw = np.random.default_rng(3)
    ours, theirs = draw.normal(size=400), draw.normal(1, 2, size=333)
    found = quantiles_of(only(numbers(ours), numbers(theirs)))
    assert found.shares == SHARES == (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
    for told, values in ((found.reference, ours), (found.current, theirs)):
        assert told == pytest.approx(np.quantile(values, SHARES, method="inverted_cdf"))
    assert found.difference == pytest.approx(np.subtract(found.current, found.reference))  # type: ignore[arg-type]
    assert (found.reference_error, found.current_error) == (0, 0)


def test_of_a_sketch_the_share_at_each_is_within_its_error() -> None:
    """Of 30,000 different values some are kept; one side may be exact."""
    draw = np.random.default_rng(4)
    ours, theirs = draw.normal(size=30_000), draw.normal(size=500)
    found = quantiles_of(compared(of(ours), of(theirs)))
    assert 0 < found.reference_error < 0.003
    assert found.current_error == 0
    for share, value in zip(SHARES, found.reference, strict=True):
        assert np.mean(ours <= value) == pytest.approx(share, abs=found.reference_error + 1 / 30_000)


def test_whole_numbers_stay_whole_and_dates_are_moments() -> None:
    ages = quantiles_of(only(numbers(range(20, 60), kind="integer"), numbers(range(30, 70), kind="integer")))
    assert (ages.reference[3], ages.current[3], ages.difference) == (39, 49, (10,) * 7)
    assert all(isinstance(value, int) for value in (*ages.reference, *ages.current, *ages.difference))
    days = np.arange(100) * 86_400.0 + 1_767_225_600  # from 2026-01-01
    dates = quantiles_of(only(numbers(days, kind="date-time"), numbers(days + 86_400, kind="date-time")))
    assert (dates.reference[0], dates.current[0]) == ("2026-01-01T00:00:00.000000Z", "2026-01-02T00:00:00.000000Z")
    assert dates.difference == (86_400,) * 7


def test_what_is_beyond_a_float_or_a_calendar_is_said_in_numbers_or_not_at_all() -> None:
    far = quantiles_of(only(numbers([-1e308] * 40), numbers([1.5e308] * 40)))
    assert far.difference == (None,) * 7
    assert all(math.isfinite(value) for value in far.current if not isinstance(value, str))
    ages = np.full(40, 1e15)
    dates = quantiles_of(only(numbers(ages, kind="date-time"), numbers([0.0] * 40, kind="date-time")))
    assert (dates.reference[0], dates.current[0], dates.difference[0]) == (1e15, 0.0, -1e15)


def test_without_values_on_a_side_and_of_categories_there_are_none() -> None:
    assert only(numbers(np.arange(90.0)), numbers([], missing=80)).quantiles is None
    assert only(categories("ab" * 45), categories("ab" * 40)).quantiles is None
