"""Random forests."""

from __future__ import annotations

from typing import Any

from optuna.distributions import FloatDistribution, IntDistribution
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from mlops_tui.evaluation.metrics import ANY_TASK, REGRESSION
from mlops_tui.tuning.engine.families.family import Family, Problem, Wants

TREES = 100


def _make(params: dict[str, Any], problem: Problem) -> Any:
    kind = RandomForestRegressor if problem.task == REGRESSION else RandomForestClassifier
    return kind(n_estimators=TREES, n_jobs=problem.threads, random_state=problem.seed, **params)


FAMILY = Family(
    name="random_forest",
    tasks=ANY_TASK,
    space={
        "max_features": FloatDistribution(0.1, 1.0, log=True),
        "min_samples_leaf": IntDistribution(1, 64, log=True),
        "max_samples": FloatDistribution(0.5, 1.0),
    },
    defaults={"max_features": 0.3, "min_samples_leaf": 1, "max_samples": 1.0},
    make=_make,
    wants=Wants(encode="ordinal", impute=True, dtype="float32"),
    cost=150.0,
    portfolio=(  # large leaves do for noise what the number of trees cannot
        {"max_features": 0.4, "min_samples_leaf": 16, "max_samples": 0.8},
        {"max_features": 0.6, "min_samples_leaf": 4, "max_samples": 0.8},
    ),
)
