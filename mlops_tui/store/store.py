"""The open store: reading, and writing in one transaction with its events and notices."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from mlops_tui.core.errors import ReadOnlyStore
from mlops_tui.store.change import bump
from mlops_tui.store.connection import open_reader, open_writer
from mlops_tui.store.event import write_event
from mlops_tui.store.translate import translated
from mlops_tui.store.workspace import Workspace


class Writing:
    """An open transaction: statements, the events they mean, and the topics they change."""

    def __init__(self, connection: sqlite3.Connection, actor: str) -> None:
        self.connection = connection
        self.actor = actor
        self._topics: dict[str, None] = {}

    def execute(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> sqlite3.Cursor:
        """Runs one statement."""
        return self.connection.execute(sql, parameters)

    def event(
        self,
        verb: str,
        subject: tuple[str, str, str],
        *,
        why: str | None = None,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> str:
        """Records the change of state that this transaction makes to `subject` (kind, id, name)."""
        self.changed("events")
        return write_event(self.connection, self.actor, verb, subject, why=why, before=before, after=after)

    def changed(self, *topics: str) -> None:
        """Names the topics whose panels are to be read again."""
        self._topics.update(dict.fromkeys(topics))

    def notify(self) -> None:
        """Bumps the topics; called once, before the transaction is committed."""
        if self._topics:
            bump(self.connection, tuple(self._topics))


class Store:
    """The workspace's SQLite file. One reader and one writer a thread, opened on first use."""

    def __init__(
        self, workspace: Workspace, *, actor: str = "person", read_only: bool = False, why_read_only: str = ""
    ) -> None:
        self.workspace = workspace
        self.actor = actor
        self.read_only = read_only
        self.why_read_only = why_read_only
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []

    @property
    def reader(self) -> sqlite3.Connection:
        """This thread's connection for reading."""
        if getattr(self._local, "reader", None) is None:
            self._local.reader = self.new_reader()
        return self._local.reader

    def new_reader(self) -> sqlite3.Connection:
        """A connection of its own for reading, closed with the store."""
        connection = open_reader(self.workspace.store, immutable=self.read_only)
        self._opened.append(connection)
        return connection

    @property
    def writer(self) -> sqlite3.Connection:
        """This thread's connection for writing.

        Raises:
            ReadOnlyStore: the store was opened for looking.
        """
        self.must_be_writable()
        if getattr(self._local, "writer", None) is None:
            self._local.writer = open_writer(self.workspace.store)
            self._opened.append(self._local.writer)
        return self._local.writer

    def must_be_writable(self) -> None:
        """Raises ReadOnlyStore where the store was opened for looking."""
        if self.read_only:
            raise ReadOnlyStore(
                f"{self.workspace.root} is open for looking only: {self.why_read_only}.",
                "Work on a copy, or change its permissions.",
            )

    @contextmanager
    def write(self) -> Iterator[Writing]:
        """One transaction, begun IMMEDIATE: committed whole at the end of the block, or rolled back."""
        connection = self.writer
        with translated(self.workspace.store):
            connection.execute("BEGIN IMMEDIATE")
            try:
                writing = Writing(connection, self.actor)
                yield writing
                writing.notify()
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Closes every connection that was opened here."""
        for connection in self._opened:
            connection.close()
        self._opened.clear()
        self._local = threading.local()
