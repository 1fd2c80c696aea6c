"""`mlops-tui models register` and `export`: versions from runs and from files, and a version in a folder that stands alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mlops_tui.cli.context import services
from mlops_tui.cli.options import AsJson, ModelName, VersionNumber
from mlops_tui.cli.output import emit
from mlops_tui.cli.progress import follow
from mlops_tui.core.errors import UsageError
from mlops_tui.presenters.model_files import exported_lines, registered_lines
from mlops_tui.registry.filing import ForeignFile


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    for command in (register, export):
        app.command()(command)


def register(
    name: Annotated[str, typer.Option("--name", metavar="M", help="The model to add a version to; made where new.")],
    run: Annotated[
        str | None, typer.Argument(metavar="R", help="A run: its name, or a part of its id; or --file.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="A model made elsewhere: skops, ONNX or joblib.")
    ] = None,
    trust: Annotated[
        bool, typer.Option("--trust", help="You know who made the file: what it holds may be loaded.")
    ] = False,
    like: Annotated[
        str | None, typer.Option("--like", metavar="M:V", help="A version that reads the same columns as the file.")
    ] = None,
    sample: Annotated[
        Path | None, typer.Option("--sample", metavar="FILE", help="Rows that the file's model reads, with the target.")
    ] = None,
    target: Annotated[
        str | None, typer.Option("--target", metavar="COLUMN", help="The column of the sample that the model says.")
    ] = None,
    task: Annotated[
        str | None,
        typer.Option("--task", metavar="TASK", help="binary, multiclass or regression, where it is not told."),
    ] = None,
    family: Annotated[
        str | None, typer.Option("--family", metavar="WORDS", help="What the model is called among estimators.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Keeps a model as the next version of a name: a run's recipe, fitted on all training rows, or a file made elsewhere.

    Example: mlops-tui models register brave-otter --name churn
    """
    if (run is None) == (file is None):
        raise UsageError("One thing is registered: a run, or a file.", "Name a run, or say --file FILE.")
    opened = services()
    if file is None:
        if trust or any(told is not None for told in (like, sample, target, task, family)):
            raise UsageError(
                "--trust, --like, --sample, --target, --task and --family say something of a file.",
                "Say --file FILE too.",
            )
        job = follow(opened.jobs, opened.models.register(run or "", name))
    else:
        given = ForeignFile(file, like, sample, target, task, family, trust)
        job = follow(opened.jobs, opened.model_files.register(name, given))
    result = job.result or {}
    emit(result, as_json=as_json, render=lambda: "\n".join(registered_lines(result)))


def export(
    model: ModelName,
    version: VersionNumber,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to write; new, or empty.")],
    onnx: Annotated[bool, typer.Option("--onnx", help="As ONNX besides, compared with the original.")] = False,
    as_json: AsJson = False,
) -> None:
    """Writes a version to a folder that needs no mlops-tui: the model, its signature, its facts, and a script that predicts.

    Example: mlops-tui models export churn 3 churn-3
    """
    opened = services()
    job = follow(opened.jobs, opened.model_files.export(model, version, folder, onnx=onnx))
    result = job.result or {}
    emit(result, as_json=as_json, render=lambda: "\n".join(exported_lines(result)))
