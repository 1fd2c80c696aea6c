"""What a person says of a model version: the fields of the form, and the commands that say the same."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from mlops_tui.core.errors import UsageError
from mlops_tui.presenters.fields import Fields
from mlops_tui.presenters.run_note import note_commands, note_fields, pair
from mlops_tui.presenters.words import NOTHING_CHANGED
from mlops_tui.registry.gates import CARD_FIELDS
from mlops_tui.registry.model import ModelVersion

OPTIONS = {"owner": "--owner", "licence": "--licence", "intended_use": "--use", "limits": "--limits"}
"""How the command names each field of a card."""
CARD_HELP = {
    "owner": "Who answers for it.",
    "licence": "What others may do with it.",
    "intended_use": "What it is meant for.",
    "limits": "Where it is not to be used.",
}
"""What each field asks for."""


def wrong_tags(values: Mapping[str, str]) -> dict[str, str]:
    """A sentence for the tags where one is written in another way."""
    try:
        for part in Fields(values).parts("tags"):
            pair(part)
    except UsageError as error:
        return {"tags": f"{error.title} {error.remedy}"}
    return {}


def version_fields(version: ModelVersion) -> dict[str, str]:
    """What is said of a version as the form's fields have it."""
    return {**{name: version.card.get(name, "") for name in CARD_FIELDS}, **note_fields(version)}


def card_changes(values: Mapping[str, str], version: ModelVersion) -> dict[str, str]:
    """The fields of the card that are to be written."""
    return {name: values[name].strip() for name in CARD_FIELDS if values[name].strip() != version.card.get(name, "")}


def version_commands(values: Mapping[str, str], version: ModelVersion) -> str:
    """The commands that say the same, or what is wrong."""
    named = f"{shlex.quote(version.model)} {version.number}"
    given = " ".join(f"{OPTIONS[name]} {shlex.quote(text)}" for name, text in card_changes(values, version).items())
    try:
        others = note_commands(values, version, "models", named)
    except UsageError as error:
        return f"{error.title} {error.remedy}"
    return "\n".join([*([f"mlops-tui models card {named} {given}"] if given else []), *others]) or NOTHING_CHANGED
