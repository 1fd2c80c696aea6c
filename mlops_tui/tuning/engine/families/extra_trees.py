"""Extremely randomized trees: forests whose splits are drawn, cheaper and smoother than random forests."""

from __future__ import annotations

from typing import Any

from optuna.distributions import FloatDistribution, IntDistribution
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

from mlops_tui.evaluation.metrics import ANY_TASK, REGRESSION
from mlops_tui.tuning.engine.families.family import Family, Problem, Wants

TREES = 100


def _make(params: dict[str, Any], problem: Problem) -> Any:
    kind = ExtraTreesRegressor if problem.task == REGRESSION else ExtraTreesClassifier
    return kind(n_estimators=TREES, n_jobs=problem.threads, random_state=problem.seed, **params)


FAMILY = Family(
    name="extra_trees",
    tasks=ANY_TASK,
    space={
        "max_features": FloatDistribution(0.1, 1.0, log=True),
        "min_samples_split": IntDistribution(2, 64, log=True),
    },
    defaults={"max_features": 0.5, "min_samples_split": 2},
    make=_make,
    wants=Wants(encode="ordinal", impute=True, dtype="float32"),
    cost=60.0,
    portfolio=({"max_features": 0.5, "min_samples_split": 24}, {"max_features": 1.0, "min_samples_split": 8}),
)
