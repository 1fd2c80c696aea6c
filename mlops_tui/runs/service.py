"""What is done with runs after they were logged: reading them with the lost ones told, tags, notes."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace

from mlops_tui.core.clock import now
from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.jobs.query import get_job
from mlops_tui.jobs.service import is_gone
from mlops_tui.runs.begin import remove_tags, write_tags
from mlops_tui.runs.model import CANCELLED, LOST, RUNNING, Run, is_lost
from mlops_tui.runs.query import find_deleted, find_run, get_run, page, running
from mlops_tui.store.store import Store


def settle(store: Store) -> list[str]:
    """Writes how each run ended whose process is gone: as its job was `cancelled`, else `lost`; returns their ids."""
    here = store.workspace.identity()
    gone = [run for run in running(store.reader) if is_lost(run, here)]
    if not gone or store.read_only:
        return []
    settled = []
    with store.write() as writing:
        for run in gone:
            job = None if run.job_id is None else get_job(writing.connection, run.job_id)
            if job is not None and job.is_open and not is_gone(job, here):
                continue  # its supervisor is about to write how it ended
            is_cancelled = job is not None and job.state == CANCELLED
            status = CANCELLED if is_cancelled else LOST
            why = "Its job was cancelled." if is_cancelled else "Its process is gone and nobody saw how it ended."
            ended = job.ended if job is not None and is_cancelled else None
            written = writing.execute(
                "UPDATE run SET status = ?, ended = ? WHERE id = ? AND status = ?", (status, ended, run.id, RUNNING)
            )
            if written.rowcount:
                settled.append(run.id)
                before, after = {"status": RUNNING}, {"status": status}
                writing.event(status, ("run", run.id, run.name), why=why, before=before, after=after)
        writing.changed("runs")
    return settled


class Runs:
    """The runs of one workspace."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def page(
        self,
        *,
        where: str | None = None,
        sort: str | None = None,
        descending: bool = True,
        limit: int = 50,
        offset: int = 0,
        deleted: bool = False,
    ) -> list[Run]:
        """The runs that match, in order; lost ones are settled first, or only told where nothing can be written."""
        settle(self._store)
        found = page(
            self._store.reader,
            where=where,
            sort=sort,
            descending=descending,
            limit=limit,
            offset=offset,
            deleted=deleted,
        )
        return [self._told(run) for run in found]

    def find(self, selector: str) -> Run:
        """The run of that name, or whose id has that part."""
        settle(self._store)
        return self._told(find_run(self._store.reader, selector))

    def _told(self, run: Run) -> Run:
        return replace(run, status=LOST) if is_lost(run, self._store.workspace.identity()) else run

    def tag(self, selector: str, tags: Mapping[str, str], removed: Sequence[str] = ()) -> Run:
        """Sets tags on a run, and takes some away; returns it.

        Raises:
            UsageError: a tag to be taken away that it does not have; nothing is changed then.
        """
        run = find_run(self._store.reader, selector)
        for key in removed:
            if key not in run.tags:
                has = ", ".join(map(printable, run.tags)) or "none"
                raise UsageError(f"{printable(run.name)} has no tag '{printable(key)}'.", f"Its tags: {has}.")
        with self._store.write() as writing:
            after: dict[str, str | None] = {**dict.fromkeys(removed), **tags}
            remove_tags(writing, run.id, removed)
            write_tags(writing, run.id, tags)
            before = {key: run.tags.get(key) for key in after}
            writing.event("tagged", ("run", run.id, run.name), before=before, after=after)
            writing.changed("runs")
        return self._read(self._store.reader, run.id)

    def note(self, selector: str, text: str) -> Run:
        """Writes the note of a run, in place of the one before; an empty text takes it away."""
        run = find_run(self._store.reader, selector)
        with self._store.write() as writing:
            writing.execute("UPDATE run SET note = ? WHERE id = ?", (text or None, run.id))
            writing.event("noted", ("run", run.id, run.name), before={"note": run.note}, after={"note": text or None})
            writing.changed("runs")
        return self._read(self._store.reader, run.id)

    def delete(self, selectors: Sequence[str]) -> list[Run]:
        """Takes runs out of every list, all or none; they stay in the store.

        Raises:
            UsageError: one is running.
        """
        settle(self._store)
        found = list({run.id: run for run in (find_run(self._store.reader, one) for one in selectors)}.values())
        for run in found:
            if run.status == RUNNING:
                raise UsageError(
                    f"The run {printable(run.name)} is running.", "Stop what logs it; then it can be deleted."
                )
        return self._archive(found, now(), "deleted")

    def restore(self, selectors: Sequence[str]) -> list[Run]:
        """Brings deleted runs back, all or none."""
        found = {run.id: run for run in (find_deleted(self._store.reader, one) for one in selectors)}
        return self._archive(list(found.values()), None, "restored")

    def _archive(self, found: Sequence[Run], moment: str | None, verb: str) -> list[Run]:
        with self._store.write() as writing:
            for run in found:
                writing.execute("UPDATE run SET archived = ? WHERE id = ?", (moment, run.id))
                writing.event(
                    verb, ("run", run.id, run.name), before={"archived": run.archived}, after={"archived": moment}
                )
            writing.changed("runs")
        return [self._read(self._store.reader, run.id) for run in found]

    def _read(self, connection: sqlite3.Connection, run_id: str) -> Run:
        return self._told(get_run(connection, run_id))
