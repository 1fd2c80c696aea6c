"""Estimator families, one file each: its space, its defaults, what it begins with, what preprocessing it wants."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from typing import Any

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
    distribution_to_json,
    json_to_distribution,
)

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
from mlops_tui.tuning.space import Space, family_of, fitting

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


def first_configurations(
    families: Sequence[str], given: Space | None = None, earlier: Sequence[tuple[str, dict[str, Any]]] = ()
) -> list[dict[str, Any]]:
    """What a study tries first: the families' defaults, the cheapest first, for something is known at once then; and what
    was best in `earlier` studies (family and parameters, where one is left out the default).

    Values outside of the distributions that were `given` are moved to the nearest one within.
    """
    defaults = _within(given, map(defaults_of, sorted(families, key=lambda family: BY_NAME[family].cost)))
    before = _within(given, (defaults_of(family) | named(family, params) for family, params in earlier))
    return [*defaults, *_new(before, defaults)]


def portfolio_of(family: str, given: Space | None = None, known: Sequence[dict[str, Any]] = ()) -> list[dict[str, Any]]:
    """What else is good to begin with in a family, under Optuna's names and within what was `given`, without what is
    `known`.
    """
    return _new(_within(given, (named(family, params) for params in BY_NAME[family].portfolio)), known)


def _within(given: Space | None, configurations: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [_moved(params, space_of(params["family"], given)) for params in configurations]


def _new(configurations: Sequence[dict[str, Any]], known: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that are not known, each once."""
    return [one for place, one in enumerate(configurations) if one not in (*known, *configurations[:place])]


def space_of(family: str, given: Space | None = None) -> dict[str, BaseDistribution]:
    """A family's distributions by the names that its parameters have in Optuna's tables; those `given` replace its own.

    Raises:
        UsageError: it has no such parameter, or one of another kind.
    """
    own = {f"{family}.{key}": kind for key, kind in BY_NAME[family].space.items()}
    replaced = {name: kind for name, kind in (given or {}).items() if family_of(name) == family}
    for name, kind in replaced.items():
        fitting(name, kind, {key: json.loads(distribution_to_json(one)) for key, one in own.items()})
    return own | {name: json_to_distribution(json.dumps(kind)) for name, kind in replaced.items()}


def _moved(params: dict[str, Any], space: dict[str, BaseDistribution]) -> dict[str, Any]:
    return params | {name: _nearest(params[name], kind) for name, kind in space.items()}


def _nearest(value: Any, kind: BaseDistribution) -> Any:
    if isinstance(kind, CategoricalDistribution):
        return value if value in kind.choices else kind.choices[0]
    assert isinstance(kind, FloatDistribution | IntDistribution)
    inside = min(max(value, kind.low), kind.high)
    return inside if kind.step is None else kind.low + round((inside - kind.low) / kind.step) * kind.step


def defaults_of(family: str) -> dict[str, Any]:
    """A family's default parameters under the names that they have in Optuna's tables."""
    return named(family, BY_NAME[family].defaults)
