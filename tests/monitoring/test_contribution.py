"""What each bin brings of the measure that the verdict asks: shares that leave nothing out."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_tui.monitoring.engine.measures import jensen_shannon
from mlops_tui.monitoring.model import ColumnDrift, DriftReport, Histogram
from tests.monitoring.test_verdict import categories, numbers, only

VALUES = st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-9, 9), min_size=1, max_size=60)
WORDS = st.lists(st.sampled_from([f"v{n}" for n in range(25)]), min_size=1, max_size=90)


def parts_of(column: ColumnDrift) -> tuple[Histogram, tuple[float, ...]]:
    """The histogram and the contributions, which are there."""
    assert column.histogram is not None
    assert column.histogram.contribution is not None
    return column.histogram, column.histogram.contribution


def assert_sound(column: ColumnDrift, measure: float) -> None:
    histogram, parts = parts_of(column)
    assert len(parts) == len(histogram.labels)
    assert all(part >= 0 for part in parts)
    assert sum(parts) == pytest.approx(1 if measure else 0)


@settings(deadline=None, max_examples=150)
@given(VALUES, VALUES)
def test_contributions_of_bins_of_a_number_add_up_to_the_whole_distance(
    reference: list[float], current: list[float]
) -> None:
    """Whatever the values; of two windows alike nothing comes from any bin, of values too large to be measured nothing is said."""
    column = only(numbers(reference), numbers(current))
    assert column.histogram is not None
    if column.histogram.contribution is None:
        assert column.wasserstein is None
    elif column.wasserstein is not None:
        assert_sound(column, column.wasserstein.value)


@settings(deadline=None)
@given(WORDS, WORDS, st.integers(0, 9), st.integers(0, 9), st.integers(0, 30))
def test_contributions_of_classes_add_up_to_the_whole_divergence(
    reference: list[str], current: list[str], gone: int, lost: int, other: int
) -> None:
    """With values that have no bar of their own, values that are not counted, and rows without a value among them."""
    column = only(categories(reference, missing=gone, other=other), categories(current, missing=lost, other=other))
    assert column.jensen_shannon is not None
    assert_sound(column, column.jensen_shannon.value)


def test_a_bin_of_a_number_brings_the_area_between_both_distributions_in_it() -> None:
    """Rows that went from 0 to 4 moved across all of the bins between: each brings as much as it is wide."""
    histogram, parts = parts_of(only(numbers([0, 4, 9] * 20, kind="integer"), numbers([4, 4, 9] * 20, kind="integer")))
    assert histogram.labels == ("< 1", "1", "2", "3", "4", "5", "6", "7", "8", "≥ 9")
    assert parts == pytest.approx((0.25, 0.25, 0.25, 0.25, 0, 0, 0, 0, 0, 0))


def test_a_class_brings_its_term_of_the_divergence_and_the_rest_those_of_all_in_it() -> None:
    before = [f"v{n:02}" for n in range(20) for _ in range(60 - n)]
    now = [*before, *["v00"] * 50, *["v19"] * 30]
    column = only(categories(before), categories(now, missing=40))
    histogram, parts = parts_of(column)
    assert histogram.labels[-2:] == ("other", "missing")
    sides = [
        np.array([values.count(f"v{n:02}") for n in range(20)] + [lost], float)
        for values, lost in ((before, 0), (now, 40))
    ]
    r, c = (side / side.sum() for side in sides)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = sum(np.nan_to_num(one * np.log2(one / ((r + c) / 2))) for one in (r, c)) / 2
    assert jensen_shannon(r, c, "").value ** 2 == pytest.approx(terms.sum())
    assert parts[histogram.labels.index("v00")] == pytest.approx(terms[0] / terms.sum())
    assert parts[-1] == pytest.approx(terms[-1] / terms.sum())
    named = [int(label[1:]) for label in histogram.labels[:-2]]
    assert parts[-2] == pytest.approx((terms[:20].sum() - terms[named].sum()) / terms.sum())


def test_where_a_side_has_no_values_nothing_is_said_of_bins() -> None:
    column = only(numbers(np.arange(90.0)), numbers([], missing=80))
    assert column.histogram is not None
    assert column.histogram.contribution is None


def test_a_report_of_a_version_that_knew_no_contribution_is_read() -> None:
    """Also one without quantiles, files, and shares of single values."""
    report = DriftReport(90, 80, (only(categories("ab" * 45), categories("ac" * 40)),))
    record = json.loads(json.dumps(report.to_json()))
    [column] = record["columns"]
    for name in ("quantiles", "brought_by", "drifts_since"):
        del column[name]
    del column["histogram"]["contribution"]
    del column["new_values"]["shares"]
    [read] = DriftReport.from_json(record).columns
    assert read.histogram is not None
    assert (read.histogram.contribution, read.brought_by, read.quantiles) == (None, (), None)
    assert read.new_values is not None
    assert (read.new_values.values, read.new_values.shares) == (("c",), ())
