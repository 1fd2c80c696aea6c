"""The form that makes a model of a trial."""

from __future__ import annotations

from collections.abc import Sequence

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.presenters.tune import score
from mlops_tui.presenters.words import one_line
from mlops_tui.registry.model import valid_name
from mlops_tui.tui.dialogs.form import Field, Form, Values
from mlops_tui.tuning.listing import StudyProgress
from mlops_tui.tuning.model import Study, Trial

SHOWN = 8


def words_about(trial: Trial, study: Study, *, is_finalist: bool = False) -> str:
    """Which trial of which study it is, and whether the study has chosen it of its finalists."""
    words = f"Trial {trial.number} of {one_line(study.name)} ({trial.family}, {study.metric} {score(trial.value)})"
    return f"{words}, the chosen finalist," if is_finalist else words


def register_form(what: str, progress: StudyProgress, models: Sequence[str]) -> Form:
    """Asks for the model's name, the source's unless another is given; `models` are those that there are."""
    words = f"{what} is fitted on all training rows and kept."
    return Form("Register a model", [name_field(progress.source, models)], "Register", words=words, check=_check)


def name_field(name: str, models: Sequence[str]) -> Field:
    """The field for a model's name, which says those that there are."""
    known = f"There is: {', '.join(printable(name) for name in models[:SHOWN])}. One of these gets its next version."
    return Field("name", "Model", name, help=known if models else "A model of that name is made.", required=True)


def _check(values: Values) -> dict[str, str]:
    try:
        valid_name(values["name"])
    except UsageError as error:
        return {"name": str(error)}
    return {}
