"""Whether a probability of 0.7 comes true seven times in ten, on rows that were not learnt from."""

from __future__ import annotations

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
