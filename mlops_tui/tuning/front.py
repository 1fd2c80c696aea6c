"""Which of several trials no other one is better than, and how much of the space of objectives they cover. Plain Python.

All points are the higher the better. A point dominates another that it is nowhere worse than and somewhere better. The
hypervolume is that of the points that a front dominates, down to a reference (Zitzler and Thiele, Multiobjective
Optimization Using Evolutionary Algorithms, PPSN 1998); it is summed from what each point has alone (While, Bradstreet and
Barone, A Fast Way of Calculating Exact Hypervolumes, IEEE Transactions on Evolutionary Computation 16, 2012).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence

Place = tuple[float, ...]


def front(points: Sequence[Place]) -> list[int]:
    """The places of the points that no other one dominates, in their order; equals are on it together."""
    kept: list[int] = []
    highest = -math.inf
    for place in sorted(range(len(points)), key=lambda one: points[one], reverse=True):
        point = points[place]
        if len(point) == 2:  # those before are as good or better in the first: the second decides
            is_on = point[1] > highest or (bool(kept) and point == points[kept[-1]])
            highest = max(highest, point[1])
        else:
            is_on = not any(_dominates(points[one], point) for one in kept)
        if is_on:
            kept.append(place)
    return sorted(kept)


def _dominates(one: Place, other: Place) -> bool:
    return one != other and all(here >= there for here, there in zip(one, other, strict=True))


def hypervolume(points: Sequence[Place], reference: Place) -> float:
    """The volume that the points dominate above the reference."""
    covered = Covered(reference)
    for point in sorted(points, reverse=True):
        covered.add(point)
    return covered.volume


class Covered:
    """What the points that were added so far dominate above a reference; `volume` only grows."""

    def __init__(self, reference: Place) -> None:
        self._reference = reference
        self._front: list[Place] = []
        self.volume = 0.0

    def add(self, point: Place) -> None:
        """Takes a point in; one that is not above the reference in everything covers nothing."""
        if any(here <= there for here, there in zip(point, self._reference, strict=True)):
            return
        if len(point) == 2:
            self._add_step(point)
        elif not any(one == point or _dominates(one, point) for one in self._front):
            self.volume += self._alone(point)
            self._front = [*(one for one in self._front if not _dominates(point, one)), point]

    def _alone(self, point: Place) -> float:
        """What the point dominates and no other one does."""
        limited = [tuple(map(min, point, one)) for one in self._front]
        whole = math.prod(here - there for here, there in zip(point, self._reference, strict=True))
        return max(0.0, whole - hypervolume([limited[place] for place in front(limited)], self._reference))

    def _add_step(self, point: Place) -> None:
        """In two dimensions the front is a stair: its points go up in the first and down in the second."""
        x, y = point
        right = bisect_left(self._front, point)
        if right < len(self._front) and self._front[right][1] >= y:
            return
        below = self._front[right][1] if right < len(self._front) else self._reference[1]
        left, edge = right, x
        while left and self._front[left - 1][1] <= y:
            left -= 1
            step = self._front[left]
            self.volume += (edge - step[0]) * (y - below)
            edge, below = step
        start = self._front[left - 1][0] if left else self._reference[0]
        self.volume += (edge - start) * (y - below)
        self._front[left:right] = [point]


def coverage(points: Sequence[Place]) -> list[float]:
    """After each point, how much of the box between the worst and the best value of every objective is dominated, from 0 to 1;
    an objective that is the same in all of them does not count."""
    known = [point for point in points if all(map(math.isfinite, point))]
    if not known:
        return [0.0] * len(points)
    low = [min(axis) for axis in zip(*known, strict=True)]
    span = [max(axis) - least for axis, least in zip(zip(*known, strict=True), low, strict=True)]
    covered = Covered((0.0,) * len(low))
    found = []
    for point in points:
        if all(map(math.isfinite, point)):
            told = zip(point, low, span, strict=True)
            covered.add(tuple((here - least) / wide if wide else 1.0 for here, least, wide in told))
        found.append(covered.volume)
    return found
