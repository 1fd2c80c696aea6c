"""Estimator families, one file each: its space, its defaults, what preprocessing it wants."""

from __future__ import annotations

from typing import Any

from mlops_tui.tuning.engine.families import hgb, logistic, random_forest, ridge
from mlops_tui.tuning.engine.families.family import Family

BY_NAME: dict[str, Family] = {
    family.name: family for family in (hgb.FAMILY, random_forest.FAMILY, logistic.FAMILY, ridge.FAMILY)
}


def defaults_of(family: str) -> dict[str, Any]:
    """A family's default parameters under the names that they have in Optuna's tables."""
    return {"family": family, **{f"{family}.{key}": value for key, value in BY_NAME[family].defaults.items()}}
