"""The scans that the agent started: what for, and when the same is worth another one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace

from mlops_tui.agent.arrivals import Signature
from mlops_tui.data.model import Source
from mlops_tui.jobs.model import FAILED, LOST, Job
from mlops_tui.jobs.query import get_job

RETRY_SECONDS = 600.0
"""When a scan that did not take in what it was started for is tried again."""
RETRY_KILLED_SECONDS = 2.0
"""When a scan is tried again that did not come to its end; each time it fails anew, twice as long."""
SOON_SECONDS = 60.0


@dataclass(slots=True)
class Attempt:
    """A scan that was started for a source, as it was told then: what for, when, after how many that failed for the same,
    and when its checks had been changed last."""

    settled: frozenset[Signature]
    moment: float
    failures: int = 0
    checked: float = 0.0
    told: Source | None = None


def as_told(source: Source) -> Source:
    """The source without what scans and studies write down."""
    return replace(source, version=0, held_out=None)


class Attempts:
    """The last scan of each source. It reads in the store how that ended."""

    def __init__(self, reader: sqlite3.Connection) -> None:
        self._reader = reader
        self._attempts: dict[str, Attempt] = {}
        self._jobs: dict[str, str] = {}

    def is_to_be_tried(
        self, source: Source, settled: frozenset[Signature], moment: float, checked: float = 0.0
    ) -> bool:
        """Whether to start a scan for what has settled; it is then written down as tried.

        Another time `checked` of the source's checks, or anything said anew of it, is a reason to try the same again.
        """
        if not settled:
            self._attempts.pop(source.id, None)
            return False
        tried, failures = self._attempts.get(source.id), 0
        told = as_told(source)
        if tried is not None and (tried.settled, tried.checked, tried.told) == (settled, checked, told):
            if moment - tried.moment <= self._rest(source.id, tried):
                return False
            failures = tried.failures + 1
        self._attempts[source.id] = Attempt(settled, moment, failures, checked, told)
        return True

    def started(self, sources: Iterable[Source], job_id: str) -> None:
        """Writes down the job that tries."""
        self._jobs.update((source.id, job_id) for source in sources)

    def forget(self, sources: Iterable[Source]) -> None:
        """Takes back that they were tried: their scan could not be started."""
        for source in sources:
            self._attempts.pop(source.id, None)

    def is_tried_soon(self, source: Source) -> bool:
        """Whether what was tried in vain is tried again before anything else happens."""
        tried = self._attempts.get(source.id)
        return tried is not None and self._rest(source.id, tried) <= SOON_SECONDS

    def has_left(self, source: Source) -> bool:
        """Whether the last scan found a file that was not at rest after all."""
        job = self._job(source.id)
        told = (job.result or {}).get("sources", []) if job else []
        return any(item["left"] for item in told if item["source"] == source.name)

    def _rest(self, source_id: str, tried: Attempt) -> float:
        job = self._job(source_id)
        if job is not None and job.state in (FAILED, LOST):
            return min(RETRY_KILLED_SECONDS * 2.0**tried.failures, RETRY_SECONDS)
        return RETRY_SECONDS

    def _job(self, source_id: str) -> Job | None:
        job_id = self._jobs.get(source_id)
        return None if job_id is None else get_job(self._reader, job_id)
