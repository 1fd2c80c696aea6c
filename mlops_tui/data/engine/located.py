"""Where the content of a version's file lies now, or an error where it is gone or another."""

from __future__ import annotations

from pathlib import Path

from mlops_tui.core.errors import DataError
from mlops_tui.core.printable import printable
from mlops_tui.data.engine.reading import content_hash
from mlops_tui.data.listing import is_as_kept
from mlops_tui.data.model import QUARANTINED, TAKEN_IN, Source, SourceFile
from mlops_tui.data.query import history_of
from mlops_tui.data.snapshots import copy_of
from mlops_tui.store.store import Store


def locate(store: Store, source: Source, file: SourceFile, version: int) -> Path:
    """Where a file's content lies now: in the copy, of a source that keeps them, else at its path, or where a scan found
    the same content again, or in a copy that was made while the source kept them.

    Its size and times are compared first, and its content hashed only where they moved.
    """
    if source.snapshot and (copy := copy_of(store.workspace, file)):
        return copy
    folder = source.folder(store.workspace)
    place = folder / file.path
    if _holds(place, file):
        return place
    for other in history_of(store.reader, source.id, file.hash):
        if other.path != file.path and _holds(folder / other.path, other):
            return folder / other.path
    if copy := copy_of(store.workspace, file):
        return copy
    if place.exists():
        raise changed(source, file, version)
    raise DataError(
        f"{printable(file.path)}, which is in version {version} of source '{source.name}', is gone.",
        f"Put it back, or make a version without it with: mlops-tui data scan {source.name}",
    )


def _holds(path: Path, file: SourceFile) -> bool:
    """Whether that file's content lies there; of a file that is there no more, size and time tell nothing."""
    if file.state in (TAKEN_IN, QUARANTINED) and is_as_kept(path, file):
        return True
    try:
        return path.stat().st_size == file.size and content_hash(path) == file.hash
    except OSError:
        return False


def changed(source: Source, file: SourceFile, version: int) -> DataError:
    """The error of a file that holds something else than when the version was made."""
    return DataError(
        f"{printable(file.path)} was changed since version {version} of source '{source.name}' was made.",
        f"Put the old file back, or use a new version, made with: mlops-tui data scan {source.name}",
    )
