"""Support vector machines with a radial kernel, with calibrated probabilities; their time grows with the square of the rows."""

from __future__ import annotations

from typing import Any

from optuna.distributions import FloatDistribution
from sklearn.svm import SVC, SVR

from mlops_tui.evaluation.metrics import ANY_TASK, REGRESSION
from mlops_tui.tuning.engine.families.calibrated import calibrated
from mlops_tui.tuning.engine.families.family import Family, Problem, Wants, on_unit_scale
from mlops_tui.tuning.model import ROWS_AT_MOST

CACHE_MB = 400


def _make(params: dict[str, Any], problem: Problem) -> Any:
    if problem.task == REGRESSION:
        return on_unit_scale(SVR(**params, cache_size=CACHE_MB))
    return calibrated(SVC(**params, cache_size=CACHE_MB, random_state=problem.seed))


FAMILY = Family(
    name="rbf_svm",
    tasks=ANY_TASK,
    space={"C": FloatDistribution(2**-5, 2**10, log=True), "gamma": FloatDistribution(2**-15, 2**3, log=True)},
    defaults={"C": 1.0, "gamma": 0.05},
    make=_make,
    wants=Wants(scale=True, encode="onehot", impute=True),
    cost=100.0,
    portfolio=({"C": 10.0, "gamma": 0.01}, {"C": 100.0, "gamma": 1e-3}),
    rows_at_most=ROWS_AT_MOST["rbf_svm"],
)
