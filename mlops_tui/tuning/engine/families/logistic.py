"""Logistic regression."""

from __future__ import annotations

from typing import Any

from optuna.distributions import FloatDistribution
from sklearn.linear_model import LogisticRegression

from mlops_tui.tuning.engine.families.family import Family


def _make(task: str, params: dict[str, Any], seed: int) -> Any:
    return LogisticRegression(C=params["C"], max_iter=2000, random_state=seed)


FAMILY = Family(
    name="logistic",
    space={"C": FloatDistribution(1e-3, 1e3, log=True)},
    defaults={"C": 1.0},
    make=_make,
    scale=True,
    encode="onehot",
    impute=True,
)
