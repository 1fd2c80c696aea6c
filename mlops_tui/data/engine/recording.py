"""What a scan found, written down: files, version, schema, summaries and events in one transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from mlops_tui.core.clock import now
from mlops_tui.core.errors import JobError
from mlops_tui.core.ids import new_id
from mlops_tui.data.checks import STOP
from mlops_tui.data.engine.profiling import summarise
from mlops_tui.data.engine.schema import Schema
from mlops_tui.data.engine.versioned import VersionProfile, base_prefix, version_profile
from mlops_tui.data.ledger import Entry, Finding, Ledger
from mlops_tui.data.model import GONE, LEFT_OUT, QUARANTINED, REPLACED, TAKEN_IN, Source, SourceFile, identity
from mlops_tui.data.overlaps import OVERLAP, Overlap
from mlops_tui.data.place import without_place
from mlops_tui.data.profile_query import blocks_of
from mlops_tui.data.query import find_version
from mlops_tui.data.table import FileFindingRow, ProfileSummaryRow, SourceFileRow, SourceVersionRow
from mlops_tui.store.session import SessionWriting, write_session
from mlops_tui.store.store import Store


def record(store: Store, source: Source, schema: Schema | None, ledger: Ledger) -> int:
    """Writes a scan's changes; returns the number of the source's newest version.

    The scan's lock is held by the caller; the summaries are merged before the transaction, which so stays short.
    """
    anew = ledger.makes_version or _is_profiled_anew(store, schema, ledger)
    makes_version = ledger.makes_version or (anew and _is_read_otherwise(store, source, schema))
    version = source.version + 1 if makes_version else source.version
    profile = version_profile(store.reader, source, schema, ledger) if anew and schema and ledger.members else None
    summaries = _summaries(source, version, profile) if profile else []
    with write_session(store) as writing:
        _check_unmoved(writing, source)
        if makes_version:
            _write_version(writing, source, version, ledger)
        if anew and schema is not None:
            _write_reading(writing, source, version, schema)
        if schema is not None and not source.kinds and ledger.members:
            _write_schema(writing, source, schema)
        if anew:
            writing.execute("DELETE FROM profile_summary WHERE source_id = ? AND version = ?", (source.id, version))
            writing.add(*summaries)
        if profile is not None and schema is not None and profile.is_base:
            _write_base(writing, source, schema, version, profile)
        _write_leaving(writing, source, ledger, version)
        _write_renames(writing, source, ledger, version)
        _write_entries(writing, source, ledger.taken, version)
        _write_entries(writing, source, ledger.refused, None)
        _write_touched(writing, ledger)
        writing.changed("files", *(("sources",) if anew else ()))
    return version


def _check_unmoved(writing: SessionWriting, source: Source) -> None:
    found = writing.execute(
        "SELECT version, kinds, options FROM source WHERE id = ? AND archived IS NULL", (source.id,)
    )
    row = found.fetchone()
    if row is None or (row[0], *map(json.loads, row[1:])) != (source.version, source.kinds, source.options):
        raise JobError(f"Source '{source.name}' was changed while it was scanned.", "Scan it again.")


def _is_profiled_anew(store: Store, schema: Schema | None, ledger: Ledger) -> bool:
    """Whether the files of the newest version have other profiles than before, all of them by now."""
    if schema is None or all(file.mtime_ns for file, _ in ledger.touched):
        return False
    return all(blocks_of(store.reader, [schema.key(content)]) for _, content, _, _ in ledger.members)


def _is_read_otherwise(store: Store, source: Source, schema: Schema | None) -> bool:
    """Whether the newest version reads its files by other options or kinds than the schema; a time column moves no value."""
    if schema is None or not source.version:
        return False
    newest = find_version(store.reader, source)
    return (newest.options, newest.kinds) != (dict(schema.told_options), dict(schema.kinds))


def _write_base(writing: SessionWriting, source: Source, schema: Schema, version: int, profile: VersionProfile) -> None:
    """Keeps the whole version's profile in the place of the one that was kept before."""
    prefix = base_prefix(source)
    for table in ("profile_block", "profile_column"):
        writing.execute(f"DELETE FROM {table} WHERE key >= ? AND key < ?", (prefix, prefix + "\uffff"))
    writing.add(*profile.rows(source, schema, version))


def _summaries(source: Source, version: int, profile: VersionProfile) -> list[ProfileSummaryRow]:
    return [
        ProfileSummaryRow(
            source_id=source.id,
            version=version,
            position=position,
            name=str(record["name"]),
            kind=str(record["kind"]),
            payload=json.dumps(record, allow_nan=False),
        )
        for position, record in enumerate(summarise(profile.whole))
    ]


def _write_version(writing: SessionWriting, source: Source, version: int, ledger: Ledger) -> None:
    rows, size = sum(rows for _, _, rows, _ in ledger.members), sum(size for _, _, _, size in ledger.members)
    writing.add(
        SourceVersionRow(
            source_id=source.id,
            number=version,
            hash=identity((path, content) for path, content, _, _ in ledger.members),
            created=now(),
            files=len(ledger.members),
            rows=rows,
            bytes=size,
        )
    )
    writing.execute("UPDATE source SET version = ? WHERE id = ?", (version, source.id))
    after = {"version": version, "files": len(ledger.members), "rows": rows}
    writing.event("new_version", ("source", source.id, source.name), before={"version": source.version}, after=after)


def _write_reading(writing: SessionWriting, source: Source, version: int, schema: Schema) -> None:
    """A version that was made before is read anew only where its values stay what they are."""
    writing.execute(
        "UPDATE source_version SET options = ?, kinds = ?, time_column = ? WHERE source_id = ? AND number = ?",
        (json.dumps(dict(schema.told_options)), json.dumps(dict(schema.kinds)), schema.time_column, source.id, version),
    )


def _write_schema(writing: SessionWriting, source: Source, schema: Schema) -> None:
    kinds, roles = dict(schema.kinds), {column: dict(told) for column, told in schema.roles.items()}
    writing.execute(
        "UPDATE source SET kinds = ?, roles = ?, target = ?, options = ? WHERE id = ?",
        (json.dumps(kinds), json.dumps(roles), schema.target, json.dumps(dict(schema.told_options)), source.id),
    )
    after = {"kinds": kinds, "roles": roles, "target": schema.target, "options": dict(schema.told_options)}
    writing.event("schema_inferred", ("source", source.id, source.name), before={"target": source.target}, after=after)


def _write_leaving(writing: SessionWriting, source: Source, ledger: Ledger, version: int) -> None:
    left_out = set(without_place(source, (file.path for file in ledger.gone)))
    for state, files in ((REPLACED, ledger.replaced), (GONE, ledger.gone)):
        for file in files:
            _close(writing, file, state, version)
            if state == GONE:
                why = LEFT_OUT if file.path in left_out else None
                if why is not None and file.state == TAKEN_IN:  # of one that was quarantined the reason stays
                    writing.execute("UPDATE source_file SET reason = ? WHERE id = ?", (why, file.id))
                _event(writing, "gone", file.id, file.path, {"version": file.since_version}, None, why=why)


def _close(writing: SessionWriting, file: SourceFile, state: str, version: int) -> None:
    until = version if file.state == TAKEN_IN else None
    writing.execute(
        "UPDATE source_file SET state = ?, until_version = ?, seen_at = ? WHERE id = ?", (state, until, now(), file.id)
    )


def _write_renames(writing: SessionWriting, source: Source, ledger: Ledger, version: int) -> None:
    for file, finding in ledger.renamed:
        identifier = file.id
        if ledger.renames_in_place:
            writing.execute("UPDATE source_file SET path = ? WHERE id = ?", (finding.name, file.id))
            _touch(writing, file, finding)
        else:  # earlier versions were read in the order of the old paths, which their rows keep
            _close(writing, file, GONE, version)
            row = _new_row(source, finding, version, _releases(writing, source))
            writing.add(row)
            identifier = row.id
        before: dict[str, Any] = {"path": file.path}
        if identifier == file.id:
            before["version"] = source.version  # the last one in which it has that name
        _event(writing, "renamed", identifier, finding.name, before, {"path": finding.name})


def _write_touched(writing: SessionWriting, ledger: Ledger) -> None:
    """What was judged anew has the findings of today, though it is in as it was."""
    for file, finding in ledger.touched:
        _touch(writing, file, finding)
        writing.execute("DELETE FROM file_finding WHERE file_id = ?", (file.id,))
        writing.add(*_finding_rows(file.id, finding))


def _touch(writing: SessionWriting, file: SourceFile, finding: Finding) -> None:
    seen = finding.sighting
    writing.execute(
        "UPDATE source_file SET size = ?, mtime_ns = ?, ctime_ns = ?, seen_at = ? WHERE id = ?",
        (seen.size, seen.mtime_ns, seen.ctime_ns, now(), file.id),
    )


def _write_entries(writing: SessionWriting, source: Source, entries: Sequence[Entry], version: int | None) -> None:
    releases = _releases(writing, source)
    rows = [_new_row(source, entry.finding, version, releases) for entry in entries]
    writing.add(*rows)
    for entry, row in zip(entries, rows, strict=True):
        writing.add(*_finding_rows(row.id, entry.finding))
        before = {"hash": entry.replaces.hash, "state": entry.replaces.state} if entry.replaces else None
        after: dict[str, Any] = {"hash": row.hash, "rows": row.rows, "version": version, "bytes": row.size}
        after["seconds"] = entry.finding.seconds
        after |= {"bad_rows": entry.finding.bad_rows or 0, "warnings": [item.reason for item in entry.finding.found]}
        _event(writing, row.state, row.id, row.path, before, after, why=row.reason)
        if entry.copy_of is not None:
            why = f"It has the content of {entry.copy_of}; its rows count twice."
            _event(writing, "duplicate", row.id, row.path, None, {"of": entry.copy_of}, why=why)
        if entry.overlap is not None:
            _write_overlap(writing, source, row, entry.overlap)


def _write_overlap(writing: SessionWriting, source: Source, row: SourceFileRow, overlap: Overlap) -> None:
    found = writing.execute(
        "SELECT hash FROM source_file WHERE source_id = ? AND path = ? AND state = ?",
        (source.id, overlap.path, TAKEN_IN),
    ).fetchone()
    after = {"of": overlap.path, "of_hash": found[0], "share": overlap.share}
    why = f"{overlap.words[0].upper()}{overlap.words[1:]}."
    _event(writing, OVERLAP, row.id, row.path, None, after, why=why)


def _releases(writing: SessionWriting, source: Source) -> dict[str, str]:
    """Why each content of the source was released that was, the last reason of each."""
    rows = writing.execute(
        "SELECT hash, released FROM source_file WHERE source_id = ? AND released IS NOT NULL ORDER BY id", (source.id,)
    )
    return dict(rows.fetchall())


def _new_row(source: Source, finding: Finding, version: int | None, releases: Mapping[str, str]) -> SourceFileRow:
    """The row of a file that came; one that breaks a stopping check and is in nevertheless says why it was released."""
    refusal = finding.refusal
    is_let_in = refusal is None and any(item.check.severity == STOP for item in finding.found)
    return SourceFileRow(
        id=new_id(),
        source_id=source.id,
        path=finding.name,
        hash=finding.hash,
        size=finding.sighting.size,
        mtime_ns=finding.sighting.mtime_ns,
        ctime_ns=finding.sighting.ctime_ns,
        rows=finding.rows,
        bad_rows=finding.bad_rows,
        state=QUARANTINED if refusal else TAKEN_IN,
        reason=refusal.reason if refusal else None,
        check_name=refusal.check if refusal else None,
        row_number=refusal.row if refusal else None,
        column_name=refusal.column if refusal else None,
        since_version=version,
        seen_at=now(),
        released=releases.get(finding.hash) if is_let_in else None,
    )


def _finding_rows(file_id: str, finding: Finding) -> list[FileFindingRow]:
    return [
        FileFindingRow(
            file_id=file_id,
            position=position,
            check_name=broken.check.name,
            severity=broken.check.severity,
            column_name=broken.column,
            row_number=broken.line,
            count=broken.count,
            reason=broken.reason,
        )
        for position, broken in enumerate(finding.found)
    ]


def _event(
    writing: SessionWriting,
    verb: str,
    file_id: str,
    path: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    why: str | None = None,
) -> None:
    writing.event(verb, ("file", file_id, path), why=why, before=before, after=after)
