"""Batches that a model predicts side by side, each in one thread: what is slow in one does not hold up the others, and their order stays."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import TypeVar

from threadpoolctl import ThreadpoolController

from mlops_tui.registry.formats import SKOPS
from mlops_tui.registry.model import ModelVersion

T = TypeVar("T")
S = TypeVar("S")

MOST = 4
"""So many batches at once at the most: each has its rows in memory."""
_BEARS_THREADS = ("sklearn.", "numpy.", "scipy.", "mlops_tui.", "functools.", "collections.", "builtins.")
"""What the types of a model begin with whose predicting changes nothing in it."""


def width_for(version: ModelVersion) -> int:
    """How many batches a version predicts at once: as many as there are cores, of a model that bears it; else one after another."""
    bears = version.format == SKOPS and all(name.startswith(_BEARS_THREADS) for name in version.types)
    return min(MOST, _cores()) if bears else 1


def _cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def side_by_side(items: Iterator[T], say: Callable[[T], S], width: int) -> Generator[tuple[T, S], None, None]:
    """Each item with what is said of it, in their order; `width` of them are asked at once, each held to one thread of its own.

    What saying raises is raised where its answer would have come. Closing it ends the threads.
    """
    if width == 1:
        for item in items:
            yield item, say(item)
        return
    controller = ThreadpoolController()
    waiting: deque[tuple[T, Future[S]]] = deque()
    with ExitStack() as stack:
        # OpenBLAS has one pool for all threads; OpenMP's threads are counted by each thread for itself
        stack.enter_context(controller.limit(limits=1, user_api="blas"))
        pool = ThreadPoolExecutor(width, initializer=lambda: controller.limit(limits=1, user_api="openmp"))
        stack.callback(pool.shutdown, cancel_futures=True)
        for item in items:
            waiting.append((item, pool.submit(say, item)))
            if len(waiting) > width:
                yield _answered(waiting)
        while waiting:
            yield _answered(waiting)


def _answered(waiting: deque[tuple[T, Future[S]]]) -> tuple[T, S]:
    item, future = waiting.popleft()
    return item, future.result()
