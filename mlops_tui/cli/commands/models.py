"""`mlops-tui models …`: registered models, their versions, what the gates said, and which one is the champion."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from mlops_tui.cli import models_text
from mlops_tui.cli.commands import model_files, model_gates, model_quality, model_shadow, model_words
from mlops_tui.cli.context import services
from mlops_tui.cli.diagnostics import EXIT_FOUND
from mlops_tui.cli.options import Also, AsJson, Limit, ModelName, Offset, VersionNumber
from mlops_tui.cli.output import emit
from mlops_tui.cli.progress import follow
from mlops_tui.registry import query
from mlops_tui.registry.model import CHAMPION, AliasMove, Model, ModelVersion

app = typer.Typer(no_args_is_help=True, help="Registered models: versions, gates, promotion and rollback.")

Why = Annotated[str | None, typer.Option("--why", metavar="TEXT", help="The reason, kept with the event.")]


@app.command("list")
def list_(limit: Limit = 50, offset: Offset = 0, as_json: AsJson = False) -> None:
    """Lists the models.

    Example: mlops-tui models list
    """
    found = query.list_models(services().store.reader, limit=limit, offset=offset)
    models = [_model(model) for model in found]
    emit(models, as_json=as_json, render=lambda: models_text.models(models))


@app.command()
def show(model: ModelName, limit: Limit = 50, offset: Offset = 0, as_json: AsJson = False) -> None:
    """Shows a model's versions and how its aliases moved.

    Example: mlops-tui models show churn
    """
    reader = services().store.reader
    found = query.find_model(reader, model)
    versions = query.list_versions(reader, found.id, limit=limit, offset=offset)
    moves = query.alias_history(reader, found.id)
    shown = {
        **_model(found),
        "versions": [_version(version) for version in versions],
        "history": [_move(m) for m in moves],
    }
    emit(shown, as_json=as_json, render=lambda: models_text.model(shown))


model_files.add_to(app)


@app.command()
def promote(
    model: ModelName,
    version: VersionNumber,
    to: Annotated[str, typer.Option("--to", metavar="ALIAS", help="The alias to move.")] = CHAMPION,
    force: Annotated[bool, typer.Option("--force", help="Whatever the gates say; needs --why.")] = False,
    why: Annotated[
        str | None,
        typer.Option(
            "--why", metavar="TEXT", help="The reason, kept for ever; alone it overrules gates that cannot tell."
        ),
    ] = None,
    also: Also = None,
    as_json: AsJson = False,
) -> None:
    """Asks the gates, and moves the alias to the version where they let it; exits 3 where they do not.

    Example: mlops-tui models promote churn 3
    """
    opened = services()
    job = follow(opened.jobs, opened.models.promote(model, version, to, force=force, why=why, also=also or ()))
    result = job.result or {}
    emit(result, as_json=as_json, render=lambda: models_text.promotion(result))
    if not result["promoted"]:
        raise typer.Exit(EXIT_FOUND)


@app.command()
def rollback(
    model: ModelName,
    why: Why = None,
    undo: Annotated[bool, typer.Option("--undo", help="Take the last rollback back.")] = False,
    as_json: AsJson = False,
) -> None:
    """Puts the champion before this one back.

    Example: mlops-tui models rollback churn --why "it refuses everybody"
    """
    rooms = services().models
    version = rooms.undo_rollback(model, why) if undo else rooms.rollback(model, why)
    result = {"model": version.model, "version": version.number, "alias": CHAMPION}
    emit(result, as_json=as_json, render=lambda: f"{version.label} is the {CHAMPION} again.")


model_gates.add_to(app)
model_shadow.add_to(app)
model_quality.add_to(app)
model_words.add_to(app)


def _model(model: Model) -> dict[str, Any]:
    return {
        "id": model.id,
        "name": model.name,
        "task": model.task,
        "created": model.created,
        "versions": model.versions,
        "newest": model.newest,
        "aliases": model.aliases,
    }


def _version(version: ModelVersion) -> dict[str, Any]:
    return {
        "version": version.number,
        "run": version.run_id,
        "aliases": list(version.aliases),
        "metrics": version.metrics,
        "created": version.created,
        "family": version.family,
        "params": version.params,
        "data_version": version.data_version,
        "artifact": version.artifact,
        "size": version.size,
        "format": version.format,
        "file": version.file,
        "environment": version.environment,
        "code": version.code,
        "card": version.card,
        "note": version.note,
        "tags": version.tags,
    }


def _move(move: AliasMove) -> dict[str, Any]:
    names = ("at", "actor", "verb", "alias", "before", "after", "why")
    return {**{name: getattr(move, name) for name in names}, "overruled": list(move.overruled)}
