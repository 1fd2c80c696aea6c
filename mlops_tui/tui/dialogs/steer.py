"""The forms that steer a study: its limits and workers, and a configuration that is to be tried next."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mlops_tui.core.printable import printable
from mlops_tui.presenters.steering import (
    drawn_from,
    given_text,
    limit_at_fault,
    limits,
    limits_commands,
    queue_command,
    time_text,
)
from mlops_tui.presenters.words import one_line
from mlops_tui.tui.dialogs.form import Field, Values
from mlops_tui.tui.dialogs.tried import TriedForm
from mlops_tui.tuning.model import Study, Trial, about_workers
from mlops_tui.tuning.space import params_of


def limits_form(study: Study, apply: Callable[[Values], Values]) -> TriedForm:
    """Asks how many trials and how much time the study has in all, and how many workers; `apply` runs in a thread."""
    fields = [
        Field("trials", "Trials", str(study.trials), help="In all, those that are done counted.", required=True),
        Field("timeout", "Time at most", time_text(study.timeout), "no limit; or 90s, 10m, 2h", help="In all."),
        Field(
            "workers",
            "Workers",
            str(study.workers),
            help="Processes at work. One that is too many finishes its trial.",
            required=True,
        ),
    ]

    def commands(values: Values) -> str:
        return "\n".join([limits_commands(values, study), *about_workers(limits(values, study).workers or 1)])

    return TriedForm(
        f"Limits of {one_line(study.name, 40)}",
        fields,
        "Set",
        apply,
        limit_at_fault,
        check=lambda values: limits(values, study).wrong,
        command=commands,
    )


def queue_form(
    study: Study, family: str | None, trial: Trial | None, put: Callable[[Mapping[str, str]], Values]
) -> TriedForm:
    """Asks for a configuration of the family (None for an objective of the user's own), beginning with the trial's; `put`
    queues what is given, in a thread.
    """
    space = params_of(study, family or "")
    names = {f"parameter-{place}": name for place, name in enumerate(space)}  # a name may hold anything
    said, given = drawn_from(space), given_text(trial, space)
    fields = [
        Field(field, printable(name), given.get(name, ""), "drawn", help=said[name]) for field, name in names.items()
    ]
    of = f" of {printable(family)}" if family is not None else ""
    like = f", beginning with trial {trial.number}" if trial is not None else ""

    def named(values: Values) -> Values:
        return {names[field]: text for field, text in values.items() if text}

    return TriedForm(
        "Try next",
        fields,
        "Queue it",
        lambda values: put(named(values)),
        lambda error: next(
            (field for field, name in names.items() if error.title.startswith(f"{name} ")), fields[0].name
        ),
        words=f"A configuration{of} for {one_line(study.name, 40)}{like}. A worker takes it next.",
        command=lambda values: queue_command(named(values), study, family),
    )
