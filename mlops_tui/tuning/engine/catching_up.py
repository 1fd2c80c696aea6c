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
from scipy.special import stdtrit

CHANCE = 0.05
"""Of configurations that are truly better, at most so many are stopped, over all looks together."""
LEARNT_FROM = 3
"""So many scored configurations of a family are needed for it to be judged by its own."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A configuration that was scored on every fold: its values in the folds' order, the higher the better."""

    family: str
    values: tuple[float, ...]


class Race:
    """The best configuration so far, and how much others differ from it from fold to fold."""

    def __init__(self, scored: Sequence[Scored], folds: int) -> None:
        self._folds = folds
        self._best: np.ndarray | None = None
        self._spreads: dict[str, list[float]] = {}
        if not scored:
            return
        values = np.array([one.values for one in scored])
        self._best = values[values.mean(axis=1).argmax()]
        others = (values != self._best).any(axis=1)
        spreads = np.var(values - self._best, axis=1, ddof=1) if folds > 1 else np.zeros(len(values))
        for place in map(int, np.flatnonzero(others)):
            self._spreads.setdefault(scored[place].family, []).append(float(spreads[place]))

    def is_behind(self, family: str, values: Sequence[float]) -> bool:
        """Whether a configuration with these values on the first folds is to be stopped."""
        k, looks = len(values), self._folds - 1
        if self._best is None or not 0 < k < self._folds:
            return False
        spreads = self._spreads.get(family, [])
        if len(spreads) < LEARNT_FROM:
            spreads = [spread for some in self._spreads.values() for spread in some]
        if not spreads:
            return False
        variance = float(np.mean(spreads))
        lead = float(np.mean(np.subtract(values, self._best[:k])))
        error = math.sqrt(variance * (self._folds - k) / (k * self._folds))
        margin = float(stdtrit(len(spreads) * looks, 1 - CHANCE / looks)) * error
        return lead < -margin
