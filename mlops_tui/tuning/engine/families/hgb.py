"""Histogram gradient boosting."""

from __future__ import annotations

from typing import Any

from optuna.distributions import FloatDistribution, IntDistribution
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from mlops_tui.evaluation.metrics import ANY_TASK, REGRESSION
from mlops_tui.tuning.engine.families.family import Family, Part, Problem, Stopping, Wants

ROUNDS_AT_MOST = 1000
PATIENCE = (20, 50)
"""Rounds without a gain after which it stops: as many by the defaults, and at most."""


def _patience(params: dict[str, Any]) -> int:
    """What one round gains shrinks with the learning rate and with the leaves, so more of them may pass without a gain."""
    least, most = PATIENCE
    usual = FAMILY.defaults
    slower = usual["learning_rate"] / params.get("learning_rate", usual["learning_rate"])
    smaller = (usual["max_leaf_nodes"] / params.get("max_leaf_nodes", usual["max_leaf_nodes"])) ** 0.5
    return int(min(max(least * slower * smaller, least), most))


def _make(params: dict[str, Any], problem: Problem) -> Any:
    kind = HistGradientBoostingRegressor if problem.task == REGRESSION else HistGradientBoostingClassifier
    rounds = {} if "max_iter" in params else {"max_iter": ROUNDS_AT_MOST, "n_iter_no_change": _patience(params)}
    return kind(
        **params,
        **rounds,
        early_stopping="max_iter" not in params,
        categorical_features=list(problem.categorical) or None,
        random_state=problem.seed,
    )


def _fit(estimator: Any, learnt: Part, stopped_by: Part) -> int:
    weights = stopped_by.weights
    estimator.fit(learnt.x, learnt.y, learnt.weights, X_val=stopped_by.x, y_val=stopped_by.y, sample_weight_val=weights)
    losses = -estimator.validation_score_[1:]  # the first is that of no round
    return int(losses.argmin()) + 1


FAMILY = Family(
    name="hgb",
    tasks=ANY_TASK,
    space={
        "learning_rate": FloatDistribution(5e-3, 0.3, log=True),
        "max_leaf_nodes": IntDistribution(4, 256, log=True),
        "min_samples_leaf": IntDistribution(1, 128, log=True),
        "l2_regularization": FloatDistribution(1e-3, 100.0, log=True),
        "max_features": FloatDistribution(0.4, 1.0),
    },
    defaults={
        "learning_rate": 0.1,
        "max_leaf_nodes": 31,
        "min_samples_leaf": 20,
        "l2_regularization": 1e-3,
        "max_features": 1.0,
    },
    make=_make,
    wants=Wants(encode="ordinal"),
    cost=60.0,
    portfolio=(  # small trees are cheap, and on tables of thousands of rows mostly better than large ones; so are small steps
        {
            "learning_rate": 0.1,
            "max_leaf_nodes": 6,
            "min_samples_leaf": 20,
            "l2_regularization": 1.0,
            "max_features": 0.6,
        },
        {
            "learning_rate": 0.05,
            "max_leaf_nodes": 5,
            "min_samples_leaf": 20,
            "l2_regularization": 1.0,
            "max_features": 0.5,
        },
        {
            "learning_rate": 0.02,
            "max_leaf_nodes": 5,
            "min_samples_leaf": 10,
            "l2_regularization": 0.1,
            "max_features": 0.6,
        },
        {
            "learning_rate": 0.05,
            "max_leaf_nodes": 48,
            "min_samples_leaf": 10,
            "l2_regularization": 5.0,
            "max_features": 0.5,
        },
    ),
    stopping=Stopping("max_iter", _fit),
)
