"""A metric's name stands for the number that scikit-learn gives for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as reference
from sklearn.linear_model import LinearRegression, LogisticRegression

from mlops_tui.core.errors import UsageError
from mlops_tui.evaluation.metrics import DEFAULTS, METRICS, choose_metric
from mlops_tui.evaluation.scoring import score

X = np.random.default_rng(0).normal(size=(150, 2))
NOISE = np.random.default_rng(1).normal(size=150)
Y = {
    "binary": np.where(X[:, 0] + NOISE > 0, "yes", "no"),
    "multiclass": np.digitize(X[:, 0] + NOISE, [-0.7, 0.7]),
    "regression": np.exp(0.2 * X[:, 0] + 0.1 * NOISE),
}
P, Q = (lambda m: m.predict_proba(X)), (lambda m: m.predict(X))
BY_HAND: dict[str, Callable[[Any, Any], float]] = {
    "roc_auc": lambda m, y: reference.roc_auc_score(y, P(m)[:, 1] if P(m).shape[1] == 2 else P(m), multi_class="ovr"),
    "roc_auc_ovo": lambda m, y: reference.roc_auc_score(y, P(m), multi_class="ovo"),
    "average_precision": lambda m, y: reference.average_precision_score(
        y if P(m).shape[1] > 2 else y == "yes", P(m) if P(m).shape[1] > 2 else P(m)[:, 1]
    ),
    "log_loss": lambda m, y: reference.log_loss(y, P(m)),
    "brier_score": lambda m, y: reference.brier_score_loss(
        y, P(m) if P(m).shape[1] > 2 else P(m)[:, 1], **({} if P(m).shape[1] > 2 else {"pos_label": "yes"})
    ),
    "accuracy": lambda m, y: float(np.mean(Q(m) == y)),
    "balanced_accuracy": lambda m, y: float(np.mean([np.mean(Q(m)[y == label] == label) for label in np.unique(y)])),
    "f1": lambda m, y: reference.f1_score(y, Q(m), pos_label="yes"),
    "f1_macro": lambda m, y: reference.f1_score(y, Q(m), average="macro"),
    "f1_weighted": lambda m, y: reference.f1_score(y, Q(m), average="weighted"),
    "precision": lambda m, y: float(np.mean(y[Q(m) == "yes"] == "yes")),
    "precision_macro": lambda m, y: reference.precision_score(y, Q(m), average="macro", zero_division=0),
    "precision_weighted": lambda m, y: reference.precision_score(y, Q(m), average="weighted", zero_division=0),
    "recall": lambda m, y: float(np.mean(Q(m)[y == "yes"] == "yes")),
    "recall_macro": lambda m, y: reference.recall_score(y, Q(m), average="macro"),
    "recall_weighted": lambda m, y: reference.recall_score(y, Q(m), average="weighted"),
    "jaccard": lambda m, y: reference.jaccard_score(y, Q(m), pos_label="yes"),
    "jaccard_macro": lambda m, y: reference.jaccard_score(y, Q(m), average="macro"),
    "matthews_corrcoef": lambda m, y: reference.matthews_corrcoef(y, Q(m)),
    "d2_log_loss": lambda m, y: reference.d2_log_loss_score(y, P(m)),
    "d2_brier_score": lambda m, y: reference.d2_brier_score(
        y, P(m) if P(m).shape[1] > 2 else P(m)[:, 1], **({} if P(m).shape[1] > 2 else {"pos_label": "yes"})
    ),
    "rmse": lambda m, y: float(np.sqrt(np.mean((Q(m) - y) ** 2))),
    "mae": lambda m, y: float(np.mean(np.abs(Q(m) - y))),
    "mse": lambda m, y: float(np.mean((Q(m) - y) ** 2)),
    "median_absolute_error": lambda m, y: float(np.median(np.abs(Q(m) - y))),
    "max_error": lambda m, y: float(np.max(np.abs(Q(m) - y))),
    "mape": lambda m, y: float(np.mean(np.abs(Q(m) - y) / y)),
    "rmsle": lambda m, y: float(np.sqrt(np.mean((np.log1p(Q(m)) - np.log1p(y)) ** 2))),
    "poisson_deviance": lambda m, y: float(2 * np.mean(y * np.log(y / Q(m)) - y + Q(m))),
    "gamma_deviance": lambda m, y: float(2 * np.mean(np.log(Q(m) / y) + y / Q(m) - 1)),
    "r2": lambda m, y: 1 - np.sum((Q(m) - y) ** 2) / np.sum((y - y.mean()) ** 2),
    "explained_variance": lambda m, y: 1 - np.var(y - Q(m)) / np.var(y),
    "d2_absolute_error": lambda m, y: 1 - np.abs(Q(m) - y).sum() / np.abs(np.median(y) - y).sum(),
}


def codes(task: str) -> Any:
    return Y[task] if task == "regression" else np.unique(Y[task], return_inverse=True)[1]


def said(task: str, model: Any) -> Any:
    return model.predict(X) if task == "regression" else model.predict_proba(X)


@pytest.mark.parametrize(("name", "task"), [(name, task) for name in METRICS for task in METRICS[name].scorers])
def test_a_metric_is_the_number_that_its_name_says(name: str, task: str) -> None:
    """And a model that is fitted to the target is better, in the metric's direction, than one fitted to noise."""
    kind = LinearRegression if task == "regression" else LogisticRegression
    model, y = kind().fit(X, Y[task]), Y[task]
    found = score(name, task, codes(task), said(task, model))
    assert found == pytest.approx(BY_HAND[name](model, y))
    worse = score(name, task, codes(task), said(task, kind().fit(X, np.random.default_rng(2).permutation(y))))
    assert found > worse if METRICS[name].direction == "maximize" else found < worse


@pytest.mark.parametrize("name", [name for name in METRICS if "binary" in METRICS[name].scorers])
def test_the_positive_class_may_be_either(name: str) -> None:
    """What is said of the second class as the positive one is said of the first after the two were swapped."""
    model = LogisticRegression().fit(X, Y["binary"])
    truth, chances = codes("binary"), said("binary", model)
    swapped = score(name, "binary", 1 - truth, chances[:, ::-1], positive=0)
    assert swapped == pytest.approx(score(name, "binary", truth, chances))
    if name in ("f1", "precision", "recall", "jaccard"):
        assert score(name, "binary", truth, chances, positive=0) != pytest.approx(swapped)


def test_a_decision_is_scored_where_no_probability_is_needed() -> None:
    model = LogisticRegression().fit(X, Y["binary"])
    truth, values = codes("binary"), model.decision_function(X)
    for name in ("roc_auc", "average_precision", "accuracy", "f1"):
        chances = score(name, "binary", truth, said("binary", model))
        assert score(name, "binary", truth, values, are_decisions=True) == pytest.approx(chances)
        swapped = score(name, "binary", 1 - truth, -values, positive=0, are_decisions=True)
        assert swapped == pytest.approx(chances)


@pytest.mark.parametrize("task", DEFAULTS)
def test_a_task_has_a_metric_of_its_own_that_fits_it(task: str) -> None:
    assert task in choose_metric(task, None).scorers


def test_an_unknown_or_unfitting_metric_is_refused_with_those_that_fit() -> None:
    with pytest.raises(UsageError, match="no metric 'f7'") as unknown:
        choose_metric("regression", "f7")
    assert unknown.value.remedy.startswith("For regression: rmse, mae, mse, ")
    assert "accuracy" not in unknown.value.remedy
    with pytest.raises(UsageError, match="roc_auc does not fit a regression target"):
        choose_metric("regression", "roc_auc")
