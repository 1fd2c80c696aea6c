"""What a metric of classes is expected to be where no truth is known, from how probable each class is (confidence-based estimation).

Each row counts once for every class, as much as that class is probable: what any metric makes of rows that weigh so is what is expected
of it. That holds as far as the probabilities are calibrated and the odds of a given row are what they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.isotonic import IsotonicRegression

from mlops_tui.evaluation.calibration import calibration
from mlops_tui.evaluation.scoring import score

Array = np.ndarray[Any, Any]

LEAST_ROWS = 100
"""Of fewer rows nothing is learnt about how calibrated the probabilities are."""


@dataclass(frozen=True, slots=True)
class Calibrator:
    """Makes chances of what a model says of the classes: for each class a rising function, None where what it says is taken as it is."""

    maps: tuple[IsotonicRegression | None, ...]

    def __call__(self, said: Array) -> Array:
        """The chances of the classes, shape (n, k), rows of which add up to 1, of probabilities of that shape."""
        if said.shape[1] == 2:
            second = _mapped(self.maps[1], said[:, 1])
            return np.column_stack([1 - second, second])
        found = np.column_stack([_mapped(one, said[:, place]) for place, one in enumerate(self.maps)])
        total = found.sum(axis=1, keepdims=True)
        return np.where(total > 0, found / np.where(total > 0, total, 1), 1 / len(self.maps))


def calibrator(truth: Array, said: Array, seed: int = 0) -> Calibrator:
    """Learnt on rows that the model had not learnt from: `truth` as codes, shape (n,), `said` probabilities, shape (n, k).

    A class keeps what the model says, unless an isotonic fit on half of the rows has a smaller expected calibration error on the
    other half; then it is fitted on all of them.
    """
    n, k = said.shape
    if n < LEAST_ROWS:
        return Calibrator((None,) * k)
    halves = np.array_split(np.random.default_rng(seed).permutation(n), 2)
    maps: list[IsotonicRegression | None] = []
    for place in range(k):
        came, shares = (truth == place).astype(float), said[:, place]
        is_needed = not (k == 2 and place == 0) and _is_better(came, shares, halves)
        maps.append(_fitted(came, shares) if is_needed else None)
    return Calibrator(tuple(maps))


def _is_better(came: Array, shares: Array, halves: Sequence[Array]) -> bool:
    learnt, judged = halves
    if len(np.unique(came[learnt])) < 2:
        return False
    found = _mapped(_fitted(came[learnt], shares[learnt]), shares[judged])
    return calibration(came[judged], found)[0] < calibration(came[judged], shares[judged])[0]


def _fitted(came: Array, shares: Array) -> IsotonicRegression:
    return IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(shares, came)


def _mapped(one: IsotonicRegression | None, shares: Array) -> Array:
    return shares if one is None else np.asarray(one.predict(shares), dtype=float)


def expected(metric: str, task: str, said: Array, chances: Array, *, positive: int = 1) -> float:
    """A metric of what was said of n rows, on its own scale, as is expected where the classes have these chances; both of shape (n, k).

    Raises:
        ValueError: it is not defined on them.
    """
    n, k = chances.shape
    weights = chances.ravel()
    counts = weights > 0
    truth, rows = np.tile(np.arange(k), n)[counts], np.repeat(np.arange(n), k)[counts]
    return score(metric, task, truth, said[rows], weights=weights[counts], positive=positive)
