"""Nearest neighbours. Rows cannot weigh differently."""

from __future__ import annotations

from typing import Any

from optuna.distributions import CategoricalDistribution, IntDistribution
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from mlops_tui.evaluation.metrics import ANY_TASK, REGRESSION
from mlops_tui.tuning.engine.families.family import Family, Problem, Wants
from mlops_tui.tuning.model import ROWS_AT_MOST


def _make(params: dict[str, Any], problem: Problem) -> Any:
    kind = KNeighborsRegressor if problem.task == REGRESSION else KNeighborsClassifier
    neighbors = min(params["n_neighbors"], max(1, problem.rows // 2))
    return kind(**params | {"n_neighbors": neighbors}, n_jobs=problem.threads)


FAMILY = Family(
    name="knn",
    tasks=ANY_TASK,
    space={
        "n_neighbors": IntDistribution(1, 512, log=True),
        "weights": CategoricalDistribution(("uniform", "distance")),
        "p": CategoricalDistribution((1, 2)),
    },
    defaults={"n_neighbors": 15, "weights": "uniform", "p": 2},
    make=_make,
    wants=Wants(scale=True, encode="onehot", impute=True),
    cost=10.0,
    portfolio=(
        {"n_neighbors": 30, "weights": "distance", "p": 1},
        {"n_neighbors": 5, "weights": "distance", "p": 2},
    ),
    rows_at_most=ROWS_AT_MOST["knn"],
)
