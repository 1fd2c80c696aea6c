"""The prediction log: what a version said of each row of a file, in a compact Parquet file that monitoring reads."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mlops_tui.registry.model import Signature
from mlops_tui.serving.engine.rows import Keys
from mlops_tui.serving.engine.said import Said, label_array
from mlops_tui.store.artifact import put
from mlops_tui.store.workspace import Workspace

COMPRESSION = "zstd"
ROW, ID, TIME, LABEL, SCORE = "row", "id", "time", "label", "score"
SHADOW, SLICE = "shadow_", "slice_"
"""What the names begin with: of what the version in the shadow said, and of the slices."""


def log_schema(signature: Signature, keys: Keys, *, with_shadow: bool = False) -> pa.Schema:
    """Its columns: `row` (from 1, among the rows that can be read), `id` and `time` where the source has them, `label`, `score`
    or one a class (`score_0`, … in the order of the classes), the same under `shadow_label`, … where a second version runs in
    the shadow, and each slice.
    """
    fields = [(ROW, pa.int64())]
    fields += [(ID, pa.string())] if keys.id else []
    fields += [(TIME, pa.timestamp("us"))] if keys.time else []
    said = [(LABEL, label_array(signature.classes).type)] if signature.is_classifier else []
    said += [(name, pa.float64()) for name in score_names(signature)]
    fields += [*said, *((SHADOW + name, type_) for name, type_ in said if with_shadow)]
    return pa.schema([*fields, *((SLICE + name, pa.string()) for name in keys.slices)])


def score_names(signature: Signature) -> list[str]:
    """`score`, of the positive class or the number itself; of more classes one each."""
    many = len(signature.classes) > 2
    return [f"{SCORE}_{place}" for place in range(len(signature.classes))] if many else [SCORE]


class Logs:
    """Where logs are kept: in the workspace's content-addressed files."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def place(self) -> Path:
        """A temporary name to write one to."""
        self._workspace.artifacts.mkdir(parents=True, exist_ok=True)
        return self._workspace.artifacts / f".{secrets.token_hex(8)}.tmp"

    def keep(self, path: Path) -> str:
        """Puts a finished one away; returns its sha256."""

        def write(temporary: Path) -> None:
            path.replace(temporary)

        return put(self._workspace, write)


class PredictionLog:
    """A log that is being written, batch by batch; rows without a finite prediction are not in it."""

    def __init__(self, logs: Logs, signature: Signature, keys: Keys, *, with_shadow: bool = False) -> None:
        self._path, self._is_finished = logs.place(), False
        self._schema = log_schema(signature, keys, with_shadow=with_shadow)
        scores = [*score_names(signature), *(SHADOW + name for name in score_names(signature) if with_shadow)]
        coded = [field.name for field in self._schema if field.name not in (ROW, TIME, *scores)]
        self._writer = pq.ParquetWriter(
            self._path,
            self._schema,
            compression=COMPRESSION,
            use_dictionary=coded,
            use_byte_stream_split=scores,
            column_encoding={ROW: "DELTA_BINARY_PACKED"},
        )

    def add(
        self,
        first: int,
        said: Said,
        columns: Sequence[pa.Array],
        keys: Mapping[str, pa.Array],
        other: Said | None = None,
    ) -> None:
        """Appends rows, the first of which has that number: the columns that were written of what was said, `keys`, their
        values by `id`, `time` and `slice NAME`, and what the `other` version said of them.
        """
        count = len(said.finite)
        found: dict[str, Any] = {ROW: pa.array(np.arange(first, first + count))}
        found |= _by_name(said, columns)
        found |= {SHADOW + name: values for name, values in _by_name(other, other.columns()).items()} if other else {}
        found |= {what.replace("slice ", SLICE, 1): values for what, values in keys.items()}
        arrays = [found.get(field.name, pa.nulls(count, field.type)) for field in self._schema]
        table = pa.Table.from_arrays(
            [array.cast(f.type) for array, f in zip(arrays, self._schema, strict=True)], schema=self._schema
        )
        self._writer.write_table(table if said.finite.all() else table.filter(pa.array(said.finite)))

    def finish(self, told: dict[str, str]) -> Path:
        """Ends the file, with what it is of (the file's hash, the version's id); returns where it is, to be put away."""
        self._writer.add_key_value_metadata(told)
        self._writer.close()
        self._is_finished = True
        return self._path

    def let_go(self) -> None:
        """Leaves nothing behind of what was not finished."""
        self._writer.close()
        if not self._is_finished:
            self._path.unlink(missing_ok=True)


def _by_name(said: Said, columns: Sequence[pa.Array]) -> dict[str, pa.Array]:
    """The columns that were written of what was said, by their names in the log."""
    label, *probabilities = columns
    if said.codes is None:
        return {SCORE: label}
    return {LABEL: label, **dict(zip(score_names(said.signature), probabilities, strict=True))}
