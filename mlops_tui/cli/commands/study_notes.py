"""`mlops-tui studies note` and `tag`: what a person says of a study or of one of its trials."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from mlops_tui.cli.commands.study_trials import StudyName
from mlops_tui.cli.context import services
from mlops_tui.cli.options import AsJson
from mlops_tui.cli.output import emit
from mlops_tui.core.printable import printable
from mlops_tui.presenters.words import one_line
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.notes import Said, notes_of
from mlops_tui.tuning.query import find_study

TrialNumber = Annotated[int | None, typer.Option("--trial", metavar="T", help="Of this trial, not of the study.")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    for command in (note, tag):
        app.command()(command)


def note(
    study: StudyName,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The note, Markdown; an empty one takes it away.")],
    trial: TrialNumber = None,
    as_json: AsJson = False,
) -> None:
    """Writes a note on a study or a trial, in place of the one before; optuna-dashboard shows it too.

    Example: mlops-tui studies note loans-1 "overfits beyond 200 leaves" --trial 12
    """
    here = services()
    found = find_study(here.store.reader, study)
    here.studies.note(found, text, trial)
    _tell(found, trial, as_json=as_json)


def tag(
    study: StudyName,
    tags: Annotated[list[str] | None, typer.Argument(metavar="TAG…", help="Tags to add.")] = None,
    remove: Annotated[list[str] | None, typer.Option("--remove", metavar="TAG", help="A tag to take away.")] = None,
    trial: TrialNumber = None,
    as_json: AsJson = False,
) -> None:
    """Tags a study or a trial, or takes tags away; without any it says which there are.

    Example: mlops-tui studies tag loans-1 promising --trial 12
    """
    here = services()
    found = find_study(here.store.reader, study)
    if tags or remove:
        here.studies.tag(found, tags or (), remove or (), trial)
    _tell(found, trial, as_json=as_json)


def _tell(study: Study, trial: int | None, *, as_json: bool) -> None:
    told = notes_of(services().store.reader, study)
    said = told.study if trial is None else told.trials.get(trial, Said())
    record: dict[str, Any] = {"study": study.name, "trial": trial, "note": said.note or None, "tags": list(said.tags)}
    what = study.name if trial is None else f"{study.name}, trial {trial}"
    words = [f"tags {', '.join(said.tags)}" if said.tags else "no tags", one_line(said.note or "no note")]
    emit(record, as_json=as_json, render=lambda: f"{printable(what)}: {printable('; '.join(words))}")
