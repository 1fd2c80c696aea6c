"""The agent's round: look after jobs, look into folders that stirred, start scans, end when there is nothing to do."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mlops_tui.agent.arrivals import Arrivals, Glance, Signature
from mlops_tui.agent.folders import Folders
from mlops_tui.automation.lock import AgentLock
from mlops_tui.automation.model import should_live
from mlops_tui.automation.query import is_watching
from mlops_tui.core.errors import StoreBusy
from mlops_tui.core.settings import Settings
from mlops_tui.data.model import Source
from mlops_tui.data.query import list_sources
from mlops_tui.jobs.model import FAILED, LOST
from mlops_tui.jobs.query import count_open, get_job, open_jobs
from mlops_tui.jobs.service import Jobs
from mlops_tui.store.change import ChangeReader
from mlops_tui.store.store import Store

TICK_SECONDS = 1.0
POLL_SECONDS = 2.0
"""How often folders are looked into that the system will not report on."""
RESCAN_SECONDS = 60.0
"""How often all folders are looked into whatever was reported: network folders report nothing, and reports get lost."""
JOBS_SECONDS = 5.0
RETRY_SECONDS = 600.0
"""When a scan that did not take in what it was started for is tried again."""
RETRY_KILLED_SECONDS = 2.0
"""When a scan is tried again that did not come to its end; each time it fails anew, twice as long."""


@dataclass(slots=True)
class Attempt:
    """A scan that was started for a source: what for, when, by which job, and after how many that failed for the same."""

    settled: frozenset[Signature]
    moment: float
    job_id: str = ""
    failures: int = 0

    def rest(self, reader: sqlite3.Connection) -> float:
        """How many seconds after it the same is tried again."""
        if get_job(reader, self.job_id).state in (FAILED, LOST):
            return min(RETRY_KILLED_SECONDS * 2**self.failures, RETRY_SECONDS)
        return RETRY_SECONDS


class Agent:
    """The one agent of a workspace."""

    def __init__(self, store: Store, settings: Settings, lock: AgentLock) -> None:
        self._store = store
        self._lock = lock
        self._jobs = Jobs(store)
        self._changes = ChangeReader(store.new_reader())
        self._arrivals = Arrivals(store, settings.settle_seconds)
        self._folders = Folders()
        self._sources: dict[str, Source] = {}
        self._watching = False
        self._restless: set[str] = set()
        self._attempts: dict[str, Attempt] = {}
        self._looked = self._polled = self._settled = float("-inf")
        self._busy = time.monotonic()
        self._ended = False

    def end(self) -> None:
        """Ends the agent at its next tick; safe in a signal handler."""
        self._ended = True

    def run(self) -> None:
        """Goes round until there is nothing to do, the workspace is gone, or it is told to end."""
        self._lock.note(polling=0)
        try:
            while not self._ended and self._lock.is_in_place() and self._goes_on():
                time.sleep(TICK_SECONDS)
        finally:
            self._folders.close()

    def _goes_on(self) -> bool:
        try:
            return self._round()
        except StoreBusy:  # somebody else's long transaction is no reason to end
            return True

    def _round(self) -> bool:
        moment = time.monotonic()
        changed = self._changes.changed()
        if changed & {"sources", "agent"}:
            self._read_sources()
        self._look_after_jobs(moment, bool(changed & {"jobs"}))
        if self._watching:
            self._look_into_folders(moment)
        working = count_open(self._store.reader)
        if self._watching or working:
            self._busy = moment
        return should_live(
            watching=self._watching, open_jobs=working, policies=0, idle_seconds=time.monotonic() - self._busy
        )

    def _read_sources(self) -> None:
        self._watching = is_watching(self._store.reader)
        found = list_sources(self._store.reader) if self._watching else []
        self._restless |= {source.id for source in found} - set(self._sources)
        self._sources = {source.id: source for source in found}
        self._watch()

    def _watch(self) -> None:
        wanted: dict[Path, bool] = {}
        for source in self._sources.values():
            folder = source.folder(self._store.workspace)
            wanted[folder] = wanted.get(folder, False) or source.is_recursive
        blind = len(self._folders.blind)
        self._folders.watch(wanted)
        if len(self._folders.blind) != blind:
            for folder, why in self._folders.blind.items():
                print(f"{folder} is looked into every {POLL_SECONDS:.0f} s: it cannot be watched: {why}", flush=True)
            self._lock.note(polling=len(self._folders.blind))

    def _look_after_jobs(self, moment: float, changed: bool) -> None:
        if not changed and moment - self._settled < JOBS_SECONDS:
            return
        self._settled = moment
        self._jobs.settle()
        self._jobs.start_queued()
        with contextlib.suppress(ChildProcessError):  # supervisors that ended and were started from here
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass

    def _look_into_folders(self, moment: float) -> None:
        if moment - self._looked >= RESCAN_SECONDS:
            self._looked = moment
            self._restless |= set(self._sources)
            self._watch()  # folders that were not there may have come
        stirred = self._folders.stirred()
        if moment - self._polled >= POLL_SECONDS:
            self._polled = moment
            stirred |= set(self._folders.blind)
        self._restless |= {
            source.id for source in self._sources.values() if source.folder(self._store.workspace) in stirred
        }
        if not self._restless or self._is_scanning():
            return
        self._scan(self._due(moment))

    def _is_scanning(self) -> bool:
        return any(job.kind == "scan" for job in open_jobs(self._store.reader))

    def _due(self, moment: float) -> list[Source]:
        """The restless sources with something at rest that no scan was started for yet."""
        due = []
        for source in [self._sources[key] for key in sorted(self._restless & set(self._sources))]:
            glance = self._arrivals.look(source, wall=time.time(), monotonic=moment)
            if self._is_to_be_tried(source, glance, moment):
                due.append(source)
            elif not glance.moving and not self._is_tried_soon(source):
                self._restless.discard(source.id)
        return due

    def _is_to_be_tried(self, source: Source, glance: Glance, moment: float) -> bool:
        """Whether to start a scan for what has settled; it is written down as tried."""
        tried = self._attempts.get(source.id)
        if not glance.settled:
            self._attempts.pop(source.id, None)
            return False
        failures = 0
        if tried is not None and tried.settled == glance.settled:
            if moment - tried.moment <= tried.rest(self._store.reader):
                return False
            failures = tried.failures + 1
        self._attempts[source.id] = Attempt(glance.settled, moment, failures=failures)
        return True

    def _is_tried_soon(self, source: Source) -> bool:
        tried = self._attempts.get(source.id)
        return tried is not None and tried.rest(self._store.reader) < RESCAN_SECONDS

    def _scan(self, due: Iterable[Source]) -> None:
        sources = list(due)
        if sources:
            names = ", ".join(source.name for source in sources)
            job_id = self._jobs.start("scan", f"scan {names}", {"sources": [source.id for source in sources]})
            for source in sources:
                self._attempts[source.id].job_id = job_id
