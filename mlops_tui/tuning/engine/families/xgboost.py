"""Gradient boosting by XGBoost, whose trees grow level by level."""

from __future__ import annotations

from typing import Any

from optuna.distributions import FloatDistribution, IntDistribution

from mlops_tui.evaluation.metrics import ANY_TASK, REGRESSION
from mlops_tui.tuning.engine.families.boosting import PATIENCE, ROUNDS_AT_MOST, WANTS, loaded
from mlops_tui.tuning.engine.families.family import Family, Part, Problem, Stopping
from mlops_tui.tuning.engine.families.labelled import Labelled, coded_alike


def _make(params: dict[str, Any], problem: Problem) -> Any:
    xgboost = loaded("xgboost")

    kind = xgboost.XGBRegressor if problem.task == REGRESSION else xgboost.XGBClassifier
    rounds = {} if "n_estimators" in params else {"n_estimators": ROUNDS_AT_MOST, "early_stopping_rounds": PATIENCE}
    booster = kind(
        **params, **rounds, tree_method="hist", n_jobs=problem.threads, random_state=problem.seed, verbosity=0
    )
    return booster if problem.task == REGRESSION else Labelled(booster)


def _fit(estimator: Any, learnt: Part, stopped_by: Part) -> int:
    part = coded_alike(stopped_by, learnt) if isinstance(estimator, Labelled) else stopped_by
    estimator.fit(
        learnt.x,
        learnt.y,
        sample_weight=learnt.weights,
        eval_set=[(part.x, part.y)],
        sample_weight_eval_set=None if part.weights is None else [part.weights],
        verbose=False,
    )
    booster = estimator.classifier_ if isinstance(estimator, Labelled) else estimator
    return int(booster.best_iteration) + 1


FAMILY = Family(
    name="xgboost",
    tasks=ANY_TASK,
    space={
        "learning_rate": FloatDistribution(5e-3, 0.3, log=True),
        "max_depth": IntDistribution(3, 10, log=True),
        "min_child_weight": FloatDistribution(1e-3, 10.0, log=True),
        "subsample": FloatDistribution(0.6, 1.0),
        "colsample_bytree": FloatDistribution(0.5, 1.0),
        "reg_lambda": FloatDistribution(1e-4, 10.0, log=True),
    },
    defaults={
        "learning_rate": 0.1,
        "max_depth": 6,
        "min_child_weight": 1.0,
        "subsample": 1.0,
        "colsample_bytree": 1.0,
        "reg_lambda": 1.0,
    },
    make=_make,
    wants=WANTS,
    cost=100.0,
    portfolio=(
        {
            "learning_rate": 0.05,
            "max_depth": 4,
            "min_child_weight": 1.0,
            "subsample": 0.8,
            "colsample_bytree": 0.7,
            "reg_lambda": 1.0,
        },
        {
            "learning_rate": 0.03,
            "max_depth": 8,
            "min_child_weight": 0.1,
            "subsample": 0.8,
            "colsample_bytree": 0.5,
            "reg_lambda": 0.1,
        },
    ),
    stopping=Stopping("n_estimators", _fit),
    needs="xgboost",
)
