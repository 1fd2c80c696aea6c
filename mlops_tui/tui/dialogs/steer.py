"""The form that changes a study's limits and workers."""

from __future__ import annotations

from collections.abc import Callable

from mlops_tui.presenters.steering import (
    limit_at_fault,
    limits,
    limits_commands,
    time_text,
)
from mlops_tui.presenters.words import one_line
from mlops_tui.tui.dialogs.form import Field, Values
from mlops_tui.tui.dialogs.tried import TriedForm
from mlops_tui.tuning.model import Study, about_workers


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
