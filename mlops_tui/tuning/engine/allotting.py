"""Which family's turn it is: the one that is likely to improve on the best for the least time.

A family's next gain is estimated to cost what its last ones did, and the way to the best value of all what its own
speed says (the estimated cost for improvement of Wang et al. 2021, FLAML, section 4.2). A turn is drawn with a chance
that is the inverse of that cost: cheap families have many turns, dear ones few, and none is left out for good.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Turn:
    """A configuration that was tried: its value, the higher the better, None where it was stopped or failed, and what it
    cost, in seconds.
    """

    family: str
    value: float | None
    seconds: float


@dataclass(slots=True)
class _Course:
    """What a family has cost so far; its best value and what it had cost by then, and the one before that."""

    seconds: float = 0.0
    best: float | None = None
    best_at: float = 0.0
    before: float | None = None
    before_at: float = 0.0

    def take(self, turn: Turn) -> None:
        self.seconds += turn.seconds
        if turn.value is not None and (self.best is None or turn.value > self.best):
            self.before, self.before_at = self.best, self.best_at
            self.best, self.best_at = turn.value, self.seconds

    def cost(self, best_of_all: float) -> float:
        """The seconds until the best value of all is likely to be improved by this family."""
        own = max(self.seconds - self.best_at, self.best_at - self.before_at)
        if self.best is None or self.best >= best_of_all:
            return max(own, self.seconds if self.best is None else 0.0)
        if self.before is None:  # one value tells no speed
            return max(own, self.seconds)
        speed = (self.best - self.before) / max(self.seconds - self.before_at, 1e-9)
        return max(own, 2 * (best_of_all - self.best) / speed)


def chances(families: Sequence[str], turns: Iterable[Turn], costs: Mapping[str, float]) -> np.ndarray:
    """The chance of each family to have the next turn; they add up to 1.

    `costs` are what a configuration of each family costs, relative to each other, where none was tried yet.
    """
    courses = {family: _Course() for family in families}
    for turn in turns:
        if turn.family in courses:
            courses[turn.family].take(turn)
    known = [course.best for course in courses.values() if course.best is not None]
    best = max(known, default=0.0)
    unit = _seconds_a_unit(courses, costs)
    needed = [
        course.cost(best) if course.seconds else unit * costs.get(family, 1.0) for family, course in courses.items()
    ]
    speeds = 1 / np.maximum(needed, 1e-6)
    return np.asarray(speeds / speeds.sum())


def _seconds_a_unit(courses: Mapping[str, _Course], costs: Mapping[str, float]) -> float:
    tried = [course.seconds / costs.get(family, 1.0) for family, course in courses.items() if course.seconds]
    return float(np.median(tried)) if tried else 1.0
