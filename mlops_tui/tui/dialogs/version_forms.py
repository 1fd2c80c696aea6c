"""The forms that say something of a model's version, or move an alias to it."""

from __future__ import annotations

import shlex

from mlops_tui.core.errors import UsageError
from mlops_tui.data.learning import ALL
from mlops_tui.presenters.gates import forced_changes
from mlops_tui.presenters.models import rollback_changes
from mlops_tui.presenters.retraining import REFIT, RETUNE, retrain_command, wrong_retraining
from mlops_tui.presenters.version_words import CARD_HELP, version_commands, version_fields, wrong_tags
from mlops_tui.presenters.words import one_line
from mlops_tui.registry.gates import CARD_FIELDS
from mlops_tui.registry.listing import ModelLine, VersionLine
from mlops_tui.registry.model import CHAMPION, TRIALS, ModelVersion, valid_alias
from mlops_tui.tui.dialogs.form import Field, Form, Values

LOOK = (
    "It is scored on the rows that were held out when it learnt. Held-out rows wear out as they are looked at: what is chosen by"
    " them looks better than it is. The look is counted and stays in the history."
)
"""What a look at the test rows changes."""


def force_form(model: ModelLine, line: VersionLine) -> Form:
    """Asks why a version is promoted against its gates."""
    return Form(
        f"Promote {line.version.label} against its gates?",
        [Field("text", "Why", help="Kept with the event.", required=True)],
        "Promote",
        words=forced_changes(model, line.version.number, line.refusing),
    )


def alias_form(version: ModelVersion) -> Form:
    """Asks for an alias."""
    return Form(
        f"An alias for {version.label}",
        [Field("alias", "Alias", "challenger", help="Moves to this version if another one has it.", required=True)],
        "Set",
        check=_wrong_alias,
        command=lambda values: (
            f"mlops-tui models promote {shlex.quote(version.model)} {version.number} --to {values['alias']}"
        ),
        words="The gates are asked, and for other aliases than champion they only advise.",
    )


def _wrong_alias(values: Values) -> dict[str, str]:
    try:
        valid_alias(values["alias"])
    except UsageError as error:
        return {"alias": f"{error.title} {error.remedy}"}
    return {"alias": "p makes it the champion."} if values["alias"] == CHAMPION else {}


def card_form(version: ModelVersion) -> Form:
    """Asks what a person says on a version's card, for its tags and its note."""
    said = version_fields(version)
    fields = [
        Field(name, name.replace("_", " ").capitalize(), said[name], help=CARD_HELP[name]) for name in CARD_FIELDS
    ]
    fields.append(Field("tags", "Tags", said["tags"], placeholder="reviewed=yes, team=retention"))
    fields.append(Field("note", "Note", one_line(said["note"], 1_000)))
    return Form(
        f"The card of {version.label}",
        fields,
        "Write",
        check=wrong_tags,
        command=lambda values: version_commands(values, version),
    )


def retrain_form(version: ModelVersion, selector: str) -> Form:
    """Asks which rows a version's recipe is to learn from."""
    return Form(
        f"Retrain {version.label}",
        [
            Field("window", "Window", ALL, help="all, last:3 (files) or since:2026-03-31: what is learnt from."),
            Field("how", "How", REFIT, choices=(REFIT, RETUNE), help="Tuning anew begins with its parameters."),
            Field("trials", "Trials", str(TRIALS), help="Where it is tuned anew: so many."),
        ],
        "Retrain",
        check=wrong_retraining,
        command=lambda values: retrain_command(selector, values),
        words="A new version is made and becomes the challenger; its gates are asked, and nothing is promoted.",
    )


def rollback_form(line: ModelLine) -> Form:
    """Asks why the champion before is put back."""
    return Form(
        f"Roll {one_line(line.model.name, 40)} back?",
        [Field("why", "Why", placeholder="may be left empty", help="Kept with the event.")],
        "Roll back",
        words=rollback_changes(line),
    )
