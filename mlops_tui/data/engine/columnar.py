"""Parquet and Arrow files: columns with types of their own, read whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from mlops_tui.data.engine.casting import kept_type, path_literal, quoted
from mlops_tui.data.engine.dialect import require_distinct
from mlops_tui.data.engine.raw import Raw
from mlops_tui.data.options import ReadOptions

if TYPE_CHECKING:
    import pyarrow.dataset as ds


def open_parquet(con: duckdb.DuckDBPyConnection, path: Path, options: ReadOptions) -> Raw:
    """The file with its own types. Raises FileUnreadable."""
    schema = con.execute(f"SELECT name, num_children FROM parquet_schema({path_literal(path)})").fetchall()
    require_distinct(path, _top_level(schema))
    return described(con, f"read_parquet({path_literal(path)}, hive_partitioning=false)", options)


def _top_level(schema: Sequence[tuple[str, int | None]]) -> Iterator[str]:
    """Names of the columns themselves: the schema is a tree, written depth first, its root first."""
    inside = 0
    for name, children in schema[1:]:
        if inside == 0:
            yield name
        else:
            inside -= 1
        inside += children or 0


def open_arrow(con: duckdb.DuckDBPyConnection, path: Path, options: ReadOptions) -> Raw:
    """The file with its own types; the connection has it attached. Raises FileUnreadable."""
    require_distinct(path, arrow_rows(path).schema.names)
    return described(con, quoted(attached_name(path)), options)


def described(con: duckdb.DuckDBPyConnection, sql: str, options: ReadOptions) -> Raw:
    """Rows whose types the engine knows."""
    stored = {row[0]: row[1] for row in con.execute(f"DESCRIBE FROM {sql}").fetchall()}
    return Raw.whole(sql, stored, {name: kept_type(kind) for name, kind in stored.items()}, options)


def attached_name(path: Path) -> str:
    """What a file that the engine cannot open itself is called in it."""
    return f"file {path}"


def arrow_rows(path: Path) -> ds.Dataset:
    """The rows of an Arrow file (also called Feather), read as they are asked for; of a stream, at once."""
    import pyarrow.dataset as ds  # noqa: PLC0415  # it loads pandas: a second

    try:
        return ds.dataset(str(path), format="ipc")
    except pa.ArrowInvalid:
        with pa.memory_map(str(path)) as source:
            return ds.dataset(pa.ipc.open_stream(source).read_all())
