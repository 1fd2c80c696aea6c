"""`mlops-tui drift`: whether the rows that arrive are still like those that were learnt from."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from mlops_tui.cli.context import services
from mlops_tui.cli.diagnostics import EXIT_FOUND
from mlops_tui.cli.options import AsJson
from mlops_tui.cli.output import emit, table
from mlops_tui.cli.progress import follow
from mlops_tui.core.errors import UnknownColumn
from mlops_tui.core.printable import printable
from mlops_tui.monitoring.model import DriftReport
from mlops_tui.presenters import monitor

NEWEST = "last:1"


def drift(
    name: Annotated[str, typer.Argument(metavar="N", help="A source: its name, or a part of its id.")],
    reference: Annotated[
        str | None, typer.Option("--reference", metavar="W", help="What to compare with; training where not said.")
    ] = None,
    current: Annotated[
        list[str] | None,
        typer.Option("--current", metavar="W", help="What to look at; the newest file where not said. May come again."),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", metavar="M", help="Compare with the data that this model learnt from.")
    ] = None,
    training: Annotated[
        str | None, typer.Option("--training", metavar="N", help="The training source, where columns do not tell.")
    ] = None,
    column: Annotated[str | None, typer.Option("--column", metavar="C", help="One column alone.")] = None,
    as_json: AsJson = False,
) -> None:
    """Compares a window of a source with a reference, column by column; exits 3 where one has drifted.

    A window is `training`, a version (v3), a tag, a file's name, last:N, since:DATE, DATE..DATE or period:YYYY-MM.

    Example: mlops-tui drift applications --current 2026-05.csv
    """
    opened = services()
    windows = current or [NEWEST]
    job_id = opened.monitoring.start(name, reference=reference, current=windows, training=training, model=model)
    found = [_only(report, column) for report in (follow(opened.jobs, job_id).result or {}).get("reports", [])]
    shown = found[0] if len(windows) == 1 and found else found
    emit(
        shown,
        as_json=as_json,
        render=lambda: "\n\n".join(map(_render, found)) or "Stopped before anything was compared.",
    )
    if any(report["drift"] for report in found):
        raise typer.Exit(EXIT_FOUND)


def _only(report: dict[str, Any], column: str | None) -> dict[str, Any]:
    """The report, of one column alone where one is named: then its verdict is the report's."""
    if column is None:
        return report
    columns = [one for one in report["columns"] if one["name"] == column]
    if not columns:
        known = ", ".join(printable(one["name"]) for one in report["columns"])
        raise UnknownColumn(f"There is no column '{printable(column)}' to compare.", f"Columns: {known}.")
    return {**report, "drift": columns[0]["drift"], "columns": columns}


def _render(record: dict[str, Any]) -> str:
    report = DriftReport.from_json(record)
    rows = [[cell.text for cell in row] for row in monitor.rows(report)]
    shown = table(monitor.COLUMNS, rows, right=("effect", "test p"), empty="It has no columns.")
    return f"{monitor.headline(report)}\n\n{shown}"
