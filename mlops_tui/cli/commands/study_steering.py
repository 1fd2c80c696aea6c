"""`mlops-tui studies narrow`, `continue`, `hide` and `unhide`: what changes what a study searches once it has begun."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import Annotated, Any

import typer

from mlops_tui.cli.commands.study_trials import StudyName
from mlops_tui.cli.context import services
from mlops_tui.cli.options import AsJson
from mlops_tui.cli.output import emit, say
from mlops_tui.cli.progress import follow
from mlops_tui.cli.study_text import record, sentences
from mlops_tui.core.ids import short
from mlops_tui.core.printable import printable
from mlops_tui.tuning.listing import progress_of
from mlops_tui.tuning.model import OPEN, Study
from mlops_tui.tuning.narrowing import Narrowed, cost_words, narrowed, searched
from mlops_tui.tuning.query import find_study, find_trial
from mlops_tui.tuning.space import in_words, read_space


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.command(context_settings={"ignore_unknown_options": True})(narrow)  # an end may be below zero
    app.command("continue")(continue_)
    for command in (hide, unhide):
        app.command()(command)


def narrow(
    study: StudyName,
    parameter: Annotated[str, typer.Argument(metavar="PARAM", help="A range: FAMILY.parameter, or its own name.")],
    low: Annotated[str, typer.Argument(metavar="LOW", help="The lowest value from now on.")],
    high: Annotated[str, typer.Argument(metavar="HIGH", help="The highest; the same as LOW fixes the parameter.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it costs, and change nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Narrows the range that a study draws a parameter from, while it runs or before it goes on, and says what that costs.

    Example: mlops-tui studies narrow loans-1 hgb.learning_rate 0.01 0.1
    """
    here = services()
    found = find_study(here.store.reader, study)
    change = narrowed(searched(here.store.reader, found), parameter, low, high)
    say(cost_words(change, found.sampler))
    if not dry_run:
        change = here.steering.narrow(found, parameter, low, high)
    words = f"{printable(change.name)} of {printable(found.name)} is searched {in_words(change.after)} from the next trial on."
    told = "Nothing is changed." if dry_run else words
    emit(_narrowed(found.name, change, kept=not dry_run), as_json=as_json, render=lambda: told)
    if not dry_run and found.state not in OPEN:
        say(f"Let it go on with: mlops-tui studies resume {quote(found.name)}")


def _narrowed(study: str, change: Narrowed, *, kept: bool) -> dict[str, Any]:
    low_and_high = ({key: one["attributes"][key] for key in ("low", "high")} for one in (change.before, change.after))
    before, after = low_and_high
    return {
        "study": study,
        "parameter": change.name,
        **after,
        "before": before,
        "trials": change.trials,
        "outside": change.outside,
        "best_is_outside": change.best_is_outside,
        "changed": kept,
    }


TrialNumber = Annotated[int, typer.Argument(metavar="T", help="A trial's number.")]
Why = Annotated[str | None, typer.Option("--why", metavar="TEXT", help="The reason, which is kept with the event.")]


def hide(study: StudyName, trial: TrialNumber, why: Why = None, as_json: AsJson = False) -> None:
    """Takes a bad trial out of the best, the pictures, the choice and what the sampler learns from; `unhide` undoes it.

    Example: mlops-tui studies hide loans-1 12 --why "the disk was full"
    """
    here = services()
    found = find_study(here.store.reader, study)
    told = here.steering.hide(found, trial, why)
    _tell_hidden(found, trial, f"Trial {trial} of {printable(found.name)} is hidden. {told}", as_json=as_json)
    say(f"Hidden trials are listed by: mlops-tui studies trials {quote(found.name)} --where hidden")


def unhide(study: StudyName, trial: TrialNumber, why: Why = None, as_json: AsJson = False) -> None:
    """Shows a hidden trial again, as if it had never been hidden.

    Example: mlops-tui studies unhide loans-1 12
    """
    here = services()
    found = find_study(here.store.reader, study)
    told = here.steering.unhide(found, trial, why)
    _tell_hidden(found, trial, f"Trial {trial} of {printable(found.name)} is shown again. {told}", as_json=as_json)


def _tell_hidden(study: Study, trial: int, words: str, *, as_json: bool) -> None:
    is_hidden = find_trial(services().store.reader, study, trial).is_hidden
    emit({"study": study.name, "trial": trial, "hidden": is_hidden}, as_json=as_json, render=words.strip)


def continue_(
    study: StudyName,
    models: Annotated[
        str | None, typer.Option("--models", "--family", help="Families, with commas between; else the study's own.")
    ] = None,
    space: Annotated[
        Path | None,
        typer.Option(
            "--space", metavar="FILE", help="Ranges and choices in place of the study's, as `studies space` prints."
        ),
    ] = None,
    trials: Annotated[
        int | None,
        typer.Option(help="So many new ones, beside those that come along; else as many as the study was given."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="The new study's name.")] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Return at once; the job goes on.")] = False,
    as_json: AsJson = False,
) -> None:
    """Goes on in a new study with other families, choices or wider ranges; complete trials that fit come along.

    Example: mlops-tui studies continue loans-1 --models hgb,lightgbm --space space.json
    """
    here = services()
    found = find_study(here.store.reader, study)
    families = [part.strip() for part in models.split(",")] if models else None
    given = read_space(space) if space is not None else None
    made = here.steering.continue_in_new(found, families=families, space=given, trials=trials, name=name)
    say(next(notice for notice in reversed(made.notices) if "come along" in notice))
    job_id = here.studies.launch(made)
    if detach:
        say(f"It goes on by itself. Follow it with: mlops-tui jobs log {short(job_id)} -f")
    else:
        follow(here.jobs, job_id)
    progress = progress_of(here.store.reader, made.id)
    emit(
        record(here.store.reader, progress.study),
        as_json=as_json,
        render=lambda: sentences(here.store.reader, progress),
    )
