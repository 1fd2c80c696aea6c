"""`mlops-tui data versions`, `diff`, `tag`, `move` and `remove`: what a source held when, and where it lies."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from shlex import quote
from typing import Annotated, Any

import typer

import mlops_tui.cli.checks_text as present
from mlops_tui.cli.context import services
from mlops_tui.cli.options import AsJson, Limit, Offset, SourceName
from mlops_tui.cli.output import emit
from mlops_tui.cli.progress import follow
from mlops_tui.core.errors import UsageError
from mlops_tui.data import query
from mlops_tui.data.lineage import changes


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    for command in (versions, diff, tag, move, remove):
        app.command()(command)


def versions(name: SourceName, limit: Limit = 50, offset: Offset = 0, as_json: AsJson = False) -> None:
    """Lists a source's versions, the newest first, with their tags and what made each another than the one before.

    Example: mlops-tui data versions loans
    """
    reader = services().store.reader
    source = query.find_source(reader, name)
    listed = query.list_versions(reader, source.id, limit=limit + 1, offset=offset)  # and the one before the last
    numbers = [version.number for version in listed] or [0]
    files = query.changed_between(reader, source.id, min(numbers), max(numbers))
    tags = query.tags_of(reader, source.id)
    found = [
        {
            "version": v.number,
            "created": v.created,
            "files": v.files,
            "rows": v.rows,
            "bytes": v.bytes,
            "hash": v.hash,
            "tags": [tag for tag, number in tags.items() if number == v.number],
            **asdict(made),
        }
        for v, made in zip(listed[:limit], changes(listed, files), strict=False)
    ]
    emit(found, as_json=as_json, render=lambda: present.versions(found))


VERSION = "A version: its number, or a tag."


def diff(
    name: SourceName,
    before: Annotated[str, typer.Argument(metavar="V1", help=VERSION)],
    after: Annotated[str, typer.Argument(metavar="V2", help=VERSION)],
    as_json: AsJson = False,
) -> None:
    """Tells two versions apart: files, rows, columns whose distribution moved and how much, new categories.

    Example: mlops-tui data diff loans 1 2
    """
    opened = services()
    source = query.find_source(opened.store.reader, name)
    first, second = (query.find_version(opened.store.reader, source, text).number for text in (before, after))
    spec = {"source": source.id, "before": first, "after": second}
    job = follow(opened.jobs, opened.jobs.start("diff", f"compare v{first} and v{second} of {source.name}", spec))
    shown: dict[str, Any] = job.result or {}
    emit(shown, as_json=as_json, render=lambda: present.diff(shown))


def tag(
    name: SourceName,
    version: Annotated[str, typer.Argument(metavar="V", help=VERSION)],
    word: Annotated[str | None, typer.Argument(metavar="TAG", help="What to call it.")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take the tag away.")] = False,
    as_json: AsJson = False,
) -> None:
    """Names a version, so that it can be said by that name; a tag that another version has moves.

    Example: mlops-tui data tag loans 3 baseline
    """
    curation = services().curation
    if remove:
        gone = word or version
        shown = {"source": name, "version": curation.untag(name, gone), "tag": gone, "removed": True}
    elif word is None:
        raise UsageError("A tag is lacking.", f"Say it: mlops-tui data tag {name} {version} TAG")
    else:
        shown = {"source": name, "version": curation.tag(name, version, word), "tag": word, "removed": False}
    verb = "is no longer" if remove else "is"
    emit(shown, as_json=as_json, render=lambda: f"Version {shown['version']} of {name} {verb} {shown['tag']}.")


def move(
    name: SourceName,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Where its folder or file is now.")],
    as_json: AsJson = False,
) -> None:
    """Points a source at another place; its files are known again by their content at the next scan.

    Example: mlops-tui data move loans /mnt/new/incoming
    """
    source = services().curation.move(name, path)
    shown = {"source": source.name, "path": source.path, "pattern": source.pattern}
    next_step = f"Its files are known again by: mlops-tui data scan {source.name}"
    emit(shown, as_json=as_json, render=lambda: f"{source.name} is at {source.path} now. {next_step}")


def remove(name: SourceName, as_json: AsJson = False) -> None:
    """Takes a source off the list: it is neither scanned nor watched any more. Its files stay where they are.

    Example: mlops-tui data remove loans
    """
    source = services().curation.remove(name)
    shown = {"source": source.name, "path": source.path}
    back = f"Have it back with: mlops-tui data add {quote(source.path)} --name {source.name} --role {source.role}"
    emit(shown, as_json=as_json, render=lambda: f"{source.name} is removed; no file was touched. {back}")
