"""`mlops-tui models quality`: how well a version does on each file that it predicted, with labels and without."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from mlops_tui.cli.context import services
from mlops_tui.cli.diagnostics import EXIT_FOUND
from mlops_tui.cli.options import AsJson, Limit, ModelName, Offset
from mlops_tui.cli.output import emit, say, table
from mlops_tui.cli.progress import follow
from mlops_tui.monitoring.quality_model import WORSE, QualityChunk, deciding
from mlops_tui.monitoring.quality_query import quality_of
from mlops_tui.monitoring.window import ONE_FILE
from mlops_tui.presenters.quality import QUALITY_TITLES, quality_cells
from mlops_tui.registry.query import find_version


def add_to(app: typer.Typer) -> None:
    """Makes the command one of `mlops-tui models`."""
    app.command()(quality)


By = Annotated[
    str | None,
    typer.Option("--by", metavar="PERIOD", help="By day, week, month, quarter or year of the rows' time, not by file."),
]


def quality(model: ModelName, by: By = None, limit: Limit = 50, offset: Offset = 0, as_json: AsJson = False) -> None:
    """Tells how well the champion, or another version, does file by file: what its metric is expected to be without labels, and what
    the labels that are there come to. Exits 3 where it is worse than in training on the newest file, or in the newest period, or on the newest that has its
    labels.

    Example: mlops-tui models quality churn --by month
    """
    opened = services()
    version = find_version(opened.store.reader, model)
    follow(opened.jobs, opened.quality.ask(model, by))
    found = quality_of(opened.store.reader, version.id, unit=by or ONE_FILE, limit=limit, offset=offset)
    metric = found[0].metric if found else None
    shown = {
        "model": version.model,
        "version": version.number,
        "by": by or ONE_FILE,
        "metric": metric,
        "reference": found[0].reference if found else None,
        "files": [_shown(chunk) for chunk in found],
    }
    emit(shown, as_json=as_json, render=lambda: _render(found, by or ONE_FILE))
    if found and not as_json:
        say(f"mlops-tui: {version.label} by {metric}; bands are what chance makes of so many rows.")
    now = None if offset else deciding(found)
    if now is not None and now.verdict == WORSE:
        raise typer.Exit(EXIT_FOUND)


def _shown(chunk: QualityChunk) -> dict[str, object]:
    told = {
        name: value
        for name, value in asdict(chunk).items()
        if name not in ("version_id", "metric", "reference", "mark", "unit")
    }
    return {**told, "from": told.pop("first"), "to": told.pop("last"), "share": chunk.share}


def _render(found: list[QualityChunk], by: str) -> str:
    rows = [[cell.text for cell in quality_cells(chunk)] for chunk in found]
    titles = (by, *QUALITY_TITLES[1:])
    right = ("rows", "labelled", "expected", "with labels")
    return table(titles, rows, right=right, empty="Nothing that it predicted is left.")
