"""The job `scan`: takes in what is new or changed in the sources' folders, and makes one version of each, or a few where
very many files came.
"""

from __future__ import annotations

import errno
import fcntl
import time
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from mlops_tui.core.errors import DataError, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.checkfile import changed_at
from mlops_tui.data.checks import Check
from mlops_tui.data.engine.checking import checks_of
from mlops_tui.data.engine.locked import sharing
from mlops_tui.data.engine.overlapping import with_overlaps
from mlops_tui.data.engine.progress import FINDING, WAIT_SECONDS, Begins, Progress, no_step
from mlops_tui.data.engine.recording import record
from mlops_tui.data.engine.schema import Schema, freeze, schema_of
from mlops_tui.data.engine.sliced import make_up, plan_of, unsliced
from mlops_tui.data.engine.stored import keep_unread
from mlops_tui.data.engine.taking_in import look_into
from mlops_tui.data.ledger import Finding, Ledger, settle_accounts
from mlops_tui.data.listing import EMPTIED_SECONDS, Sighting, sightings, walk
from mlops_tui.data.model import QUARANTINED, ROLES, Source, SourceFile, unread_key
from mlops_tui.data.place import without_place
from mlops_tui.data.query import (
    count_files,
    get_source,
    list_sources,
    may_enter,
    members,
    present_files,
    sizes_and_times,
)
from mlops_tui.data.snapshots import keep
from mlops_tui.jobs.context import JobContext
from mlops_tui.store.store import Store

BATCH_FILES = 5000
BATCH_SECONDS = 60.0
"""After so many files, or so long, what was found is written down as a version, so that a scan that is killed loses little."""
BATCH_COSTS = 5
"""A batch takes at least so many times as long as writing the last one down, which is longer the more files there are."""


EMPTIED_SETTLES = 15
"""So many settling times a folder has to be without any of its files before they are gone, but at most EMPTIED_SECONDS."""

SHARED_FILES = 500
"""So many files are read with one connection of the engine."""


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
    has_rested: bool = False
    """Whether the folder was seen without any file for long enough before."""

    @property
    def is_anew(self) -> bool:
        """Whether files that are known are read in another way than before, which is one change for all of them."""
        return any(not file.mtime_ns for file in self.known.values())


def run(context: JobContext) -> dict[str, Any]:
    """Scans the sources of the spec (`{"sources": [ids] or null}`, null for all; with `has_rested` true of a folder that is
    empty now it is known that it stays so).

    Returns `{"sources": [{source, version, taken, warned, duplicates, overlaps, quarantined, kept_out, gone, left_out, renamed, left, trouble}]}`: the
    newest version's number, how many files were taken in, how many of those break a check all the same, have the
    content of another file or many of its rows, how many were quarantined by this scan, are kept out after it (older ones too),
    were found gone or renamed, how many were not at rest yet and are left for the next scan, and why the folder could
    not be listed (else None); and `files`, `bytes` and `seconds`: what was read in all, and how long it took.
    """
    with _alone(context, [source.id for source in _sources(context)]):
        # read anew: another scan may have had them while this one waited for its turn
        plans = [_plan(context.store, source) for source in _sources(context)]
        for plan in plans:
            plan.has_rested = bool(context.spec.get("has_rested"))
        _wait_for_rest(context, plans)
        moved = [sighting for plan in plans for sighting in plan.moved]
        with Progress(context, len(moved), sum(sighting.size for sighting in moved)) as progress:
            told: list[dict[str, Any]] = []
            for plan in plans:
                told.append(_scan(context.store, plan, progress))
                context.so_far({"sources": told})
        return {"sources": told, "files": progress.files, "bytes": progress.bytes, "seconds": progress.seconds}


@contextmanager
def _alone(context: JobContext, source_ids: Sequence[str]) -> Iterator[None]:
    """One scan of a source at a time; the system frees the locks of a process that is killed.

    Each source has a byte of one file; all take them in the same order, so that no two wait for each other.
    """
    with (context.store.workspace.home / "scan.lock").open("w") as lock:
        for place in sorted({zlib.crc32(source_id.encode()) for source_id in source_ids}):
            while context.wanted() != "stop":
                try:
                    fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
                    break
                except OSError as error:
                    if error.errno not in (errno.EACCES, errno.EAGAIN):
                        raise
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
    if _is_all_known(store, source, seen):
        return Plan(source, checks=checks)
    known = present_files(store.reader, source.id)
    entering = may_enter(store.reader, source.id, changed_at(store.workspace, source))
    moved = [s for s in seen if s.name in entering or _has_moved(s, known.get(s.name))]
    return Plan(source, known, {sighting.name for sighting in seen}, moved, checks=checks)


def _is_all_known(store: Store, source: Source, seen: Sequence[Sighting]) -> bool:
    """Whether every file is as the store has it and none is kept out: of very many files this is told in a moment."""
    if count_files(store.reader, source.id).get(QUARANTINED):
        return False
    known = sizes_and_times(store.reader, source.id)
    return len(known) == len(seen) and all(s.is_as_known(known.get(s.name)) for s in seen)


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
        context.progress(
            0, None, note=f"waiting until {len(young)} {'file is' if len(young) == 1 else 'files are'} at rest"
        )
        time.sleep(min(WAIT_SECONDS, remaining))
    for plan in plans:
        resting = [s for s in plan.moved if (plan.source.id, s.name) not in young or s.seen_again() == s]
        plan.left += len(plan.moved) - len(resting)
        plan.moved = resting


def _scan(store: Store, plan: Plan, progress: Progress) -> dict[str, Any]:
    source = get_source(store.reader, plan.source.id)
    done = Done(source, source.version)
    if not plan.trouble:
        lazy = LazySchema(store, source, plan.checks, progress.begins)
        batch = Batch()
        for finding in _findings(store, plan, lazy, progress):
            batch.findings.append(finding)
            if batch.is_full and not plan.is_anew:
                batch = _settle(store, plan, lazy.schema, batch, done, progress)
        plan.left += len(plan.moved) - done.files - len(batch.findings)
        _wait_for_any(store, plan, progress)
        _see_again(store, plan)
        _settle(store, plan, lazy.schema, batch, done, progress, is_last=True)
        _make_up_slices(store, source.id, progress)
    if plan.trouble:
        progress.log(plan.trouble)
    told = _told(store, source, plan, done)
    progress.log(", ".join(f"{key} {value}" for key, value in told.items() if value is not None))
    return told


@dataclass(slots=True)
class Batch:
    """Findings that are settled together; there has to be a while between two."""

    findings: list[Finding] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)
    least_seconds: float = 0.0

    @property
    def is_full(self) -> bool:
        """Whether to write it down."""
        passed = time.monotonic() - self.begun
        return passed >= self.least_seconds and (len(self.findings) >= BATCH_FILES or passed >= BATCH_SECONDS)


@dataclass(slots=True)
class Done:
    """What a scan has written down of a source, and the number of its newest version."""

    source: Source
    version: int
    files: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, ledger: Ledger) -> None:
        """Adds what a ledger changed."""
        self.counts["taken"] += len(ledger.taken)
        self.counts["warned"] += sum(bool(entry.finding.found) for entry in ledger.taken)
        self.counts["duplicates"] += sum(entry.copy_of is not None for entry in ledger.taken)
        self.counts["overlaps"] += sum(entry.overlap is not None for entry in ledger.taken)
        self.counts["quarantined"] += len(ledger.refused)
        self.counts["gone"] += len(ledger.gone)
        self.counts["left_out"] += len(without_place(self.source, (file.path for file in ledger.gone)))
        self.counts["renamed"] += len(ledger.renamed)


def _settle(
    store: Store,
    plan: Plan,
    schema: Schema | None,
    batch: Batch,
    done: Done,
    progress: Progress,
    *,
    is_last: bool = False,
) -> Batch:
    """Writes a batch down; returns the next one, which is empty."""
    begun = time.monotonic()
    ledger = settle_accounts(plan.known, plan.present, batch.findings, is_last=is_last)
    if not ledger.is_empty:
        progress.says(f"{plan.source.name}: the profiles of its files are merged and written down")
        ledger = with_overlaps(store.reader, schema, ledger)
        done.version = record(store, get_source(store.reader, plan.source.id), schema, ledger)
    done.add(ledger)
    done.files += len(batch.findings)
    if not is_last:
        plan.known = present_files(store.reader, plan.source.id)
    return Batch(least_seconds=BATCH_COSTS * (time.monotonic() - begun))


def _make_up_slices(store: Store, source_id: str, progress: Progress) -> None:
    """Has the files that were profiled before a column was declared be told apart by it too."""
    source = get_source(store.reader, source_id)
    files = members(store.reader, source.id, source.version) if source.slices and source.version else []
    lacking = unsliced(store.reader, source, files)
    plan = plan_of(store.reader, source) if lacking else {}
    for file in files:
        if file.id in lacking and not progress.is_ended:
            progress.says(f"{source.name}: {printable(file.path)} is told apart by {', '.join(lacking[file.id])}")
            try:
                make_up(store, source, file, source.version, {by: plan[by] for by in lacking[file.id]})
            except (DataError, duckdb.Error) as error:
                progress.log(str(error))


def _see_again(store: Store, plan: Plan) -> None:
    """Looks once more before files count as gone: one may have been put back, or the whole folder have disappeared."""
    if all(path in plan.present for path in plan.known):
        return
    try:
        plan.present |= {sighting.name for sighting in walk(plan.source, store.workspace)}
    except DataError as error:
        plan.trouble = error.title
        plan.present |= set(plan.known)


def _wait_for_any(store: Store, plan: Plan, progress: Progress) -> None:
    """Where no file is left, waits for one as long as a folder has to be without any: one that is not mounted any more is empty
    too. A scan that is ended meanwhile takes none for gone.
    """
    if plan.present or not plan.known or plan.source.is_one_file or plan.has_rested:
        return
    deadline = time.monotonic() + min(EMPTIED_SECONDS, EMPTIED_SETTLES * progress.settle_seconds)
    files = "its only file" if len(plan.known) == 1 else f"all of its {len(plan.known):,} files"
    while (left := deadline - time.monotonic()) > 0:
        progress.says(f"{plan.source.name}: without {files}, which will be gone unless one is back in {left:.0f} s")
        if progress.is_ended:
            plan.present |= set(plan.known)
            return
        time.sleep(min(WAIT_SECONDS, left))
        try:
            if any(True for _ in walk(plan.source, store.workspace)):
                return
        except DataError:  # the next look says so
            return


class LazySchema:
    """A source's schema; the first file that can be read freezes it."""

    def __init__(self, store: Store, source: Source, checks: tuple[Check, ...] = (), begins: Begins = no_step) -> None:
        self._store = store
        self._source = source
        self._begins = begins
        self.schema: Schema | None = schema_of(source, checks)

    def __call__(self, path: Path) -> Schema:
        """The schema; raises FileUnreadable where there is none and this file cannot give it."""
        if self.schema is None:
            self._begins(FINDING)
            self.schema = freeze(self._source, path, self._store.reader)
        return self.schema


def _findings(store: Store, plan: Plan, schema: LazySchema, progress: Progress) -> Iterator[Finding]:
    for start in range(0, len(plan.moved), SHARED_FILES):
        among = plan.moved[start : start + SHARED_FILES]
        with sharing(sighting.path for sighting in among):
            for sighting in among:
                if not progress.goes_on(plan.source.name, sighting, is_first=schema.schema is None):
                    return
                begun = time.monotonic()
                finding = look_into(store, sighting, schema, progress.begins)
                progress.step(sighting)
                if finding is not None and finding.rejects.count:
                    keep_unread(store, unread_key(plan.source, finding.hash), finding.rejects)
                if finding is not None and _is_kept(store, plan.source, finding):
                    yield replace(finding, seconds=time.monotonic() - begun)


def _is_kept(store: Store, source: Source, finding: Finding) -> bool:
    """Whether the content was copied in where the source asks for that; False where it is another one by now."""
    if not source.snapshot or finding.refusal is not None:
        return True
    return keep(store.workspace, finding.sighting.path, finding.hash, finding.name)


def _told(store: Store, source: Source, plan: Plan, done: Done) -> dict[str, Any]:
    counts = done.counts
    return {
        "source": source.name,
        "version": done.version or None,
        **{key: counts[key] for key in ("taken", "warned", "duplicates", "overlaps", "quarantined")},
        "kept_out": count_files(store.reader, source.id).get(QUARANTINED, 0),
        **{key: counts[key] for key in ("gone", "left_out", "renamed")},
        "left": plan.left,
        "trouble": plan.trouble,
    }
