"""Comparing runs: twenty long curves drawn, a live batch on them, and the screen with fifty runs opened."""

from __future__ import annotations

import statistics
import time

import numpy as np

from mlops_tui.presenters.overlay import Overlay
from mlops_tui.presenters.ways import Way
from mlops_tui.runs.begin import start_run
from mlops_tui.runs.log import RunLog
from mlops_tui.store.preference import write_preference
from mlops_tui.store.store import Store
from mlops_tui.tui.screens.compare import COMPARED
from tests.benchmarks.measuring import Figure, milliseconds
from tests.benchmarks.opening import milliseconds_to_open
from tests.benchmarks.place import Place

CURVES, STEPS, BATCH = 20, 50_000, 100
RUNS = 50
SIZE = (160, 50)
TIMES = 7


def figures(place: Place) -> list[Figure]:
    """Each in milliseconds, at 160 × 50 cells."""
    with place.workspace("curves") as services:
        logs = [_logged(services.store, place_of) for place_of in range(CURVES)]
        names = {log.id: str(number) for number, log in enumerate(logs)}
        drawn, read = _drawn(services.store, names)
        place.reference.take()
        grown = _grown(services.store, logs, names)
        for log in logs:
            log.end()
    place.reference.take()
    with place.workspace("compared") as services:
        ids = [_compared(services.store, number) for number in range(RUNS)]
        write_preference(services.store, COMPARED, ids)
        root = services.workspace.root
    to_open = milliseconds_to_open(place, root, "5", "run-00")
    return [
        Figure(
            f"{CURVES} curves × {STEPS:,} steps: drawn", drawn * 1000, "ms", 100, f"read at first {milliseconds(read)}"
        ),
        Figure(f"a live batch of {BATCH} points on them", grown * 1000, "ms", 10, "read on, and drawn again"),
        Figure(f"Compare on {RUNS} runs: open", to_open, "ms", 300, "key 5, first time"),
    ]


def _logged(store: Store, number: int) -> RunLog:
    log = RunLog(Store(store.workspace), *start_run(store, name=f"curve-{number}"))
    draw = np.random.default_rng(number)
    log.log_points("loss", (np.exp(-np.arange(STEPS) / 12_000) + draw.normal(0, 0.05, STEPS)).tolist())
    return log


def _compared(store: Store, number: int) -> str:
    params = {f"p{place}": number % (place + 2) for place in range(10)}
    log = RunLog(Store(store.workspace), *start_run(store, name=f"run-{number:02d}", params=params))
    log.log_metrics({f"m{place}": float(number * place) for place in range(10)})
    log.log_points("loss", [1 / (1 + step) for step in range(200)])
    log.end()
    return log.id


def _drawn(store: Store, names: dict[str, str]) -> tuple[float, float]:
    """The median time to draw what was read, thinned anew each time, and the time to read it all."""
    taken = []
    for _ in range(TIMES):
        overlay = Overlay(list(names))
        begun = time.perf_counter()
        overlay.read_on(store.reader, ["loss"])
        read = time.perf_counter() - begun
        begun = time.perf_counter()
        overlay.figure("loss", names, Way()).draw(*SIZE, "braille")
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken), read


def _grown(store: Store, logs: list[RunLog], names: dict[str, str]) -> float:
    """The median time from a batch, spread over all curves, to the picture with it."""
    overlay, taken = Overlay(list(names)), []
    overlay.read_on(store.reader, ["loss"])
    overlay.figure("loss", names, Way()).draw(*SIZE, "braille")
    for _ in range(TIMES):
        for log in logs:
            log.log_points("loss", [0.1] * (BATCH // CURVES))
        begun = time.perf_counter()
        overlay.read_on(store.reader, ["loss"])
        overlay.figure("loss", names, Way()).draw(*SIZE, "braille")
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)
