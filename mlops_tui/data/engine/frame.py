"""A version of a source as one frame: the files that it was made of, in training order, or an error."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from mlops_tui.core.errors import DataError
from mlops_tui.core.printable import printable
from mlops_tui.data.engine.reading import content_hash, read_frame
from mlops_tui.data.engine.refusals import mark_of
from mlops_tui.data.engine.schema import schema_of
from mlops_tui.data.model import Source, SourceFile
from mlops_tui.data.options import ReadOptions
from mlops_tui.data.query import find_version, history_of, members
from mlops_tui.data.snapshots import copy_of
from mlops_tui.store.store import Store


def read_version(
    store: Store, source: Source, version: int | None, columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """The rows of a version (None: the newest), file after file in training order; index 0 to n-1.

    Columns come in the order asked for, else in the source's; dtypes as `read_frame` gives them by the source's kinds.
    A column that one live file lacks is missing in its rows.

    Raises:
        UnknownName: there is no such version.
        DataError: a file is gone, or holds other bytes than when that version was made.
    """
    number = find_version(store.reader, source, version).number
    frames = [read_member(store, source, file, number, columns) for file in members(store.reader, source.id, number)]
    if not frames:
        raise DataError(f"Version {number} of source '{source.name}' has no files.", "Choose another version.")
    whole = pd.concat(frames, ignore_index=True)
    order = [name for name in (columns or source.kinds) if name in whole.columns]
    return whole[order]


def read_member(
    store: Store, source: Source, file: SourceFile, version: int, columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """The rows of one file of a version. Raises DataError as `read_version` does."""
    schema = schema_of(source)
    path = locate(store, source, file, version)
    before = mark_of(path)
    frame = read_frame(
        path, schema.options if schema else ReadOptions(), source.kinds, columns, leave_out_bad_rows=True
    )
    if mark_of(path) != before:
        raise _changed(source, file, version)
    return frame


def locate(store: Store, source: Source, file: SourceFile, version: int) -> Path:
    """Where a file's content lies now: in the copy, of a source that keeps them, else at its path, or where a scan found
    the same content again.

    Its size and time are compared first, and its content hashed only where they moved.
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
    if place.exists():
        raise _changed(source, file, version)
    raise DataError(
        f"{printable(file.path)}, which is in version {version} of source '{source.name}', is gone.",
        f"Put it back, or make a version without it with: mlops-tui data scan {source.name}",
    )


def _holds(path: Path, file: SourceFile) -> bool:
    try:
        found = path.stat()
    except OSError:
        return False
    if (found.st_size, found.st_mtime_ns) == (file.size, file.mtime_ns):
        return True
    return found.st_size == file.size and content_hash(path) == file.hash


def _changed(source: Source, file: SourceFile, version: int) -> DataError:
    return DataError(
        f"{printable(file.path)} was changed since version {version} of source '{source.name}' was made.",
        f"Put the old file back, or use a new version, made with: mlops-tui data scan {source.name}",
    )
