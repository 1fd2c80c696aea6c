"""Finding the runs that matter among 100,000 with ten parameters and ten metrics each."""

from __future__ import annotations

import socket
import statistics
import time
from collections.abc import Callable

from mlops_tui.bootstrap import Services
from mlops_tui.core.clock import from_seconds
from mlops_tui.core.ids import new_id
from mlops_tui.runs.query import count, page
from tests.benchmarks.measuring import Figure, seconds_of
from tests.benchmarks.place import Place
from tests.benchmarks.tracked import LEAST, MODEL, PAGE, SORT, fitting, tracked
from tests.tui.filling import BEGINNING

RUNS, BATCH = 100_000, 5_000
LIMIT_MS = 30.0
TIMES = 9
WHERE = f"metrics.{SORT} > {LEAST} and params.model = '{MODEL}'"
WORKSPACE = "many-values"


def figures(place: Place) -> list[Figure]:
    """Each in milliseconds, of pages as the list of runs asks for them."""
    with place.workspace(WORKSPACE) as services:
        begun = time.perf_counter()
        fill(services)
        took = time.perf_counter() - begun
        reader = services.store.reader
        whole = count(reader)
        assert (whole, count(reader, WHERE)) == (RUNS, fitting(RUNS))
        taken = {name: _median(ask) for name, ask in pages(services).items()}
        counted = _median(lambda: count(reader, WHERE))
    place.reference.take()
    filtering = max(taken["filter"], taken["filter, sorted"])
    return [
        Figure(
            f"{RUNS:,} runs: a page by a metric",
            taken["first"] * 1000,
            "ms",
            LIMIT_MS,
            f"the first; the last, of runs without it, {taken['last'] * 1000:.1f} ms",
        ),
        Figure(
            f"{RUNS:,} runs: a page of those that match",
            filtering * 1000,
            "ms",
            LIMIT_MS,
            f"by a metric and a parameter; how many there are {counted * 1000:.1f} ms; filled in {took:.0f} s",
        ),
    ]


def pages(services: Services) -> dict[str, Callable[[], object]]:
    """What is measured."""
    reader, sort = services.store.reader, f"metrics.{SORT}"
    return {
        "first": lambda: page(reader, sort=sort, limit=PAGE),
        "last": lambda: page(reader, sort=sort, limit=PAGE, offset=RUNS - PAGE),
        "filter": lambda: page(reader, where=WHERE, limit=PAGE),
        "filter, sorted": lambda: page(reader, where=WHERE, sort=sort, limit=PAGE),
    }


def _median(ask: Callable[[], object]) -> float:
    ask()
    return statistics.median(seconds_of(ask) for _ in range(TIMES))


def fill(services: Services) -> None:
    """Puts the runs in by plain SQL, as the API would write them."""
    home, host = services.workspace.identity(), socket.gethostname()
    if services.store.reader.execute("SELECT count(*) FROM run").fetchone()[0]:
        return
    runs, metrics, params = [], [], []
    for number, one in enumerate(tracked(RUNS), start=1):
        run_id, at = new_id((BEGINNING + number) * 1000), BEGINNING + number
        ended = from_seconds(at + 7)
        runs.append((run_id, f"run-{number:06d}", "many", "finished", "script", from_seconds(at), ended, host, home))
        metrics += [(run_id, key, value, 0, at) for key, value in one.metrics.items()]
        params += [(run_id, key, value, float(value) if value.isdigit() else None) for key, value in one.params.items()]
        if number % BATCH == 0:
            with services.store.write() as writing:
                connection = writing.connection
                connection.executemany(
                    "INSERT INTO run (id, name, experiment, status, origin, started, ended, host, home)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    runs,
                )
                connection.executemany(
                    "INSERT INTO run_metric (run_id, key, value, step, at) VALUES (?, ?, ?, ?, ?)", metrics
                )
                connection.executemany("INSERT INTO run_param (run_id, key, value, number) VALUES (?, ?, ?, ?)", params)
                writing.changed("runs")
            runs, metrics, params = [], [], []
