"""What is expected of a metric without labels is what labels come to, as long as the odds are what they were."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score, roc_auc_score

from mlops_tui.evaluation.estimating import LEAST_ROWS, Calibrator, calibrator, expected

BINARY = ("roc_auc", "average_precision", "accuracy", "f1", "precision", "recall", "log_loss", "brier_score")
SCORES = {"accuracy": accuracy_score, "f1": f1_score, "precision": precision_score, "recall": recall_score}


def drawn(rows: int, seed: int, k: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Calibrated probabilities of k classes, and a truth that is drawn by them."""
    draw = np.random.default_rng(seed)
    said = draw.dirichlet(np.full(k, 0.7), rows)
    return (said.cumsum(axis=1) < draw.random((rows, 1))).sum(axis=1), said


@pytest.mark.parametrize("metric", BINARY)
def test_of_calibrated_probabilities_it_is_what_the_truth_comes_to(metric: str) -> None:
    """Within three standard deviations of what is drawn."""
    found = [
        expected(metric, "binary", said, np.eye(2)[truth]) for truth, said in (drawn(2_000, seed) for seed in range(40))
    ]
    told = [expected(metric, "binary", said, said) for _, said in (drawn(2_000, seed) for seed in range(40))]
    error = np.std(np.subtract(found, told), ddof=1) / np.sqrt(40)
    assert abs(np.mean(np.subtract(found, told))) < 3.5 * error


@pytest.mark.parametrize("metric", ["log_loss", "accuracy", "roc_auc", "f1_macro"])
def test_of_more_classes_too(metric: str) -> None:
    truth, said = drawn(20_000, 3, k=4)
    assert expected(metric, "multiclass", said, said) == pytest.approx(
        expected(metric, "multiclass", said, np.eye(4)[truth]), abs=0.02
    )


def test_by_hand_counts_are_sums_of_chances() -> None:
    """Three rows, called 1, 1 and 0: 1.5 of 2 true positives, 0.4 false negatives."""
    chances = np.array([[0.1, 0.9], [0.4, 0.6], [0.6, 0.4]])
    told = {name: expected(name, "binary", chances, chances) for name in SCORES}
    assert told["accuracy"] == pytest.approx((0.9 + 0.6 + 0.6) / 3)
    assert told["precision"] == pytest.approx(1.5 / 2)
    assert told["recall"] == pytest.approx(1.5 / 1.9)
    assert told["f1"] == pytest.approx(2 * 1.5 / (2 + 1.9))


@given(st.integers(2, 40), st.integers(0, 2**16))
def test_certain_chances_give_the_metric_itself(rows: int, seed: int) -> None:
    truth, said = drawn(rows, seed)
    sure = np.eye(2)[truth]
    for name, metric in SCORES.items():
        zero = {} if name == "accuracy" else {"zero_division": 0}
        assert expected(name, "binary", said, sure) == pytest.approx(metric(truth, said.argmax(axis=1), **zero))
    if 0 < truth.sum() < rows:
        assert expected("roc_auc", "binary", said, sure) == pytest.approx(roc_auc_score(truth, said[:, 1]))


def test_the_positive_class_may_be_the_first() -> None:
    _, said = drawn(500, 5)
    turned = expected("average_precision", "binary", said, said, positive=0)
    assert turned == pytest.approx(expected("average_precision", "binary", said[:, ::-1], said[:, ::-1]))


def test_what_is_over_confident_is_calibrated_and_what_is_calibrated_is_left_alone() -> None:
    truth, said = drawn(20_000, 7)
    bold = said[:, 1] ** 3 / (said[:, 1] ** 3 + said[:, 0] ** 3)
    boasting = np.column_stack([1 - bold, bold])
    chances = calibrator(truth, boasting)(boasting)
    assert np.abs(chances - said).mean() < 0.02 < np.abs(boasting - said).mean()
    assert expected("accuracy", "binary", boasting, chances) == pytest.approx(
        expected("accuracy", "binary", boasting, np.eye(2)[truth]), abs=0.01
    )
    assert np.abs(calibrator(truth, said)(said) - said).mean() < 0.02


def test_of_few_rows_or_one_class_nothing_is_learnt() -> None:
    truth, said = drawn(LEAST_ROWS - 1, 1)
    assert calibrator(truth, said) == Calibrator((None, None))
    _, more = drawn(500, 1)
    assert calibrator(np.zeros(500, dtype=int), more) == Calibrator((None, None))


def test_chances_of_more_classes_add_up_to_one() -> None:
    truth, said = drawn(3_000, 2, k=3)
    bold = said**4 / (said**4).sum(axis=1, keepdims=True)
    chances = calibrator(truth, bold)(bold)
    assert np.allclose(chances.sum(axis=1), 1)
    assert chances.min() >= 0
