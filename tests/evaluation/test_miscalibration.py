"""How far probabilities are off beyond chance, and the test of whether they are."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from mlops_tui.evaluation.calibration import BINS, miscalibration


def drawn(rows: int, seed: int, off: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes and what was said of them; the truth is `off` below it."""
    draw = np.random.default_rng(seed)
    said = draw.uniform(0.4, 0.9, rows)
    return (draw.random(rows) < said - off).astype(float), said


def test_it_is_the_mean_squared_gap_of_bins_of_as_many_rows_less_what_chance_adds() -> None:
    """Computed once more, bin by bin."""
    hit, said = drawn(1_003, 1, off=0.1)
    order = np.argsort(said)
    parts = np.split(order, np.linspace(0, 1_003, BINS + 1).astype(int)[1:-1])
    gaps = [hit[part] - said[part] for part in parts]
    by_hand = sum(len(gap) / 1_003 * (gap.mean() ** 2 - gap.var(ddof=1) / len(gap)) for gap in gaps)
    found = miscalibration(hit, said)
    assert (found.squared, found.value) == (pytest.approx(by_hand), pytest.approx(np.sqrt(by_hand)))


@pytest.mark.parametrize("rows", [200, 5_000])
def test_of_a_calibrated_model_nothing_is_left_but_chance(rows: int) -> None:
    """However few rows there are, the square is as often below zero as above; the bound holds zero nearly always."""
    found = [miscalibration(*drawn(rows, seed), seed) for seed in range(200)]
    squares = np.array([one.squared for one in found])
    assert abs(squares.mean()) < 4 * squares.std() / np.sqrt(200)
    assert np.mean([one.low == 0 for one in found]) > 0.9
    assert 0.01 < np.mean([abs(one.z) > norm.ppf(0.975) for one in found]) < 0.10  # Spiegelhalter's test at 5 %


def test_of_a_model_that_promises_too_much_the_gap_is_found() -> None:
    found = [miscalibration(*drawn(5_000, seed, off=0.15), seed) for seed in range(100)]
    assert np.mean([one.value for one in found]) == pytest.approx(0.15, abs=0.005)
    assert np.mean([one.low < 0.15 for one in found]) > 0.88
    assert np.mean([one.high > 0.15 for one in found]) > 0.88
    assert min(abs(one.z) for one in found) > 2


def test_spiegelhalters_z_is_his_formula() -> None:
    """Spiegelhalter (1986), of three rows by hand."""
    hit, said = np.array([1.0, 0.0, 1.0]), np.array([0.8, 0.3, 0.6])
    above = (0.2 * -0.6) + (-0.3 * 0.4) + (0.4 * -0.2)
    below = 0.36 * 0.16 + 0.16 * 0.21 + 0.04 * 0.24
    assert miscalibration(np.tile(hit, 10), np.tile(said, 10)).z == pytest.approx(10 * above / np.sqrt(10 * below))
