"""The drift job: windows merged from stored profiles, compared, and the reports kept."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from mlops_tui.core.clock import now
from mlops_tui.core.errors import JobError
from mlops_tui.core.ids import new_id
from mlops_tui.core.printable import printable
from mlops_tui.core.settings import Settings
from mlops_tui.data.engine.stored import merged
from mlops_tui.data.model import Source, key_of
from mlops_tui.data.profile import ColumnProfile, Profile
from mlops_tui.data.query import find_source
from mlops_tui.jobs.context import JobContext
from mlops_tui.monitoring.alert import DRIFTS, WARNING, Finding, Subject
from mlops_tui.monitoring.alerts import Alerts, end_alert, raise_alert
from mlops_tui.monitoring.chunks import comparisons
from mlops_tui.monitoring.detail import FileEffect
from mlops_tui.monitoring.engine.by_slice import by_slice
from mlops_tui.monitoring.engine.compare import compare
from mlops_tui.monitoring.engine.keeping_slices import carry_over, keep_slices, kept_slices, mark_of
from mlops_tui.monitoring.engine.leaving_out import by_file
from mlops_tui.monitoring.engine.units import units_of
from mlops_tui.monitoring.engine.variation import Variation, variation
from mlops_tui.monitoring.history import span_of
from mlops_tui.monitoring.lookup import placed
from mlops_tui.monitoring.model import ColumnDrift, DriftReport
from mlops_tui.monitoring.multivariate import Multivariate
from mlops_tui.monitoring.slices import SLICED, Asked
from mlops_tui.monitoring.table import DriftColumnRow, DriftReportRow
from mlops_tui.monitoring.window import ONE_FILE, Rows
from mlops_tui.store.session import write_session
from mlops_tui.store.store import Store

if TYPE_CHECKING:
    from mlops_tui.monitoring.engine.multivariate import AllAtOnce

NAMED = 5
"""So many of the columns that drift are named in an alert."""
FILE_COLUMNS_AT_ONCE = 5_000
"""So many columns of files are in memory at once where it is told which files brought a drift."""
NOT_COMPARED = frozenset({"target", "time", "id"})
"""Roles of columns that move by themselves, or that are what is predicted."""


def run(context: JobContext) -> dict[str, Any]:
    """Compares each window of `spec["current"]`, or each of `spec["chunks"]`, with `spec["reference"]`, and keeps a report of each.

    The spec: {"source": id, "reference_source": id or None, "reference": W, "current": [W, …], "chunks": how the history
    is cut or None, "pinned": whether a person pinned the reference, "version_id": id or None, "watched": whether what is
    found in columns begins and ends an alert, "multivariate": whether all columns are compared at once too, "definitions": whether other tools' definitions are asked for, "slice": {"by", "value"} or None, "report": the id of the report that alone is told by slice}; without a reference source, `training` is the training source that has the source's columns. An earlier report of the same windows is
    replaced. Returns {"reports": [{"id", …}]}, each as `DriftReport.to_json` writes it, and `sliced`, the id of what it comes to by slice, where that is asked; of chunks {"chunks": ids of
    reports, "of": how many chunks there are, "left_out": [{"what", "why"}]}.

    Raises:
        UsageError: a window that is not there, or both the same.
    """
    store, spec = context.store, context.spec
    source = find_source(store.reader, spec["source"])
    training = find_source(store.reader, spec["reference_source"]) if spec.get("reference_source") else None
    chunks = spec.get("chunks")
    asked = comparisons(store.reader, source, training, spec["reference"], spec["current"], chunks)
    before, known = None, Variation()
    of: Rows | None = None  # the reference is the same for all, or moves with each
    at_once = _all_at_once(store) if spec.get("multivariate") else None
    reports = list[Any]()
    for done, (ours, theirs) in enumerate(asked.pairs):
        if context.wanted() == "stop":
            break
        context.progress(done, len(asked.pairs), note=theirs.label)
        if before is None or ours != of:
            before, known = profile_of(store, ours), variation(units_of(store, ours), _ignored(ours, theirs))
        of = ours
        after = profile_of(store, theirs)
        report = replace(_compare(ours, before, theirs, after, known), source=source.name)
        report = with_files(store, report, (before, after), theirs)
        report = _told(store, report, ours, theirs, is_pinned=bool(spec.get("pinned")))
        if at_once is not None:
            report = replace(report, multivariate=at_once.compared(ours, theirs, _ignored(ours, theirs)))
        identifier = _standing(store, spec.get("report"), report)
        if identifier is None:
            identifier = keep(store, source, report, (ours, theirs), _asked(spec, theirs, done))
        if spec.get("watched"):
            follow(store, context.settings, source, report, identifier)
        sliced = {}
        if spec.get(SLICED):
            sliced = {"sliced": _sliced(context, identifier, (ours, theirs), report, known)}
        if chunks:
            reports.append(identifier)
        else:
            told = _by_definitions(store, ours, theirs, report) if spec.get("definitions") else None
            reports.append({"id": identifier, **report.to_json(), "definitions": told, **sliced})
        context.log(f"{theirs.label}: {summary(report)}")
    context.progress(len(reports), len(asked.pairs), force=True)
    if chunks:
        return {"chunks": reports, "of": len(asked.pairs), "left_out": [asdict(one) for one in asked.left_out]}
    return {"reports": reports}


def _by_definitions(store: Store, ours: Rows, theirs: Rows, report: DriftReport) -> list[dict[str, Any]]:
    from mlops_tui.monitoring.engine.from_rows import by_definitions  # noqa: PLC0415  # it loads pandas

    return by_definitions(store, ours, theirs, report)


def _all_at_once(store: Store) -> AllAtOnce:
    from mlops_tui.monitoring.engine.multivariate import AllAtOnce  # noqa: PLC0415  # it loads scikit-learn: a second

    return AllAtOnce(store)


def _asked(spec: Mapping[str, Any], theirs: Rows, place: int) -> dict[str, Any]:
    """How the same windows are asked for again; a file by its name, since the newest one is another one by then."""
    is_named = bool(spec.get("chunks")) or theirs.unit == ONE_FILE
    told = {name: spec.get(name) for name in ("reference", "reference_source", "pinned", "version_id")}
    return {**told, "current": theirs.label if is_named else spec["current"][place]}


def _standing(store: Store, report_id: str | None, report: DriftReport) -> str | None:
    """That report's id where it is there still and is of as many rows; None where it has to be kept anew."""
    sizes = (report.reference_rows, report.current_rows)
    found = store.reader.execute(
        "SELECT id FROM drift_report WHERE id = ? AND reference_rows = ? AND current_rows = ?", (report_id, *sizes)
    ).fetchone()
    return None if found is None else str(found[0])


def _sliced(
    context: JobContext, report_id: str, windows: tuple[Rows, Rows], report: DriftReport, known: Variation
) -> str:
    """What the windows come to by slice, made where it was not made of the same rows before; its id."""

    def tell(what: str) -> None:
        if context.wanted() == "stop":
            raise JobError("Stopped before all slices were compared.", "Ask again.")
        context.progress(0, None, note=what)

    store, asked, ignored = context.store, Asked(**context.spec[SLICED]), _ignored(*windows)
    earlier = kept_slices(store.reader, report_id, asked)
    if earlier is not None:
        return earlier
    found = by_slice(store, asked, windows, (report, known, ignored), tell)
    context.log(f"{windows[1].label}: {found.why}")
    return keep_slices(store, report_id, found, mark_of(windows, ignored))


def profile_of(store: Store, rows: Rows, names: Sequence[str] | None = None) -> Profile:
    """The profile of a window, merged from the stored profiles of its files, or of the blocks that it takes of them; of those
    columns, else of all that its source has.
    """
    keys = [key_of(rows.source, file) for file in rows.files]
    taken = [rows.parts.get(file.id) for file in rows.files]
    parts = [None if part is None else [block.block for block in part] for part in taken]
    return merged(store.reader, keys, list(rows.source.kinds) if names is None else names, parts)


def with_files(store: Store, report: DriftReport, windows: tuple[Profile, Profile], theirs: Rows) -> DriftReport:
    """The report with the files of the current window that brought each drift; only columns that drift are read of each file."""
    drifting = {column.name: column for column in report.columns if column.drift}
    if len(theirs.files) == 1:
        told = {name: _of_one(column, theirs) for name, column in drifting.items()}
    else:
        told = dict(_of_several(store, list(drifting.values()), windows, theirs))
    return replace(report, columns=tuple(told.get(column.name, column) for column in report.columns))


def _of_one(column: ColumnDrift, theirs: Rows) -> ColumnDrift:
    [file] = theirs.files
    found = [replace(one, files=(FileEffect(file.path, theirs.count, one.effect),)) for one in column.brought_by]
    return replace(column, brought_by=tuple(found))


def _of_several(
    store: Store, drifting: Sequence[ColumnDrift], windows: tuple[Profile, Profile], theirs: Rows
) -> Iterator[tuple[str, ColumnDrift]]:
    at_once = max(1, FILE_COLUMNS_AT_ONCE // len(theirs.files))
    for start in range(0, len(drifting), at_once):
        columns = drifting[start : start + at_once]
        names = [column.name for column in columns]
        parts: dict[str, list[tuple[str, ColumnProfile]]] = {name: [] for name in names}
        for file in theirs.files:
            alone = replace(theirs, files=(file,))
            profile = profile_of(store, alone, names)
            for column in columns:
                part = profile.column(column.name)  # a file may lack it, which is missing in all its rows then
                rows = profile.rows
                parts[column.name].append((file.path, part or ColumnProfile(column.name, column.kind, rows, rows)))
        for column in columns:
            sides = tuple(side.column(column.name) for side in windows)
            assert sides[0] is not None  # both sides have what drifts
            assert sides[1] is not None
            found = [by_file(one, column.kind, (sides[0], sides[1]), parts[column.name]) for one in column.brought_by]
            yield column.name, replace(column, brought_by=tuple(found))


def _told(store: Store, report: DriftReport, ours: Rows, theirs: Rows, *, is_pinned: bool) -> DriftReport:
    """The report with when its rows were, how windows were rounded and what the reference was."""
    first, last = span_of(store.reader, theirs)
    about = [f"reference: {note}" for note in (*ours.notes, *(["pinned"] if is_pinned else []))]
    return replace(report, first=first, last=last, notes=(*theirs.notes, *about))


def _compare(ours: Rows, before: Profile, theirs: Rows, after: Profile, known: Variation) -> DriftReport:
    sources = (ours.source, theirs.source)
    targets = {name for one in sources for name in _of_roles(one, {"target"})}
    # Rows that arrive have no outcome yet: that a target is not there is no finding.
    lacking = {name for name in targets if before.column(name) is None or after.column(name) is None}
    sides = [replace(p, columns=tuple(c for c in p.columns if c.name not in lacking)) for p in (before, after)]
    report = compare(*sides, ignored=_ignored(ours, theirs), blocks=known, at=time.time(), together=theirs.together)
    return replace(report, reference=ours.label, current=theirs.label)


def _ignored(ours: Rows, theirs: Rows) -> set[str]:
    return {name for one in (ours.source, theirs.source) for name in _of_roles(one, NOT_COMPARED)}


def _of_roles(source: Source, roles: Collection[str]) -> list[str]:
    named = {source.target: "target", source.time_column: "time", source.id_column: "id"}
    found = [column for column, role in source.roles.items() if role in roles]
    return found + [column for column, role in named.items() if column is not None and role in roles]


def summary(report: DriftReport) -> str:
    """One sentence: which of the compared columns drift, and whether all of them do at once, where that was asked."""
    drifting = [column.name for column in report.columns if column.drift]
    judged = sum(column.drift is not None for column in report.columns)
    at_once = "" if report.multivariate is None else f", and {report.multivariate.summary}"
    if drifting:
        return f"{len(drifting)} of {judged} columns drift: {', '.join(drifting)}{at_once}"
    return (f"none of {judged} columns drifts" if judged else "no column could be compared") + at_once


def keep(
    store: Store, source: Source, report: DriftReport, windows_of: tuple[Rows, Rows], asked: Mapping[str, Any]
) -> str:
    """Writes the report of a reference and a window down in place of an earlier one of the same, with how it was asked for;
    returns its id.
    """
    ours, theirs = windows_of
    identifier, windows = new_id(), (source.id, report.reference, report.current)
    why = f"{summary(report)}; against {ours.count:,} rows of {ours.source.name}"
    why += "; how files vary is unknown" if report.note else ""
    with write_session(store) as writing:
        earlier = writing.execute(
            "SELECT id, drift FROM drift_report WHERE source_id = ? AND reference = ? AND current = ?", windows
        ).fetchone()
        if earlier:
            writing.execute("DELETE FROM drift_column WHERE report_id = ?", (earlier[0],))
            writing.execute("DELETE FROM drift_report WHERE id = ?", (earlier[0],))
            carry_over(writing, earlier[0], identifier, mark_of(windows_of, _ignored(ours, theirs)))
        writing.add(
            DriftReportRow(
                id=identifier,
                source_id=source.id,
                reference=report.reference or "",
                current=report.current or "",
                version_id=asked["version_id"],
                drift=report.drift,
                reference_rows=report.reference_rows,
                current_rows=report.current_rows,
                why=why,
                at=now(),
                unit=theirs.unit,
                place=placed(store.reader, theirs),
                first_at=report.first,
                last_at=report.last,
                notes=json.dumps(report.notes),
                multivariate=_as_text(report.multivariate),
                asked=json.dumps(asked),
            ),
            *_column_rows(identifier, report),
        )
        writing.event(
            "compared",
            ("drift", identifier, f"{source.name} {report.current}"),
            why=why,
            before={"report": earlier[0], "drift": None if earlier[1] is None else bool(earlier[1])}
            if earlier
            else None,
            after={"reference": report.reference, "current": report.current, "drift": report.drift},
        )
        writing.changed("drift")
    return identifier


def follow(store: Store, settings: Settings, source: Source, report: DriftReport, report_id: str) -> None:
    """Begins or ends the alert about a source, as the columns of its newest rows say; where that cannot be told it stays as it is."""
    if report.columns_drift is None:
        return
    with store.write() as writing:
        if report.columns_drift:
            raise_alert(writing, _finding(source, report, report_id), settings)
        else:
            found = "has no column that drifts" if report.drift else "does not drift"
            end_alert(writing, DRIFTS, source.id, f"{printable(report.current or '')} {found}")
    Alerts(store).start_telling()


def _finding(source: Source, report: DriftReport, report_id: str) -> Finding:
    drifting = [column for column in report.columns if column.drift]
    names = [printable(column.name) for column in drifting]
    listed = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
    judged = sum(column.drift is not None for column in report.columns)
    verb = "drifts" if len(drifting) == 1 else "drift"
    sentence = (
        f"{len(drifting)} of {judged} columns of {source.name} {verb} in {printable(report.current or '')}: {listed}."
    )
    evidence = {
        "columns": [column.name for column in drifting],
        "report": report_id,
        "reference": report.reference,
        "current": report.current,
        "why": {column.name: column.why for column in drifting[:NAMED]},
    }
    remedy = f"mlops-tui drift {shlex.quote(source.name)}"
    return Finding(DRIFTS, Subject("source", source.id, source.name), WARNING, sentence, remedy, evidence)


def _as_text(found: Multivariate | None) -> str | None:
    return None if found is None else json.dumps(found.to_json(), allow_nan=False)


def _column_rows(report_id: str, report: DriftReport) -> list[DriftColumnRow]:
    return [
        DriftColumnRow(
            report_id=report_id,
            position=position,
            name=column.name,
            kind=column.kind,
            drift=column.drift,
            why=column.why,
            payload=json.dumps(asdict(column), allow_nan=False),
            verdict=column.verdict,
            measure=None if column.effect is None else column.effect[0],
            effect=None if column.effect is None else column.effect[1],
        )
        for position, column in enumerate(report.columns)
    ]
