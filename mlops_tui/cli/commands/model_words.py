"""`mlops-tui models card`, `tag`, `note`, `lineage` and `unalias`: what is known of a version, and what a person says of it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from mlops_tui.cli import models_text
from mlops_tui.cli.context import services
from mlops_tui.cli.options import AsJson, ModelName, VersionNumber
from mlops_tui.cli.output import emit
from mlops_tui.overview.version_lineage import version_lineage
from mlops_tui.presenters.cards import facts
from mlops_tui.presenters.run_note import tags_given
from mlops_tui.presenters.version_lineage import lineage_lines
from mlops_tui.presenters.words import one_line
from mlops_tui.registry import query
from mlops_tui.registry.card import card_facts
from mlops_tui.registry.model import ModelVersion


def add_to(app: typer.Typer) -> None:
    """Makes the commands those of `mlops-tui models`."""
    for command in (card, tag, note, lineage, unalias):
        app.command()(command)


def card(
    model: ModelName,
    version: VersionNumber,
    owner: Annotated[str | None, typer.Option("--owner", metavar="TEXT", help="Who answers for it.")] = None,
    licence: Annotated[
        str | None, typer.Option("--licence", metavar="TEXT", help="What others may do with it.")
    ] = None,
    use: Annotated[str | None, typer.Option("--use", metavar="TEXT", help="What it is meant for.")] = None,
    limits: Annotated[str | None, typer.Option("--limits", metavar="TEXT", help="Where it is not to be used.")] = None,
    as_json: AsJson = False,
) -> None:
    """Shows a version's card, or writes on it; an empty text takes a field away. The next version begins with what is said here.

    Example: mlops-tui models card churn 3 --owner ada --use "who to call before they leave"
    """
    rooms = services()
    found = query.version_of(rooms.store.reader, query.find_model(rooms.store.reader, model), version)
    said = {"owner": owner, "licence": licence, "intended_use": use, "limits": limits}
    given = {name: text for name, text in said.items() if text is not None}
    if given:
        found = rooms.models.describe(model, version, given)
    shown = _shown(found)
    emit(shown, as_json=as_json, render=lambda: models_text.card(shown))


def _shown(version: ModelVersion) -> dict[str, Any]:
    return {
        "model": version.model,
        "version": version.number,
        "facts": facts(card_facts(services().store.reader, version)),
        "said": version.card,
        "tags": version.tags,
        "note": version.note,
    }


def tag(
    model: ModelName,
    version: VersionNumber,
    tags: Annotated[list[str] | None, typer.Argument(metavar="[KEY=VALUE…]", help="Tags to set.")] = None,
    remove: Annotated[
        list[str] | None, typer.Option("--remove", metavar="KEY", help="A tag to take away; may be given again.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Sets tags on a version, or takes some away.

    Example: mlops-tui models tag churn 3 reviewed=yes
    """
    found = services().models.tag(model, version, tags_given(tags or (), remove or ()), remove or ())
    emit(_shown(found), as_json=as_json, render=lambda: models_text.card(_shown(found)))


def note(
    model: ModelName,
    version: VersionNumber,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The note; an empty one takes it away.")],
    as_json: AsJson = False,
) -> None:
    """Writes a note on a version, in place of the one before.

    Example: mlops-tui models note churn 3 "trained before the price change"
    """
    found = services().models.note(model, version, text)
    emit(_shown(found), as_json=as_json, render=lambda: f"{found.label}: {one_line(found.note or 'no note')}")


def lineage(model: ModelName, version: VersionNumber, as_json: AsJson = False) -> None:
    """Shows the way of a version, from the files that it learnt from to those that it predicted.

    Example: mlops-tui models lineage churn 3
    """
    reader = services().store.reader
    found = version_lineage(reader, query.version_of(reader, query.find_model(reader, model), version))
    shown = {
        "model": found.version.model,
        "version": found.version.number,
        "source": found.source,
        "data_version": found.version.data_version if found.source is not None else None,
        "parent": found.version.parent,
        "window": found.version.window,
        "from_file": found.version.file,
        "files": [{"file": path, "rows": rows} for path, rows in found.files],
        "study": found.study,
        "trial": found.trial,
        "run": found.run,
        "predictions": [
            {"file": batch.file, "rows": batch.rows, "out": batch.out, "at": batch.at} for batch in found.batches
        ],
        "predicted": found.predicted,
    }
    emit(shown, as_json=as_json, render=lambda: "\n".join(lineage_lines(found)))


def unalias(
    model: ModelName,
    alias: Annotated[
        str, typer.Argument(metavar="ALIAS", help="The alias to take away; `models promote --to` sets one.")
    ],
    why: Annotated[str | None, typer.Option("--why", metavar="TEXT", help="The reason, kept with the event.")] = None,
    as_json: AsJson = False,
) -> None:
    """Takes an alias away from a model.

    Example: mlops-tui models unalias churn challenger
    """
    found = services().models.remove_alias(model, alias, why)
    shown = {"model": found.name, "aliases": found.aliases}
    emit(shown, as_json=as_json, render=lambda: models_text.removed(alias, found.name, len(found.aliases)))
