"""Optuna's own tables in our store's file, made as Optuna makes them and known again by their version.

They are written down here since Optuna needs a second to make them, which the first study would wait for; a test holds them
to what the installed Optuna makes.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import optuna

from mlops_tui.core.errors import WorkspaceError
from mlops_tui.store.connection import open_writer
from mlops_tui.store.translate import translated

VERSION = "v3.2.0.a"
"""Optuna's name for the form of its tables that is read and written here."""
SCHEMA_VERSION = 12
"""The number that it gives it."""


OWNERS = {"study_id": "studies", "trial_id": "trials"}


def _of(owner: str, name: str, *columns: str, key: str) -> str:
    """The columns of a table of what a study or a trial has, of which one with a `key` is there once."""
    return ", ".join(
        (
            f"{name} INTEGER NOT NULL",
            *columns,
            f"PRIMARY KEY ({name})",
            f"UNIQUE ({key})",
            f"FOREIGN KEY({owner}) REFERENCES {OWNERS[owner]} ({owner})",
        )
    )


def _texts(owner: str, name: str) -> str:
    return _of(owner, name, f"{owner} INTEGER", '"key" VARCHAR(512)', "value_json TEXT", key=f'{owner}, "key"')


TABLES = {
    "studies": "study_id INTEGER NOT NULL, study_name VARCHAR(512) NOT NULL, PRIMARY KEY (study_id)",
    "version_info": "version_info_id INTEGER NOT NULL, schema_version INTEGER, library_version VARCHAR(256),"
    " PRIMARY KEY (version_info_id), CHECK (version_info_id=1)",
    "study_directions": _of(
        "study_id",
        "study_direction_id",
        "direction VARCHAR(8) NOT NULL",
        "study_id INTEGER NOT NULL",
        "objective INTEGER NOT NULL",
        key="study_id, objective",
    ),
    "study_user_attributes": _texts("study_id", "study_user_attribute_id"),
    "study_system_attributes": _texts("study_id", "study_system_attribute_id"),
    "trials": "trial_id INTEGER NOT NULL, number INTEGER, study_id INTEGER, state VARCHAR(8) NOT NULL,"
    " datetime_start DATETIME, datetime_complete DATETIME, PRIMARY KEY (trial_id),"
    " FOREIGN KEY(study_id) REFERENCES studies (study_id)",
    "trial_user_attributes": _texts("trial_id", "trial_user_attribute_id"),
    "trial_system_attributes": _texts("trial_id", "trial_system_attribute_id"),
    "trial_params": _of(
        "trial_id",
        "param_id",
        "trial_id INTEGER",
        "param_name VARCHAR(512)",
        "param_value FLOAT",
        "distribution_json TEXT",
        key="trial_id, param_name",
    ),
    "trial_values": _of(
        "trial_id",
        "trial_value_id",
        "trial_id INTEGER NOT NULL",
        "objective INTEGER NOT NULL",
        "value FLOAT",
        "value_type VARCHAR(7) NOT NULL",
        key="trial_id, objective",
    ),
    "trial_intermediate_values": _of(
        "trial_id",
        "trial_intermediate_value_id",
        "trial_id INTEGER NOT NULL",
        "step INTEGER NOT NULL",
        "intermediate_value FLOAT",
        "intermediate_value_type VARCHAR(7) NOT NULL",
        key="trial_id, step",
    ),
    "trial_heartbeats": _of(
        "trial_id",
        "trial_heartbeat_id",
        "trial_id INTEGER NOT NULL",
        "heartbeat DATETIME NOT NULL",
        key="trial_id",
    ),
    "alembic_version": "version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)",
}
STATEMENTS = (
    *(f"CREATE TABLE {name} ({columns})" for name, columns in TABLES.items()),
    "CREATE UNIQUE INDEX ix_studies_study_name ON studies (study_name)",
    "CREATE INDEX ix_trials_study_id ON trials (study_id)",
)


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
    connection.execute("BEGIN IMMEDIATE")
    try:
        if _version(connection) is None:  # another process may have been quicker
            for statement in STATEMENTS:
                connection.execute(statement)
            connection.execute("INSERT INTO version_info VALUES (1, ?, ?)", (SCHEMA_VERSION, optuna.__version__))
            connection.execute("INSERT INTO alembic_version VALUES (?)", (VERSION,))
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
