"""What a job's code in a worker is given: the store, its spec, and a way to say how far it is."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from mlops_tui.core.errors import TakenBack
from mlops_tui.core.settings import Settings
from mlops_tui.jobs.lease import Lease
from mlops_tui.jobs.query import get_job
from mlops_tui.store.store import Store

PROGRESS_SECONDS = 0.5


class JobContext:
    """Handed to the function that does a job's work."""

    def __init__(self, store: Store, settings: Settings, job_id: str, worker_number: int) -> None:
        self.store = store
        self.settings = settings
        self.job_id = job_id
        self.worker_number = worker_number
        self.spec: dict[str, Any] = get_job(store.reader, job_id).spec
        self.lease = Lease.handed_down()
        self._started = time.monotonic()
        self._first_done: int | None = None
        self._written = 0.0

    def progress(
        self, done: int, total: int | None, *, best: float | None = None, note: str | None = None, force: bool = False
    ) -> None:
        """Says how far the job is; written at most twice a second, unless forced or at the end."""
        if self._first_done is None:
            self._first_done = done
        moment = time.monotonic()
        if not force and done != total and moment - self._written < PROGRESS_SECONDS:
            return
        self._written = moment
        with self.store.write() as writing:
            writing.execute(
                "UPDATE job SET done = ?, total = ?, best = coalesce(?, best), eta = ?, note = ? WHERE id = ?",
                (done, total, best, self._eta(done, total, moment), note, self.job_id),
            )
            writing.changed("jobs")

    def _eta(self, done: int, total: int | None, moment: float) -> float | None:
        finished = done - (self._first_done or 0)
        if total is None or finished <= 0:
            return None
        return (moment - self._started) / finished * max(total - done, 0)

    def so_far(self, result: dict[str, Any]) -> None:
        """Says what the job has come to up to now; in the end its result takes that place."""
        with self.store.write() as writing:
            writing.execute("UPDATE job SET result = ? WHERE id = ?", (json.dumps(result), self.job_id))
            writing.changed("jobs")

    def wanted(self) -> str | None:
        """What a person asked for meanwhile: `pause`, `stop`, or nothing."""
        row = self.store.reader.execute("SELECT wanted FROM job WHERE id = ?", (self.job_id,)).fetchone()
        return row[0] if row else "stop"

    def is_one_too_many(self) -> bool:
        """Whether the job has more workers than it is to have by now, and this is one of the last."""
        row = self.store.reader.execute(
            "SELECT count(*) >= (SELECT workers FROM job WHERE id = ?) FROM job_worker"
            " WHERE job_id = ? AND ended IS NULL AND number < ?",
            (self.job_id, self.job_id, self.worker_number),
        ).fetchone()
        return bool(row[0])

    def log(self, text: str) -> None:
        """Writes a line to the job's log."""
        print(time.strftime("%H:%M:%S"), text, flush=True)


class AnswerContext:
    """Handed to the function that answers a question: the store, to be read, and word that nobody waits any more."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = settings
        self.given_up = False
        self._lock = threading.Lock()
        self._interrupt: Callable[[], None] | None = None

    def give_up(self) -> None:
        """Ends the query that is running, and refuses the next one; called in another thread."""
        with self._lock:
            self.given_up = True
            if self._interrupt is not None:
                self._interrupt()

    @contextmanager
    def interruptible(self, interrupt: Callable[[], None]) -> Iterator[None]:
        """While the block runs, giving up calls `interrupt`. Raises TakenBack where it was given up before."""
        with self._lock:
            if self.given_up:
                raise TakenBack("The question was taken back.", "Ask it again.")
            self._interrupt = interrupt
        try:
            yield
        finally:
            with self._lock:
                self._interrupt = None
