"""Optuna's own tables in our store's file: made by Optuna, and known again by their version."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from optuna.storages import RDBStorage

from mlops_tui.core.errors import WorkspaceError
from mlops_tui.store.connection import open_writer
from mlops_tui.store.translate import translated

VERSION = "v3.2.0.a"
"""Optuna's name for the form of its tables that is read and written here."""
COPIED = ("version_info", "alembic_version")


def ensure_tables(path: Path) -> None:
    """Makes Optuna's tables where the file has none yet, all or nothing.

    Raises:
        WorkspaceError: the file has tables of another version.
    """
    with translated(path), closing(open_writer(path)) as connection:
        if _version(connection) is None:
            _make(connection)
        if (found := _version(connection)) != VERSION:
            raise WorkspaceError(
                f"Optuna's tables in {path} are of version {found}; version {VERSION} is needed.",
                f"Back the store up, then run: optuna storage upgrade --storage sqlite:///{path}",
            )


def _version(connection: sqlite3.Connection) -> str | None:
    """The version of Optuna's tables; None where there are none."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else "unknown"


def _make(connection: sqlite3.Connection) -> None:
    """Lets Optuna make its tables in a file of their own, and brings them over in one transaction."""
    with TemporaryDirectory(prefix="mlops-tui-") as folder:
        made = Path(folder) / "optuna.db"
        RDBStorage(f"sqlite:///{made}").engine.dispose()
        connection.execute("ATTACH ? AS made", (str(made),))
        connection.execute("BEGIN IMMEDIATE")
        try:
            if _version(connection) is None:  # another process may have been quicker
                for (statement,) in connection.execute(
                    "SELECT sql FROM made.sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
                ).fetchall():
                    connection.execute(statement)
                for table in COPIED:
                    connection.execute(f"INSERT INTO main.{table} SELECT * FROM made.{table}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("DETACH made")
