"""Estimator families, one file each: its space, its defaults, what it begins with, what preprocessing it wants."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from itertools import zip_longest
from typing import Any

from optuna.distributions import BaseDistribution

from mlops_tui.tuning.engine.families import (
    catboost,
    dummy,
    elastic_net,
    extra_trees,
    hgb,
    knn,
    lightgbm,
    linear_svm,
    logistic,
    mlp,
    random_forest,
    rbf_svm,
    ridge,
    xgboost,
)
from mlops_tui.tuning.engine.families.family import Family

ALL: tuple[Family, ...] = (
    hgb.FAMILY,
    random_forest.FAMILY,
    extra_trees.FAMILY,
    logistic.FAMILY,
    ridge.FAMILY,
    elastic_net.FAMILY,
    linear_svm.FAMILY,
    rbf_svm.FAMILY,
    knn.FAMILY,
    mlp.FAMILY,
    lightgbm.FAMILY,
    xgboost.FAMILY,
    catboost.FAMILY,
    dummy.FAMILY,
)
BY_NAME: dict[str, Family] = {
    family.name: family for family in ALL if family.needs is None or find_spec(family.needs) is not None
}
"""The families that can be fitted here; an extra's package is loaded when the first one of its own is made."""


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


def space_of(family: str) -> dict[str, BaseDistribution]:
    """A family's distributions by the names that its parameters have in Optuna's tables."""
    return {f"{family}.{key}": kind for key, kind in BY_NAME[family].space.items()}


def defaults_of(family: str) -> dict[str, Any]:
    """A family's default parameters under the names that they have in Optuna's tables."""
    return named(family, BY_NAME[family].defaults)
