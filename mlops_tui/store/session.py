"""Writing through SQLModel, in one transaction with its events and notices; loads SQLAlchemy."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import NullPool
from sqlmodel import Session

from mlops_tui.store.connection import BUSY_MILLISECONDS, prepare_writer
from mlops_tui.store.store import Store, Writing
from mlops_tui.store.translate import translated


class SessionWriting(Writing):
    """An open transaction with an ORM session on the same connection."""

    def __init__(self, session: Session, actor: str) -> None:
        driver = session.connection().connection.driver_connection
        super().__init__(cast(sqlite3.Connection, driver), actor)
        self.session = session

    def add(self, *rows: Any) -> None:
        """Adds rows and sends them to the database, so that plain statements see them too."""
        self.session.add_all(rows)
        self.session.flush()


def writer_engine(path: Path, **arguments: Any) -> Engine:
    """A SQLAlchemy engine with our pragmas, whose transactions begin IMMEDIATE."""
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=arguments.pop("poolclass", NullPool),
        connect_args={"timeout": BUSY_MILLISECONDS / 1000},
        **arguments,
    )
    hook_writer(engine)
    return engine


def hook_writer(engine: Engine) -> None:
    """Gives an engine's connections our pragmas and makes its transactions begin IMMEDIATE."""

    @event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None
        prepare_writer(connection)

    @event.listens_for(engine, "begin")
    def _begun(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def write_session(store: Store) -> Iterator[SessionWriting]:
    """One transaction through SQLModel: committed whole at the end of the block, or rolled back."""
    store.must_be_writable()
    engine = _engine(store.workspace.store)
    with translated(store.workspace.store), Session(engine, expire_on_commit=False) as session:
        writing = SessionWriting(session, store.actor)
        yield writing
        session.flush()
        writing.notify()
        session.commit()


@lru_cache(maxsize=8)
def _engine(path: Path) -> Engine:
    """The engine of that store. It keeps no connection, only what it has compiled: half of what a short write costs."""
    return writer_engine(path)
