"""`mlops-tui models …`: registered models, their versions, what the gates said, and which one is the champion."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from mlops_tui.cli.commands.planned import plan
from mlops_tui.cli.context import services
from mlops_tui.cli.diagnostics import EXIT_FOUND
from mlops_tui.cli.options import AsJson, Limit, Offset
from mlops_tui.cli.output import emit, table
from mlops_tui.cli.progress import follow
from mlops_tui.core.ids import short
from mlops_tui.core.printable import printable
from mlops_tui.presenters.words import count, one_line, state, value
from mlops_tui.registry import query
from mlops_tui.registry.model import CHAMPION, AliasMove, Model, ModelVersion

app = typer.Typer(no_args_is_help=True, help="Registered models: versions, gates, promotion and rollback.")

ModelName = Annotated[str, typer.Argument(metavar="M", help="A model's name, or a part of its id.")]
VersionNumber = Annotated[int, typer.Argument(metavar="V", help="The version's number.", min=1)]
Why = Annotated[str | None, typer.Option("--why", metavar="TEXT", help="The reason, kept with the event.")]


@app.command("list")
def list_(limit: Limit = 50, offset: Offset = 0, as_json: AsJson = False) -> None:
    """Lists the models.

    Example: mlops-tui models list
    """
    found = query.list_models(services().store.reader, limit=limit, offset=offset)
    models = [_model(model) for model in found]
    emit(models, as_json=as_json, render=lambda: _render_models(models))


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
    emit(shown, as_json=as_json, render=lambda: _render_model(shown))


@app.command()
def register(
    run: Annotated[str, typer.Argument(metavar="R", help="A run: its name, or a part of its id.")],
    name: Annotated[str, typer.Option("--name", metavar="M", help="The model to add a version to; made where new.")],
    as_json: AsJson = False,
) -> None:
    """Fits a run's recipe on all training rows and keeps it as the model's next version.

    Example: mlops-tui models register brave-otter --name churn
    """
    opened = services()
    job = follow(opened.jobs, opened.models.register(run, name))
    result = job.result or {}
    emit(
        result, as_json=as_json, render=lambda: f"{printable(result['model'])} version {result['version']} registered."
    )


@app.command()
def promote(
    model: ModelName,
    version: VersionNumber,
    to: Annotated[str, typer.Option("--to", metavar="ALIAS", help="The alias to move.")] = CHAMPION,
    force: Annotated[bool, typer.Option("--force", help="Whatever the gate says; needs --why.")] = False,
    why: Why = None,
    as_json: AsJson = False,
) -> None:
    """Asks the gate, and moves the alias to the version where it passes; exits 3 where it does not.

    Example: mlops-tui models promote churn 3
    """
    opened = services()
    job = follow(opened.jobs, opened.models.promote(model, version, to, force=force, why=why))
    result = job.result or {}
    emit(result, as_json=as_json, render=lambda: _render_promotion(result))
    if not result["promoted"]:
        raise typer.Exit(EXIT_FOUND)


@app.command()
def rollback(model: ModelName, why: Why = None, as_json: AsJson = False) -> None:
    """Puts the champion before this one back.

    Example: mlops-tui models rollback churn --why "it refuses everybody"
    """
    opened = services()
    version = opened.models.rollback(model, why)
    result = {"model": version.model, "version": version.number, "alias": CHAMPION}
    emit(result, as_json=as_json, render=lambda: f"{version.label} is the {CHAMPION} again.")


@app.command()
def gates(
    model: ModelName, version: VersionNumber, limit: Limit = 50, offset: Offset = 0, as_json: AsJson = False
) -> None:
    """Shows what the gates said of a version, newest first.

    Example: mlops-tui models gates churn 3
    """
    reader = services().store.reader
    found = query.version_of(reader, query.find_model(reader, model), version)
    results = query.gates_of(reader, found.id, limit=limit, offset=offset)
    shown = [
        {**result.shown(), "alias": result.alias, "at": result.at, "evidence": result.evidence} for result in results
    ]
    emit(shown, as_json=as_json, render=lambda: _render_gates(shown))


plan(app, "evaluate", "models evaluate", "See what the gate measured: mlops-tui models gates M V")


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
        "environment": version.environment,
        "code": version.code,
    }


def _move(move: AliasMove) -> dict[str, Any]:
    return {name: getattr(move, name) for name in ("at", "actor", "verb", "alias", "before", "after", "why")}


def _render_models(models: list[dict[str, Any]]) -> str:
    rows = [
        (model["name"], model["task"], count(model["versions"]), _aliases(model["aliases"]), _when(model["created"]))
        for model in models
    ]
    empty = "There are no models yet. Register a run: mlops-tui models register RUN --name NAME"
    return table(("model", "task", "versions", "aliases", "made"), rows, right=("versions",), empty=empty)


def _aliases(aliases: dict[str, int]) -> str:
    return ", ".join(f"{alias} → {version}" for alias, version in sorted(aliases.items()))


def _render_model(model: dict[str, Any]) -> str:
    rows = [
        (
            str(version["version"]),
            short(version["run"]),
            version["family"],
            ", ".join(f"{name} {value(number)}" for name, number in version["metrics"].items()),
            ", ".join(version["aliases"]),
            _when(version["created"]),
        )
        for version in model["versions"]
    ]
    columns = ("version", "run", "family", "metrics", "aliases", "made")
    lines = [f"{printable(model['name'])}, {model['task']}", table(columns, rows, right=("version",))]
    return "\n".join(lines + [_move_line(move) for move in model["history"]])


def _move_line(move: dict[str, Any]) -> str:
    before = "" if move["before"] is None else f"{move['before']} → "
    why = f": {one_line(move['why'])}" if move["why"] else ""
    verb = move["verb"].replace("_", " ")
    return f"{_when(move['at'])}  {move['alias']} {before}{move['after']}  {verb} by {printable(move['actor'])}{why}"


def _render_promotion(result: dict[str, Any]) -> str:
    said = f"is the {result['alias']} now" if result["promoted"] else f"is not promoted to {result['alias']}"
    lines = [_gate_line(gate) for gate in result["gates"]]
    return "\n".join([*lines, f"{printable(result['model'])} version {result['version']} {said}."])


def _render_gates(gates: list[dict[str, Any]]) -> str:
    lines = [f"{_when(gate['at'])}  {_gate_line(gate)}" for gate in gates]
    return "\n".join(lines) or "No gate was asked about this version yet."


def _gate_line(gate: dict[str, Any]) -> str:
    return f"{gate['name']}: {state(gate['verdict']).text}: {gate['why']}"


def _when(moment: str) -> str:
    return moment[:16].replace("T", " ")
