"""Data that a run was given: a file, a frame or an array, told from any other by the hash of its content."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlops_tui.api.tracking import active_run
from mlops_tui.core.errors import FileUnreadable, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.engine.reading import content_hash, inspect
from mlops_tui.runs.input import ARRAY, FILE, FRAME, Input
from mlops_tui.store.workspace import Workspace


def log_input(data: Any, name: str | None = None, role: str = "training") -> str:
    """Says that the active run was given this data: a path, a frame (pandas, or what can become one by `to_pandas`), or an
    array. Kept are its columns, its rows and the hash of its content, not the data; returns the hash.

    A file that a source of the workspace knows is known again by its hash, whatever it is called.

    Raises:
        UsageError: no run is active, or it is none of these.
        FileUnreadable: the file is not there.
    """
    run = active_run()
    if isinstance(data, str | Path):
        found = _file(Path(data), name, role, run.workspace)
    else:
        found = _in_memory(data, name, role)
    run.keep_input(found)
    return found.hash


def _file(path: Path, name: str | None, role: str, workspace: Workspace) -> Input:
    digest = content_hash(path)
    try:
        shape = inspect(path)
    except FileUnreadable:  # no table: a picture, say
        rows, columns = None, {}
    else:
        rows, columns = shape.rows, {column.name: column.plain_kind for column in shape.columns}
    return Input(name or path.name, role, FILE, digest, rows, columns, workspace.relative(path))


def _in_memory(data: Any, name: str | None, role: str) -> Input:
    if hasattr(data, "to_pandas") and not isinstance(data, pd.DataFrame | pd.Series):
        data = data.to_pandas()
    if isinstance(data, pd.Series):
        data = data.to_frame()
    if isinstance(data, pd.DataFrame):
        columns = {str(column): str(kind) for column, kind in data.dtypes.items()}
        return Input(name or role, role, FRAME, hash_of_frame(data), len(data), columns)
    if isinstance(data, np.ndarray | list | tuple):
        array = np.asarray(data)
        shape = " × ".join(map(str, array.shape))
        return Input(name or role, role, ARRAY, hash_of_array(array), len(array), {shape: str(array.dtype)})
    raise UsageError(
        f"A {printable(type(data).__name__)} is no data that a run can be given.", "Give a path, a frame or an array."
    )


def hash_of_frame(frame: pd.DataFrame) -> str:
    """The sha256 of a frame's values, row by row, and of its columns' names and types; its index does not count."""
    digest = hashlib.sha256(repr([(str(name), str(kind)) for name, kind in frame.dtypes.items()]).encode())
    digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
    return digest.hexdigest()


def hash_of_array(array: np.ndarray) -> str:
    """The sha256 of an array's values, its shape and its type."""
    digest = hashlib.sha256(f"{array.shape} {array.dtype}".encode())
    digest.update(repr(array.tolist()).encode() if array.dtype == object else np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
