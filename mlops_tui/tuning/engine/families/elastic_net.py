"""Linear regression with both penalties: it leaves columns out where `l1_ratio` is high."""

from __future__ import annotations

from typing import Any

from optuna.distributions import FloatDistribution
from sklearn.linear_model import ElasticNet

from mlops_tui.evaluation.metrics import REGRESSION
from mlops_tui.tuning.engine.families.family import Family, Problem, Wants, on_unit_scale


def _make(params: dict[str, Any], problem: Problem) -> Any:
    return on_unit_scale(ElasticNet(**params, max_iter=5000, random_state=problem.seed))


FAMILY = Family(
    name="elastic_net",
    tasks=frozenset({REGRESSION}),
    space={"alpha": FloatDistribution(1e-4, 1.0, log=True), "l1_ratio": FloatDistribution(0.01, 1.0)},
    defaults={"alpha": 1e-2, "l1_ratio": 0.5},
    make=_make,
    wants=Wants(scale=True, encode="onehot", impute=True),
    cost=0.4,
    portfolio=({"alpha": 1e-3, "l1_ratio": 0.9}, {"alpha": 0.05, "l1_ratio": 1.0}),
)
