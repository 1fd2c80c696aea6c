"""Random forests."""

from __future__ import annotations

from typing import Any

from optuna.distributions import FloatDistribution, IntDistribution
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from mlops_tui.tuning.engine.families.family import Family

TREES = 100


def _make(task: str, params: dict[str, Any], seed: int) -> Any:
    kind = RandomForestRegressor if task == "regression" else RandomForestClassifier
    return kind(n_estimators=TREES, n_jobs=-1, random_state=seed, **params)


FAMILY = Family(
    name="random_forest",
    space={
        "max_features": FloatDistribution(0.1, 1.0, log=True),
        "min_samples_leaf": IntDistribution(1, 64, log=True),
        "max_samples": FloatDistribution(0.5, 1.0),
    },
    defaults={"max_features": 0.3, "min_samples_leaf": 1, "max_samples": 1.0},
    make=_make,
    scale=False,
    encode="ordinal",
    impute=True,
)
