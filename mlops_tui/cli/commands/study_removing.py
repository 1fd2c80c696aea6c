"""`mlops-tui studies remove`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from mlops_tui.cli.commands.study_trials import StudyName
from mlops_tui.cli.context import services
from mlops_tui.cli.options import AsJson
from mlops_tui.cli.output import emit, say
from mlops_tui.core.printable import printable
from mlops_tui.presenters.steering import removal_words
from mlops_tui.tuning.query import find_study


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(remove)


def remove(
    study: StudyName,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it; without it what would go is said, and nothing is.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Removes a study for good: its trials, their runs, and its files. Without --yes it only says what would go.

    Example: mlops-tui studies remove loans-1 --yes
    """
    here = services()
    found = find_study(here.store.reader, study)
    gone = here.removing.remove(found) if yes else here.removing.preview(found)
    words = f"Study '{printable(found.name)}' {'is removed' if yes else 'would be removed'}: {removal_words(gone)}."
    emit({**asdict(gone), "removed": yes}, as_json=as_json, render=lambda: words)
    if not yes:
        say("Nothing brings it back. Do it with: --yes")
