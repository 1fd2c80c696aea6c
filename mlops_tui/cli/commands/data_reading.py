"""`mlops-tui data preview` and `sql`: the rows themselves, a page at a time."""

from __future__ import annotations

from typing import Annotated

import typer

import mlops_tui.cli.rows_text as present
from mlops_tui.cli.context import services
from mlops_tui.cli.options import AsJson, Limit, Offset, SourceName
from mlops_tui.cli.output import emit, say


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    for command in (preview, sql):
        app.command()(command)


def preview(
    name: SourceName,
    file: Annotated[
        str | None, typer.Argument(metavar="[FILE]", help="One of its files; else the whole version.")
    ] = None,
    where: Annotated[
        str,
        typer.Option("--filter", metavar="TEXT", help="Words, or comparisons such as 'age > 60 and region = north'."),
    ] = "",
    sort: Annotated[str | None, typer.Option("--sort", metavar="COL", help="The column to sort by.")] = None,
    descending: Annotated[bool, typer.Option("--descending", help="The greatest first.")] = False,
    version: Annotated[str | None, typer.Option("--version", metavar="V", help="An older version, or a tag.")] = None,
    limit: Limit = 20,
    offset: Offset = 0,
    as_json: AsJson = False,
) -> None:
    """Shows rows of a source's newest version, or of one file, as they are read.

    Example: mlops-tui data preview loans --filter 'income > 90000' --sort age
    """
    found = services().asking.ask(
        "page",
        source=name,
        file=file,
        version=version,
        where=where,
        sort=sort,
        descending=descending,
        limit=limit,
        offset=offset,
    )
    emit(found, as_json=as_json, render=lambda: present.page(found, offset))
    if not as_json:
        say(present.page_note(found, offset))


def sql(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="One SELECT; each source is a table of its name.")],
    limit: Limit = 200,
    offset: Offset = 0,
    as_json: AsJson = False,
) -> None:
    """Answers an SQL query over the sources' newest versions; it can only read, and only their files.

    Example: mlops-tui data sql "SELECT region, avg(income) FROM loans GROUP BY region"
    """
    found = services().asking.ask("sql", query=query, limit=limit, offset=offset)
    emit(found, as_json=as_json, render=lambda: present.answer(found))
    if found["more"]:
        say(f"There are more rows. Go on with: --offset {offset + limit}")
