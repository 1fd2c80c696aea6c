"""`mlops-tui data …`: sources, their files, versions and profiles."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

import mlops_tui.cli.data_text as present
from mlops_tui.cli.commands import data_checks, data_options, data_reading, data_telling, data_versions
from mlops_tui.cli.context import services
from mlops_tui.cli.diagnostics import EXIT_FAILED, EXIT_FOUND
from mlops_tui.cli.options import AnySource, AsJson, Limit, Offset, SourceName
from mlops_tui.cli.output import emit, say
from mlops_tui.cli.progress import follow
from mlops_tui.core.errors import UnknownColumn
from mlops_tui.core.printable import printable
from mlops_tui.data import profile_query, query
from mlops_tui.data.checkfile import is_about_checks
from mlops_tui.data.freshness import late
from mlops_tui.data.history import as_named
from mlops_tui.data.left_alone import left_alone
from mlops_tui.data.listing import trouble_of
from mlops_tui.data.model import TAKEN_IN, Source, SourceFile
from mlops_tui.data.options import ReadOptions
from mlops_tui.data.overlaps import newest_overlaps, overlaps_of
from mlops_tui.data.place import left_aside
from mlops_tui.jobs.model import Job
from mlops_tui.monitoring.query import pinned
from mlops_tui.presenters.data import scan_line, unread_words
from mlops_tui.presenters.words import counted, one_line

app = typer.Typer(no_args_is_help=True, help="Sources: what arrives, what is taken in, what is quarantined.")

SAID = 5
"""So many files that were quarantined are said one by one."""
SENTENCE = 400
MOST_LEFT_ALONE = 100
"""So many entries of a folder that are left alone are listed."""


@app.command()
def add(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A data file, or a folder that files arrive in.")],
    name: Annotated[str, typer.Option("--name", metavar="N", help="What to call the source.")],
    role: Annotated[str, typer.Option("--role", help="training, live or labels.")] = "training",
    pattern: Annotated[
        str | None, typer.Option("--pattern", help="Which files of the folder, such as '*.csv'; else all data files.")
    ] = None,
    recursive: Annotated[bool, typer.Option("--recursive", help="The files of the folders below too.")] = False,
    exclude: Annotated[
        list[str] | None,
        typer.Option("--exclude", metavar="PATTERN", help="Files and folders to leave out; may be given again."),
    ] = None,
    snapshot: Annotated[
        bool,
        typer.Option("--snapshot", help="Copy the files in: each version can be read back, whatever becomes of them."),
    ] = False,
    skip: Annotated[
        int | None, typer.Option("--skip", metavar="N", help="So many lines stand above the table; else found.")
    ] = None,
    target: Annotated[str | None, typer.Option("--target", metavar="COL", help="The column to predict.")] = None,
    time_column: Annotated[str | None, typer.Option("--time", metavar="COL", help="When each row was.")] = None,
    id_column: Annotated[str | None, typer.Option("--id", metavar="COL", help="What tells rows apart.")] = None,
    group_column: Annotated[
        str | None, typer.Option("--group", metavar="COL", help="Rows that belong together.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Names a file or a folder as a source; `data scan` takes its files in.

    Example: mlops-tui data add incoming/ --name loans --target defaulted --id application_id
    """
    first = ReadOptions(skip=skip)  # refused before anything is kept
    source = services().sources.add(
        path,
        name=name,
        role=role,
        pattern=pattern,
        recursive=recursive,
        exclude=exclude or (),
        snapshot=snapshot,
        target=target,
        time_column=time_column,
        id_column=id_column,
        group_column=group_column,
    )
    if skip is not None:
        source = services().curation.set_options(source.id, first.told())
    emit(_told(source), as_json=as_json, render=lambda: present.added(source))
    _tell_unread([source])


@app.command("list")
def list_(limit: Limit = 50, offset: Offset = 0, as_json: AsJson = False) -> None:
    """Lists the sources.

    Example: mlops-tui data list
    """
    reader = services().store.reader
    sources = [_with_counts(reader, source) for source in query.list_sources(reader, limit=limit, offset=offset)]
    emit(sources, as_json=as_json, render=lambda: present.sources(sources))


@app.command()
def show(name: SourceName, limit: Limit = 50, offset: Offset = 0, as_json: AsJson = False) -> None:
    """Shows a source: its columns with their roles, and the files that are there.

    Example: mlops-tui data show loans
    """
    reader = services().store.reader
    source = query.find_source(reader, name)
    counted_source = _with_counts(reader, source)
    files = query.list_files(reader, source.id, limit=limit, offset=offset)
    later = max(0, offset - counted_source["files"] - counted_source["quarantined"])
    files += query.list_gone(reader, source.id, limit=limit - len(files), offset=later)
    there = {column["name"] for column in profile_query.summaries(reader, source.id, source.version)}
    copies = query.duplicates_of(reader, source.id)
    overlaps = overlaps_of(reader, [file.id for file in files])
    names = _older_names(reader, source, files)
    alone = left_alone(source, services().workspace)
    shown = {
        **counted_source,
        "gone": query.count_gone(reader, source.id),
        "unread": left_aside(source, services().workspace),
        "left_alone": [{"file": file, "why": why} for file, why in alone.found[:MOST_LEFT_ALONE]],
        "options": source.options,
        "reference": None if (kept := pinned(reader, source.id)) is None else kept.label,
        "columns": [
            {"name": column, "kind": kind, "role": source.roles.get(column), "why": source.reasons.get(column)}
            for column, kind in source.kinds.items()
            if column in there  # a live source takes the target over, which its files need not have
        ],
        "files_listed": [
            {
                "file": f.path,
                "state": f.state,
                "rows": f.rows,
                "bad_rows": f.bad_rows or 0,
                "bytes": f.size,
                "hash": f.hash or None,
                "reason": f.reason,
                "released": f.released,
                "since": f.since_version,
                "until": f.until_version,
                "older_names": names.get(f.id, []),
                "duplicate_of": copies.get(f.path) if f.state == TAKEN_IN else None,
                "overlap": overlaps[f.id].as_json() if f.id in overlaps else None,
                "warnings": [found.reason for found in query.findings_of(reader, f.id)] if f.state == TAKEN_IN else [],
            }
            for f in files
        ],
    }
    emit(shown, as_json=as_json, render=lambda: present.source(shown))
    if alone.found and not as_json:
        say(f"mlops-tui: {source.name}: {alone.words}.")


def _older_names(reader: sqlite3.Connection, source: Source, files: Sequence[SourceFile]) -> dict[str, list[str]]:
    """The names that files had in older versions, where they were renamed in place; by file."""
    paths = {file.id: file.path for file in files}
    found: dict[str, list[str]] = {}
    for named in as_named(reader, source.id, files):
        if named.path != paths[named.id]:
            found.setdefault(named.id, []).append(named.path)
    return found


@app.command()
def scan(name: AnySource = None, as_json: AsJson = False) -> None:
    """Takes in what is new, changed or gone, of one source or of all; exits 3 where a file is quarantined.

    Example: mlops-tui data scan loans
    """
    opened = services()
    source = None if name is None else query.find_source(opened.store.reader, name)
    title = "scan all sources" if source is None else f"scan {source.name}"
    spec = {"sources": None if source is None else [source.id]}
    told: list[str] = []

    def tell(job: Job) -> list[str]:
        """The sources that were scanned since the last reading, a line each."""
        new = [scan_line(item) for item in (job.result or {"sources": ()})["sources"][len(told) :]]
        told.extend(new)
        return new

    job = follow(opened.jobs, opened.jobs.start("scan", title, spec), None if as_json else tell)
    result = job.result or {"sources": [], "files": 0, "bytes": 0, "seconds": 0.0}
    if as_json or not told:
        emit(result, as_json=as_json, render=lambda: "There are no sources to scan.")
    _tell_warnings(opened.store.reader, result["sources"])
    _tell_duplicates(opened.store.reader, result["sources"])
    _tell_overlaps(opened.store.reader, result["sources"])
    _tell_unread(query.list_sources(opened.store.reader) if source is None else [source])
    _tell_troubles(opened.store.reader, source, result["sources"])


def _tell_unread(sources: Sequence[Source]) -> None:
    """Says which data files lie in the folders that the sources' patterns leave out, and what is never opened there."""
    for source in sources:
        if words := unread_words(source.name, left_aside(source, services().workspace)):
            say(f"mlops-tui: {source.name}: {words[0].lower()}{words[1:]}")
        if words := left_alone(source, services().workspace).words:
            say(f"mlops-tui: {source.name}: {words}.")


def _tell_warnings(reader: sqlite3.Connection, scanned: Sequence[Mapping[str, Any]]) -> None:
    """Says of the files that this scan took in which break a check all the same: a sentence each."""
    names = {source.name: source.id for source in query.list_sources(reader)}
    warned = [
        file
        for item in scanned
        if item["warned"]
        for file in query.warned_files(reader, names[item["source"]], limit=item["warned"])
    ]
    for file in warned[:SAID]:
        first, *others = query.findings_of(reader, file.id)
        more = f" It breaks {counted(len(others), 'other check')} too." if others else ""
        say(f"mlops-tui: warning: {one_line(first.reason, SENTENCE)}{more}")
    if len(warned) > SAID:
        say(f"{counted(len(warned) - SAID, 'more file')} warned of. See: mlops-tui data show N")


def _tell_duplicates(reader: sqlite3.Connection, scanned: Sequence[Mapping[str, Any]]) -> None:
    """Says of the files that this scan took in which have the content of another one."""
    names = {source.name: source.id for source in query.list_sources(reader)}
    copies = [
        (item["source"], *pair)
        for item in scanned
        if item["duplicates"]
        for pair in query.duplicates_of(reader, names[item["source"]], limit=item["duplicates"]).items()
    ]
    for _, path, first in copies[:SAID]:
        say(f"mlops-tui: {printable(path)} has the content of {printable(first)}; its rows count twice.")
    if len(copies) > SAID:
        say(f"{counted(len(copies) - SAID, 'more file')} with the content of others. {_see(copies[SAID:])}")


def _tell_overlaps(reader: sqlite3.Connection, scanned: Sequence[Mapping[str, Any]]) -> None:
    """Says of the files that this scan took in which have many rows of another one."""
    names = {source.name: source.id for source in query.list_sources(reader)}
    found = [
        (item["source"], *pair)
        for item in scanned
        if item["overlaps"]
        for pair in newest_overlaps(reader, names[item["source"]], item["overlaps"]).items()
    ]
    for _, path, overlap in found[:SAID]:
        say(f"mlops-tui: {printable(path)}: {overlap.words}.")
    if len(found) > SAID:
        say(f"{counted(len(found) - SAID, 'more file')} with rows of others. {_see(found[SAID:])}")


def _see(left_out: Sequence[tuple[Any, ...]]) -> str:
    """Where the rest stands; the source's name is the first of each."""
    return "See: " + ", ".join(f"mlops-tui data show {name}" for name in dict.fromkeys(item[0] for item in left_out))


def _tell_troubles(reader: sqlite3.Connection, source: Source | None, scanned: Sequence[Mapping[str, Any]]) -> None:
    """Says what is quarantined and which folder could not be listed, and ends with the exit code of that."""
    kept_out = sum(item["kept_out"] for item in scanned)
    new = sum(item["quarantined"] for item in scanned)
    files = query.quarantined(reader, source.id if source else None, limit=kept_out) if new else []
    said = sorted(files, key=lambda file: file.seen_at, reverse=True)[: min(new, SAID)]
    for file in said:
        say(f"mlops-tui: {one_line(file.reason or file.path, SENTENCE)}")
    if kept_out > len(said):
        left = kept_out - len(said)
        still = "" if new > len(said) else " still"
        of = f" {source.name}" if source else ""
        say(
            f"{counted(left, 'more file' if said else 'file')} {'is' if left == 1 else 'are'}{still} quarantined. See: mlops-tui data quarantine{of}"
        )
    troubles = [item["trouble"] for item in scanned if item["trouble"]]
    for trouble in troubles:
        then = "Then" if is_about_checks(trouble) else "Mend that, then"
        say(f"mlops-tui: {one_line(trouble, SENTENCE)} {then} scan again; no file was taken for gone.")
    if troubles or kept_out:
        raise typer.Exit(EXIT_FAILED if troubles else EXIT_FOUND)


@app.command()
def profile(
    name: SourceName,
    column: Annotated[str | None, typer.Option("--column", metavar="C", help="One column, with its picture.")] = None,
    version: Annotated[
        str | None, typer.Option("--version", metavar="V", help="An older version: its number, or a tag.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Shows what a source's columns hold: counts, range, quantiles, frequent values.

    Example: mlops-tui data profile loans --column income
    """
    reader = services().store.reader
    source = query.find_source(reader, name)
    found = query.find_version(reader, source, version)
    columns = profile_query.summaries(reader, source.id, found.number)
    if column is not None:
        known = ", ".join(printable(item["name"]) for item in columns)
        columns = [item for item in columns if item["name"] == column]
        if not columns and not found.files:
            raise UnknownColumn(
                f"Version {found.number} of source '{source.name}' has no files, and so no column '{printable(column)}'.",
                f"Choose another version with --version; see: mlops-tui data versions {source.name}",
            )
        if not columns:
            raise UnknownColumn(f"Source '{source.name}' has no column '{printable(column)}'.", f"Columns: {known}.")
    shown = {"source": source.name, "version": found.number, "rows": found.rows, "columns": columns}
    emit(shown, as_json=as_json, render=lambda: present.profile(shown, alone=column is not None))


def _told(source: Source) -> dict[str, Any]:
    names = ("id", "name", "role", "path", "pattern", "target", "time_column", "id_column", "group_column", "created")
    told = {name: getattr(source, name) for name in names}
    return {**told, "exclude": list(source.exclude), "snapshot": source.snapshot, "version": source.version or None}


def _with_counts(reader: sqlite3.Connection, source: Source) -> dict[str, Any]:
    counts = query.count_files(reader, source.id)
    newest = next(iter(query.list_versions(reader, source.id, limit=1)), None)
    return {
        **_told(source),
        "files": counts.get("taken_in", 0),
        "quarantined": counts.get("quarantined", 0),
        "rows": newest.rows if newest else 0,
        "overdue": late(services().workspace, reader, source),
        "trouble": trouble_of(source, services().workspace),
    }


data_reading.add_to(app)
data_telling.add_to(app)
data_checks.add_to(app)
data_versions.add_to(app)
data_options.add_to(app)
