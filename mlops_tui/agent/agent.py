"""The agent's round: look after jobs, look into folders that stirred, start scans, end when there is nothing to do."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Collection
from pathlib import Path

from mlops_tui.agent.arrivals import Arrivals, Glance
from mlops_tui.agent.attempts import Attempts, as_told
from mlops_tui.agent.folders import Folders
from mlops_tui.agent.looks import PATIENCE_SECONDS, Look, Looks
from mlops_tui.agent.pace import POLL_SECONDS, RESCAN_SECONDS, Pace
from mlops_tui.automation.lock import AgentLock
from mlops_tui.automation.model import should_live
from mlops_tui.automation.query import is_watching
from mlops_tui.core.errors import DiskFull, MlopsError, StoreBusy
from mlops_tui.core.settings import Settings
from mlops_tui.data.checkfile import changed_at
from mlops_tui.data.model import Source
from mlops_tui.data.query import list_sources
from mlops_tui.jobs.query import count_open, open_jobs
from mlops_tui.jobs.service import Jobs
from mlops_tui.monitoring.alerts import Alerts
from mlops_tui.monitoring.arriving import DriftOnArrival
from mlops_tui.monitoring.outcomes import Outcomes
from mlops_tui.monitoring.quality import Quality
from mlops_tui.serving.arriving import Arriving
from mlops_tui.store.change import ChangeReader
from mlops_tui.store.store import Store
from mlops_tui.store.translate import translation

NOT_THERE = "it is not there"
TICK_SECONDS = 1.0
LEAST_SECONDS = 0.25
"""Between two rounds there is at least so much time, however much happens."""
JOBS_SECONDS = 5.0
LONG_SECONDS = 1.0
"""A look that takes longer is not taken at every report while a scan runs."""
SCANS_AT_ONCE = 2
"""A folder of very many files does not keep another one's from being taken in."""
PREDICTED_AT = frozenset({"sources", "files", "models", "jobs"})
"""What may have changed when a file that came is to be predicted, or may be now that another job has ended."""
COMPARED_AT = frozenset({"files", "models", "predictions", "jobs"})
"""What may have changed when a champion is to be compared with the one before."""
DRIFTED_AT = frozenset({"files", "sources", "jobs"})
"""What may have changed when what came is to be compared with what was learnt from."""
TOLD_AT = frozenset({"alerts", "jobs"})
"""What may have changed when an alert waits to be told that whoever found it could not tell."""
LEAD = 0.75
"""In which part of its settling time, from the end, a file's scan is started: a worker loads its engines meanwhile, then
waits until the file is at rest."""


class Agent:
    """The one agent of a workspace."""

    def __init__(self, store: Store, settings: Settings, lock: AgentLock) -> None:
        self._store = store
        self._lock = lock
        self._jobs = Jobs(store)
        self._changes = ChangeReader(store.new_reader())
        self._arrivals = Arrivals(store, settings.settle_seconds)
        self._arriving = Arriving(store, self._jobs)
        self._outcomes = Outcomes(store, self._jobs)
        self._quality = Quality(store, self._jobs)
        self._drift = DriftOnArrival(store, self._jobs)
        self._alerts = Alerts(store, self._jobs)
        self._lead = LEAD * settings.settle_seconds
        self._attempts = Attempts(store.reader)
        self._folders = Folders()
        self._looks = Looks(self._arrivals, self._folders.rouse)
        self._unreported: dict[Path, str] = {}
        self._sources: dict[str, Source] = {}
        self._paces: dict[str, Pace] = {}
        self._waiting: dict[str, int] = {}
        self._checked: dict[str, float] = {}
        self._watching = False
        self._restless: set[str] = set()
        self._watched = self._renewed = self._settled = float("-inf")
        self._wait = TICK_SECONDS
        self._busy = time.monotonic()
        self._ended = self._has_looked = False

    def end(self) -> None:
        """Ends the agent at its next tick; safe in a signal handler."""
        self._ended = True

    def run(self) -> None:
        """Goes round until there is nothing to do, the workspace is gone, or it is told to end."""
        self._note()
        try:
            while not self._ended and self._lock.is_in_place() and self._goes_on():
                time.sleep(min(LEAST_SECONDS, self._wait))
                self._folders.wait(self._wait - LEAST_SECONDS)
        finally:
            self.close()

    def close(self) -> None:
        """Ends what watches and looks."""
        self._looks.close()
        self._folders.close()

    def _goes_on(self) -> bool:
        try:
            return self._round()
        except (
            StoreBusy,
            DiskFull,
        ):  # somebody else's long transaction is no reason to end, nor is a disk without room
            return True
        except OSError as error:
            if isinstance(translation(error, self._store.workspace.home), DiskFull):
                return True
            raise

    def _round(self) -> bool:
        moment = time.monotonic()
        changed = self._changes.changed()
        if changed & {"sources", "agent"}:
            self._read_sources()
        self._look_after_jobs(moment, bool(changed & {"jobs"}))
        if self._watching:
            self._do_what_follows(changed)
        self._wait = TICK_SECONDS
        if self._watching:
            self._look_into_folders(moment)
        working = count_open(self._store.reader)
        if self._watching or working:
            self._busy = moment
        return should_live(
            watching=self._watching, open_jobs=working, policies=0, idle_seconds=time.monotonic() - self._busy
        )

    def _do_what_follows(self, changed: Collection[str]) -> None:
        """Has files be predicted and compared that came, champions be compared for which there are labels, and alerts be told; all that
        may be, at first.
        """
        if not self._has_looked:
            changed = PREDICTED_AT | COMPARED_AT | DRIFTED_AT | TOLD_AT
        self._has_looked = True
        if PREDICTED_AT & set(changed):
            self._arriving.start()
        if COMPARED_AT & set(changed):
            self._outcomes.start()
            self._quality.start()
        if DRIFTED_AT & set(changed):
            self._drift.start()
        if TOLD_AT & set(changed):
            self._alerts.start_telling()
        if "models" in changed:
            self._alerts.settle()

    def _read_sources(self) -> None:
        self._watching = is_watching(self._store.reader)
        found = list_sources(self._store.reader) if self._watching else []
        before = {key: as_told(source) for key, source in self._sources.items()}
        self._restless |= {source.id for source in found if as_told(source) != before.get(source.id)}
        self._sources = {source.id: source for source in found}
        self._waiting = {key: count for key, count in self._waiting.items() if key in self._sources}
        self._watch()

    def _watch(self, *, anew: bool = False) -> None:
        wanted: dict[Path, bool] = {}
        for source in self._sources.values():
            folder = source.folder(self._store.workspace)
            wanted[folder] = wanted.get(folder, False) or source.is_recursive
        before = self._unreported
        self._folders.watch(wanted, anew=anew)
        self._unreported = dict.fromkeys((folder for folder in wanted if not folder.is_dir()), NOT_THERE)
        self._unreported |= self._folders.blind
        if self._unreported != before:
            for folder in sorted(set(self._unreported) - set(before)):
                print(f"{folder} is looked into by the clock: {self._unreported[folder]}", flush=True)
            self._note()
            with self._store.write() as writing:
                writing.changed("agent")

    def _note(self) -> None:
        polled = [{"folder": str(folder), "why": why} for folder, why in sorted(self._unreported.items())]
        self._lock.note(polled=polled, waiting=sum(self._waiting.values()))

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
        if moment - self._watched >= POLL_SECONDS:  # folders that were not there, or were others, may have come
            anew = moment - self._renewed >= RESCAN_SECONDS
            self._watched, self._renewed = moment, moment if anew else self._renewed
            self._watch(anew=anew)
            self._look_at_checks()
        stirred = self._folders.stirred()
        self._restless |= {source.id for source in self._sources.values() if self._folder(source) in stirred}
        looks = self._look(moment)
        if not looks:
            return
        before, scanned = dict(self._waiting), self._scanned()
        due = [look.source for look in looks if self._has_settled(look, may_start=look.source.id not in scanned)]
        if self._waiting != before:
            self._note()
        if due:
            names = ", ".join(source.name for source in due)
            try:
                spec = {"sources": [source.id for source in due], "has_rested": True}
                job_id = self._jobs.start("scan", f"scan {names}", spec)
            except (MlopsError, OSError):
                self._attempts.forget(due)
                raise
            self._attempts.started(due, job_id)

    def _look_at_checks(self) -> None:
        """A source whose checks were changed is looked into: what a broken checks file kept waiting is tried again."""
        found = {key: changed_at(self._store.workspace, source) for key, source in self._sources.items()}
        self._restless |= {key for key, at in found.items() if at != self._checked.get(key, at)}
        self._checked = found

    def _look(self, moment: float) -> list[Look]:
        """Begins the looks that are due; those that have ended, where the source still lies as it was looked into."""
        begun = set()
        for key, source in sorted(self._sources.items()):
            if not self._looks.is_under_way(source) and self._is_wanted(source, moment):
                lead = 0.0 if self._attempts.has_left(source) else self._lead
                if self._paces[key].cost <= PATIENCE_SECONDS:
                    begun.add(key)
                self._restless.discard(key)  # what is reported from now on may be missed by the look
                self._looks.begin(source, lead)
        ended = self._looks.fetch(begun)
        for look in ended:
            if look.error is not None:
                self._restless |= {one.source.id for one in ended}
                raise look.error
        lying = [look for look in ended if _lies_as(look.source, self._sources.get(look.source.id))]
        return sorted(lying, key=lambda look: look.source.id)

    def _folder(self, source: Source) -> Path:
        return source.folder(self._store.workspace)

    def _is_wanted(self, source: Source, moment: float) -> bool:
        pace, has_stirred = self._paces.setdefault(source.id, Pace()), source.id in self._restless
        if has_stirred and pace.cost > LONG_SECONDS and source.id in self._scanned():
            has_stirred = False  # nothing could be started, and jobs are not looked after meanwhile
        return pace.is_due(moment, has_stirred=has_stirred, is_polled=self._folder(source) in self._folders.blind)

    def _scanned(self) -> Collection[str]:
        """The sources for which no scan may be started now: each has one under way, or there are scans enough."""
        scans = [job for job in open_jobs(self._store.reader) if job.kind == "scan"]
        if len(scans) >= SCANS_AT_ONCE or any(job.spec.get("sources") is None for job in scans):
            return self._sources
        return {source_id for job in scans for source_id in job.spec["sources"]}

    def _has_settled(self, look: Look, *, may_start: bool) -> bool:
        """Whether the look saw something that a scan is to be started for, where one may be."""
        source, glance = self._sources[look.source.id], look.glance or Glance()
        self._paces[source.id] = Pace(look.ended, look.ended - look.began)
        self._waiting[source.id] = glance.differing
        if not may_start:
            self._restless.add(source.id)
            return False
        if glance.next_in is not None:
            self._wait = min(self._wait, glance.next_in)
        checked = self._checked.get(source.id, 0.0)
        is_due = self._attempts.is_to_be_tried(source, glance.settled, look.began, checked)
        if is_due or glance.is_moving or self._attempts.is_tried_soon(source):
            self._restless.add(source.id)
        return is_due


def _lies_as(source: Source, before: Source | None) -> bool:
    """Whether the source's files are where and which they were."""
    return before is not None and (source.path, source.pattern, source.exclude) == (
        before.path,
        before.pattern,
        before.exclude,
    )
