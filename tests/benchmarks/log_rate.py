"""How fast a script logs, and that what it has logged is there after it was killed."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import mlops_tui
from mlops_tui.runs.query import get_run
from tests.benchmarks.measuring import Figure, interleaved
from tests.benchmarks.place import Place

CALLS = 1_000
BATCH = 10_000
TIMES = 11
KILLED_AFTER = 500
SCRIPT = """
import itertools, mlops_tui
run = mlops_tui.start_run()
print(run.id, flush=True)
for step in itertools.count():
    mlops_tui.log_metric("loss", 1.0 / (1 + step))
    print(step, flush=True)
"""


def figures(place: Place) -> list[Figure]:
    """Calls a second, as a share of a bare insert's; each call is its own transaction on either side."""
    with place.workspace("logged") as services, contextlib.chdir(services.workspace.root):
        raw = _raw_table(place.folder / "raw.db")
        with mlops_tui.start_run() as run, contextlib.closing(raw):
            sides = {
                "raw": _calls(lambda step, value: raw.execute(INSERT, ("run", "loss", step, time.time(), value))),
                "ours": _calls(lambda step, value: mlops_tui.log_metric("loss", value)),
            }
            taken = interleaved(sides, TIMES)
            batches = interleaved({"raw": _raw_batches(raw), "ours": _own_batches()}, TIMES)
            place.reference.take()
            last = get_run(services.store.reader, run.id).metrics["loss"]
        assert last == CALLS - 1, f"the run's value is {last}, and {CALLS - 1} was logged last"
        kept, said = _killed(place, services.workspace.root)
        assert kept >= said, f"{said} calls had returned when the script was killed, {kept} are kept"
    rates = {name: CALLS / seconds for name, seconds in taken.items()}
    beside = (
        f"{rates['ours']:,.0f} calls a second; a bare insert {rates['raw']:,.0f}"
        f"; killed by -9 after {said} calls, {kept} kept"
    )
    batch_words = (
        f"{BATCH:,} points at once in {batches['ours'] * 1000:.1f} ms, by executemany {batches['raw'] * 1000:.1f} ms"
    )
    return [
        Figure("log_metric, share of a bare insert", rates["ours"] / rates["raw"], "×", 0.4, beside, at_least=True),
        Figure(
            "log_points, share of executemany", batches["raw"] / batches["ours"], "×", 0.3, batch_words, at_least=True
        ),
    ]


INSERT = "INSERT INTO point VALUES (?, ?, ?, ?, ?)"


def _raw_table(path: Path) -> sqlite3.Connection:
    """A table with the key that our points have, on a connection with our settings."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute(
        "CREATE TABLE point (run_id TEXT, key TEXT, step INTEGER, at REAL, value REAL, PRIMARY KEY (run_id, key, step))"
        " WITHOUT ROWID"
    )
    return connection


def _calls(call: Callable[[int, float], object]) -> Callable[[], float]:
    """A side that makes a thousand calls, with steps that go on from one round to the next."""
    steps = iter(range(1 << 40))

    def measure() -> float:
        begun = time.perf_counter()
        for value in range(CALLS):
            call(next(steps), float(value))
        return time.perf_counter() - begun

    return measure


def _raw_batches(raw: sqlite3.Connection) -> Callable[[], float]:
    """A side that inserts as many points at once, in one transaction, a key a round."""
    rounds = iter(range(1 << 20))

    def measure() -> float:
        values, key, at = _values(), f"batch-{next(rounds)}", time.time()
        begun = time.perf_counter()
        raw.execute("BEGIN")
        raw.executemany(INSERT, [("run", key, step, at, value) for step, value in enumerate(values)])
        raw.execute("COMMIT")
        return time.perf_counter() - begun

    return measure


def _own_batches() -> Callable[[], float]:
    rounds = iter(range(1 << 20))

    def measure() -> float:
        values, key = _values(), f"batch-{next(rounds)}"
        begun = time.perf_counter()
        mlops_tui.log_points(key, values)
        return time.perf_counter() - begun

    return measure


def _values() -> list[float]:
    return [1.0 / (1 + step) for step in range(BATCH)]


def _killed(place: Place, root: Path) -> tuple[int, int]:
    """Points kept, and calls that had returned, of a script that was killed by -9 in the midst of it."""
    script = subprocess.Popen(
        [sys.executable, "-c", SCRIPT], cwd=root, env=place.environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert script.stdout is not None
        run_id = script.stdout.readline().strip()
        said = 0
        for line in script.stdout:
            said = int(line) + 1
            if said == KILLED_AFTER:
                os.kill(script.pid, signal.SIGKILL)
    finally:
        script.kill()
        script.wait()
        script.stdout.close()
    with place.workspace("logged") as services:
        reader = services.store.reader
        kept = reader.execute("SELECT count(*), max(step) + 1 FROM run_point WHERE run_id = ?", (run_id,)).fetchone()
        assert get_run(reader, run_id).metrics["loss"] == 1.0 / kept[1], "the run's value is not its last point's"
    return kept[0], said
