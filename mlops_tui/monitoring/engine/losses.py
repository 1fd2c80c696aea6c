"""What a metric of numbers is expected to be where no truth is known: from how far off a recipe was on rows like these.

A model of its own learns, from the columns and from what was said, the loss of rows that the recipe had not learnt from; the mean of what it
expects of other rows is the metric there (direct loss estimation). It holds as long as a given row is as hard as it was: where
inputs move to what is harder it is seen, where the target moves under the same inputs it is not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import xlogy
from sklearn.ensemble import HistGradientBoostingRegressor

from mlops_tui.monitoring.engine.encoding import Encoder

Array = np.ndarray[Any, Any]

LEAST_ROWS = 200
"""Of fewer rows nothing is learnt about where losses are."""
LEAST = float(np.finfo(np.float64).eps)


def _square(truth: Array, said: Array) -> Array:
    return np.square(truth - said)


def _signed(truth: Array, said: Array) -> Array:
    return truth - said


def _log_square(truth: Array, said: Array) -> Array:
    return np.square(np.log1p(truth) - np.log1p(said))


def _share(truth: Array, said: Array) -> Array:
    return np.abs(truth - said) / np.maximum(np.abs(truth), LEAST)


def _poisson(truth: Array, said: Array) -> Array:
    return 2 * (xlogy(truth, truth / said) - truth + said)


def _gamma(truth: Array, said: Array) -> Array:
    return 2 * (np.log(said / truth) + truth / said - 1)


def _root(said: Array, mean: Array) -> float:
    return float(np.sqrt(mean.mean()))


def _mean(said: Array, mean: Array) -> float:
    return float(mean.mean())


def _r2(said: Array, squares: Array, gaps: Array) -> float:
    return 1 - float(squares.mean()) / _variance(said, squares, gaps)


def _explained(said: Array, squares: Array, gaps: Array) -> float:
    return 1 - (float(squares.mean()) - float(gaps.mean()) ** 2) / _variance(said, squares, gaps)


def _variance(said: Array, squares: Array, gaps: Array) -> float:
    """Of the truth, which is what was said plus a gap whose mean and mean square are expected."""
    return float((np.square(said) + 2 * said * gaps + squares).mean() - (said + gaps).mean() ** 2)


_Loss = Callable[[Array, Array], Array]
WAYS: Mapping[str, tuple[tuple[_Loss, ...], Callable[..., float]]] = {
    "rmse": ((_square,), _root),
    "mse": ((_square,), _mean),
    "mae": ((lambda truth, said: np.abs(truth - said),), _mean),
    "mape": ((_share,), _mean),
    "rmsle": ((_log_square,), _root),
    "poisson_deviance": ((_poisson,), _mean),
    "gamma_deviance": ((_gamma,), _mean),
    "r2": ((_square, _signed), _r2),
    "explained_variance": ((_square, _signed), _explained),
}
"""The losses of a row whose means a metric is made of. Of medians and greatest errors nothing is expected: they are no means."""


@dataclass(frozen=True, slots=True)
class _Expected:
    """A loss as a function of a row, or one figure where nothing tells hard rows from easy ones; no loss is below `least`."""

    mean: float
    least: float
    model: HistGradientBoostingRegressor | None

    def __call__(self, x: Array) -> Array:
        if self.model is None:
            return np.full(len(x), self.mean)
        return np.maximum(self.model.predict(x), self.least)


@dataclass(frozen=True, slots=True)
class LossEstimator:
    """Expects a metric of rows of which only the columns are known, and what was said of them."""

    metric: str
    encoder: Encoder
    losses: tuple[_Expected, ...]

    def __call__(self, frame: pd.DataFrame, said: Array) -> float:
        """The metric of n rows that is expected; `said` has shape (n,)."""
        x = np.column_stack([self.encoder(frame), said])
        with np.errstate(all="ignore"):
            return WAYS[self.metric][1](said, *(loss(x) for loss in self.losses))


def learn_losses(
    metric: str, frame: pd.DataFrame, truth: Array, said: Array, weights: Array | None = None, seed: int = 0
) -> LossEstimator | None:
    """Learns from n rows that a recipe had not learnt from; None of a metric that is no mean of losses, and of too few rows.

    A loss is one figure for all rows unless a model that is learnt on half of them expects it better on the other half. Rows weigh as
    `weights` say, shape (n,).
    """
    if metric not in WAYS or len(truth) < LEAST_ROWS:
        return None
    encoder = Encoder.of(frame)
    x = np.column_stack([encoder(frame), said])
    halves = np.array_split(np.random.default_rng(seed).permutation(len(x)), 2)
    with np.errstate(all="ignore"):
        losses = [loss(truth, said) for loss in WAYS[metric][0]]
    if not all(np.isfinite(loss).all() for loss in losses):
        return None
    return LossEstimator(metric, encoder, tuple(_learnt(x, loss, weights, halves, seed) for loss in losses))


def _learnt(x: Array, loss: Array, weights: Array | None, halves: Sequence[Array], seed: int) -> _Expected:
    weighs = np.ones(len(loss)) if weights is None else weights
    learnt, judged = halves
    mean = float(np.average(loss[learnt], weights=weighs[learnt]))
    tried = _model(len(learnt), seed).fit(x[learnt], loss[learnt], weighs[learnt]).predict(x[judged])
    misses = [float(np.average(np.square(loss[judged] - said), weights=weighs[judged])) for said in (tried, mean)]
    is_better = misses[0] < misses[1]
    model = _model(len(loss), seed).fit(x, loss, weighs) if is_better else None
    return _Expected(float(np.average(loss, weights=weighs)), min(0.0, float(loss.min())), model)


def _model(rows: int, seed: int) -> HistGradientBoostingRegressor:
    leaf = max(20, min(rows // 50, 200))  # a leaf's mean is a metric of so many rows
    return HistGradientBoostingRegressor(
        max_iter=60, max_leaf_nodes=15, min_samples_leaf=leaf, early_stopping=False, random_state=seed
    )
