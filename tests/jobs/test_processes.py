"""Jobs as what they are: processes that are killed, stopped, raced for and left alone."""

from __future__ import annotations

import os
import pty
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest

from mlops_tui.core.clock import now
from mlops_tui.core.errors import JobError
from mlops_tui.core.ids import new_id
from mlops_tui.jobs.liveness import started_at
from mlops_tui.jobs.model import CANCELLED, DONE, FAILED, LOST, QUEUED, RUNNING, STOPPED, Job
from mlops_tui.jobs.query import get_job, list_jobs, list_workers
from mlops_tui.jobs.service import Jobs
from mlops_tui.jobs.supervisor import Supervisor, describe_end
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store
from tests.processes import processes_of, wait_for

LOST_SECONDS = 10.0


def make_old(file: Path) -> None:
    """Gives the file a time long past: it is at rest."""
    os.utime(file, (1_700_000_000, 1_700_000_000))


def put_job(
    store: Store, state: str, *, pid: int | None = None, host: str | None = None, home: str | None = None
) -> str:
    """A job's row as a command leaves it, without any process of its own; returns its id."""
    job_id = new_id()
    place = (host or os.uname().nodename, home or store.workspace.identity())
    with store.write() as writing:
        writing.execute(
            "INSERT INTO job (id, kind, title, spec, state, workers, host, home, pid, pid_started, done, log, created)"
            " VALUES (?, 'scan', 'scan', '{}', ?, 1, ?, ?, ?, ?, 0, 'log', ?)",
            (job_id, state, *place, pid, pid and started_at(pid), now()),
        )
    return job_id


def test_a_job_that_ends_well_is_done_and_leaves_no_process(store: Store, jobs: Jobs, young_file: Path) -> None:
    make_old(young_file)
    job = jobs.wait(jobs.start("scan", "scan", {"sources": None}))
    assert job.state == DONE
    assert job.result is not None
    assert job.result["sources"][0]["taken"] == 1
    assert {event.actor for event in read_events(store.reader) if event.verb == "taken_in"} == {"test"}  # who asked
    wait_for(lambda: not processes_of(store.workspace.root), 5)


def test_a_killed_worker_fails_its_job_and_the_reason_names_the_signal(store: Store, jobs: Jobs, waiting: Job) -> None:
    os.kill(list_workers(store.reader, waiting.id)[0].pid, signal.SIGKILL)
    with pytest.raises(JobError, match="SIGKILL"):
        jobs.wait(waiting.id)
    job, worker = get_job(store.reader, waiting.id), list_workers(store.reader, waiting.id)[0]
    assert (job.state, worker.signal, worker.exit_code) == (FAILED, signal.SIGKILL, None)
    assert job.reason is not None
    assert "Worker 1 was killed by SIGKILL" in job.reason


def test_a_job_whose_supervisor_and_worker_are_killed_is_lost_within_ten_seconds(
    store: Store, jobs: Jobs, waiting: Job
) -> None:
    began = time.monotonic()
    for pid in (waiting.pid, list_workers(store.reader, waiting.id)[0].pid):
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: jobs.settle() or get_job(store.reader, waiting.id).state == LOST, LOST_SECONDS)
    assert time.monotonic() - began < LOST_SECONDS
    assert get_job(store.reader, waiting.id).state == LOST
    assert jobs.settle() == []
    lost = [event for event in read_events(store.reader, of=waiting.id) if event.verb == LOST]
    assert len(lost) == 1


def test_a_worker_ends_soon_after_its_supervisor_was_killed(store: Store, waiting: Job) -> None:
    """Nobody would see what it still did."""
    worker = psutil.Process(list_workers(store.reader, waiting.id)[0].pid)
    assert waiting.pid is not None
    os.kill(waiting.pid, signal.SIGKILL)
    wait_for(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE, LOST_SECONDS)


def test_cancelling_kills_the_worker_and_says_so(store: Store, jobs: Jobs, waiting: Job) -> None:
    worker = list_workers(store.reader, waiting.id)[0]
    jobs.cancel(waiting.id)
    with pytest.raises(JobError, match="cancelled"):
        jobs.wait(waiting.id)
    assert get_job(store.reader, waiting.id).state == CANCELLED
    assert started_at(worker.pid) != worker.pid_started
    with pytest.raises(JobError, match="already"):
        jobs.cancel(waiting.id)


def test_stopping_lets_the_worker_end_by_itself(store: Store, jobs: Jobs, waiting: Job) -> None:
    jobs.stop(waiting.id)
    assert jobs.wait(waiting.id).state == STOPPED
    worker = list_workers(store.reader, waiting.id)[0]
    assert (worker.exit_code, worker.signal, worker.reason) == (0, None, None)


def test_of_two_supervisors_that_claim_a_job_one_wins(store: Store) -> None:
    job_id = put_job(store, QUEUED)
    other = Store(store.workspace, actor="other")
    claims = [Supervisor(store, job_id)._claim(), Supervisor(other, job_id)._claim()]
    other.close()
    assert [claim is not None for claim in claims] == [True, False]


def test_a_job_of_another_host_or_of_a_copied_workspace_is_lost(store: Store, jobs: Jobs) -> None:
    """Its pid may be anybody's here, even that of a living process: it is neither believed nor signalled."""
    put_job(store, RUNNING, pid=os.getpid(), host="elsewhere")
    put_job(store, RUNNING, pid=os.getpid(), home="0:0")
    assert len(jobs.settle()) == 2
    assert {job.state for job in list_jobs(store.reader)} == {LOST}


def test_a_pid_that_came_round_again_is_not_the_same_process(store: Store, jobs: Jobs) -> None:
    with store.write() as writing:
        writing.execute(
            "INSERT INTO job (id, kind, title, spec, state, workers, host, home, pid, pid_started, done, log, created)"
            " VALUES (?, 'scan', 'scan', '{}', 'running', 1, ?, ?, ?, ?, 0, 'log', '2026-01-01T00:00:00.000000Z')",
            (
                new_id(),
                os.uname().nodename,
                store.workspace.identity(),
                os.getpid(),
                (started_at(os.getpid()) or 0) - 60,
            ),
        )
    assert len(jobs.settle()) == 1


def test_a_terminal_that_hangs_up_leaves_its_job_running(store: Store, jobs: Jobs, young_file: Path) -> None:
    """A command in a pseudo-terminal starts a scan; the terminal goes away; the scan is there and can be stopped."""
    root = str(store.workspace.root)
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-m", "mlops_tui", "--workspace", root, "data", "scan"])
    wait_for(lambda: any(job.note for job in list_jobs(store.reader)), 40)
    os.close(terminal)  # the kernel sends SIGHUP to the terminal's processes
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) != 0
    time.sleep(1.5)  # longer than a worker takes to notice that its supervisor is gone
    jobs.settle()
    job = list_jobs(store.reader)[0]
    assert job.state == RUNNING
    assert job.pid is not None
    assert started_at(job.pid) is not None
    jobs.stop(job.id)
    assert jobs.wait(job.id).state == STOPPED


def test_a_queued_job_that_was_never_started_is_cancelled_at_once(store: Store, jobs: Jobs) -> None:
    job_id = put_job(store, QUEUED)
    assert jobs.cancel(job_id).state == CANCELLED


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, None),
        (1, "Worker 2 ended with exit code 1."),
        (-signal.SIGSEGV, "Worker 2 was killed by SIGSEGV."),
        (-signal.SIGKILL, "Worker 2 was killed by SIGKILL. Perhaps the system ran out of memory."),
    ],
)
def test_how_a_worker_ended_is_one_sentence(code: int, words: str | None) -> None:
    assert describe_end(2, code) == words


def test_workers_share_the_cores_and_what_a_person_set_stays(
    store: Store, jobs: Jobs, young_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of more workers than there are cores begins one thread, not one a core."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("MKL_NUM_THREADS", "3")
    job_id = jobs.start("scan", "scan", {"sources": None}, workers=(os.cpu_count() or 1) + 1)
    wait_for(lambda: list_workers(store.reader, job_id))
    environment = psutil.Process(list_workers(store.reader, job_id)[0].pid).environ()
    assert (environment["OMP_NUM_THREADS"], environment["MKL_NUM_THREADS"]) == ("1", "3")
