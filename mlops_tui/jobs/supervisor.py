"""`python -m mlops_tui.jobs.supervisor ROOT JOB`: starts a job's workers, waits, writes down how each ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from mlops_tui.core.clock import now
from mlops_tui.jobs.liveness import started_at, this_process
from mlops_tui.jobs.model import CANCELLED, DONE, FAILED, QUEUED, RUNNING, STOPPED, Job
from mlops_tui.jobs.process import command
from mlops_tui.jobs.query import get_job
from mlops_tui.jobs.service import end_job
from mlops_tui.store.store import Store
from mlops_tui.store.workspace import Workspace

TICK_SECONDS = 0.1
HEARTBEAT_SECONDS = 2.0
TERMINATE_GRACE_SECONDS = 2.0


THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""What tells the numerical libraries how many threads to begin; without it each worker begins one a core."""


class Supervisor:
    """One job's parent process. Loads no engine, so that it can be told apart from what it watches over."""

    def __init__(self, store: Store, job_id: str) -> None:
        self._store = store
        self._job_id = job_id
        self._workers: dict[int, subprocess.Popen[bytes]] = {}
        self._failures: list[str] = []
        self._beat = 0.0
        self._started = 0
        self._asked_for = 0

    def run(self) -> int:
        """Claims the job, runs it to its end, and returns 0; 1 where another supervisor has claimed it."""
        job = self._claim()
        if job is None:
            return 1
        self._start_workers(job.workers)
        while self._workers:
            time.sleep(TICK_SECONDS)
            self._heartbeat()
            self._reap()
            wanted, workers = self._asked()
            if self._workers and wanted == "cancel":
                self._kill_all()
            elif self._workers and wanted in (None, "pause"):
                self._start_workers(workers)
        self._finish()
        return 0

    def _claim(self) -> Job | None:
        pid, started, host = this_process()
        with self._store.write() as writing:
            claimed = writing.execute(
                "UPDATE job SET state = ?, pid = ?, pid_started = ?, host = ?, started = ? WHERE id = ? AND state = ?",
                (RUNNING, pid, started, host, now(), self._job_id, QUEUED),
            ).rowcount
            if not claimed:
                return None
            job = get_job(writing.connection, self._job_id)
            writing.event("started", ("job", job.id, job.title), before={"state": QUEUED}, after={"state": RUNNING})
            writing.changed("jobs")
        return job

    def _start_workers(self, workers: int) -> None:
        """Starts as many as are asked for beyond those that were; where fewer are, the last ones end by themselves."""
        for _ in range(self._asked_for, workers):
            self._started += 1
            self._start_worker(self._started, workers)
        self._asked_for = workers

    def _start_worker(self, number: int, workers: int) -> None:
        root = str(self._store.workspace.root)
        process = subprocess.Popen(
            command("mlops_tui.worker", root, self._job_id, str(number)),
            stdin=subprocess.DEVNULL,
            env=_sharing_the_cores(workers),
            process_group=0,
        )
        self._workers[number] = process
        with self._store.write() as writing:
            writing.execute(
                "INSERT INTO job_worker (job_id, number, pid, pid_started, started) VALUES (?, ?, ?, ?, ?)",
                (self._job_id, number, process.pid, started_at(process.pid) or 0.0, now()),
            )
            writing.changed("jobs")

    def _heartbeat(self) -> None:
        if time.monotonic() - self._beat > HEARTBEAT_SECONDS:
            self._beat = time.monotonic()
            with contextlib.suppress(OSError):
                (self._store.workspace.logs / f"{self._job_id}.alive").touch()

    def _asked(self) -> tuple[str | None, int]:
        """What a person wants of the job, and how many workers it is to have."""
        row = self._store.reader.execute("SELECT wanted, workers FROM job WHERE id = ?", (self._job_id,)).fetchone()
        return (row[0], row[1]) if row else ("cancel", 0)

    def _reap(self) -> None:
        for number, process in list(self._workers.items()):
            code = process.poll()
            if code is None:
                continue
            del self._workers[number]
            reason = describe_end(number, code)
            if reason is not None:
                self._failures.append(reason)
            with self._store.write() as writing:
                writing.execute(
                    "UPDATE job_worker SET exit_code = ?, signal = ?, reason = ?, ended = ?"
                    " WHERE job_id = ? AND number = ?",
                    (
                        code if code >= 0 else None,
                        -code if code < 0 else None,
                        reason,
                        now(),
                        self._job_id,
                        number,
                    ),
                )
                if code != 0 and self._workers:  # the others finish what they have begun
                    writing.execute("UPDATE job SET wanted = 'stop' WHERE id = ? AND wanted IS NULL", (self._job_id,))
                writing.changed("jobs")

    def _kill_all(self) -> None:
        self._signal_all(signal.SIGTERM)
        deadline = time.monotonic() + TERMINATE_GRACE_SECONDS
        while time.monotonic() < deadline and any(process.poll() is None for process in self._workers.values()):
            time.sleep(TICK_SECONDS / 2)
        self._signal_all(signal.SIGKILL)
        for process in self._workers.values():
            process.wait()

    def _signal_all(self, number: int) -> None:
        for process in self._workers.values():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, number)

    def _finish(self) -> None:
        with self._store.write() as writing:
            job = get_job(writing.connection, self._job_id)
            end_job(writing, job, *self._verdict(job))
        with contextlib.suppress(OSError):
            (self._store.workspace.logs / f"{self._job_id}.alive").unlink(missing_ok=True)

    def _verdict(self, job: Job) -> tuple[str, str | None]:
        if job.wanted == "cancel":
            return CANCELLED, "Cancelled; its processes were killed."
        if job.error is not None:
            return FAILED, job.error["title"]
        if self._failures:
            return FAILED, " ".join(self._failures)
        return (STOPPED, "Stopped when asked to.") if job.wanted == "stop" else (DONE, None)


def _sharing_the_cores(workers: int) -> dict[str, str]:
    """The environment of one of so many workers, in which each begins its share of threads; what a person set stays.

    One core is left to whatever else runs: a thread that waits for one without a core of its own waits a time slice at
    every step, which makes a fit ten times as long.
    """
    share = max(1, ((os.cpu_count() or 1) - 1) // workers)
    return {**dict.fromkeys(THREADS, str(share)), **os.environ}


def describe_end(number: int, code: int) -> str | None:
    """How a worker ended, in a sentence; None where it ended well. A negative code is a signal, as POSIX has it."""
    if code == 0:
        return None
    if code < 0:
        name = signal.Signals(-code).name
        hint = " Perhaps the system ran out of memory." if code == -signal.SIGKILL else ""
        return f"Worker {number} was killed by {name}.{hint}"
    return f"Worker {number} ended with exit code {code}."


def main(arguments: list[str]) -> int:
    """Runs one job to its end."""
    root, job_id = arguments
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    store = Store(Workspace(Path(root)), actor="supervisor")
    try:
        return Supervisor(store, job_id).run()
    finally:
        store.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
