"""A wide and short file read once into memory, so that its columns can be asked about a few at a time: planning one question
about all of them grows with the square of their number, and each question of the file itself plans all of them again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb
import pyarrow as pa

from mlops_tui.data.engine.casting import quoted

WIDE = 500
"""Of fewer columns a file is asked about as it is."""
CELLS = 2_000_000
"""So many values are kept in memory."""
FEW = 50
"""Columns of one question."""

_NAME = "narrow part"


def is_wide(names: Sequence[str]) -> bool:
    """Whether there are so many columns."""
    return len(names) > WIDE


def short_table(con: duckdb.DuckDBPyConnection, sql: str, names: Sequence[str]) -> pa.Table | None:
    """Those columns of what stands after FROM; None where they are few, or the rows many."""
    if not is_wide(names):
        return None
    con.abort()  # of an answer that was not read to its end
    most = CELLS // len(names)
    columns = ", ".join(map(quoted, names))
    table = con.sql(f"SELECT {columns} FROM {sql} LIMIT {most + 1}").to_arrow_table()
    return table if table.num_rows <= most else None


def parts_of(con: duckdb.DuckDBPyConnection, table: pa.Table) -> Iterator[tuple[list[str], str]]:
    """A few of the table's columns at a time, and what to write after FROM."""
    names = table.column_names
    for start in range(0, len(names), FEW):
        some = names[start : start + FEW]
        con.register(_NAME, table.select(some))
        try:
            yield some, quoted(_NAME)
        finally:
            con.abort()
            con.unregister(_NAME)
