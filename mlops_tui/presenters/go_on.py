"""What the form says that goes on from a study in a new one."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from mlops_tui.core.errors import UsageError
from mlops_tui.presenters.fields import Fields, path_of
from mlops_tui.tuning.continuing import continuation, words_of
from mlops_tui.tuning.model import Study, Trial
from mlops_tui.tuning.space import Space, read_space


def arguments(values: Mapping[str, str]) -> dict[str, Any]:
    """What the texts ask for; the file of the space is read.

    Raises:
        UsageError: it cannot be one.
    """
    fields = Fields(values)
    return {
        "families": fields.parts("families") or None,
        "space": _space(values),
        "trials": fields.required_whole("trials", 1),
        "name": fields.text("name"),
    }


def wrong_with(values: Mapping[str, str]) -> dict[str, str]:
    """A sentence for each field that cannot stay so."""
    fields = Fields(values)
    fields.required_whole("trials", 1)
    return fields.wrong


def go_on_words(values: Mapping[str, str], study: Study, complete: Sequence[Trial], own: Collection[str]) -> str:
    """How many trials come along, and the command that does the same; or what is wrong."""
    given = Fields(values).parts("families")
    try:
        found = continuation(study, complete, given or None, _space(values), own)
    except UsageError as error:
        return error.title
    line = ["mlops-tui studies continue", shlex.quote(study.name)]
    line += [f"--models {shlex.quote(','.join(given))}"] if given and tuple(given) != study.families else []
    for option in ("space", "trials", "name"):
        line += [f"--{option} {shlex.quote(values[option])}"] if values[option] else []
    return f"{words_of(found)}\n{' '.join(line)}"


def _space(values: Mapping[str, str]) -> Space | None:
    return read_space(path_of(values["space"])) if values["space"] else None
