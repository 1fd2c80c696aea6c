"""Following a job from the terminal that started it: a line on stderr that tells how far it is and how long it takes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

from rich.cells import cell_len, set_cell_size

from mlops_tui.core.ids import short
from mlops_tui.jobs.model import Job
from mlops_tui.jobs.service import Jobs
from mlops_tui.presenters.jobs import done_of
from mlops_tui.presenters.words import one_line, remaining, value

BAR = 24
CLEAR = "\r\x1b[2K"
UNKNOWN_WIDTH = 80


def follow(jobs: Jobs, job_id: str, tell: Callable[[Job], Sequence[str]] | None = None) -> Job:
    """Waits for the job and shows its progress where stderr is a terminal. Interrupting it leaves the job running.

    What `tell` has to say of a reading of it is printed at once.

    Raises:
        MlopsError: what ended the job.
        KeyboardInterrupt: the person stopped waiting.
    """
    shown = sys.stderr.isatty()

    def seen(job: Job) -> None:
        if tell is not None and (said := tell(job)):
            _clear(shown)
            print("\n".join(said), flush=True)
        if shown:
            _draw(job)

    try:
        job = jobs.wait(job_id, seen)
    except KeyboardInterrupt:
        print(f"\nThe job goes on. Follow it with: mlops-tui jobs log {short(job_id)} -f", file=sys.stderr)
        raise
    finally:
        _clear(shown)
    return job


def _clear(shown: bool) -> None:
    if shown:
        sys.stderr.write(CLEAR)
        sys.stderr.flush()


def _draw(job: Job) -> None:
    sys.stderr.write(CLEAR + line(job, terminal_width() - 1))  # a full line would wrap, and could not be cleared again
    sys.stderr.flush()


def terminal_width() -> int:
    """The cells of the terminal that stderr is."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or UNKNOWN_WIDTH
    except OSError:
        return UNKNOWN_WIDTH


def line(job: Job, width: int) -> str:
    """One line of `width` cells at most: what, a bar, how many, the time that is left, the best value, what is at work.
    What does not fit is left out from the end."""
    parts = [one_line(job.title)]
    if job.total:
        filled = round(BAR * min(job.done / job.total, 1))
        parts.append("━" * filled + "╌" * (BAR - filled))
        parts.append(done_of(job))
    else:
        parts.append(job.state)
    if job.eta is not None:
        parts.append(f"{remaining(job.eta)} left")
    if job.best is not None:
        parts.append(f"best {value(job.best)}")
    if job.note:
        parts.append(one_line(job.note))
    while len(parts) > 1 and cell_len("  ".join(parts)) > width:
        parts.pop()
    return set_cell_size("  ".join(parts), min(width, cell_len("  ".join(parts))))
