"""`python -m mlops_tui.jobs.supervisor ROOT JOB`: starts a job's workers, waits, writes down how each ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from mlops_tui.core.clock import now
from mlops_tui.jobs.lease import HANDED_DOWN, Lease, share_left
from mlops_tui.jobs.liveness import started_at, this_process
from mlops_tui.jobs.model import (
    CANCELLED,
    DEATH,
    DONE,
    FAILED,
    LIMIT,
    QUEUED,
    RUNNING,
    STOPPED,
    TAKEN_UP,
    Job,
)
from mlops_tui.jobs.process import command
from mlops_tui.jobs.query import get_job
from mlops_tui.jobs.service import end_job
from mlops_tui.store.store import Store
from mlops_tui.store.workspace import Workspace

TICK_SECONDS = 0.1
HEARTBEAT_SECONDS = 2.0
TERMINATE_GRACE_SECONDS = 2.0
STOP_SECONDS = 1.0
"""So long a worker may take to stand still before it is ended."""
DEATHS = 4
"""So many workers may die one after another without a piece of work done; then the job ends."""


THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""What tells the numerical libraries how many threads to begin; without it each worker begins one a core."""


class Supervisor:
    """One job's parent process. Loads no engine, so that it can be told apart from what it watches over."""

    def __init__(self, store: Store, job_id: str) -> None:
        self._store = store
        self._job_id = job_id
        self._workers: dict[int, subprocess.Popen[bytes]] = {}
        self._leases: dict[int, Lease] = {}
        self._over: dict[int, str] = {}
        self._failures: list[str] = []
        self._done = 0
        self._done_at_death = 0
        self._deaths = 0
        self._vacant: list[int] = []
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
            self._end_those_beyond_limits()
            wanted, workers = self._asked()
            self._reap(wanted)
            if self._workers and wanted == "cancel":
                self._kill_all()
            elif wanted in (None, "pause"):
                self._replace(workers)
                if self._workers:
                    self._start_workers(workers)
            self._vacant.clear()
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
            self._start_worker(workers)
        self._asked_for = workers

    def _replace(self, workers: int) -> None:
        """Starts others for those that died, as long as fewer are at work than are asked for."""
        for number in self._vacant:
            if len(self._workers) < workers:
                _log(f"worker {self._started + 1} goes on in the place of worker {number}")
                self._start_worker(workers)

    def _start_worker(self, workers: int) -> None:
        self._started = number = self._started + 1
        root = str(self._store.workspace.root)
        lease = Lease.made()
        process = subprocess.Popen(
            command("mlops_tui.worker", root, self._job_id, str(number)),
            stdin=subprocess.DEVNULL,
            env={**_sharing_the_cores(workers), HANDED_DOWN: str(lease.descriptor)},
            pass_fds=(lease.descriptor,),
            process_group=0,
        )
        self._workers[number] = process
        self._leases[number] = lease
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

    def _end_those_beyond_limits(self) -> None:
        """Ends each worker that takes too long or too much memory for the piece that it is at."""
        at_work = {number: reading for number, lease in self._leases.items() if (reading := lease.read()) is not None}
        left = share_left() if at_work else 1.0
        for number, reading in at_work.items():
            pid = self._workers[number].pid
            why = reading.excess(_held(pid), time.monotonic(), left)
            if why is None or not _stopped(pid):
                continue
            if self._leases[number].read() != reading:  # the piece ended just now
                os.kill(pid, signal.SIGCONT)
                continue
            self._over[number] = why
            _log(f"worker {number} is ended: {why}")
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
            left = 1.0  # what it held is to be had again

    def _reap(self, wanted: str | None) -> None:
        for number, process in list(self._workers.items()):
            code = process.poll()
            if code is None:
                continue
            del self._workers[number]
            lease = self._leases.pop(number)
            self._done += lease.done
            lease.close()
            self._take_down(number, code, wanted)

    def _take_down(self, number: int, code: int, wanted: str | None) -> None:
        """Writes down how a worker ended, and decides whether another takes up its work."""
        reason, fault = describe_end(number, code), None
        if number in self._over:
            reason, fault = self._over.pop(number), LIMIT
            if get_job(self._store.reader, self._job_id).kind in TAKEN_UP:
                self._done += 1
                self._vacant.append(number)
            else:
                self._failures.append(reason)
        elif reason is not None and wanted != "cancel" and self._is_taken_up():
            fault = DEATH
            _log(reason)
            self._deaths = self._deaths + 1 if self._done_by_all() == self._done_at_death else 1
            self._done_at_death = self._done_by_all()
            if self._deaths < DEATHS:
                self._vacant.append(number)
            else:
                self._failures.append(f"{DEATHS} workers died one after another with nothing done between. {reason}")
        elif reason is not None:
            self._failures.append(reason)
        self._note_end(number, code if code >= 0 else None, -code if code < 0 else None, fault, reason)

    def _done_by_all(self) -> int:
        return self._done + sum(lease.done for lease in self._leases.values())

    def _is_taken_up(self) -> bool:
        """Whether others go on with what a dead worker of this job leaves; not where one has said what is wrong."""
        job = get_job(self._store.reader, self._job_id)
        return job.kind in TAKEN_UP and job.error is None

    def _note_end(
        self,
        number: int,
        code: int | None,
        killed_by: int | None,
        fault: str | None,
        reason: str | None,
    ) -> None:
        with self._store.write() as writing:
            writing.execute(
                "UPDATE job_worker SET exit_code = ?, signal = ?, fault = ?, reason = ?, ended = ?"
                " WHERE job_id = ? AND number = ?",
                (code, killed_by, fault, reason, now(), self._job_id, number),
            )
            if self._failures and self._workers:  # the others finish what they have begun
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


def _log(text: str) -> None:
    """Writes a line to the job's log, which is this process's output."""
    print(time.strftime("%H:%M:%S"), text, flush=True)


def _held(pid: int) -> int:
    """The memory that a process holds; 0 where it is gone."""
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def _stopped(pid: int) -> bool:
    """Has a process stand still, so that it cannot end its piece of work any more; False where it is gone."""
    try:
        process = psutil.Process(pid)
        process.suspend()
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and process.status() not in (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE):
            time.sleep(TICK_SECONDS / 20)
    except psutil.Error:
        return False
    return True


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
