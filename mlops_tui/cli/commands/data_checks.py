"""`mlops-tui data schema`, `check`, `quarantine` and `release`: what files have to be like, and which are quarantined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

import mlops_tui.cli.checks_text as present
from mlops_tui.cli.context import services
from mlops_tui.cli.diagnostics import EXIT_FOUND
from mlops_tui.cli.options import AnySource, AsJson, Limit, Offset, SourceName
from mlops_tui.cli.output import emit, say
from mlops_tui.cli.progress import follow
from mlops_tui.core.errors import UnknownName, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data import profile_query, query
from mlops_tui.data.checkfile import place, unused
from mlops_tui.data.checkkeys import from_record
from mlops_tui.data.columns import COLUMN_ROLES, KINDS, ColumnChange
from mlops_tui.data.model import QUARANTINED, Source, SourceFile, files_named, key_of
from mlops_tui.presenters.consequences import would_let_in, would_lose
from mlops_tui.presenters.words import counted

KEYS = ("kind", "severity", "column", "least", "most", "hours", "values", "pattern", "operator", "other", "expression")


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    for command in (schema, check, quarantine, release):
        app.command()(command)


def schema(
    name: SourceName,
    accept: Annotated[bool, typer.Option("--accept", help="Freeze it, and write the checks file.")] = False,
    kind: Annotated[
        list[str] | None, typer.Option("--kind", metavar="COL=KIND", help=f"Set a kind: {', '.join(KINDS)}.")
    ] = None,
    role: Annotated[
        list[str] | None, typer.Option("--role", metavar="COL=ROLE", help=f"Set a role: {', '.join(COLUMN_ROLES)}.")
    ] = None,
    adopt: Annotated[
        list[str] | None, typer.Option("--adopt", metavar="COLUMN", help="Take a column of its files into the schema.")
    ] = None,
    optional: Annotated[
        list[str] | None, typer.Option("--optional", metavar="COLUMN", help="Files may lack it; it is missing there.")
    ] = None,
    required: Annotated[
        list[str] | None, typer.Option("--required", metavar="COLUMN", help="Files may lack it no more.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Set it even where files or rows are lost by it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Shows a source's columns and checks, proposed ones with how many past files they would have stopped.

    Once it is accepted, every file is held against the checks when it is taken in; they are kept in a TOML file.

    Example: mlops-tui data schema loans --accept
    """
    opened = services()
    source = query.find_source(opened.store.reader, name)
    change = ColumnChange(
        _pairs(kind or ()),
        _pairs(role or ()),
        _columns_named(adopt),
        _columns_named(optional),
        _columns_named(required),
    )
    if change != ColumnChange():
        source = _change_columns(source, change, is_sure=yes)
    told = _propose(source)
    added: list[str] = []
    if accept:
        proposed = [from_record({key: item[key] for key in KEYS if key in item}) for item in told["proposed"]]
        source, new = opened.curation.accept(source.id, proposed)
        added = [item.name for item in new]
        told["checks"] += [item for item in told["proposed"] if item["name"] in added]
        say(f"Accepted. The checks are in {place(opened.workspace, source.name)}")
    shown = {
        "source": source.name,
        "accepted": source.accepted,
        "file": str(place(opened.workspace, source.name)) if source.accepted else None,
        "columns": _columns(source, told["checks"] if source.accepted else told["proposed"]),
        "checks": [_whole(item) for item in told["checks"]],
        "proposed": [_whole(item) for item in told["proposed"] if not _is_there(item, told["checks"])],
        "added": added,
    }
    emit(shown, as_json=as_json, render=lambda: present.schema(shown))
    _say_unused(source)


def _say_unused(source: Source) -> None:
    if words := unused(services().workspace, source):
        say(f"mlops-tui: {words}")


def _change_columns(source: Source, change: ColumnChange, *, is_sure: bool) -> Source:
    """Changes them, and has the files read anew where that needs it: without new profiles nothing can be proposed.

    Raises UsageError where files would be quarantined that are in and the person is not sure.
    """
    opened = services()
    spec = opened.curation.trial(source.id, change)
    if spec is not None:
        _require_foreseen(source, spec, is_sure=is_sure)
    after = opened.curation.change_columns(source.id, change)
    say("Set by hand.")
    for column, role in source.roles.items():
        if column not in change.roles and after.roles.get(column, role) != role:
            say(f"{printable(column)} is the {role} no more, but {after.roles[column]}.")
    for column in change.adopt:
        may_lack = " Files may lack it." if column in after.optional else ""
        say(f"{printable(column)} is {after.kinds[column]}, {after.roles[column]}: {after.reasons[column]}.{may_lack}")
    if spec is None:
        return after
    job = follow(opened.jobs, opened.jobs.start("scan", f"read {source.name} anew", {"sources": [source.id]}))
    (scanned,) = (job.result or {}).get("sources") or [{"quarantined": 0}]
    if scanned["quarantined"]:
        kept_out = counted(scanned["quarantined"], "file")
        say(f"mlops-tui: {kept_out} quarantined, which does not fit. See: mlops-tui data quarantine {source.name}")
    return query.get_source(opened.store.reader, source.id)


def _require_foreseen(source: Source, spec: dict[str, Any], *, is_sure: bool) -> None:
    """Says what it would do to the files before it is done."""
    opened = services()
    job = follow(opened.jobs, opened.jobs.start("foresee", f"try other columns of {source.name}", spec))
    told = job.result or {}
    if not told.get("is_whole"):
        raise UsageError("It was stopped before every file was tried.", "Nothing was changed; ask again.")
    lost = would_lose(told)
    if told["lost"] and not is_sure:
        raise UsageError(
            lost or "", "Nothing was changed. Mend the checks or the files first, or set it all the same with: --yes"
        )
    for words in (lost, would_let_in(told)):
        if words:
            say(words)


def _propose(source: Source) -> dict[str, Any]:
    opened = services()
    spec = {"source": source.id, "what": "propose"}
    job = follow(opened.jobs, opened.jobs.start("check", f"propose checks of {source.name}", spec))
    return job.result or {"proposed": [], "checks": []}


def _columns_named(given: Sequence[str] | None) -> tuple[str, ...]:
    """The columns that an option names: one each time, or several with commas between them."""
    return tuple(dict.fromkeys(name.strip() for text in given or () for name in text.split(",") if name.strip()))


def _pairs(given: Sequence[str]) -> dict[str, str]:
    pairs = {}
    for text in given:
        column, separator, value = text.rpartition("=")
        if not separator or not column:
            raise UsageError(f"'{printable(text)}' names no column.", "Write COLUMN=VALUE, such as income=numeric.")
        pairs[column] = value
    return pairs


def _columns(source: Source, checks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    required = {item["column"] for item in checks if item["kind"] == "required"}
    return [
        {
            "name": column,
            "kind": kind,
            "role": source.roles.get(column),
            "nullable": column not in required,
            "optional": column in source.optional,
            "why": source.reasons.get(column),
        }
        for column, kind in source.kinds.items()
    ]


def _whole(check: dict[str, Any]) -> dict[str, Any]:
    """The check with every key that one may have."""
    return {key: check.get(key) for key in (*KEYS, "name", "sentence", "past", "files", "foreseen", "foreseen_of")}


def _is_there(check: dict[str, Any], checks: Sequence[dict[str, Any]]) -> bool:
    return any(item["name"] == check["name"] for item in checks)


def check(
    name: SourceName,
    file: Annotated[str | None, typer.Argument(metavar="[FILE]", help="One file; else all that are there.")] = None,
    as_json: AsJson = False,
) -> None:
    """Holds the files that are there against the source's checks; exits 3 where something is found.

    Example: mlops-tui data check loans
    """
    source = query.find_source(services().store.reader, name)
    shown = _check(source, file)
    emit(shown, as_json=as_json, render=lambda: present.checked(shown))
    _say_unused(source)
    if shown["broken"] or shown["overdue"]:
        raise typer.Exit(EXIT_FOUND)


def _check(source: Source, file: str | None) -> dict[str, Any]:
    opened = services()
    spec = {"source": source.id, "what": "check", "file": file}
    title = f"check {printable(file)} of {source.name}" if file else f"check {source.name}"
    job = follow(opened.jobs, opened.jobs.start("check", title, spec))
    return job.result or {"source": source.name, "checks": 0, "files": [], "overdue": None, "broken": 0}


def quarantine(
    name: AnySource = None,
    file: Annotated[str | None, typer.Argument(metavar="[FILE]", help="One of its files, with its rows.")] = None,
    limit: Limit = 50,
    offset: Offset = 0,
    as_json: AsJson = False,
) -> None:
    """Lists the files that are quarantined, and each check that they break with its row and column; of one file, the rows.

    Example: mlops-tui data quarantine loans
    """
    reader = services().store.reader
    source = None if name is None else query.find_source(reader, name)
    if source is not None and file is not None:
        shown = _kept_out(source, file, limit)
        emit(shown, as_json=as_json, render=lambda: present.kept_out(shown))
        return
    names = {item.id: item.name for item in query.list_sources(reader)}
    found = [
        {
            "file": item.path,
            "reason": item.reason,
            "check": item.check_name,
            "row": item.row_number,
            "column": item.column_name,
            "source": names.get(item.source_id),
            "seen": item.seen_at,
            "found": _findings(item),
        }
        for item in query.quarantined(reader, source.id if source else None, limit=limit, offset=offset)
    ]
    emit(found, as_json=as_json, render=lambda: present.quarantine(found))


def _kept_out(source: Source, asked: str, limit: int) -> dict[str, Any]:
    """What is kept of a file that is quarantined or breaks a check; where it could be read, its rows are looked at again."""
    reader = services().store.reader
    files = list(query.present_files(reader, source.id).values())
    file = next(iter(files_named(files, asked)), None)
    if file is None:
        kept = ", ".join(printable(item.path) for item in files if item.state == QUARANTINED)
        raise UnknownName(
            f"Source '{source.name}' has no file '{printable(asked)}'.", f"Quarantined are: {kept[:200] or 'none'}."
        )
    bad = profile_query.rejects_of(reader, key_of(source, file), limit=limit).first
    rows = [{"line": row.line, "column": row.column_name, "reason": row.reason, "text": row.text} for row in bad]
    found = [] if file.rows is None or source.accepted is None else _check(source, file.path)["files"][0]["found"]
    return {"source": source.name, **_of_file(file), "found": found or _findings(file), "bad_rows": rows}


def _of_file(file: SourceFile) -> dict[str, Any]:
    names = ("rows", "state", "reason", "released")
    told = {"file": file.path, **{name: getattr(file, name) for name in names}}
    return {**told, "check": file.check_name, "row": file.row_number, "column": file.column_name, "seen": file.seen_at}


def _findings(file: SourceFile) -> list[dict[str, Any]]:
    return [
        {
            "check": item.check_name,
            "severity": item.severity,
            "column": item.column_name,
            "row": item.row_number,
            "count": item.count,
            "reason": item.reason,
            "examples": [],
        }
        for item in query.findings_of(services().store.reader, file.id)
    ]


def release(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A file that is quarantined: its name, or a part of its id.")
    ],
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="Why it is good enough; kept for ever.")] = "",
    source: Annotated[str | None, typer.Option("--source", metavar="N", help="Where several have that name.")] = None,
    as_json: AsJson = False,
) -> None:
    """Takes a file in that a check quarantined, into the next version, with the reason why.

    Example: mlops-tui data release 2026-03.csv --why "the new branch sells at other prices"
    """
    opened = services()
    home, released = opened.curation.release(file, why, source=source)
    job = follow(opened.jobs, opened.jobs.start("scan", f"scan {home.name}", {"sources": [home.id]}))
    (scanned,) = (job.result or {})["sources"]
    there = query.present_files(opened.store.reader, home.id).get(released.path)
    shown = {
        "file": released.path,
        "source": home.name,
        "why": why,
        "state": there.state if there else "gone",
        "version": scanned["version"],
    }
    emit(shown, as_json=as_json, render=lambda: present.released(shown))
