"""The measures against SciPy, against figures worked by hand, and against what they must be by definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike
from scipy import stats
from scipy.spatial import distance

from mlops_tui.data.engine.points import EXACT, merged_points, points_of
from mlops_tui.data.profile import ColumnProfile
from mlops_tui.monitoring.engine import measures
from mlops_tui.monitoring.engine.homogeneity import cramer_von_mises
from mlops_tui.monitoring.engine.sample import Sample

whole = st.lists(st.integers(-50, 50), min_size=1, max_size=40)
counts = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=2, max_size=8).filter(
    lambda table: all(sum(side) for side in zip(*table, strict=True))
)


def sample(values: ArrayLike) -> Sample:
    return Sample.of(values, np.ones(len(np.asarray(values))))


def sketched(values: np.ndarray, parts: int = 1) -> Sample:
    """Read from the points of one block, or of so many merged."""
    finite = [part[np.isfinite(part)] for part in np.array_split(values, parts)]
    points = merged_points([points_of(part) for part in finite])
    read = Sample.read(ColumnProfile("x", "numeric", len(values), 0, points=points))
    assert read is not None
    return read


def numeric_psi(reference: Sample, current: Sample) -> float:
    bins = measures.decile_bins(reference)
    return measures.psi(measures.shares(reference, bins), measures.shares(current, bins), "").value


@given(whole)
def test_quantiles_are_the_inverse_of_the_distribution_function(values: list[int]) -> None:
    levels = np.arange(1, 10) / 10
    expected = np.quantile(values, levels, method="inverted_cdf")
    assert sample(values).quantiles(levels).tolist() == expected.tolist()


def test_few_points_give_back_every_value() -> None:
    values = np.random.default_rng(1).normal(size=1_000)
    read = sketched(values)
    assert read.exact
    assert read.values.tolist() == sorted(values.tolist())
    assert (read.n, read.rank_error, read.share_error) == (1_000, 0.0, 0.0)


@pytest.mark.parametrize(
    ("rows", "parts"), [(4_000, 4), (20_000, 2), (90_000, 10), (100_000, 10), (200_000, 20), (77_777, 3)]
)
def test_merged_points_keep_every_row(rows: int, parts: int) -> None:
    """A window is the merge of its blocks: no row is lost, and ranks hold within the error."""
    values = np.random.default_rng(rows).lognormal(size=rows)
    merged = sketched(values, parts)
    assert merged.n == rows
    points = np.quantile(values, np.linspace(0.01, 0.99, 99))
    assert (
        np.max(np.abs(merged.share_below(points) - sample(values).share_below(points))) <= 2 * merged.rank_error + 1e-12
    )
    assert merged.exact == (rows <= EXACT * parts)


def test_infinite_values_are_left_out() -> None:
    read = sketched(np.array([1.0, np.inf, 2.0, -np.inf]))
    assert read.values.tolist() == [1.0, 2.0]
    assert read.n == 2


# From one row against one SciPy's own formula divides by 0.
@given(whole.filter(lambda values: len(values) > 1), whole.filter(lambda values: len(values) > 1))
def test_kolmogorov_smirnov_is_scipys(ours: list[int], theirs: list[int]) -> None:
    found = measures.kolmogorov_smirnov(sample(ours), sample(theirs))
    expected = stats.ks_2samp(ours, theirs, method="asymp")
    assert found.value == pytest.approx(expected.statistic, abs=1e-12)
    assert found.p == pytest.approx(expected.pvalue, rel=1e-9, abs=1e-300)
    assert found.exact
    assert found.error == 0


@pytest.mark.parametrize("rows", [2_000, 10_000, 2_000_000])
def test_the_p_of_many_rows_is_within_a_hair_of_the_exact_one(rows: int) -> None:
    ours = Sample.of(np.array([0.0, 1.0]), np.array([rows / 2, rows / 2]))
    for gap in np.linspace(0.2, 3, 30) / np.sqrt(rows / 2):
        theirs = Sample.of(np.array([0.0, 1.0]), np.array([rows * (0.5 - gap), rows * (0.5 + gap)]))
        found = measures.kolmogorov_smirnov(ours, theirs)
        assert found.p == pytest.approx(stats.kstwo.sf(gap, rows // 2), abs=3e-5)


@given(whole, whole)
def test_kolmogorov_smirnov_does_not_see_a_monotone_map(ours: list[int], theirs: list[int]) -> None:
    plain = measures.kolmogorov_smirnov(sample(ours), sample(theirs))
    mapped = measures.kolmogorov_smirnov(sample(np.exp(np.array(ours) / 9)), sample(np.exp(np.array(theirs) / 9)))
    assert mapped.value == pytest.approx(plain.value, abs=1e-12)


@given(whole.filter(lambda values: len(set(values)) > 1), whole)
def test_the_wasserstein_distance_is_scipys_over_the_references_deviation(ours: list[int], theirs: list[int]) -> None:
    reference = sample(ours)
    found = measures.wasserstein(reference, sample(theirs), reference.std)
    assert found is not None
    assert found.value == pytest.approx(stats.wasserstein_distance(ours, theirs) / np.std(ours), abs=1e-9)


@given(
    whole.filter(lambda values: len(set(values)) > 1),
    whole,
    st.sampled_from([-3.0, 0.001, 7.0, 1e6]),
    st.integers(-1000, 1000),
)
def test_the_normed_wasserstein_distance_does_not_see_units(
    ours: list[int], theirs: list[int], scale: float, offset: int
) -> None:
    found = []
    for factor, shift in ((1.0, 0.0), (scale, scale * offset)):
        reference, current = (sample(np.array(side) * factor + shift) for side in (ours, theirs))
        found.append(measures.wasserstein(reference, current, reference.std))
    assert found[0] is not None
    assert found[1] is not None
    assert found[1].value == pytest.approx(found[0].value, rel=1e-6, abs=1e-9)


def test_a_constant_reference_is_measured_in_the_deviation_of_both_sides() -> None:
    """Ones against one part in four of twos: the distance is 1/4, the deviation of all eight values √7/8."""
    found = measures.wasserstein(sample([1, 1, 1, 1]), sample([1, 1, 1, 2]), 0.0)
    assert found is not None
    assert found.value == pytest.approx(0.25 / (7**0.5 / 8))
    assert "both" in found.definition


def test_one_value_on_both_sides_has_not_moved() -> None:
    found = measures.wasserstein(sample([5, 5]), sample([5, 5, 5]), 0.0)
    assert found is not None
    assert found.value == 0


def test_values_too_large_to_be_squared_give_no_wasserstein_distance() -> None:
    reference = sample([-1e308, 1e308])
    assert measures.wasserstein(reference, sample([0, 1e308]), reference.std) is None


@given(counts)
def test_jensen_shannon_is_scipys_distance_to_base_2_and_symmetric(table: list[tuple[int, int]]) -> None:
    ours, theirs = (np.array(side) / sum(side) for side in zip(*table, strict=True))
    found = measures.jensen_shannon(ours, theirs, "").value
    # SciPy takes the root of a rounding error where both are the same.
    assert found == pytest.approx(float(distance.jensenshannon(ours, theirs, base=2)), abs=1e-7)
    assert found == pytest.approx(measures.jensen_shannon(theirs, ours, "").value, abs=1e-12)
    assert 0 <= found <= 1 + 1e-12


def test_psi_is_the_sum_worked_by_hand() -> None:
    """(0.5 − 0.2) ln(0.5 / 0.2) + (0.5 − 0.8) ln(0.5 / 0.8)."""
    found = measures.psi([0.5, 0.5], [0.2, 0.8], "shares")
    assert found.value == pytest.approx(0.3 * np.log(2.5) - 0.3 * np.log(0.625))
    assert found.definition == "shares"


def test_psi_counts_a_zero_share_as_one_in_ten_thousand_and_says_so() -> None:
    found = measures.psi([0.5, 0.5, 0.0], [1.0, 0.0, 0.0], "shares")
    assert found.value == pytest.approx(-0.5 * np.log(0.5) + (0.5 - 1e-4) * np.log(0.5 / 1e-4))
    assert found.definition == "shares; a zero share counts as 0.0001"


def test_deciles_of_the_reference_hold_a_tenth_each() -> None:
    reference = sample(np.arange(1000))
    assert measures.shares(reference, measures.decile_bins(reference)).tolist() == pytest.approx([0.1] * 10)


def test_a_value_that_fills_several_deciles_has_a_bin_of_its_own() -> None:
    """Values below the heap of zeros are then seen, although the reference has none."""
    reference = sample([0] * 80 + list(range(1, 21)))
    below, heap, *above = measures.shares(reference, measures.decile_bins(reference))
    assert (below, heap) == (0.0, 0.8)
    assert above == pytest.approx([0.1, 0.1])
    assert numeric_psi(reference, sample([-1] * 80 + list(range(1, 21)))) > 5


@given(whole)
def test_a_window_has_not_moved_from_itself(values: list[int]) -> None:
    same = sample(values)
    bins = measures.decile_bins(same)
    shares = measures.shares(same, bins)
    moved = measures.wasserstein(same, same, same.std)
    assert moved is not None
    assert moved.value == 0
    assert measures.kolmogorov_smirnov(same, same).value == 0
    assert measures.psi(shares, shares, "").value == 0
    assert measures.jensen_shannon(shares, shares, "").value == 0


@given(counts)
def test_hellinger_is_the_euclidean_distance_of_the_roots_over_root_two(table: list[tuple[int, int]]) -> None:
    ours, theirs = (np.array(side) / sum(side) for side in zip(*table, strict=True))
    found = measures.hellinger(ours, theirs, "").value
    assert found == pytest.approx(np.linalg.norm(np.sqrt(ours) - np.sqrt(theirs)) / 2**0.5, abs=1e-7)
    overlap = np.sum(np.sqrt(ours * theirs))
    assert found == pytest.approx(max(0.0, 1 - overlap) ** 0.5, abs=1e-7)
    assert 0 <= found <= 1 + 1e-12


def test_the_l_infinity_distance_is_the_greatest_difference_of_a_share() -> None:
    assert measures.l_infinity([0.5, 0.3, 0.2], [0.35, 0.4, 0.25], "shares").value == pytest.approx(0.15)


def test_sketches_say_their_error_and_keep_it() -> None:
    """At 100,000 values the sketch has thrown most of them away; the exact figures lie within the errors it states."""
    rng = np.random.default_rng(2)
    ours, theirs = rng.normal(size=100_000), rng.normal(0.1, 1.1, size=60_000)
    reference, current = sketched(ours), sketched(theirs)
    assert not reference.exact
    exact = sample(ours), sample(theirs)
    bins = measures.decile_bins(reference)
    errors = reference.share_error, current.share_error
    pairs = [
        (measures.kolmogorov_smirnov(reference, current), measures.kolmogorov_smirnov(*exact)),
        (measures.wasserstein(reference, current, ours.std()), measures.wasserstein(*exact, ours.std())),
        (cramer_von_mises(reference, current), cramer_von_mises(*exact)),
    ]
    for measure in (measures.psi, measures.jensen_shannon, measures.hellinger):
        shares = [[measures.shares(side, bins) for side in pair] for pair in ((reference, current), exact)]
        pairs.append((measure(*shares[0], "", errors), measure(*shares[1], "")))
    for found, truth in pairs:
        assert found is not None
        assert truth is not None
        assert not found.exact
        assert 0 < abs(found.value - truth.value) <= found.error < max(0.05, truth.value / 3)


def test_the_same_rows_in_other_blocks_are_within_chance() -> None:
    """They differ by what each block leaves out; p forgives both errors."""
    rng = np.random.default_rng(3)
    values = rng.normal(size=400_000)
    found = measures.kolmogorov_smirnov(sketched(values, 7), sketched(rng.permutation(values), 11))
    assert 0 < found.value <= found.error
    assert found.p == 1
    test = cramer_von_mises(sketched(values, 7), sketched(rng.permutation(values), 11))
    assert test.p is not None
    assert test.p > 0.9
