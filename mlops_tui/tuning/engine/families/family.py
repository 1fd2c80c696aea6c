"""What every family says of itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution
from sklearn.compose import TransformedTargetRegressor
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import has_fit_parameter


@dataclass(frozen=True, slots=True)
class Wants:
    """The preprocessing that an estimator wants; families that want the same share their matrices.

    Numbers are scaled to unit variance where `scale`, and their gaps filled where `impute`; categories are encoded
    "onehot" or "ordinal"; `dtype` is what the estimator would convert its matrix to.
    """

    scale: bool = False
    encode: str = "ordinal"
    impute: bool = False
    dtype: str = "float64"


@dataclass(frozen=True, slots=True)
class Problem:
    """What an estimator is made for.

    `rows` are those that it learns from; `categorical` are the columns of its matrix that hold codes of categories;
    `threads` is how many it may use, -1 for all.
    """

    task: str
    seed: int
    rows: int
    categorical: tuple[int, ...] = ()
    threads: int = 1


@dataclass(frozen=True, slots=True)
class Part:
    """Rows to learn from or to stop by: `x` of shape (n, columns), `y` of shape (n,), `weights` of shape (n,) or None."""

    x: np.ndarray
    y: np.ndarray
    weights: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class Stopping:
    """How a family that adds round after round learns when to stop.

    `fit(estimator, learnt, stopped_by)` fits it on the one part, stops where the other grows no better, and returns the
    number of rounds to keep. `parameter` is what `make` takes that number by, so that the final fit needs no such rows.
    """

    parameter: str
    fit: Callable[[Any, Part, Part], int]


@dataclass(frozen=True, slots=True)
class Family:
    """An estimator family.

    `make(params, problem)` gives an unfitted estimator; `defaults` and the configurations of `portfolio`, good ones to
    begin with, lie within `space`. `cost` is how many times as long as logistic regression it takes, roughly, which
    holds until trials were measured. Beyond `rows_at_most` rows it is not tried. `needs` is the module of an extra.
    """

    name: str
    tasks: frozenset[str]
    space: dict[str, BaseDistribution]
    defaults: dict[str, Any]
    make: Callable[[dict[str, Any], Problem], Any]
    wants: Wants
    cost: float
    portfolio: tuple[dict[str, Any], ...] = ()
    rows_at_most: int | None = None
    stopping: Stopping | None = None
    needs: str | None = None


def takes_weights(estimator: Any) -> bool:
    """Whether rows can weigh differently in its fit."""
    inner = estimator.regressor if isinstance(estimator, TransformedTargetRegressor) else estimator
    return bool(has_fit_parameter(inner, "sample_weight"))


def on_unit_scale(regressor: Any) -> TransformedTargetRegressor:
    """A regressor that learns the target with mean 0 and deviation 1, for one whose parameters depend on its scale."""
    return TransformedTargetRegressor(regressor=regressor, transformer=StandardScaler())
