"""The job `scan`: takes in what is new or changed in the sources' folders, and makes at most one version of each."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlops_tui.core.clock import to_seconds
from mlops_tui.core.errors import DataError, UsageError
from mlops_tui.data.checkfile import changed_at
from mlops_tui.data.checks import Check
from mlops_tui.data.engine.checking import checks_of
from mlops_tui.data.engine.recording import record
from mlops_tui.data.engine.schema import Schema, freeze, schema_of
from mlops_tui.data.engine.taking_in import look_into
from mlops_tui.data.ledger import Finding, Ledger, settle_accounts
from mlops_tui.data.listing import Sighting, sightings
from mlops_tui.data.model import QUARANTINED, ROLES, Source, SourceFile
from mlops_tui.data.query import count_files, get_source, list_sources, present_files
from mlops_tui.data.snapshots import keep
from mlops_tui.jobs.context import JobContext
from mlops_tui.store.store import Store

WAIT_SECONDS = 0.2


@dataclass(slots=True)
class Plan:
    """A source with what is known of it and what is there; `moved` has to be looked into."""

    source: Source
    known: dict[str, SourceFile] = field(default_factory=dict)
    present: set[str] = field(default_factory=set)
    moved: list[Sighting] = field(default_factory=list)
    left: int = 0
    trouble: str | None = None
    checks: tuple[Check, ...] = ()


def run(context: JobContext) -> dict[str, Any]:
    """Scans the sources of the spec (`{"sources": [ids] or null}`, null for all).

    Returns `{"sources": [{source, version, taken, warned, duplicates, quarantined, kept_out, gone, renamed, left, trouble}]}`: the
    newest version's number, how many files were taken in, how many of those break a check all the same, how many were
    quarantined by this scan, are kept out after it (older ones too),
    were found gone or renamed, how many were not at rest yet and are left for the next scan, and why the folder could
    not be listed (else None).
    """
    with _alone(context):
        plans = [_plan(context.store, source) for source in _sources(context)]
        _wait_for_rest(context, plans)
        progress = Progress(context, sum(len(plan.moved) for plan in plans))
        return {"sources": [_scan(context.store, plan, progress) for plan in plans]}


@contextmanager
def _alone(context: JobContext) -> Iterator[None]:
    """One scan at a time in a workspace; the system frees the lock of a process that is killed."""
    with (context.store.workspace.home / "scan.lock").open("w") as lock:
        while context.wanted() != "stop":
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                context.progress(0, None, note="waiting for another scan")
                time.sleep(WAIT_SECONDS)
        yield


def _sources(context: JobContext) -> list[Source]:
    wanted = context.spec.get("sources")
    reader = context.store.reader
    found = list_sources(reader) if wanted is None else [get_source(reader, source_id) for source_id in wanted]
    # training first: a live source takes its kinds over from there
    return sorted((source for source in found if not source.archived), key=lambda s: (ROLES.index(s.role), s.id))


def _plan(store: Store, source: Source) -> Plan:
    try:
        seen = sightings(source, store.workspace)
        checks = checks_of(store, source)
    except (DataError, UsageError) as error:
        return Plan(source, trouble=error.title if isinstance(error, DataError) else str(error))
    known = present_files(store.reader, source.id)
    checked = changed_at(store.workspace, source)
    moved = [s for s in seen if _has_moved(s, known.get(s.name)) or _may_enter(known.get(s.name), checked)]
    return Plan(source, known, {sighting.name for sighting in seen}, moved, checks=checks)


def _may_enter(file: SourceFile | None, checked: float) -> bool:
    """Whether a file that a check keeps out was released, or the checks were changed since it was seen."""
    if file is None or file.state != QUARANTINED or file.rows is None:
        return False
    return file.released is not None or checked > to_seconds(file.seen_at)


def _has_moved(sighting: Sighting, file: SourceFile | None) -> bool:
    # a file without a hash could not be opened: permissions may have changed and left its time alone
    return file is None or not file.hash or not sighting.is_as_kept(file)


def _wait_for_rest(context: JobContext, plans: Sequence[Plan]) -> None:
    """Leaves out the files whose size or time still moves, after waiting once for those that were young."""
    rest = context.settings.settle_seconds
    moment = time.time()
    young = {
        (plan.source.id, sighting.name): moment - sighting.mtime_ns / 1e9
        for plan in plans
        for sighting in plan.moved
        if moment - sighting.mtime_ns / 1e9 < rest
    }
    if not young:
        return
    deadline = time.monotonic() + min(rest, rest - min(young.values()))
    while (remaining := deadline - time.monotonic()) > 0 and context.wanted() != "stop":
        context.progress(0, None, note=f"waiting until {len(young)} files are at rest")
        time.sleep(min(WAIT_SECONDS, remaining))
    for plan in plans:
        resting = [s for s in plan.moved if (plan.source.id, s.name) not in young or s.seen_again() == s]
        plan.left += len(plan.moved) - len(resting)
        plan.moved = resting


class Progress:
    """Counts files over all sources, and holds while the job is paused."""

    def __init__(self, context: JobContext, total: int) -> None:
        self._context = context
        self._total = total
        self._done = 0

    def goes_on(self, note: str) -> bool:
        """Whether the next file is to be looked into; waits while the job is paused."""
        self._context.progress(self._done, self._total, note=note)
        while (wanted := self._context.wanted()) == "pause":
            time.sleep(WAIT_SECONDS)
        return wanted != "stop"

    def step(self) -> None:
        """One more file is done."""
        self._done += 1
        self._context.progress(self._done, self._total)

    def log(self, text: str) -> None:
        """A line in the job's log."""
        self._context.log(text)


def _scan(store: Store, plan: Plan, progress: Progress) -> dict[str, Any]:
    source = get_source(store.reader, plan.source.id)
    if plan.trouble:
        progress.log(plan.trouble)
        return _told(store, source, source.version, plan, None)
    lazy = LazySchema(store, source, plan.checks)
    findings = list(_findings(store, plan, lazy, progress))
    plan.left += len(plan.moved) - len(findings)
    ledger = settle_accounts(plan.known, plan.present, findings)
    version = source.version if ledger.is_empty else record(store, source, lazy.schema, ledger)
    told = _told(store, source, version, plan, ledger)
    progress.log(", ".join(f"{key} {value}" for key, value in told.items() if value is not None))
    return told


class LazySchema:
    """A source's schema; the first file that can be read freezes it."""

    def __init__(self, store: Store, source: Source, checks: tuple[Check, ...] = ()) -> None:
        self._store = store
        self._source = source
        self.schema: Schema | None = schema_of(source, checks)

    def __call__(self, path: Path) -> Schema:
        """The schema; raises FileUnreadable where there is none and this file cannot give it."""
        if self.schema is None:
            self.schema = freeze(self._source, path, self._store.reader)
        return self.schema


def _findings(store: Store, plan: Plan, schema: Callable[[Path], Schema], progress: Progress) -> Iterator[Finding]:
    for sighting in plan.moved:
        if not progress.goes_on(f"{plan.source.name}: {sighting.name}"):
            return
        finding = look_into(store, sighting, schema)
        progress.step()
        if finding is not None and _is_kept(store, plan.source, finding):
            yield finding


def _is_kept(store: Store, source: Source, finding: Finding) -> bool:
    """Whether the content was copied in where the source asks for that; False where it is another one by now."""
    if not source.snapshot or finding.refusal is not None:
        return True
    return keep(store.workspace, finding.sighting.path, finding.hash, finding.name)


def _told(store: Store, source: Source, version: int, plan: Plan, ledger: Ledger | None) -> dict[str, Any]:
    return {
        "source": source.name,
        "version": version or None,
        "taken": len(ledger.taken) if ledger else 0,
        "warned": sum(bool(entry.finding.found) for entry in ledger.taken) if ledger else 0,
        "duplicates": sum(entry.copy_of is not None for entry in ledger.taken) if ledger else 0,
        "quarantined": len(ledger.refused) if ledger else 0,
        "kept_out": count_files(store.reader, source.id).get(QUARANTINED, 0),
        "gone": len(ledger.gone) if ledger else 0,
        "renamed": len(ledger.renamed) if ledger else 0,
        "left": plan.left,
        "trouble": plan.trouble,
    }
