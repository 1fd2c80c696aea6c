"""Which revision a store is at, by plain SQL: an up-to-date store opens without Alembic."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from mlops_tui.core.errors import NewerStore
from mlops_tui.store.connection import open_reader
from mlops_tui.store.translate import translated

VERSION_TABLE = "mlops_alembic_version"
REVISIONS = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
    "0016",
    "0017",
    "0018",
    "0019",
    "0020",
    "0021",
    "0022",
    "0023",
    "0024",
    "0025",
    "0026",
    "0027",
    "0028",
    "0029",
    "0030",
    "0031",
)
HEAD = REVISIONS[-1]


def read_revision(path: Path, *, immutable: bool = False) -> str | None:
    """The store's revision; None where there is no store, or nothing of ours in it yet."""
    if not path.exists():
        return None
    connection = open_reader(path, immutable=immutable)
    try:
        with translated(path):
            row = connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()
    except sqlite3.OperationalError:  # no such table
        return None
    finally:
        connection.close()
    return row[0] if row else None


def is_current(path: Path, *, immutable: bool = False) -> bool:
    """Whether the store needs no migration.

    Raises:
        NewerStore: a later version of mlops-tui wrote it.
    """
    revision = read_revision(path, immutable=immutable)
    if revision is not None and revision not in REVISIONS:
        raise NewerStore(
            f"{path} was written by a newer mlops-tui (revision {revision}; this one knows {HEAD}).",
            "Upgrade with: pip install --upgrade mlops-tui",
        )
    return revision == HEAD
