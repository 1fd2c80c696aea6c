"""Whether a probability of 0.7 comes true seven times in ten, on rows that were not learnt from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mlops_tui.evaluation.told import Bin

Array = np.ndarray[Any, Any]

BINS = 10


def calibration(
    came_true: Array, said: Array, weights: Array | None = None, bins: int = BINS
) -> tuple[float, tuple[Bin, ...]]:
    """The expected calibration error, by bins of equal width, and those of them that have rows. `came_true` is 0 or 1, `said` a probability: of the positive class of two; of several classes
    that of the most probable one, and whether the row is of it.
    """
    weighs = np.ones(len(said)) if weights is None else weights
    places = np.minimum((said * bins).astype(int), bins - 1)
    found, error, whole = [], 0.0, float(weighs.sum())
    for place in range(bins):
        rows = places == place
        weight = float(weighs[rows].sum())
        if weight <= 0:
            continue
        means = [float((weighs[rows] * values[rows]).sum()) / weight for values in (said, came_true)]
        error += weight / whole * abs(means[0] - means[1])
        found.append(Bin(place / bins, (place + 1) / bins, int(rows.sum()), *means))
    return error, tuple(found)


DRAWS = 4_000
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Miscalibration:
    """The root mean square of the gaps between what was said and what came true, by bins of as many rows, without what chance adds,
    with one-sided bounds of 95 %; `squared` is its square, which chance makes negative as often as not where there is none.
    `z` is Spiegelhalter's (1986): of a calibrated model it is normal with mean 0 and variance 1.
    """

    value: float
    low: float
    high: float
    squared: float
    z: float


def miscalibration(came_true: Array, said: Array, seed: int = 0, bins: int = BINS) -> Miscalibration:
    """Of n rows: `came_true` is 0 or 1, `said` a probability, both of shape (n,), as in `calibration`; n is at least twice `bins`.

    From each squared gap the variance of its mean is taken (the debiased estimator of Kumar, Liang and Ma, Verified uncertainty
    calibration, NeurIPS 2019); the bounds are those of gaps that are normal about what they are.
    """
    order = np.argsort(said, kind="stable")
    share = said[order].astype(float)
    gap = came_true[order].astype(float) - share
    starts = np.linspace(0, len(share), bins + 1).astype(int)[:-1]
    sizes = np.diff([*starts, len(share)])
    means = np.add.reduceat(gap, starts) / sizes
    variances = np.maximum(np.add.reduceat(gap**2, starts) / sizes - means**2, 0) / (sizes - 1)
    weight = sizes / len(share)
    squared = float((means**2 - variances) @ weight)
    drawn = means + np.sqrt(variances) * np.random.default_rng(seed).normal(size=(DRAWS, bins))
    low, high = np.quantile((drawn**2 - 2 * variances) @ weight, (1 - CONFIDENCE, CONFIDENCE))
    variance = float((np.square(1 - 2 * share) * share * (1 - share)).sum())
    z = float((gap * (1 - 2 * share)).sum()) / variance**0.5 if variance > 0 else 0.0
    return Miscalibration(_root(squared), _root(float(low)), _root(float(high)), squared, z)


def _root(squared: float) -> float:
    return float(np.sqrt(max(squared, 0.0)))
