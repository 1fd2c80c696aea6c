"""Jobs as rows, and what steering one of them would cost."""

from __future__ import annotations

from mlops_tui.core.ids import short
from mlops_tui.jobs.model import CANCELLED, FAILED, LOST, QUEUED, RUNNING, Job
from mlops_tui.presenters.words import (
    MISSING,
    Cell,
    age,
    bar,
    between,
    count,
    duration,
    one_line,
    remaining,
    size,
    state,
    value,
)

BAR = 10


def progress_cell(job: Job, *, plain: bool = False) -> Cell:
    """How far the job is: a bar and a share where the end is known, else what is done."""
    if job.total:
        share = job.done / job.total
        tone = "accent" if job.state == RUNNING else "dim"
        return Cell(f"{bar(share, BAR, plain=plain)} {min(share, 1.0):>4.0%}", tone)
    return Cell(count(job.done) if job.done else MISSING, "dim")


def done_of(job: Job) -> str:
    """What is done of how much: bytes of files that are read, else a count; empty where nothing was begun."""
    told = size if job.kind == "scan" else count
    if job.total:
        return f"{told(job.done)}/{told(job.total)}"
    return told(job.done) if job.done else ""


def job_cells(job: Job, now: float, *, plain: bool = False) -> tuple[Cell, ...]:
    """The cells that `JOB_TITLES` names, in that order."""
    why = job.reason or (job.error or {}).get("title") or job.note or ""
    return (
        state(job.state, plain=plain),
        Cell(one_line(job.title)),
        progress_cell(job, plain=plain),
        Cell(done_of(job) or MISSING),
        Cell(remaining(job.eta) if job.is_open else MISSING, "" if job.is_open else "dim"),
        Cell(value(job.best)),
        Cell(duration(between(job.started, job.ended, now))),
        Cell(age(job.started or job.created, now), "dim"),
        Cell(one_line(why), "bad" if job.state in (FAILED, LOST) else "dim"),
        Cell(short(job.id), "dim"),
    )


JOB_TITLES = ("state", "job", "progress", "done", "left", "best", "took", "started", "note", "id")


def cost_of_cancelling(job: Job) -> str:
    """What will be gone when the job is cancelled, in one paragraph."""
    if job.state == QUEUED:
        return "It has not started: nothing is lost."
    done = f" {done_of(job).replace('/', ' of ')} are done and stay." if job.total else ""
    return (
        f"Its {'processes are' if job.workers > 1 else 'process is'} killed at once. What is in work now is lost and"
        f" cannot be brought back.{done} To let that finish first, stop it instead."
    )


def outcome(job: Job) -> str:
    """How the job ended, in a sentence; empty while it is open or where it simply ended well."""
    if job.error is not None:
        return f"{job.error['title']} {job.error.get('remedy', '')}".strip()
    if job.state in (FAILED, CANCELLED, LOST):
        return job.reason or ""
    return ""
