"""A metric's name stands for the number that scikit-learn gives for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as reference
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import get_scorer

from mlops_tui.core.errors import UsageError
from mlops_tui.evaluation.metrics import DEFAULTS, METRICS, choose_metric

X = np.random.default_rng(0).normal(size=(150, 2))
NOISE = np.random.default_rng(1).normal(size=150)
Y = {
    "binary": np.where(X[:, 0] + NOISE > 0, "yes", "no"),
    "multiclass": np.digitize(X[:, 0] + NOISE, [-0.7, 0.7]),
    "regression": X[:, 0] + NOISE,
}
BY_HAND: dict[tuple[str, str], Callable[[Any, Any], float]] = {
    ("roc_auc", "binary"): lambda m, y: reference.roc_auc_score(y, m.predict_proba(X)[:, 1]),
    ("roc_auc", "multiclass"): lambda m, y: reference.roc_auc_score(y, m.predict_proba(X), multi_class="ovr"),
    ("log_loss", "binary"): lambda m, y: reference.log_loss(y, m.predict_proba(X)),
    ("log_loss", "multiclass"): lambda m, y: reference.log_loss(y, m.predict_proba(X)),
    ("accuracy", "binary"): lambda m, y: float(np.mean(m.predict(X) == y)),
    ("accuracy", "multiclass"): lambda m, y: float(np.mean(m.predict(X) == y)),
    ("rmse", "regression"): lambda m, y: float(np.sqrt(np.mean((m.predict(X) - y) ** 2))),
    ("mae", "regression"): lambda m, y: float(np.mean(np.abs(m.predict(X) - y))),
    ("r2", "regression"): lambda m, y: 1 - np.sum((m.predict(X) - y) ** 2) / np.sum((y - y.mean()) ** 2),
}


def score(name: str, task: str, model: Any) -> float:
    metric = METRICS[name]
    return (-1 if metric.negated else 1) * get_scorer(metric.scorers[task])(model, X, Y[task])


@pytest.mark.parametrize(("name", "task"), [(name, task) for name in METRICS for task in METRICS[name].scorers])
def test_a_metric_is_the_number_that_its_name_says(name: str, task: str) -> None:
    """And a model that is fitted to the target is better, in the metric's direction, than one fitted to noise."""
    kind = LinearRegression if task == "regression" else LogisticRegression
    model, y = kind().fit(X, Y[task]), Y[task]
    assert score(name, task, model) == pytest.approx(BY_HAND[name, task](model, y))
    worse = kind().fit(X, np.random.default_rng(2).permutation(y))
    gain = score(name, task, model) - score(name, task, worse)
    assert gain > 0 if METRICS[name].direction == "maximize" else gain < 0


@pytest.mark.parametrize("task", DEFAULTS)
def test_a_task_has_a_metric_of_its_own_that_fits_it(task: str) -> None:
    assert task in choose_metric(task, None).scorers


def test_an_unknown_or_unfitting_metric_is_refused_with_those_that_fit() -> None:
    with pytest.raises(UsageError, match="no metric 'f7'") as unknown:
        choose_metric("regression", "f7")
    assert unknown.value.remedy == "For regression: rmse, mae, r2."
    with pytest.raises(UsageError, match="roc_auc does not fit a regression target"):
        choose_metric("regression", "roc_auc")
