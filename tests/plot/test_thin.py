"""Long curves in few points look the same, and what is smoothed goes on where it was."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.plot import Series, line_chart
from mlops_tui.plot.thin import Smoothing, thinned


def noisy(n: int, seed: int = 0) -> np.ndarray:
    draw = np.random.default_rng(seed)
    return np.exp(-np.arange(n) / (n / 4)) + draw.normal(0, 0.05, n)


@pytest.mark.parametrize("shape", [(100, 30), (160, 50), (60, 20)])
def test_a_thinned_curve_is_drawn_as_the_whole_one(shape: tuple[int, int]) -> None:
    x, y = np.arange(50_000.0), noisy(50_000)
    y[20_000:21_000] = np.nan
    few = thinned(x, y)
    assert few[0].size <= 4 * 512 + 8
    whole, thin = (line_chart([Series("loss", *both)], *shape).text() for both in ((x, y), few))
    unlike = sum(one != other for one, other in zip(whole, thin, strict=True))
    assert unlike <= len(whole) * 0.01  # where a dot's column begins within a stretch


def test_extremes_ends_and_gaps_are_kept() -> None:
    x, y = np.arange(10_000.0), noisy(10_000)
    y[4_321], y[1_234], y[7_000] = 9.0, -9.0, np.inf
    few_x, few_y = thinned(x, y, 100)
    assert (few_x[0], few_x[-1]) == (0.0, 9_999.0)
    assert few_y[few_x == 4_321.0] == 9.0
    assert few_y[few_x == 1_234.0] == -9.0
    assert np.isinf(few_y[few_x == 7_000.0]).all()
    assert few_x.size < 500


def test_a_curve_that_stays_the_same_is_thin_too() -> None:
    assert thinned(np.arange(10_000.0), np.full(10_000, 0.5), 100)[0].size <= 204


def test_few_points_stay_as_they_are() -> None:
    x, y = np.arange(50.0), noisy(50)
    assert thinned(x, y)[1] is y


@given(
    st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), max_size=200),
    st.floats(0, 0.999),
    st.integers(0, 200),
)
def test_what_is_smoothed_piece_by_piece_is_what_is_smoothed_at_once(
    values: list[float], weight: float, cut: int
) -> None:
    given = np.array(values)
    whole = Smoothing(weight).go_on(given)
    smoothing = Smoothing(weight)
    pieces = np.concatenate([smoothing.go_on(given[:cut]), smoothing.go_on(given[cut:])])
    assert pieces == pytest.approx(whole, rel=1e-6, abs=1e-3, nan_ok=True)
    mean, past = 0.0, 1.0
    for value, found in zip(values, whole, strict=True):
        if value != value:
            assert found != found
            continue
        mean, past = weight * mean + (1 - weight) * value, past * weight
        assert found == pytest.approx(mean / (1 - past), rel=1e-6, abs=1e-3)


def test_a_constant_stays_itself_from_the_first_value_on() -> None:
    assert Smoothing(0.99).go_on(np.full(5_000, 3.0)) == pytest.approx(np.full(5_000, 3.0))
