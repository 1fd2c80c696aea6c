"""The rows of a table that a run keeps as a file."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

from mlops_tui.core.errors import FileUnreadable, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.engine.answers import PageWanted, page_of
from mlops_tui.data.engine.formats import KeptOptions
from mlops_tui.data.engine.refusals import mark_of
from mlops_tui.data.engine.tables import Member
from mlops_tui.jobs.context import AnswerContext
from mlops_tui.runs.artifact import Artifact, has_rows
from mlops_tui.runs.query import find_artifact, get_run
from mlops_tui.store.artifact import place, verified
from mlops_tui.store.store import Store

_VERIFIED: dict[Path, tuple[int, ...]] = {}
"""Files that were what they were kept as when they were last looked at, and how they were then."""


def artifact_page(context: AnswerContext, *, run: str, name: str, **part: Any) -> dict[str, Any]:
    """Rows of a file of a run; the rest is as of `page`, which tells the same of a source's files.

    Returns `{run, name, total, matched, width, columns: [{name, kind}], rows}`.

    Raises UnknownName, UnknownColumn, UsageError (a filter that cannot be meant, a file without rows), ModelFileError (it is
    gone or was changed), FileUnreadable.
    """
    found = get_run(context.store.reader, run)
    artifact = find_artifact(context.store.reader, found, name)
    if not has_rows(artifact.name):
        raise UsageError(
            f"{printable(name)} is no table.", "Tables are CSV, TSV, Parquet, Arrow, Feather and JSON Lines files."
        )
    path = kept_at(context.store, artifact)
    member = Member(path, KeptOptions(ending=PurePosixPath(name).suffix.lower()), ())
    try:
        told = page_of(context, [member], PageWanted(**part))
    except FileUnreadable as error:  # it knows the file by what it is kept under
        raise FileUnreadable(error.title.replace(path.name, printable(name)), error.remedy) from error
    return {"run": found.id, "name": name, **told}


def kept_at(store: Store, artifact: Artifact) -> Path:
    """Where a run's file is kept, once its bytes were seen to be those that were kept. Raises ModelFileError."""
    path = place(store.workspace, artifact.hash).resolve()
    if not path.exists() or _VERIFIED.get(path) != mark_of(path):
        verified(store.workspace, artifact.hash)
        _VERIFIED[path] = mark_of(path)
    return path
