"""What a process wrote into its log, printed as it comes."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from mlops_tui.core.printable import last_written, printable
from mlops_tui.jobs.model import Job
from mlops_tui.jobs.query import get_job
from mlops_tui.jobs.service import Jobs
from mlops_tui.store.store import Store

FOLLOW_SECONDS = 0.2


class LogTail:
    """A log, of which nothing is printed twice."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._position = 0

    @property
    def is_there(self) -> bool:
        """Whether anything was written."""
        return self._path.exists()

    def copy(self) -> None:
        """Prints what was written since the last time."""
        if not self.is_there:
            return
        with self._path.open("rb") as file:
            file.seek(self._position)
            text = file.read()
        if text:
            self._position += len(text)
            lines = text.decode("utf-8", "replace").split("\n")
            sys.stdout.write("\n".join(map(_shown, lines)))
            sys.stdout.flush()

    def follow(self, store: Store, jobs: Jobs, job_id: str) -> Job:
        """Goes on until the job has ended; returns it as it is then."""
        while get_job(store.reader, job_id).is_open:
            self.copy()
            time.sleep(FOLLOW_SECONDS)
            jobs.settle()
        self.copy()
        return get_job(store.reader, job_id)


def _shown(line: str) -> str:
    """A terminal is shown how a line is written over, as a progress bar is; elsewhere what stands in it in the end."""
    if sys.stdout.isatty():
        return "\r".join(printable(part.expandtabs(4)) for part in line.split("\r"))
    return last_written(line)
