"""Gradient boosting by CatBoost, whose trees ask the same question on each level."""

from __future__ import annotations

from typing import Any

from optuna.distributions import FloatDistribution, IntDistribution

from mlops_tui.evaluation.metrics import ANY_TASK, REGRESSION
from mlops_tui.tuning.engine.families.boosting import PATIENCE, ROUNDS_AT_MOST, WANTS, loaded
from mlops_tui.tuning.engine.families.family import Family, Part, Problem, Stopping
from mlops_tui.tuning.engine.families.labelled import Labelled, coded_alike


def _make(params: dict[str, Any], problem: Problem) -> Any:
    catboost = loaded("catboost")

    kind = catboost.CatBoostRegressor if problem.task == REGRESSION else catboost.CatBoostClassifier
    rounds = {} if "iterations" in params else {"iterations": ROUNDS_AT_MOST, "early_stopping_rounds": PATIENCE}
    booster = kind(
        **params,
        **rounds,
        bootstrap_type="Bernoulli",
        thread_count=problem.threads,
        random_seed=problem.seed,
        logging_level="Silent",
        allow_writing_files=False,
    )
    return booster if problem.task == REGRESSION else Labelled(booster)


def _fit(estimator: Any, learnt: Part, stopped_by: Part) -> int:
    catboost = loaded("catboost")

    part = coded_alike(stopped_by, learnt) if isinstance(estimator, Labelled) else stopped_by
    pool = catboost.Pool(part.x, part.y, weight=part.weights)
    estimator.fit(learnt.x, learnt.y, sample_weight=learnt.weights, eval_set=pool, use_best_model=True)
    booster = estimator.classifier_ if isinstance(estimator, Labelled) else estimator
    return int(booster.get_best_iteration()) + 1


FAMILY = Family(
    name="catboost",
    tasks=ANY_TASK,
    space={
        "learning_rate": FloatDistribution(5e-3, 0.3, log=True),
        "depth": IntDistribution(4, 8),
        "l2_leaf_reg": FloatDistribution(1e-4, 10.0, log=True),
        "subsample": FloatDistribution(0.7, 1.0),
    },
    defaults={"learning_rate": 0.1, "depth": 6, "l2_leaf_reg": 3.0, "subsample": 0.8},
    make=_make,
    wants=WANTS,
    cost=200.0,
    portfolio=(
        {"learning_rate": 0.05, "depth": 8, "l2_leaf_reg": 1.0, "subsample": 0.9},
        {"learning_rate": 0.05, "depth": 4, "l2_leaf_reg": 5.0, "subsample": 0.8},
    ),
    stopping=Stopping("iterations", _fit),
    needs="catboost",
)
