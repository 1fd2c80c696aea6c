"""`mlops-tui models shadow`: how a champion does beside the one before it, which ran in its shadow."""

from __future__ import annotations

from typing import Annotated

import typer

from mlops_tui.cli.context import services
from mlops_tui.cli.diagnostics import EXIT_FOUND
from mlops_tui.cli.options import AsJson, ModelName
from mlops_tui.cli.output import emit
from mlops_tui.cli.progress import follow
from mlops_tui.monitoring.outcomes import Standing, no_shadow, standing
from mlops_tui.presenters.shadow import shadow_lines, shadow_record
from mlops_tui.registry.gates import FAIL
from mlops_tui.registry.query import find_version


def add_to(app: typer.Typer) -> None:
    """Makes the command one of `mlops-tui models`."""
    app.command()(shadow)


def shadow(
    model: ModelName,
    ask: Annotated[
        bool, typer.Option("--ask", help="Compare them now, on the labels that there are; exits 3 where it is worse.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Shows how the champion does beside the one before it, once labels of the rows that both predicted are there.

    Example: mlops-tui models shadow churn --ask
    """
    opened = services()
    if ask:
        follow(opened.jobs, opened.outcomes.ask(model))
    version = find_version(opened.store.reader, model)
    found = standing(opened.store.reader, version, opened.settings.shadow_files)
    if found is None:
        raise no_shadow(version)
    emit(shadow_record(found), as_json=as_json, render=lambda: _render(found))
    if ask and found.outcome is not None and found.outcome.verdict == FAIL:
        raise typer.Exit(EXIT_FOUND)


def _render(found: Standing) -> str:
    lines = [f"{name.ljust(12)}{cell.text}" for name, cell in shadow_lines(found)]
    return "\n".join([f"{found.version.label} beside version {found.before.number} before it", *lines])
