"""Following a job from the terminal that started it: a line on stderr that tells how far it is and how long it takes."""

from __future__ import annotations

import sys

from mlops_tui.core.ids import short
from mlops_tui.jobs.model import Job
from mlops_tui.jobs.service import Jobs
from mlops_tui.presenters.words import duration, value

WIDTH = 24
CLEAR = "\r\x1b[2K"


def follow(jobs: Jobs, job_id: str) -> Job:
    """Waits for the job and shows its progress where stderr is a terminal. Interrupting it leaves the job running.

    Raises:
        MlopsError: what ended the job.
        KeyboardInterrupt: the person stopped waiting.
    """
    shown = sys.stderr.isatty()
    try:
        job = jobs.wait(job_id, _draw if shown else None)
    except KeyboardInterrupt:
        print(f"\nThe job goes on. Follow it with: mlops-tui jobs log {short(job_id)} -f", file=sys.stderr)
        raise
    finally:
        if shown:
            sys.stderr.write(CLEAR)
            sys.stderr.flush()
    return job


def _draw(job: Job) -> None:
    sys.stderr.write(CLEAR + line(job))
    sys.stderr.flush()


def line(job: Job) -> str:
    """One line: what, a bar, how many, the best value, the time that is left."""
    parts = [job.title]
    if job.total:
        filled = round(WIDTH * min(job.done / job.total, 1))
        parts.append("━" * filled + "╌" * (WIDTH - filled))
        parts.append(f"{job.done}/{job.total}")
    else:
        parts.append(job.state)
    if job.best is not None:
        parts.append(f"best {value(job.best)}")
    if job.eta is not None:
        parts.append(f"{duration(job.eta)} left")
    if job.note:
        parts.append(job.note)
    return "  ".join(parts)
