"""What a configuration is likely to cost, learnt from those that were tried: of several that are as promising the cheapest is drawn.

The logarithm of the seconds a fold is linear in the parameters, each on the scale that it is drawn on (a ridge regression:
a family's first trials are fewer than its parameters).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution

LEAST = 4
"""Of fewer configurations nothing is learnt."""
PENALTY = 0.1

Params = Mapping[str, Any]
Space = Mapping[str, BaseDistribution]


def cheapest(
    candidates: Sequence[dict[str, Any]], tried: Sequence[tuple[Params, float]], space: Space
) -> dict[str, Any]:
    """The candidate that is likely to cost the least, by what others of the family have cost: parameters, and seconds a
    fold; the first where too few were tried, or none costs more than another.
    """
    if len(tried) < LEAST:
        return candidates[0]
    x = np.array([_placed(params, space) for params, _ in tried])
    y = np.log([max(seconds, 1e-3) for _, seconds in tried])
    centre = x.mean(axis=0)
    gram = (x - centre).T @ (x - centre) + PENALTY * np.eye(x.shape[1])
    slopes = np.linalg.solve(gram, (x - centre).T @ (y - y.mean()))
    return min(candidates, key=lambda one: round(float(slopes @ _placed(one, space)), 6))


def _placed(params: Params, space: Space) -> np.ndarray:
    """Where the numbers among the parameters lie in their ranges, 0 to 1; 0.5 of one that is not there."""
    return np.array(
        [
            _place(params.get(name), kind)
            for name, kind in space.items()
            if isinstance(kind, FloatDistribution | IntDistribution)
        ]
    )


def _place(value: float | None, kind: FloatDistribution | IntDistribution) -> float:
    if value is None or kind.single():
        return 0.5
    low, high, at = (math.log(one) if kind.log else float(one) for one in (kind.low, kind.high, value))
    return (at - low) / (high - low)
