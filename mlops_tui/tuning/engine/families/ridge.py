"""Ridge regression."""

from __future__ import annotations

from typing import Any

from optuna.distributions import FloatDistribution
from sklearn.linear_model import Ridge

from mlops_tui.tuning.engine.families.family import Family


def _make(task: str, params: dict[str, Any], seed: int) -> Any:
    return Ridge(alpha=params["alpha"], random_state=seed)


FAMILY = Family(
    name="ridge",
    space={"alpha": FloatDistribution(1e-3, 1e4, log=True)},
    defaults={"alpha": 1.0},
    make=_make,
    scale=True,
    encode="onehot",
    impute=True,
)
