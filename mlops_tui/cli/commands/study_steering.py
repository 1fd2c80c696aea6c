"""`mlops-tui studies narrow`, `hide` and `unhide`: what changes what a study searches once it has begun."""

from __future__ import annotations

from shlex import quote
from typing import Annotated, Any

import typer

from mlops_tui.cli.commands.study_trials import StudyName
from mlops_tui.cli.context import services
from mlops_tui.cli.options import AsJson
from mlops_tui.cli.output import emit, say
from mlops_tui.core.printable import printable
from mlops_tui.presenters.tune import OPEN
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.narrowing import Narrowed, cost_words, narrowed, searched
from mlops_tui.tuning.query import find_study, find_trial
from mlops_tui.tuning.space import in_words


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.command(context_settings={"ignore_unknown_options": True})(narrow)  # an end may be below zero
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
