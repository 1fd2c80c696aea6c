"""Files of watched sources that are compared as they come: those of live sources, and of all with a pinned reference."""

from __future__ import annotations

import json
from typing import Any

from mlops_tui.core.errors import MlopsError
from mlops_tui.data.arrival import by_arrival
from mlops_tui.data.model import LIVE, Source
from mlops_tui.data.query import list_sources, members
from mlops_tui.jobs.query import open_jobs
from mlops_tui.jobs.service import Jobs
from mlops_tui.monitoring.query import last_watched, pinned
from mlops_tui.monitoring.service import NEWEST, Monitoring
from mlops_tui.store.store import Store

AT_ONCE = 20
"""Of more files that came at once the newest are compared."""


class DriftOnArrival:
    """What is compared without being asked for each time."""

    def __init__(self, store: Store, jobs: Jobs) -> None:
        self._store = store
        self._jobs = jobs
        self._monitoring = Monitoring(store, jobs)

    def start(self) -> str | None:
        """Starts the job of a source that has other files than were compared last, or another reference; returns its id.

        One such job runs at a time. A source that has nothing to be compared with is left alone, and what was tried in vain is
        not tried again until something is new.
        """
        reader = self._store.reader
        if any(job.spec.get("seen") for job in open_jobs(reader) if job.kind == "drift"):
            return None
        for source in list_sources(reader):
            kept = pinned(reader, source.id)
            if not source.version or (source.role != LIVE and kept is None):
                continue
            seen = json.dumps(["training" if kept is None else [kept.label, kept.at], source.version])
            last = last_watched(reader, source.id)
            if last is None or last[0] != seen:
                planned = self._plan(source, last)
                if planned is not None:
                    title, spec = planned
                    return self._jobs.start("drift", title, {**spec, "seen": seen, "version": source.version})
        return None

    def _plan(self, source: Source, last: tuple[str, int] | None) -> tuple[str, dict[str, Any]] | None:
        """The job that compares what came since; the newest file where that is not known. None where it cannot be compared."""
        since = None if last is None else last[1]
        files = by_arrival(self._store.reader, source.id, members(self._store.reader, source.id, source.version))
        came = [file for file in files if since is not None and (file.since_version or 0) > since][-AT_ONCE:]
        try:
            title, spec = self._monitoring.plan(source.id, current=[file.id for file in came] or NEWEST)
        except MlopsError:
            return None
        return title, {**spec, "watched": True}
