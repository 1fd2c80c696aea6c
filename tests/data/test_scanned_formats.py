"""A source's files taken in by a scan, whatever their format: what one file lacks by itself shows where many share a connection."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pytest

from mlops_tui.data.query import list_files
from mlops_tui.data.service import Sources
from mlops_tui.store.store import Store

Scan = Callable[..., dict[str, Any]]


def arrow(path: Path, table: pd.DataFrame) -> None:
    pyarrow.feather.write_feather(table, path, compression="lz4")


def stream(path: Path, table: pd.DataFrame) -> None:
    whole = pa.Table.from_pandas(table, preserve_index=False)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, whole.schema) as writer:
        writer.write_table(whole)


@pytest.mark.parametrize(
    ("ending", "write"),
    [
        (".feather", arrow),
        (".arrow", stream),
        (".xlsx", lambda path, table: table.to_excel(path, index=False)),
        (".parquet", lambda path, table: table.to_parquet(path)),
    ],
)
def test_files_of_columns_are_taken_in_with_all_their_rows(
    store: Store, sources: Sources, folder: Path, scan: Scan, ending: str, write: Callable[[Path, pd.DataFrame], None]
) -> None:
    table = pd.DataFrame({"n": range(500), "x": [i * 1.5 for i in range(500)], "city": ["Rome", "Oslo"] * 250})
    for name in ("a", "b"):
        write(folder / f"{name}{ending}", table + table if name == "b" else table)
    source = sources.add(folder, name="s", pattern="*")
    scan()
    assert [(file.rows, file.reason) for file in list_files(store.reader, source.id)] == [(500, None)] * 2
