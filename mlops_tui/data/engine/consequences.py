"""What other kinds, or another time column, would do to the files that are there: tried before it is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mlops_tui.data.engine.checking import checks_of
from mlops_tui.data.engine.schema import Schema, schema_of
from mlops_tui.data.engine.taking_in import look_into
from mlops_tui.data.ledger import Finding
from mlops_tui.data.listing import Sighting, sightings
from mlops_tui.data.model import QUARANTINED, TAKEN_IN, Source, SourceFile
from mlops_tui.data.query import get_source, present_files
from mlops_tui.jobs.context import JobContext

NAMED = 5
"""So many of the files that would be lost are named, each with its reason."""


def run(context: JobContext) -> dict[str, Any]:
    """Holds the files that are there against the source as the spec would have it.

    The spec is {"source": id, "kinds": kind by column, "time_column", "optional": columns that a file may lack}. Returns
    {"source", "files", "is_whole", "lost", "lost_files": [{file, reason}], "let_in", "bad_rows", "bad_rows_before", "rows"}:
    how many of the `files` that are in would be quarantined, how many that are quarantined would be in, and how many of the
    `rows` of the former could not be read; `is_whole` where each was tried. Their profiles are kept, so that a scan has them already.

    Raises:
        UsageError: a checks file that is broken.
        DataError: the folder cannot be listed.
    """
    store, spec = context.store, context.spec
    source = get_source(store.reader, spec["source"])
    checks = checks_of(store, source)
    wanted = replace(
        source, kinds=spec["kinds"], time_column=spec["time_column"], optional=tuple(spec.get("optional", ()))
    )
    schema = schema_of(wanted, checks)
    assert schema is not None
    known = present_files(store.reader, source.id)
    seen = [sighting for sighting in sightings(source, store.workspace) if sighting.name in known]
    told = _Told(source)
    for done, sighting in enumerate(seen):
        if context.wanted() == "stop":
            break
        context.progress(done, len(seen), note=sighting.name)
        told.add(known[sighting.name], _found(context, sighting, schema))
    context.progress(told.tried, len(seen), force=True)
    files = sum(known[sighting.name].state == TAKEN_IN for sighting in seen)
    return told.record(files, is_whole=told.tried == len(seen))


def _found(context: JobContext, sighting: Sighting, schema: Schema) -> Finding | None:
    return look_into(context.store, sighting, lambda _: schema)


class _Told:
    """What was found so far."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._lost: list[dict[str, str]] = []
        self._counts = dict.fromkeys(("lost", "let_in", "rows", "bad_rows", "bad_rows_before"), 0)
        self.tried = 0

    def add(self, file: SourceFile, finding: Finding | None) -> None:
        """Adds a file; one that moved meanwhile is the next scan's."""
        self.tried += 1
        if finding is None:
            return
        counts = self._counts
        if file.state == QUARANTINED:
            counts["let_in"] += finding.refusal is None
            return
        bad = finding.bad_rows if finding.rows is not None else finding.rejects.count or file.rows
        counts["rows"] += (file.rows or 0) + (file.bad_rows or 0)
        counts["bad_rows"] += bad or 0
        counts["bad_rows_before"] += file.bad_rows or 0
        if finding.refusal is not None:
            counts["lost"] += 1
            if len(self._lost) < NAMED:
                self._lost.append({"file": file.path, "reason": finding.refusal.reason})

    def record(self, files: int, *, is_whole: bool) -> dict[str, Any]:
        """As the job returns it."""
        about = {"source": self._source.name, "files": files, "is_whole": is_whole}
        return {**about, "lost_files": self._lost, **self._counts}
