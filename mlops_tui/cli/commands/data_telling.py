"""`mlops-tui data correlations` and `column`: what the profiles of a source's files tell together."""

from __future__ import annotations

from typing import Annotated

import typer

import mlops_tui.cli.telling_text as present
from mlops_tui.cli.context import services
from mlops_tui.cli.options import AsJson, SourceName
from mlops_tui.cli.output import emit

Version = Annotated[str | None, typer.Option("--version", metavar="V", help="An older version: its number, or a tag.")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    for command in (correlations, column):
        app.command()(command)


def correlations(name: SourceName, version: Version = None, as_json: AsJson = False) -> None:
    """Shows how numeric columns vary together: Pearson's correlations over the rows where both have a value.

    Example: mlops-tui data correlations loans
    """
    found = services().asking.ask("correlations", source=name, version=version)
    emit(found, as_json=as_json, render=lambda: present.correlations(found))


def column(
    name: SourceName,
    column: Annotated[str, typer.Argument(metavar="COLUMN", help="One of the source's columns.")],
    version: Version = None,
    as_json: AsJson = False,
) -> None:
    """Shows one column file by file: what is missing, and its mean, or the share of its most frequent value.

    Example: mlops-tui data column loans income
    """
    found = services().asking.ask("by_file", source=name, column=column, version=version)
    emit(found, as_json=as_json, render=lambda: present.column(found))
