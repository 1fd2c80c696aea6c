"""`mlops-tui models gates`, `gatefile` and `evaluate`: what the gates said of a version, which a model has, and its test figure."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from mlops_tui.cli import models_text
from mlops_tui.cli.context import services
from mlops_tui.cli.diagnostics import EXIT_FOUND
from mlops_tui.cli.options import Also, AsJson, Limit, ModelName, Offset, VersionNumber
from mlops_tui.cli.output import emit
from mlops_tui.cli.progress import follow
from mlops_tui.core.errors import UsageError
from mlops_tui.registry import gatefile, query
from mlops_tui.registry.gates import Gate, GateResult
from mlops_tui.registry.model import CHAMPION


def add_to(app: typer.Typer) -> None:
    """Makes the commands those of `mlops-tui models`."""
    app.command()(gates)
    app.command("gatefile")(settings)
    app.command()(evaluate)


def gates(
    model: ModelName,
    version: VersionNumber,
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask them now, and move nothing; exits 3 where one refuses.")
    ] = False,
    also: Also = None,
    history: Annotated[bool, typer.Option("--history", help="All that they ever said, newest first.")] = False,
    limit: Limit = 50,
    offset: Offset = 0,
    as_json: AsJson = False,
) -> None:
    """Shows what the gates said of a version when they were asked last.

    Example: mlops-tui models gates churn 3 --ask
    """
    opened = services()
    if ask or also:
        job = follow(opened.jobs, opened.models.ask_gates(model, version, CHAMPION, also=also or ()))
        result = job.result or {}
        _emit_asked(result, model, version, as_json=as_json)
        raise typer.Exit(0 if result["would_be_promoted"] else EXIT_FOUND)
    reader = opened.store.reader
    found = query.version_of(reader, query.find_model(reader, model), version)
    results = (
        query.gates_of(reader, found.id, limit=limit, offset=offset)
        if history
        else query.latest_gates(reader, found.id)
    )
    shown = [_shown(result) for result in results]
    emit(shown, as_json=as_json, render=lambda: models_text.gates(shown, found.model, found.number))


def _emit_asked(result: dict[str, Any], model: str, version: int, *, as_json: bool) -> None:
    reader = services().store.reader
    found = query.version_of(reader, query.find_model(reader, model), version)
    shown = [_shown(result) for result in query.latest_gates(reader, found.id)]
    emit(shown, as_json=as_json, render=lambda: models_text.asked(result))


def _shown(result: GateResult) -> dict[str, Any]:
    return {
        **result.shown(),
        "alias": result.alias,
        "at": result.at,
        "asking": result.asking,
        "evidence": result.evidence,
    }


def settings(
    model: ModelName,
    write: Annotated[
        bool, typer.Option("--write", help="Write the file, to be changed, where there is none yet.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Shows which gates a model has, what each is set to, and the file that says so.

    Example: mlops-tui models gatefile churn --write
    """
    opened = services()
    workspace = opened.store.workspace
    found = query.find_model(opened.store.reader, model)
    place = opened.models.write_gates(found.id) if write else gatefile.place(workspace, found.name)
    known = gatefile.read(workspace, found.name)
    shown = {
        "model": found.name,
        "file": workspace.relative(place),
        "written": place.exists(),
        "gates": [_set(gate) for gate in known],
    }
    emit(
        shown,
        as_json=as_json,
        render=lambda: models_text.gate_settings(
            known, workspace.relative(place), is_there=place.exists(), margin=opened.settings.gate_margin
        ),
    )


def _set(gate: Gate) -> dict[str, Any]:
    names = ("name", "words", "blocking", "on_cannot_tell", "asked", "own", "options")
    return {name: getattr(gate, name) for name in names}


def evaluate(
    model: ModelName,
    version: VersionNumber,
    test: Annotated[bool, typer.Option("--test", help="Look at the held-out rows; each look is counted.")] = False,
    as_json: AsJson = False,
) -> None:
    """Scores a version on the rows that were held out when it learnt: the test figure. Each look is counted.

    Example: mlops-tui models evaluate churn 3 --test
    """
    if not test:
        raise UsageError(
            "Held-out rows wear out as they are looked at, so each look is counted.", "Say that you want to: --test"
        )
    opened = services()
    result = follow(opened.jobs, opened.models.evaluate(model, version)).result or {}
    emit(result, as_json=as_json, render=lambda: models_text.evaluated(result))
