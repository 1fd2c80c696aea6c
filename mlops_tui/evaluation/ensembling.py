"""Which models to average: greedy selection with replacement (Caruana et al. 2004, "Ensemble selection from libraries of models")."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

ROUNDS, PATIENCE = 25, 10
"""So many rounds there are, and so many may go by without a better average."""
TINY = 1e-12
"""A gain that is a smaller share of the value is one of rounding."""


def select(said: Sequence[Array], value: Callable[[Array], float], rounds: int = ROUNDS) -> Counter[int]:
    """How often each of the models is in the best average that was found, by their places in `said`.

    Each round adds the model that makes the average best, one that is in it already perhaps: so weights come about. Of
    averages that are as good the smallest is taken. `value` says how good what an average says is, the higher the better.
    """
    total = np.zeros_like(said[0], dtype=float)
    taken: list[int] = []
    best, length = -np.inf, 0
    for turn in range(1, rounds + 1):
        values = [value((total + one) / turn) for one in said]
        place = int(np.argmax(values))
        total += said[place]
        taken.append(place)
        if not length or values[place] > best + TINY * abs(best):
            best, length = values[place], turn
        if turn - length >= PATIENCE:
            break
    return Counter(taken[:length])


def averaged(said: Sequence[Array], counts: Counter[int]) -> Array:
    """What the models say together, each as often as it is counted."""
    summed = sum(count * said[place] for place, count in counts.items())
    return np.asarray(summed / counts.total())
