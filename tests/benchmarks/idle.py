"""What the TUI takes of a core while nobody touches it, a job runs and the agent watches.

The job is this process: it says how far it is as a worker does, twice a second, or says nothing. The processor time of
the TUI's process over a silent stretch is what looking costs; what it takes more of while the job reports are the
redraws that the reports ask for.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial

import psutil

from mlops_tui.jobs.context import PROGRESS_SECONDS, JobContext
from tests.benchmarks.measuring import Figure
from tests.benchmarks.place import OURS, Place, an_agent
from tests.benchmarks.terminal import opened
from tests.tui.filling import add_job, add_runs

STRETCH_SECONDS = 20.0
REPORTING_SECONDS = 10.0
ROUNDS = 2
SETTLING_SECONDS = 4.0
LIMIT_PERCENT = 1.5
TOTAL = 10_000


def figures(place: Place) -> list[Figure]:
    """Percent of a core, over silent stretches between stretches with reports."""
    with place.workspace("idle") as services, an_agent(services):
        add_runs(services, 500)
        job = JobContext(services.store, services.settings, add_job(services, "Tune loans", "running", total=TOTAL), 1)
        with opened([OURS, "--workspace", str(services.workspace.root)], place.environment) as terminal:
            terminal.wait_for("Activity")
            process = psutil.Process(terminal.process.pid)
            time.sleep(SETTLING_SECONDS)
            silent, reporting = [], []
            for number in range(ROUNDS):
                reporting.append(_share(process, partial(_report, job, number)))
                time.sleep(SETTLING_SECONDS / 2)
                silent.append(_share(process, partial(time.sleep, STRETCH_SECONDS)))
                place.reference.take()
            assert terminal.process.poll() is None, "the TUI has ended meanwhile"
    quiet, busy = statistics.mean(silent) * 100, statistics.mean(reporting) * 100
    beside = f"{busy:.2g} % while the job reports every {PROGRESS_SECONDS} s, so a report's redraw takes {(busy - quiet) * 10 * PROGRESS_SECONDS:.2g} ms"
    return [Figure("idle TUI, share of a core", quiet, "%", LIMIT_PERCENT, beside)]


def _share(process: psutil.Process, stretch: Callable[[], None]) -> float:
    """The processor time of a process during a stretch, as a share of the time that went by."""
    begun, before = time.perf_counter(), sum(process.cpu_times()[:2])
    stretch()
    return (sum(process.cpu_times()[:2]) - before) / (time.perf_counter() - begun)


def _report(job: JobContext, number: int) -> None:
    for place in range(round(REPORTING_SECONDS / PROGRESS_SECONDS)):
        job.progress(number * 1000 + place, TOTAL, force=True)
        time.sleep(PROGRESS_SECONDS)
