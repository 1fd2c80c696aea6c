"""Notices of change: a counter a topic, bumped in the writer's own transaction. A single metric leaves none: its own cost would
grow by a fifth; a commit without a notice is taken for one.
"""

from __future__ import annotations

import sqlite3

TOPICS = (
    "sources",
    "files",
    "runs",
    "metrics",
    "studies",
    "trials",
    "models",
    "predictions",
    "drift",
    "outcomes",
    "alerts",
    "jobs",
    "agent",
    "events",
)


def bump(connection: sqlite3.Connection, topics: tuple[str, ...]) -> None:
    """Marks the topics as changed, inside the open transaction."""
    connection.executemany(
        "INSERT INTO change (topic, n) VALUES (?, 1) ON CONFLICT (topic) DO UPDATE SET n = n + 1",
        [(topic,) for topic in topics],
    )


METRICS = frozenset({"metrics"})


class ChangeReader:
    """Says which topics changed since it was last asked; on a connection of its own, never in a transaction.

    `PRAGMA data_version` moves when another connection commits; only then is the small table read. Where others have left
    notices a metric may have been committed too: that is said at the next look.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._version: int | None = None
        self._counts: dict[str, int] = {}
        self._may_hide_metrics = False

    def changed(self) -> frozenset[str]:
        """Topics that changed since the last call, or may have; at the first call, all that ever did."""
        hidden, self._may_hide_metrics = self._may_hide_metrics, False
        version = self._connection.execute("PRAGMA data_version").fetchone()[0]
        if version == self._version:
            return METRICS if hidden else frozenset()
        is_first, self._version = self._version is None, version
        counts = dict(self._connection.execute("SELECT topic, n FROM change").fetchall())
        moved = frozenset(topic for topic, n in counts.items() if self._counts.get(topic) != n)
        self._counts = counts
        if hidden or (not moved and not is_first):
            return moved | METRICS
        self._may_hide_metrics = bool(moved) and not is_first and not moved & METRICS
        return moved
