"""What is drawn of a model's answers agrees with scikit-learn, and is small whatever the rows are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import auc, average_precision_score, confusion_matrix, roc_auc_score

from mlops_tui.evaluation.answers import answers
from mlops_tui.evaluation.judged import DOTS, POINTS, judged


def two_classes(n: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(0)
    said = draw.beta(2, 3, n)
    return (draw.random(n) < said).astype(int), said


def test_two_classes_have_every_curve_and_their_figures_are_scikit_learns() -> None:
    truth, said = two_classes()
    found = judged(answers(truth, said))
    assert set(found) == {"roc", "precision_recall", "calibration", "lift", "confusion"}
    assert found["roc"]["value"] == pytest.approx(roc_auc_score(truth, said), abs=1e-6)
    assert found["precision_recall"]["value"] == pytest.approx(average_precision_score(truth, said), abs=1e-4)
    assert found["confusion"]["counts"] == confusion_matrix(truth, said >= 0.5).tolist()
    assert found["calibration"]["value"] < 0.02  # what was drawn by these probabilities is calibrated


def test_the_points_that_are_kept_are_few_and_still_tell_the_area() -> None:
    truth, said = two_classes()
    roc = judged(answers(truth, said))["roc"]
    assert len(roc["x"]) <= POINTS
    assert (roc["x"][0], roc["y"][0], roc["x"][-1], roc["y"][-1]) == (0.0, 0.0, 1.0, 1.0)
    assert auc(roc["x"], roc["y"]) == pytest.approx(roc["value"], abs=0.002)


def test_the_lift_of_the_first_tenth_says_how_many_times_the_base_rate_it_finds() -> None:
    truth = np.array([1] * 50 + [0] * 450)
    found = judged(answers(truth, truth * 0.5 + 0.2))["lift"]
    assert found["value"] == pytest.approx(10.0)
    assert judged(answers(truth, np.full(500, 0.5)))["lift"]["value"] <= 10.0


def test_several_classes_have_a_matrix_and_a_calibration_and_labels_a_matrix_alone() -> None:
    draw = np.random.default_rng(1)
    shares = draw.dirichlet([1, 1, 1], 300)
    truth = np.array([draw.choice(3, p=share) for share in shares])
    assert set(judged(answers(truth, shares))) == {"confusion", "calibration"}
    assert set(judged(answers(truth, shares.argmax(axis=1)))) == {"confusion"}


def test_of_numbers_the_residuals_are_drawn() -> None:
    truth = np.linspace(0, 10, 5_000)
    found = judged(answers(truth, truth + 2))
    assert list(found) == ["residuals"]
    assert found["residuals"]["value"] == pytest.approx(2.0)
    assert len(found["residuals"]["x"]) == DOTS
    assert set(np.round(found["residuals"]["y"], 9)) == {-2.0}


def test_a_positive_class_that_is_the_first_turns_the_curves() -> None:
    truth, said = two_classes(500)
    found = answers(truth, said)
    turned = judged(replace(found, positive=0))
    assert turned["roc"]["value"] == pytest.approx(judged(found)["roc"]["value"])
    assert turned["lift"]["value"] != pytest.approx(judged(found)["lift"]["value"])


def test_where_nothing_was_said_or_one_class_is_alone_there_is_little_to_draw() -> None:
    assert judged(answers([0.5, 1.5, 2.5], [np.nan] * 3)) == {}
    assert set(judged(answers([1, 1, 1], [0.5, 0.6, 0.7], classes=[0, 1]))) == {"confusion"}
