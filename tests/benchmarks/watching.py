"""How soon a file that arrives is seen, and how soon an agent that starts knows what happened meanwhile.

A file is at rest when its settling time has passed since it was written; what is measured begins there. The catch-up
is over a source of 100,000 known files, of which one came, one changed and one went while nobody watched: from the start
of the agent's process to the scan that it queues for them. A scan of all of them with nothing new is measured beside it.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from mlops_tui.bootstrap import Services
from mlops_tui.core.clock import now
from mlops_tui.core.ids import new_id
from mlops_tui.data.model import Source
from mlops_tui.jobs.query import list_jobs
from mlops_tui.presenters.words import between
from tests.benchmarks.measuring import Figure
from tests.benchmarks.place import OURS, Place, an_agent
from tests.benchmarks.terminal import opened

FILES = 100_000
TIMES = 5
OLD = 1_700_000_000
PATIENCE_SECONDS = 120.0


def figures(place: Place) -> list[Figure]:
    """Both, and the scan."""
    return [_arrival(place), *_catching_up(place)]


def _arrival(place: Place) -> Figure:
    """Seconds from rest to the line that `mlops-tui watch` shows for the file, taken in."""
    with place.workspace("arrival") as services, an_agent(services):
        folder = services.workspace.root / "in"
        folder.mkdir()
        services.sources.add(folder, name="arriving", target="y", pattern="*.csv")
        settle = services.settings.settle_seconds
        taken = []
        with opened([OURS, "--workspace", str(services.workspace.root), "watch"], place.environment) as terminal:
            terminal.wait_for("nothing waits")
            for number in range(TIMES + 1):
                path = folder / f"{number}arrival.csv"
                terminal.press("")
                path.write_text("x,y\n" + "".join(f"{i / 7:.3f},{i % 2}\n" for i in range(number, number + 100)))
                written = time.perf_counter()
                terminal.wait_for("taken in,")
                taken.append(time.perf_counter() - written - settle)
                place.reference.take()
                _until(lambda: not any(job.is_open for job in list_jobs(services.store.reader)))
    beside = f"beyond {settle:g} s of settling; the slowest of {TIMES} {max(taken[1:]):.2f} s"
    return Figure("arrival on the screen", statistics.median(taken[1:]), "s", 1.0, beside)


def _catching_up(place: Place) -> Iterator[Figure]:
    with place.workspace("many-files") as services:
        folder = services.workspace.root / "in"
        source = _fill(services, folder)
        job = services.jobs.start("scan", "scan", {"sources": [source.id]})
        told = services.jobs.wait(job)
        assert told.result is not None
        assert told.result["files"] == 0
        scanned = _seconds(told.started, told.ended)
        (folder / "f000000.csv").unlink()
        for name in ("f000001.csv", "new.csv"):
            (folder / name).write_text("x,y\n1.5,0\n2.5,1\n")
            os.utime(folder / name, (OLD + 5, OLD + 5))
        place.reference.take()
        begun = time.perf_counter()
        with an_agent(services):
            jobs = len(list_jobs(services.store.reader))
            _until(lambda: len(list_jobs(services.store.reader)) > jobs)
            taken = time.perf_counter() - begun
            services.jobs.cancel(list_jobs(services.store.reader)[0].id)
    yield Figure(
        f"catch-up over {FILES:,} files", taken, "s", 5.0, "from the agent's start to the scan of what changed"
    )
    yield Figure(f"scan of {FILES:,} known files", scanned, "s", 5.0, "with its worker's start; nothing is new")


def _seconds(started: str | None, ended: str | None) -> float:
    from_start = between(started, ended, 0.0)
    assert from_start is not None
    return from_start


def _fill(services: Services, folder: Path) -> Source:
    """A source with files that lie there, written down as taken in long ago."""
    folder.mkdir()
    source = services.sources.add(folder, name="many", target="y", pattern="*.csv")
    with services.store.write() as writing:
        for number in range(FILES):
            path = folder / f"f{number:06}.csv"
            path.write_bytes(b"x,y\n1,0\n")
            os.utime(path, (OLD, OLD))
            writing.execute(
                "INSERT INTO source_file (id, source_id, path, hash, size, mtime_ns, rows, state, since_version, seen_at)"
                " VALUES (?, ?, ?, ?, 8, ?, 1, 'taken_in', 1, ?)",
                (new_id(), source.id, path.name, f"{number:064}", OLD * 10**9, now()),
            )
    return source


def _until(claim: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not claim():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.01)
