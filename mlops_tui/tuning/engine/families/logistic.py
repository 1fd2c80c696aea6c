"""Logistic regression."""

from __future__ import annotations

from typing import Any

from optuna.distributions import FloatDistribution
from sklearn.linear_model import LogisticRegression

from mlops_tui.evaluation.metrics import CLASSES
from mlops_tui.tuning.engine.families.family import Family, Problem, Wants


def _make(params: dict[str, Any], problem: Problem) -> Any:
    return LogisticRegression(C=params["C"], max_iter=2000, random_state=problem.seed)


FAMILY = Family(
    name="logistic",
    tasks=CLASSES,
    space={"C": FloatDistribution(1e-3, 1e3, log=True)},
    defaults={"C": 1.0},
    make=_make,
    wants=Wants(scale=True, encode="onehot", impute=True),
    cost=1.0,
    portfolio=({"C": 0.05},),
)
