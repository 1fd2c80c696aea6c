"""Whether a configuration that was scored on some folds can still catch up with the best one.

Folds come in one fixed order, so two configurations are compared fold by fold on the same rows: with d the difference of
their values on a fold, the difference of the means over all K folds, given the mean over the k that are known, is normal
about that mean with variance s² (K − k) / (k K), s being the deviation of d from fold to fold. It is learnt from the
configurations of the same family that were scored on all folds, against the best one, and from all where those are few.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t

CHANCE = 0.05
"""Of configurations that are truly better, at most so many are stopped, over all looks together."""
LEARNT_FROM = 3
"""So many scored configurations are needed; before, none is stopped."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A configuration that was scored on every fold: its values in the folds' order, the higher the better."""

    family: str
    values: tuple[float, ...]


class Race:
    """The best configuration so far, and how much others differ from it from fold to fold."""

    def __init__(self, scored: Sequence[Scored], folds: int) -> None:
        self._folds = folds
        self._best = max(scored, key=lambda one: np.mean(one.values), default=None)
        self._spreads: dict[str, list[float]] = {}
        for one in scored:
            if self._best is not None and one.values != self._best.values:
                spread = float(np.var(np.subtract(one.values, self._best.values), ddof=1)) if folds > 1 else 0.0
                self._spreads.setdefault(one.family, []).append(spread)

    def is_behind(self, family: str, values: Sequence[float]) -> bool:
        """Whether a configuration with these values on the first folds is to be stopped."""
        k, looks = len(values), self._folds - 1
        if self._best is None or not 0 < k < self._folds:
            return False
        spreads = self._spreads.get(family, [])
        if len(spreads) < LEARNT_FROM:
            spreads = [spread for some in self._spreads.values() for spread in some]
        if len(spreads) < LEARNT_FROM:
            return False
        variance = float(np.mean(spreads))
        lead = float(np.mean(np.subtract(values, self._best.values[:k])))
        error = math.sqrt(variance * (self._folds - k) / (k * self._folds))
        margin = float(t.ppf(1 - CHANCE / looks, len(spreads) * looks)) * error
        return lead < -margin
