"""Which of two is better, and what is noise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import t

from mlops_tui.evaluation.answers import Answers
from mlops_tui.evaluation.metrics import MAXIMIZE, MINIMIZE
from mlops_tui.evaluation.verdict import BETTER, TOO_CLOSE, UNKNOWN, WORSE, Verdict, by_folds, by_labels, drawn
from mlops_tui.evaluation.verdict import by_rows as of_draws


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


def said(truth: np.ndarray, numbers: np.ndarray) -> Answers:
    return Answers("regression", truth, numbers, "")


def by_rows(first: Answers, other: Answers, metric: str, direction: str = MINIMIZE, seed: int = 0) -> Verdict:
    return of_draws(drawn(first, metric, seed), drawn(other, metric, seed), len(first.truth), direction)


def test_two_that_are_alike_are_told_apart_in_one_of_twenty_cases_and_the_interval_has_the_truth() -> None:
    """Rows differ much, the two in each row little: the pairs are what counts."""
    draw = np.random.default_rng(0)
    clear = covered = 0
    for seed in range(200):
        truth = np.zeros(150)
        rows = np.abs(draw.normal(20, 5, 150))  # what both are wrong by
        found = by_rows(
            said(truth, rows + draw.normal(0, 1, 150)), said(truth, rows + draw.normal(0, 1, 150)), "mae", seed=seed
        )
        clear += found.verdict != TOO_CLOSE
        assert found.interval is not None
        covered += found.interval[0] <= 0 <= found.interval[1]
    assert clear <= 20  # 10 are expected; more than 20 in 1 of 1,000 times
    assert covered == 200 - clear


def test_a_difference_that_is_there_is_found() -> None:
    draw = np.random.default_rng(1)
    truth, rows = np.zeros(500), np.abs(draw.normal(20, 5, 500))
    found = by_rows(said(truth, rows), said(truth, rows + draw.normal(0.5, 1, 500)), "mae")
    assert (found.verdict, found.by, found.n) == (BETTER, "rows", 500)
    assert found.difference == pytest.approx(-0.5, abs=0.15)


def test_too_few_rows_or_a_metric_that_is_seldom_defined_tell_nothing() -> None:
    few = said(np.zeros(19), np.arange(19.0))
    assert by_rows(few, said(np.zeros(19), np.zeros(19)), "mae").verdict == UNKNOWN
    alone = Answers("binary", np.ones(100, dtype=int), np.linspace(0, 1, 100), "", ("0", "1"))
    assert by_rows(alone, alone, "roc_auc", MAXIMIZE).verdict == UNKNOWN
    assert by_rows(alone, alone, "average_precision", MAXIMIZE).verdict in (UNKNOWN, TOO_CLOSE)


@pytest.mark.parametrize("metric", ["roc_auc", "log_loss", "f1_macro", "mae", "rmse", "r2"])
def test_all_draws_at_once_are_what_scikit_learn_says_of_each(metric: str) -> None:
    draw = np.random.default_rng(2)
    truth = draw.integers(0, 2, 60)
    if metric in ("mae", "rmse", "r2"):
        found = said(draw.normal(size=60), draw.normal(size=60))
    else:
        found = Answers("binary", truth, np.round(draw.random(60), 1), "", ("0", "1"))  # rounded: ties
    every = np.arange(60)
    counts = np.random.default_rng(5).multinomial(60, np.full(60, 1 / 60), size=1000)
    values = drawn(found, metric, 5)
    assert values[0] == pytest.approx(found.value(metric, every))
    for place in range(20):
        assert values[1 + place] == pytest.approx(found.value(metric, np.repeat(every, counts[place])))


def test_labels_are_told_apart_by_the_rows_that_one_alone_has_right() -> None:
    """McNemar's exact test of 12 against 2: 2 · P(X ≤ 2 of 14) = 2 · (1 + 14 + 91) / 2^14."""
    first = np.array([True] * 12 + [False] * 2 + [True] * 60 + [False] * 26)
    other = np.array([False] * 12 + [True] * 2 + [True] * 60 + [False] * 26)
    found = by_labels(first, other)
    assert (found.verdict, found.by, found.n) == (BETTER, "labels", 100)
    assert found.difference == pytest.approx(0.1)
    assert found.p == pytest.approx(2 * 106 / 2**14)
    assert found.interval is not None
    assert found.interval[0] > 0
    assert by_labels(other, first).verdict == WORSE


def test_labels_that_never_disagree_are_too_close_with_some_doubt_left() -> None:
    same = np.arange(100) % 3 > 0
    found = by_labels(same, same)
    assert (found.verdict, found.difference, found.p) == (TOO_CLOSE, 0.0, 1.0)
    assert found.interval is not None
    assert found.interval[0] < 0 < found.interval[1]
    assert by_labels(same[:19], same[:19]).verdict == UNKNOWN


def test_alike_labels_are_seldom_told_apart() -> None:
    draw = np.random.default_rng(3)
    clear = sum(by_labels(draw.random(200) < 0.8, draw.random(200) < 0.8).verdict != TOO_CLOSE for _ in range(300))
    assert clear <= 25  # 15 at most are expected of an exact test
