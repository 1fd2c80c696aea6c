"""The threshold that is best for a metric of decisions."""

from __future__ import annotations

import numpy as np
import pytest

from mlops_tui.evaluation.scoring import score
from mlops_tui.evaluation.thresholds import OF_DECISIONS, find_threshold, metrics_for, value_at


def rows(count: int = 300, seed: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Few positives, probabilities that are all too low, and weights."""
    generator = np.random.default_rng(seed)
    truth = (generator.random(count) < 0.2).astype(int)
    said = np.clip(np.round(0.15 + 0.2 * truth + generator.normal(0, 0.08, count), 3), 0, 1)
    return truth, said, generator.integers(0, 4, count).astype(float)


@pytest.mark.parametrize("metric", OF_DECISIONS)
def test_a_metric_at_a_threshold_is_that_of_scikit_learn(metric: str) -> None:
    truth, said, weights = rows()
    for threshold in (0.2, 0.29, 0.5):
        called = (said >= threshold).astype(float)
        hard = np.column_stack([1 - called, called])
        for given in (None, weights):
            expected = score(metric, "binary", truth, hard, weights=given)
            found = value_at(metric, threshold, truth, said, np.ones(len(truth)) if given is None else given)
            assert found == pytest.approx(expected)


@pytest.mark.parametrize("metric", OF_DECISIONS)
def test_no_other_threshold_is_better_than_the_one_that_is_found(metric: str) -> None:
    truth, said, weights = rows()
    found = find_threshold(metric, [np.arange(len(truth))], truth, said, weights)
    others = [value_at(metric, threshold, truth, said, weights) for threshold in np.linspace(0.01, 1, 500)]
    assert found.value >= max(others) - 1e-9
    assert found.value == value_at(metric, found.threshold, truth, said, weights)
    assert found.value >= found.usual
    if metric == "f1":
        assert found.usual < 0.1 < 0.6 < found.value


def test_a_threshold_that_is_chosen_on_other_folds_is_judged_without_the_fold() -> None:
    """Probabilities that mean another thing in each fold have no threshold in common, and that is what is said."""
    truth = np.tile([0, 0, 1, 1], 20)
    said = np.tile([0.1, 0.2, 0.3, 0.4], 20)
    said[40:] += 0.5
    found = find_threshold("accuracy", [np.arange(40), np.arange(40, 80)], truth, said)
    assert found.across == pytest.approx(0.5)
    alike = find_threshold("accuracy", [np.arange(40), np.arange(40)], truth[:40], said[:40])
    assert (alike.across, alike.threshold) == (pytest.approx(1.0), pytest.approx(0.25))


def test_one_half_stays_where_it_is_as_good_as_any() -> None:
    truth, said = np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.8, 0.9])
    assert find_threshold("f1", [np.arange(4)], truth, said).threshold == 0.5
    assert find_threshold("f1", [np.arange(4)], truth, np.full(4, 0.3)).threshold == 0.5


def test_a_study_s_own_metric_comes_first_where_a_threshold_changes_it() -> None:
    assert metrics_for("accuracy") == ["accuracy", "balanced_accuracy", "f1"]
    assert metrics_for("f1") == ["f1", "balanced_accuracy"]
    assert metrics_for("roc_auc") == metrics_for("recall") == ["balanced_accuracy", "f1"]
