"""Linear support vector machines, with calibrated probabilities."""

from __future__ import annotations

from typing import Any

from optuna.distributions import FloatDistribution
from sklearn.svm import LinearSVC, LinearSVR

from mlops_tui.evaluation.metrics import ANY_TASK, REGRESSION
from mlops_tui.tuning.engine.families.calibrated import calibrated
from mlops_tui.tuning.engine.families.family import Family, Problem, Wants, on_unit_scale


def _make(params: dict[str, Any], problem: Problem) -> Any:
    shared = {"dual": "auto", "max_iter": 5000, "random_state": problem.seed}
    if problem.task == REGRESSION:
        return on_unit_scale(LinearSVR(C=params["C"], loss="squared_epsilon_insensitive", epsilon=0.1, **shared))
    return calibrated(LinearSVC(C=params["C"], **shared))


FAMILY = Family(
    name="linear_svm",
    tasks=ANY_TASK,
    space={"C": FloatDistribution(1e-4, 1e2, log=True)},
    defaults={"C": 0.1},
    make=_make,
    wants=Wants(scale=True, encode="onehot", impute=True),
    cost=6.0,
    portfolio=({"C": 1e-3},),
)
