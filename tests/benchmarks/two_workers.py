"""The same study by one worker and by two: the same configurations in the same order, all of them scored on every fold."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from mlops_tui.bootstrap import Services
from tests.benchmarks.measuring import Figure, interleaved
from tests.benchmarks.place import Place

TRIALS, ROWS = 60, 4_000
FAMILIES = ["hgb", "extra_trees", "logistic"]
TIMES = 2
ONE_THREAD = "OMP_NUM_THREADS"
"""What a person holds a worker to one thread with."""


def figures(place: Place) -> list[Figure]:
    """How many times as fast two workers are, from the launch to the choice at the end; each worker has one thread.

    Beside it the same of a worker that has all cores to itself, and takes more threads where they are faster.
    """
    with place.workspace("two-workers") as services:
        _source(services)

        def finish(workers: int) -> float:
            study = services.studies.create(
                "s", families=FAMILIES, sampler="random", pruner="none", trials=TRIALS, workers=workers
            )
            began = time.monotonic()
            services.jobs.wait(services.studies.launch(study))
            place.reference.take()
            return time.monotonic() - began

        def one_thread(workers: int) -> float:
            with _one_thread():
                return finish(workers)

        sides = {
            "one": lambda: one_thread(1),
            "two": lambda: one_thread(2),
            "free": lambda: finish(1),
        }
        taken = interleaved(sides, TIMES, warm=0)
    beside = (
        f"{TRIALS} trials, {taken['one']:.0f} and {taken['two']:.0f} s; one worker that may take both cores for a fit"
        f" {taken['free']:.0f} s"
    )
    return [Figure("two workers beside one", taken["one"] / taken["two"], "×", 1.8, beside, at_least=True)]


def _source(services: Services) -> None:
    """Thresholds within thresholds, and two sums."""
    folder = services.workspace.root / "in"
    folder.mkdir()
    draw = np.random.default_rng(0)
    x = draw.uniform(size=(ROWS, 12))
    score = np.where(x[:, 0] > 0.6, 2.5 * (x[:, 1] > 0.3), 1.5 * (x[:, 2] > 0.7)) + x[:, 3] - x[:, 4]
    labels = np.where(score + draw.logistic(0, 0.5, ROWS) > np.median(score), "yes", "no")
    names = [f"x{number}" for number in range(x.shape[1])]
    lines = [",".join([*(f"{value:.6f}" for value in row), label]) for row, label in zip(x, labels, strict=True)]
    path = folder / "rows.csv"
    path.write_text("\n".join([",".join([*names, "y"]), *lines]) + "\n")
    os.utime(path, (1_700_000_000, 1_700_000_000))  # it has rested
    services.sources.add(folder, name="s", pattern="*.csv", target="y")
    services.jobs.wait(services.jobs.start("scan", "scan", {"sources": None}))


@contextmanager
def _one_thread() -> Iterator[None]:
    before = os.environ.get(ONE_THREAD)
    os.environ[ONE_THREAD] = "1"
    try:
        yield
    finally:
        os.environ.pop(ONE_THREAD)
        if before is not None:
            os.environ[ONE_THREAD] = before
