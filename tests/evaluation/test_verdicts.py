"""Which of two is better, and what is noise."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
from scipy.stats import t

from mlops_tui.evaluation.metrics import MAXIMIZE, MINIMIZE
from mlops_tui.evaluation.verdict import BETTER, TOO_CLOSE, UNKNOWN, WORSE, by_folds, by_rows


def test_by_folds_the_interval_is_students_of_the_corrected_error() -> None:
    """By hand: differences 1, 2, 3, 4 with variance 5/3, folds that score a quarter of what they learn from."""
    found = by_folds([2, 4, 6, 8], [1, 2, 3, 4], 0.25, MAXIMIZE)
    half = float(t.ppf(0.975, 3)) * math.sqrt(5 / 3 * (1 / 4 + 1 / 4))
    assert found.interval == pytest.approx((2.5 - half, 2.5 + half))
    assert (found.difference, found.by, found.n) == (2.5, "folds", 4)


@pytest.mark.parametrize(("direction", "verdict"), [(MAXIMIZE, BETTER), (MINIMIZE, WORSE)])
def test_which_is_better_hangs_on_the_direction(direction: str, verdict: str) -> None:
    first, other = [0.9, 0.91, 0.92, 0.9, 0.91], [0.8, 0.81, 0.815, 0.8, 0.81]
    assert by_folds(first, other, 0.25, direction).verdict == verdict
    assert by_folds(other, first, 0.25, direction).verdict == ({BETTER, WORSE} - {verdict}).pop()


def test_what_differs_by_less_than_its_noise_is_too_close_and_one_fold_tells_nothing() -> None:
    assert by_folds([0.9, 0.8, 0.95], [0.85, 0.88, 0.9], 0.5, MAXIMIZE).verdict == TOO_CLOSE
    assert by_folds([0.9], [0.8], 0.5, MAXIMIZE).verdict == UNKNOWN


def mean(values: np.ndarray, rows: np.ndarray) -> float:
    return float(values[rows].mean())


def test_two_that_are_alike_are_told_apart_in_one_of_twenty_cases_and_the_interval_has_the_truth() -> None:
    """Rows differ much, the two in each row little: the pairs are what counts."""
    draw = np.random.default_rng(0)
    clear = covered = 0
    for seed in range(200):
        rows = draw.normal(0, 5, 150)
        first, other = rows + draw.normal(0, 1, 150), rows + draw.normal(0, 1, 150)
        found = by_rows(partial(mean, first), partial(mean, other), 150, MAXIMIZE, seed)
        clear += found.verdict != TOO_CLOSE
        assert found.interval is not None
        covered += found.interval[0] <= 0 <= found.interval[1]
    assert clear <= 20  # 10 are expected; more than 20 in 1 of 1,000 times
    assert covered == 200 - clear


def test_a_difference_that_is_there_is_found() -> None:
    draw = np.random.default_rng(1)
    rows = draw.normal(0, 5, 500)
    found = by_rows(partial(mean, rows), partial(mean, rows + draw.normal(0.5, 1, 500)), 500, MINIMIZE)
    assert (found.verdict, found.by, found.n) == (BETTER, "rows", 500)
    assert found.difference == pytest.approx(-0.5, abs=0.15)


def test_too_few_rows_or_a_metric_that_is_seldom_defined_tell_nothing() -> None:
    assert by_rows(lambda rows: 1.0, lambda rows: 0.0, 19, MAXIMIZE).verdict == UNKNOWN

    def seldom(rows: np.ndarray) -> float:
        raise ValueError("one class alone")

    assert by_rows(seldom, seldom, 100, MAXIMIZE).verdict == UNKNOWN
