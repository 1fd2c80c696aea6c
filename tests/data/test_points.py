"""Weighted points: few, true to the error that they state, and the same for the same rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.data.engine.points import (
    EXACT,
    KEPT,
    MOST,
    merged_points,
    points_of,
    quantiles_of,
    rank_error,
    read_points,
    rows_below,
    share_error,
)

DRAWS = {
    "normal": lambda rng, rows: rng.normal(size=rows),
    "lognormal": lambda rng, rows: rng.lognormal(sigma=2, size=rows),
    "tied": lambda rng, rows: np.round(rng.gamma(2, 800, size=rows)),
    "two lumps": lambda rng, rows: np.where(rng.random(rows) < 0.3, 5.0, rng.normal(size=rows)),
}


def greatest_error(values: np.ndarray, blocks: int) -> tuple[float, float]:
    """The greatest error of a share of rows below any value, and what the points of so many blocks say of it."""
    points = merged_points([points_of(part) for part in np.array_split(values, blocks)])
    ordered = np.sort(values)
    truth = np.searchsorted(ordered, ordered, side="right") / len(values)
    found = rows_below(points, ordered, inclusive=True) / len(values)
    return float(np.abs(found - truth).max()), rank_error(points)


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize("blocks", [1, 2, 10, 60])
def test_ranks_are_within_the_stated_error(draw: str, blocks: int) -> None:
    for seed in range(10):
        values = DRAWS[draw](np.random.default_rng(seed), 3_000 * blocks)
        error, stated = greatest_error(values, blocks)
        assert error <= stated + 1e-12


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize("blocks", [1, 3, 60])
def test_shares_between_deciles_are_within_the_stated_error(draw: str, blocks: int) -> None:
    for seed in range(10):
        values = DRAWS[draw](np.random.default_rng(seed), 3_000 * blocks)
        points = merged_points([points_of(part) for part in np.array_split(values, blocks)])
        deciles = np.unique(np.quantile(values, np.arange(1, 10) / 10))
        truth = np.diff(np.searchsorted(np.sort(values), deciles, side="right")) / len(values)
        found = np.diff(rows_below(points, deciles, inclusive=True)) / len(values)
        assert np.abs(found - truth).max() <= share_error(points)


def test_the_errors_are_small_and_that_of_a_share_smaller_over_many_blocks() -> None:
    parts = np.array_split(np.random.default_rng(1).normal(size=600_000), 60)
    one, many = points_of(parts[0]), merged_points([points_of(part) for part in parts])
    assert rank_error(one) == pytest.approx(0.5 / KEPT)
    assert rank_error(many) == pytest.approx(0.5 / KEPT)
    assert share_error(many) < share_error(one) / 4


def test_few_different_values_are_all_kept_whatever_the_rows() -> None:
    ages = np.random.default_rng(2).integers(18, 90, 50_000).astype(float)
    points = merged_points([points_of(part) for part in np.array_split(ages, 7)])
    values, counts = np.unique(ages, return_counts=True)
    assert rank_error(points) == 0
    assert [array.tolist() for array in read_points(points)] == [values.tolist(), counts.tolist()]


@given(st.lists(st.lists(st.integers(-9, 9)), max_size=6))
def test_parts_merge_to_the_points_of_the_whole(parts: list[list[int]]) -> None:
    arrays = [np.array(part, dtype=np.float64) for part in parts]
    assert merged_points([points_of(array) for array in arrays]) == points_of(np.concatenate([*arrays, []]))


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=60), st.floats(0.01, 0.99))
def test_quantiles_of_few_values_are_numpys(values: list[int], share: float) -> None:
    found = quantiles_of(points_of(np.array(values, dtype=np.float64)), share)
    assert found == np.quantile(values, share, method="inverted_cdf")


def test_the_same_rows_in_any_order_give_the_same_points() -> None:
    values = np.random.default_rng(3).normal(size=10_000)
    assert points_of(values) == points_of(values[::-1])


def test_no_rows_are_lost_where_many_points_are_thinned() -> None:
    rng = np.random.default_rng(4)
    parts = [points_of(rng.normal(size=EXACT)) for _ in range(MOST // EXACT + 2)]
    whole = merged_points(parts)
    values, weights = read_points(whole)
    assert len(values) < MOST
    assert weights.sum() == pytest.approx(EXACT * len(parts))
    assert 0 < rank_error(whole) < 1e-4
