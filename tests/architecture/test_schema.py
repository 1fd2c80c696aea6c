"""The store that the migrations make is the one that the rooms' tables describe."""

from __future__ import annotations

import importlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlmodel import SQLModel, create_engine

import mlops_tui
from mlops_tui.store.migrate import migrate
from mlops_tui.store.revision import VERSION_TABLE
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.storage import open_storage

OURS = sorted(Path(mlops_tui.__file__).parent.glob("*/table.py"))


def described(path: Path) -> sqlite3.Connection:
    """A store with what the SQLModel classes of every room describe."""
    for file in OURS:
        importlib.import_module(f"mlops_tui.{file.parent.name}.table")
    engine = create_engine(f"sqlite:///{path}")
    SQLModel.metadata.create_all(engine)
    engine.dispose()
    return sqlite3.connect(path)


def schema(connection: sqlite3.Connection) -> dict[str, Any]:
    """By table: whether it has row ids, its columns (name, type, NOT NULL, default, place in the key), its indexes."""
    tables = connection.execute("SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table'")
    return {
        name: {
            "without row ids": bool(without),
            "columns": sorted(
                connection.execute('SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?)', (name,))
            ),
            "indexes": indexes(connection, name),
            "foreign keys": connection.execute("SELECT * FROM pragma_foreign_key_list(?)", (name,)).fetchall(),
        }
        for name, without in tables.fetchall()
        if not name.startswith("sqlite_")
    }


def indexes(connection: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
    """Name (where SQLite did not give it), uniqueness, reach and columns of each index."""
    listed = connection.execute('SELECT name, "unique", origin, partial FROM pragma_index_list(?)', (table,)).fetchall()
    return sorted(
        (
            name if origin == "c" else "",
            unique,
            origin,
            partial,
            *(row[0] for row in connection.execute("SELECT name FROM pragma_index_info(?) ORDER BY seqno", (name,))),
        )
        for name, unique, origin, partial in listed
    )


def test_a_migrated_store_has_the_tables_that_the_rooms_describe(store: Store, tmp_path: Path) -> None:
    with closing(described(tmp_path / "described.db")) as connection:
        wanted = schema(connection)
    found = schema(store.reader)
    found.pop(VERSION_TABLE)
    assert len(wanted) > 15
    assert found == wanted


def test_our_tables_and_those_of_optuna_have_no_name_in_common(store: Store, tmp_path: Path) -> None:
    """Both lie in one file: its dashboard opens it, and neither migrates the other's."""
    open_storage(tmp_path / "optuna.db")
    with closing(sqlite3.connect(tmp_path / "optuna.db")) as connection:
        theirs = set(schema(connection))
    ours = set(schema(store.reader))
    assert {"studies", "trials", "alembic_version"} <= theirs
    assert not {name.lower() for name in ours} & {name.lower() for name in theirs}


def test_a_store_with_the_tables_of_optuna_is_migrated_all_the_same(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "both.db"
    open_storage(path)
    with closing(sqlite3.connect(path)) as connection:
        theirs = schema(connection)
    migrate(path)
    with closing(sqlite3.connect(path)) as connection:
        assert schema(connection) == theirs | schema(store.reader)
