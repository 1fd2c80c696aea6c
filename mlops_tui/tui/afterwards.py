"""What is said when a job that was started from the screen has ended, wherever one is by then."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mlops_tui.jobs.model import DONE, STOPPED, Job
from mlops_tui.jobs.query import get_job
from mlops_tui.presenters.jobs import outcome
from mlops_tui.presenters.words import initial, one_line

if TYPE_CHECKING:
    from mlops_tui.tui.app import MlopsApp

LOOK_SECONDS = 0.4


def tell_when_ended(app: MlopsApp, job_id: str, words: Callable[[Job], str]) -> None:
    """Says the `words` of the job once it is done; a job that ends otherwise is told by its reason."""
    when_ended(app, job_id, lambda job: app.notify(words(job), timeout=10, markup=False))


def when_ended(app: MlopsApp, job_id: str, then: Callable[[Job], object]) -> None:
    """Does `then` with the job once it is done; a job that ends otherwise is told by its reason."""

    def look() -> None:
        job = get_job(app.services.store.reader, job_id)
        if job.is_open:
            return
        timer.stop()
        if job.state in (DONE, STOPPED):
            then(job)
        else:
            told = outcome(job) or f"It is {job.state}."
            app.notify(f"{initial(one_line(job.title))}: {told}", severity="error", timeout=10, markup=False)

    timer = app.set_interval(LOOK_SECONDS, look)
