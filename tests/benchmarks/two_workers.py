"""The same study by one worker and by two: the same configurations in the same order, all of them scored on every fold."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from mlops_tui.bootstrap import Services
from tests.benchmarks.measuring import Figure, interleaved
from tests.benchmarks.place import Place
from tests.benchmarks.tuning.tables import table

TRIALS = 60
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
            taken = time.monotonic() - began
            place.reference.take()
            return taken

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
    """One of the tables that are tuned on."""
    folder = services.workspace.root / "in"
    folder.mkdir()
    path = folder / "rows.csv"
    table("steps", 0).training.to_csv(path, index=False)
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
