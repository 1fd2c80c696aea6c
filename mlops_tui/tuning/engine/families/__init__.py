"""Estimator families, one file each: its space, its defaults, what it begins with, what preprocessing it wants."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from mlops_tui.tuning.engine.families import hgb, logistic, random_forest, ridge
from mlops_tui.tuning.engine.families.family import Family

BY_NAME: dict[str, Family] = {
    family.name: family for family in (hgb.FAMILY, random_forest.FAMILY, logistic.FAMILY, ridge.FAMILY)
}


def named(family: str, params: dict[str, Any]) -> dict[str, Any]:
    """A configuration of a family under the names that it has in Optuna's tables."""
    return {"family": family, **{f"{family}.{key}": value for key, value in params.items()}}


def first_configurations(families: Sequence[str]) -> list[dict[str, Any]]:
    """What a study tries first: the families' defaults, then what else is good to begin with, family by family in turn."""
    portfolios = zip_longest(*(BY_NAME[family].portfolio for family in families))
    others = [
        named(family, params) for some in portfolios for family, params in zip(families, some, strict=True) if params
    ]
    return [*map(defaults_of, families), *others]


def defaults_of(family: str) -> dict[str, Any]:
    """A family's default parameters under the names that they have in Optuna's tables."""
    return named(family, BY_NAME[family].defaults)
