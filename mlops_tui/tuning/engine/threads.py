"""How many threads a fit has: one, unless the machine has cores to spare and more of them were seen to be faster."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import ThreadpoolController

WARM_UP, ONE, ALL = 0, 1, 2
"""The folds of a family's first trial: what is loaded on the way, then the measured ones."""
WORTH = 0.8
"""All threads are taken where they need less than this share of the time: they are taken from other workers too."""


class Threads:
    """The threads of one of a study's workers. `cores` are those that it may have: the machine's shared by the workers."""

    def __init__(self, workers: int) -> None:
        self._controller = ThreadpoolController()
        allowed = max((pool.num_threads for pool in self._controller.lib_controllers), default=1)
        self._cores = max(1, min(allowed, (os.cpu_count() or 1) // workers))
        self._seconds: dict[tuple[str, int], float] = {}

    def of(self, family: str, fold: int) -> int:
        """The threads for a fit of that family."""
        if self._cores == 1:
            return 1
        one, all_ = (self._seconds.get((family, threads)) for threads in (1, self._cores))
        if one is not None and all_ is not None:
            return self._cores if all_ < WORTH * one else 1
        return self._cores if fold == ALL else 1

    @contextmanager
    def limited(self, threads: int) -> Iterator[None]:
        """Holds the engines' own pools to so many threads."""
        with self._controller.limit(limits=threads):
            yield

    def note(self, family: str, fold: int, threads: int, seconds: float) -> None:
        """Learns from how long a fit took by the clock."""
        if self._cores > 1 and fold != WARM_UP:
            self._seconds.setdefault((family, threads), seconds)
