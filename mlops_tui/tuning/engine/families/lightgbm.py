"""Gradient boosting by LightGBM, whose trees grow leaf by leaf."""

from __future__ import annotations

from typing import Any

from optuna.distributions import FloatDistribution, IntDistribution

from mlops_tui.evaluation.metrics import ANY_TASK, REGRESSION
from mlops_tui.tuning.engine.families.boosting import PATIENCE, ROUNDS_AT_MOST, WANTS, loaded
from mlops_tui.tuning.engine.families.family import Family, Part, Problem, Stopping
from mlops_tui.tuning.engine.families.labelled import Labelled, coded_alike


def _make(params: dict[str, Any], problem: Problem) -> Any:
    lightgbm = loaded("lightgbm")

    kind = lightgbm.LGBMRegressor if problem.task == REGRESSION else lightgbm.LGBMClassifier
    booster = kind(
        **{"n_estimators": ROUNDS_AT_MOST} | params,
        subsample_freq=1,
        n_jobs=problem.threads,
        random_state=problem.seed,
        deterministic=True,
        force_row_wise=True,
        verbosity=-1,
    )
    return booster if problem.task == REGRESSION else Labelled(booster)


def _fit(estimator: Any, learnt: Part, stopped_by: Part) -> int:
    lightgbm = loaded("lightgbm")

    part = coded_alike(stopped_by, learnt) if isinstance(estimator, Labelled) else stopped_by
    estimator.fit(
        learnt.x,
        learnt.y,
        sample_weight=learnt.weights,
        eval_X=part.x,
        eval_y=part.y,
        eval_sample_weight=None if part.weights is None else [part.weights],
        callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
    )
    booster = estimator.classifier_ if isinstance(estimator, Labelled) else estimator
    return max(1, int(booster.best_iteration_))


FAMILY = Family(
    name="lightgbm",
    tasks=ANY_TASK,
    space={
        "learning_rate": FloatDistribution(5e-3, 0.3, log=True),
        "num_leaves": IntDistribution(4, 200, log=True),
        "min_child_samples": IntDistribution(1, 64, log=True),
        "colsample_bytree": FloatDistribution(0.4, 1.0),
        "subsample": FloatDistribution(0.7, 1.0),
        "reg_lambda": FloatDistribution(1e-4, 10.0, log=True),
    },
    defaults={
        "learning_rate": 0.1,
        "num_leaves": 31,
        "min_child_samples": 20,
        "colsample_bytree": 1.0,
        "subsample": 1.0,
        "reg_lambda": 1e-4,
    },
    make=_make,
    wants=WANTS,
    cost=60.0,
    portfolio=(
        {
            "learning_rate": 0.03,
            "num_leaves": 64,
            "min_child_samples": 5,
            "colsample_bytree": 0.5,
            "subsample": 0.8,
            "reg_lambda": 0.1,
        },
        {
            "learning_rate": 0.05,
            "num_leaves": 8,
            "min_child_samples": 10,
            "colsample_bytree": 0.7,
            "subsample": 0.9,
            "reg_lambda": 1.0,
        },
    ),
    stopping=Stopping("n_estimators", _fit),
    needs="lightgbm",
)
