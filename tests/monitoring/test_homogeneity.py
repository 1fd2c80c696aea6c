"""The tests of two windows against SciPy, by simulation, and with more variation than independent rows have."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike
from scipy import stats

from mlops_tui.monitoring.engine.homogeneity import (
    NONE,
    Inflation,
    beyond_chance,
    chi_square,
    cramer_von_mises,
    location,
    normal_scores,
)
from mlops_tui.monitoring.engine.sample import Sample


def sample(values: ArrayLike) -> Sample:
    return Sample.of(values, np.ones(len(np.asarray(values))))


@pytest.mark.parametrize(
    ("rows", "moved"), [((500, 400), 0.0), ((500, 400), 0.1), ((2_000, 900), 0.12), ((90, 700), 0.6)]
)
def test_cramer_von_mises_is_scipys(rows: tuple[int, int], moved: float) -> None:
    """SciPy has the statistic with each value's own rank; without ties the two differ by less than 1 / rows."""
    draw = np.random.default_rng(3)
    ours, theirs = draw.normal(size=rows[0]), draw.normal(moved, size=rows[1])
    found = cramer_von_mises(sample(ours), sample(theirs))
    expected = stats.cramervonmises_2samp(ours, theirs, method="asymptotic")
    assert found.value == pytest.approx(expected.statistic, abs=2 / min(rows))
    assert found.p == pytest.approx(expected.pvalue, rel=0.12)
    assert (found.exact, found.error) == (True, 0)


def test_the_p_of_cramer_von_mises_is_that_of_the_limit_wherever_it_is_small() -> None:
    """Of the statistic's critical values, as Anderson and Darling (1952) print them, p is the level."""
    draw = np.random.default_rng(1)
    ours = np.sort(draw.normal(size=4_000))
    for level, value in ((0.10, 0.34730), (0.05, 0.46136), (0.01, 0.74346), (0.001, 1.16786)):
        theirs = ours + _shift_for(ours, value)
        found = cramer_von_mises(sample(ours), sample(theirs))
        assert found.value == pytest.approx(value, rel=1e-3)
        assert found.p == pytest.approx(level, rel=0.05)


def _shift_for(values: np.ndarray, statistic: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        below = cramer_von_mises(sample(values), sample(values + middle)).value < statistic
        low, high = (middle, high) if below else (low, middle)
    return high


def test_ties_never_make_p_smaller_than_it_is() -> None:
    """Two values only: of 4,000 pairs of windows no more than one in a hundred has p ≤ 0.01."""
    draw = np.random.default_rng(2)
    for share in (0.5, 0.7, 0.9):
        counts = draw.binomial(200, share, size=(4_000, 2))
        p = [cramer_von_mises(*(Sample.of([0, 1], [200 - count, count]) for count in pair)).p or 0.0 for pair in counts]
        assert np.mean(np.array(p) <= 0.01) <= 0.01


def test_ten_rows_are_enough_for_the_level_to_hold() -> None:
    draw = np.random.default_rng(5)
    reference = sample(draw.lognormal(sigma=1.5, size=20_000))
    p = [cramer_von_mises(reference, sample(draw.lognormal(sigma=1.5, size=10))).p or 0.0 for _ in range(3_000)]
    for level in (0.1, 0.01, 0.001):
        assert np.mean(np.array(p) <= level) <= level * 1.1 + 3 * math.sqrt(level / 3_000)


@pytest.mark.parametrize("classes", [2, 3, 12])
def test_what_varies_more_is_less_of_a_finding(classes: int) -> None:
    """Twice the variance of two classes halves chi-square; of more classes it may all lie in one direction."""
    ours, theirs = np.full(classes, 1_000.0), np.full(classes, 1_000.0)
    theirs[0] += 160
    plain = chi_square(ours, theirs, "values")
    doubled = chi_square(ours, theirs, "values", Inflation(1.0, classes - 1))
    assert plain is not None
    assert doubled is not None
    assert doubled.value == plain.value
    one = Inflation(1.0 / (classes - 1), 1.0)
    expected = stats.chi2.sf(plain.value / one.factor, 1) if classes == 2 else None
    found = chi_square(ours, theirs, "values", one)
    assert found is not None
    if expected is not None:
        assert found.p == pytest.approx(expected, rel=1e-9)
    assert found.p > (plain.p or 0.0)


@pytest.mark.parametrize("excess", [0.5, 3.0, 40.0])
@pytest.mark.parametrize("directions", [1.0, 3.0])
def test_the_p_of_a_weighted_sum_of_squares_is_simulated(excess: float, directions: float) -> None:
    """Nine squares of which some are larger: where p says one in a hundred, so many are beyond."""
    draw = np.random.default_rng(6)
    scales = np.ones(9)
    scales[: int(directions)] += excess / directions
    sums = draw.chisquare(1, size=(100_000, 9)) @ scales
    value = np.quantile(sums, 0.99)
    table = _table_with(value)
    found = chi_square(table[0], table[1], "values", Inflation(excess, directions))
    assert found is not None
    assert found.value == pytest.approx(value, rel=1e-6)
    assert found.p == pytest.approx(0.01, rel=0.15)


def _table_with(statistic: float) -> np.ndarray:
    """Ten classes of 10⁶ rows a side of which the first two differ so that chi-square is that."""
    moved = math.sqrt(statistic * 1e6)
    away = np.zeros(10)
    away[:2] = moved / 2, -moved / 2
    return np.array([1e6 + away, 1e6 - away])


def test_an_estimated_variance_is_judged_by_students_t() -> None:
    """With nine degrees of freedom the 1 % of the normal deviate are 3 %."""
    ours, theirs = [1_000, 1_000], [1_058, 942]
    known, estimated = (chi_square(ours, theirs, "", Inflation(1e-9, 1.0, free)) for free in (math.inf, 9.0))
    assert known is not None
    assert estimated is not None
    assert estimated.p == pytest.approx(2 * stats.t.sf(stats.norm.isf((known.p or 0) / 2), 9), rel=1e-6)


def test_normal_scores_are_van_der_waerdens_within_the_range_of_the_reference() -> None:
    draw = np.random.default_rng(7)
    ours, theirs = draw.lognormal(size=900), draw.lognormal(0.4, size=300)
    theirs = theirs[(theirs > ours.min()) & (theirs < ours.max())]
    found = normal_scores(sample(ours), sample(theirs), NONE)
    ranks = np.interp(theirs, np.sort(ours), stats.norm.ppf((np.arange(900) + 0.5) / 900))
    assert found is not None
    assert found.value == pytest.approx(ranks.mean(), abs=1e-9)


def test_the_level_of_normal_scores_holds_for_files_with_effects() -> None:
    """Files half a deviation apart: beside the effect the rows do not matter, and p is that of the effect, a little more."""
    draw = np.random.default_rng(8)
    inflation = Inflation(0.907 * 200 * 0.25 / 1.25, 1.0, 1e9)
    p = []
    for _ in range(800):
        values = draw.normal(size=(100, 200)) + draw.normal(0, 0.5, size=(100, 1))
        reference = sample(values.ravel())
        named, found = location(reference, sample(draw.normal(draw.normal(0, 0.5), size=200)), inflation)
        assert named == "normal scores"
        p.append(found.p or 0.0)
    assert 0.05 < np.mean(np.array(p) <= 0.1) <= 0.11
    assert np.mean(np.array(p) <= 0.01) <= 0.015


def test_what_lies_beyond_all_files_is_found_however_much_they_vary() -> None:
    """Shares of rows say no more of a file ten deviations away than of one three away."""
    draw = np.random.default_rng(9)
    reference = sample(draw.normal(size=5_000))
    inflation = Inflation(150.0, 1.0, 13.0)
    p = []
    for moved in (0.0, 3.0, 10.0):
        _, found = location(reference, sample(draw.normal(moved, size=400)), inflation)
        assert found.p is not None
        p.append(found.p)
    assert p[2] < 1e-6 < p[1] < p[0]
    assert location(reference, sample(np.arange(400.0)), NONE)[0] == "Cramér–von Mises"


def test_independent_rows_have_no_inflation() -> None:
    assert NONE.factor == 1
    ours = sample(np.arange(100.0))
    theirs = sample(np.arange(100.0) + 9)
    assert cramer_von_mises(ours, theirs, NONE) == cramer_von_mises(ours, theirs)


def test_chi_square_is_scipys_without_correction() -> None:
    ours, theirs = [200, 150, 60], [90, 110, 70]
    found = chi_square(ours, theirs, "values")
    expected = stats.chi2_contingency([ours, theirs], correction=False)
    assert found is not None
    assert found.value == pytest.approx(expected.statistic)
    assert found.p == pytest.approx(expected.pvalue)
    assert found.definition == "values, 2 × 3"


def test_classes_expected_fewer_than_five_times_are_one_class() -> None:
    """Four values of 4 rows a side are expected 4 times each, together 16 times."""
    found = chi_square([100, 6, 2, 4, 4], [100, 2, 6, 4, 4], "values")
    expected = stats.chi2_contingency([[100, 16], [100, 16]], correction=False)
    assert found is not None
    assert found.value == pytest.approx(expected.statistic)
    assert found.p == pytest.approx(1)


def test_a_class_too_rare_even_when_pooled_is_tested_exactly() -> None:
    """Ten new values in a hundred rows against ten thousand: expected 0.1 times, and no chance."""
    found = chi_square([5_000, 5_000, 0], [45, 45, 10], "values")
    assert found is not None
    assert found.p == pytest.approx(2 * stats.fisher_exact([[0, 10_000], [10, 90]]).pvalue)
    alone = chi_square([10_000, 0], [90, 10], "values")
    assert alone is not None
    assert alone.p == pytest.approx(stats.fisher_exact([[0, 10_000], [10, 90]]).pvalue)


def test_values_that_never_come_back_cannot_be_tested() -> None:
    assert chi_square([1] * 50 + [0] * 50, [0] * 50 + [1] * 50, "values") is None


def test_a_side_without_rows_cannot_be_tested() -> None:
    assert chi_square([3, 4], [0, 0], "values") is None


@given(st.lists(st.floats(0, 1), max_size=30), st.sampled_from([0.01, 0.05, 0.5]))
def test_the_false_discovery_rule_is_the_step_up_rule(p_values: list[float], rate: float) -> None:
    """All p values up to the greatest p₍ᵢ₎ ≤ i · rate / m stand."""
    ordered = sorted(p_values)
    passing = [p for rank, p in enumerate(ordered, start=1) if p * len(ordered) / rank <= rate]
    bound = max(passing, default=-1.0)
    assert beyond_chance(p_values, rate) == [p <= bound for p in p_values]
