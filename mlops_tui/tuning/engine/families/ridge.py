"""Ridge regression."""

from __future__ import annotations

from typing import Any

from optuna.distributions import FloatDistribution
from sklearn.linear_model import Ridge

from mlops_tui.evaluation.metrics import REGRESSION
from mlops_tui.tuning.engine.families.family import Family, Problem, Wants


def _make(params: dict[str, Any], problem: Problem) -> Any:
    return Ridge(alpha=params["alpha"], random_state=problem.seed)


FAMILY = Family(
    name="ridge",
    tasks=frozenset({REGRESSION}),
    space={"alpha": FloatDistribution(1e-3, 1e4, log=True)},
    defaults={"alpha": 1.0},
    make=_make,
    wants=Wants(scale=True, encode="onehot", impute=True),
    cost=0.3,
    portfolio=({"alpha": 30.0},),
)
