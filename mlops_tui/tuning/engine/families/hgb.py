"""Histogram gradient boosting."""

from __future__ import annotations

from typing import Any

from optuna.distributions import FloatDistribution, IntDistribution
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from mlops_tui.tuning.engine.families.family import Family


def _make(task: str, params: dict[str, Any], seed: int) -> Any:
    kind = HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier
    return kind(**params, early_stopping=False, random_state=seed)


FAMILY = Family(
    name="hgb",
    space={
        "learning_rate": FloatDistribution(0.02, 0.3, log=True),
        "max_iter": IntDistribution(40, 300, log=True),
        "max_leaf_nodes": IntDistribution(4, 64, log=True),
        "min_samples_leaf": IntDistribution(2, 128, log=True),
        "l2_regularization": FloatDistribution(1e-3, 100.0, log=True),
        "max_features": FloatDistribution(0.4, 1.0),
    },
    defaults={
        "learning_rate": 0.1,
        "max_iter": 100,
        "max_leaf_nodes": 31,
        "min_samples_leaf": 20,
        "l2_regularization": 1e-3,
        "max_features": 1.0,
    },
    make=_make,
    scale=False,
    encode="ordinal",
    impute=False,
)
