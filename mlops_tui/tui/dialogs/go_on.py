"""The form that goes on from a study in a new one; it says how many trials come along while it is filled in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from mlops_tui.core.errors import MlopsError
from mlops_tui.presenters.go_on import arguments, go_on_words, wrong_with
from mlops_tui.presenters.words import one_line
from mlops_tui.tui.dialogs.form import Field, Values
from mlops_tui.tui.dialogs.tried import TriedForm
from mlops_tui.tuning.model import Study, Trial


def go_on_form(
    study: Study, complete: Sequence[Trial], own: Collection[str], launch: Callable[[dict[str, Any]], Study]
) -> TriedForm:
    """Asks for families, a space and how many trials; `complete` are those of the study, `own` the names of the user's own
    families. `launch` gets the arguments of `Steering.continue_in_new`, in a thread; the answer has the new study's id and name.
    """

    def launched(values: Values) -> Values:
        made = launch(arguments(values))
        return {"study": made.id, "name": made.name}

    families = ", ".join(study.families)
    return TriedForm(
        f"Go on from {one_line(study.name, 40)} in a new study",
        [
            Field("families", "Families", families, help="The others' trials stay behind."),
            Field(
                "space",
                "Search space",
                placeholder="the study's own; or a JSON file of distributions",
                help="Wider ranges, other choices: mlops-tui studies space S prints one to begin with.",
            ),
            Field("trials", "New trials", str(study.trials), help="Beside those that come along.", required=True),
            Field("name", "Name", placeholder="the source's, and a number"),
        ],
        "Go on",
        launched,
        _at_fault,
        check=wrong_with,
        command=lambda values: go_on_words(values, study, complete, own),
    )


def _at_fault(error: MlopsError) -> str:
    words = {"family": "families", "families": "families", "name": "name", "above zero": "trials"}
    if "space" in error.title or "arameter" in error.title:
        return "space"
    return next((field for word, field in words.items() if word in error.title), "name")
