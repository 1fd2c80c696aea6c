"""`mlops-tui drift`: whether the rows that arrive are still like those that were learnt from."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

import mlops_tui.cli.drift_text as present
from mlops_tui.cli.context import services
from mlops_tui.cli.diagnostics import EXIT_FOUND
from mlops_tui.cli.options import AsJson
from mlops_tui.cli.output import emit, say
from mlops_tui.cli.progress import follow
from mlops_tui.core.errors import UnknownColumn, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.query import get_source
from mlops_tui.jobs.model import Job
from mlops_tui.monitoring.model import DriftReport
from mlops_tui.monitoring.quality_query import expected_on, importances_for
from mlops_tui.monitoring.query import drifting_since, get_report
from mlops_tui.monitoring.slice_query import get_slices
from mlops_tui.monitoring.slices import SliceReport
from mlops_tui.presenters.monitor import expected_note
from mlops_tui.presenters.page import HTML, write

NEWEST = "last:1"


def drift(
    name: Annotated[str, typer.Argument(metavar="N", help="A source: its name, or a part of its id.")],
    reference: Annotated[
        str | None,
        typer.Option(
            "--reference", metavar="W", help="What to compare with; what is pinned, else training, where not said."
        ),
    ] = None,
    current: Annotated[
        list[str] | None,
        typer.Option("--current", metavar="W", help="What to look at; the newest file where not said. May come again."),
    ] = None,
    chunks: Annotated[
        str | None,
        typer.Option(
            "--chunks",
            metavar="BY",
            help="The whole history: by file, day, week, month, quarter, year or about N rows.",
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", metavar="M", help="Compare with the data that this model learnt from.")
    ] = None,
    training: Annotated[
        str | None, typer.Option("--training", metavar="N", help="The training source, where columns do not tell.")
    ] = None,
    column: Annotated[
        str | None, typer.Option("--column", metavar="C", help="One column alone, with all that is known of it.")
    ] = None,
    definitions: Annotated[
        bool, typer.Option("--definitions", help="By those of Evidently and NannyML too: the files are read.")
    ] = False,
    multivariate: Annotated[
        bool, typer.Option("--multivariate", help="All columns at once too: rows of both windows are read.")
    ] = False,
    sliced: Annotated[
        str | None,
        typer.Option("--slice", metavar="COL", help="By the values of a column, or one of them: region, region=north."),
    ] = None,
    pin: Annotated[
        str | None, typer.Option("--pin", metavar="W", help="Compare with this from now on where nothing else is said.")
    ] = None,
    unpin: Annotated[bool, typer.Option("--unpin", help="Let go of what is pinned.")] = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write it as a page in one file too.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compares a window of a source with a reference, column by column; exits 3 where one has drifted.

    A window is `training`, a version (v3), a tag, a file's name, last:N, since:DATE, DATE..DATE, period:2026-03 (or 2026,
    2026-Q1, 2026-W10, 2026-03-05), rows:A..B; a reference also rolling:N (files before), rolling:30d, or season (the same
    days of the year before). With --chunks the exit code is that of the newest chunk; with --multivariate it is 3 too where all
    columns at once tell the windows apart, with --slice where a column has drifted in a slice.

    Example: mlops-tui drift applications --chunks month --reference season
    """
    others = {
        "--reference": reference,
        "--current": current,
        "--chunks": chunks,
        "--model": model,
        "--column": column,
        "--slice": sliced,
        "--multivariate": multivariate,
        "--definitions": definitions,
        "--html": html,
    }
    if pin is not None or unpin:
        no_window = {"--pin": pin, "--training": training} if unpin else {}
        _pin(name, None if unpin else pin, training, others | no_window, as_json=as_json)
        return
    if html is not None and html.suffix.lower() not in HTML:
        raise UsageError(
            f"{printable(html.name)} does not end like a page.", f"End it with {' or '.join(HTML)}; --json is a table."
        )
    if multivariate and column is not None:
        raise UsageError("All columns at once are not one of them.", "Leave out --column, or --multivariate.")
    if definitions and chunks is not None:
        raise UsageError(
            "Other tools' definitions are told of a window, not of a whole history.",
            "Leave out --chunks, or --definitions.",
        )
    if chunks is not None and current:
        raise UsageError("Chunks are the whole history.", "Leave out --current, or --chunks.")
    opened = services()
    windows = current or [NEWEST]
    job_id = opened.monitoring.start(
        name,
        reference=reference,
        current=windows,
        chunks=chunks,
        training=training,
        model=model,
        multivariate=multivariate,
        definitions=definitions,
        sliced=sliced,
    )
    job = follow(opened.jobs, job_id)
    if chunks is not None:
        _tell_chunks(job, column, html, as_json=as_json)
        return
    known = _importance(job)
    whole = (job.result or {}).get("reports", [])
    slices = [_slices(report.pop("sliced"), column) for report in whole] if sliced is not None else []
    by_slice: list[dict[str, Any] | None] = [told.to_json() for told in slices] or [None] * len(whole)
    reports = [_with_since(opened.store.reader, report) for report in whole]
    found = [
        _only(report, column) | known | _expected(job, report) | {"slices": told}
        for report, told in zip(reports, by_slice, strict=True)
    ]
    shown = found[0] if len(windows) == 1 and found else found
    emit(
        shown,
        as_json=as_json,
        render=lambda: (
            "\n\n".join(
                map(present.sliced, found, slices)
                if slices
                else (present.report(report, whole=column is not None) for report in found)
            )
            or "Stopped before anything was compared."
        ),
    )
    _write_page(html, found, slices)
    if any(report["drift"] for report in found) or any(told.drift for told in slices):
        raise typer.Exit(EXIT_FOUND)


def _slices(identifier: str, column: str | None) -> SliceReport:
    """What a report comes to by slice, of one column alone where one is named."""
    found = get_slices(services().store.reader, identifier)
    return found if column is None else found.only(column)


def _importance(job: Job) -> dict[str, Any]:
    """What the predictions of the champion hang on that predicted the source's files last; None where that is not known."""
    found = importances_for(services().store.reader, job.spec["source"])
    return {"importance": None if found is None else found.to_json()}


def _expected(job: Job, report: dict[str, Any]) -> dict[str, Any]:
    """How the champion does on the file that was compared; None where it is no file, or that was not told."""
    found = expected_on(services().store.reader, job.spec["source"], report["current"])
    if found is None:
        return {"expected": None}
    version, chunk = found
    names = ("metric", "reference", "verdict")
    told: dict[str, Any] = {name: getattr(chunk, name) for name in names}
    figures = {"estimated": chunk.estimated, "realised": chunk.realised}
    told |= {name: None if figure is None else asdict(figure) for name, figure in figures.items()}
    return {"expected": {"version": version, **told, "words": expected_note(found)}}


def _write_page(
    path: Path | None,
    reports: Sequence[dict[str, Any]],
    slices: Sequence[SliceReport] = (),
    *,
    is_history: bool = False,
) -> None:
    """Writes the page where one is wanted and something was compared, and says so."""
    if path is not None and reports:
        from mlops_tui.presenters.drift_page import drift_page  # noqa: PLC0415  # it loads NumPy

        found, known = [DriftReport.from_json(report) for report in reports], present.importances(reports[-1])
        say(f"mlops-tui: written {write(path, drift_page(found, known, slices, is_history=is_history))}")


def _tell_chunks(job: Job, column: str | None, html: Path | None, *, as_json: bool) -> None:
    """Prints the reports of a history's chunks, and ends with the exit code of the newest."""
    result = job.result or {"chunks": [], "of": 0, "left_out": []}
    reader = services().store.reader
    whole = [_with_since(reader, {"id": one, **get_report(reader, one).to_json()}) for one in result["chunks"]]
    known = dict.fromkeys(name for report in whole for name in _names(report))
    reports = [_only(one, column, known) for one in whole]
    importance = _importance(job)
    head = reports[0] if reports else {"source": None, "reference": job.spec["reference"]}
    shown = {
        "source": head["source"],
        "reference": head["reference"],
        "pinned": job.spec["pinned"],
        "by": job.spec["chunks"],
        "of": result["of"],
        "left_out": result["left_out"],
        "chunks": [_chunk(report) for report in reports],
        **importance,
    }
    emit(shown, as_json=as_json, render=lambda: present.chunks(shown, reports))
    if not as_json:
        for words in present.about_chunks(shown):
            say(f"mlops-tui: {words}")
    _write_page(html, [report | importance for report in reports], is_history=True)
    if len(reports) == result["of"] and reports and reports[-1]["drift"]:
        raise typer.Exit(EXIT_FOUND)


def _chunk(report: dict[str, Any]) -> dict[str, Any]:
    """What is told of a chunk: its report without pictures, under the names of a history."""
    columns = [{key: found for key, found in one.items() if key != "histogram"} for one in report["columns"]]
    told = {
        key: report[key] for key in ("id", "current", "from", "to", "drift", "reference_rows", "notes", "multivariate")
    }
    return {**told, "rows": report["current_rows"], "columns": columns}


def _pin(name: str, window: str | None, training: str | None, others: dict[str, Any], *, as_json: bool) -> None:
    """Pins what the source is compared with, or lets go of it where no window is named."""
    verb = "--unpin" if window is None else "--pin"
    if given := [option for option, value in others.items() if value]:
        raise UsageError(
            f"{verb} compares nothing, so {given[0]} does not go with it.", f"Ask with {given[0]} afterwards."
        )
    monitoring, reader = services().monitoring, services().store.reader
    kept = monitoring.unpin(name) if window is None else monitoring.pin(name, window, training)
    source = get_source(reader, kept.source_id).name
    shown = {"source": source, "reference": kept.reference, "of": kept.home, "pinned": window is not None}
    emit(shown, as_json=as_json, render=lambda: present.pinned(source, kept, is_pinned=window is not None))


def _with_since(reader: sqlite3.Connection, report: dict[str, Any]) -> dict[str, Any]:
    """The report with since when each column drifts that does."""
    told = {one["name"]: drifting_since(reader, report["id"], one["name"]) for one in report["columns"] if one["drift"]}
    since = {name: None if found is None else asdict(found) for name, found in told.items()}
    return {**report, "columns": [one | {"drifts_since": since.get(one["name"])} for one in report["columns"]]}


def _only(report: dict[str, Any], column: str | None, known: Collection[str] = ()) -> dict[str, Any]:
    """The report, of one column alone where one is named: then its verdict is the report's.

    Raises:
        UnknownColumn: the column is neither in the report nor among those that are `known`.
    """
    if column is None:
        return report
    columns = [one for one in report["columns"] if one["name"] == column]
    if not columns and column not in known:
        there = ", ".join(map(printable, known or _names(report)))
        raise UnknownColumn(f"There is no column '{printable(column)}' to compare.", f"Columns: {there}.")
    told = {"drift": columns[0]["drift"] if columns else None, "columns": columns}
    others = report.get("definitions")
    if others is not None:
        told["definitions"] = [one for one in others if one["name"] == column]
    return {**report, **told}


def _names(report: dict[str, Any]) -> list[str]:
    return [one["name"] for one in report["columns"]]
