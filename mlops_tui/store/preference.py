"""What a person has set up for themselves: lists of queries, views, columns. No state of the work, and no events."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from mlops_tui.store.store import Store

PREFIX = "preference:"


def read_preference(connection: sqlite3.Connection, key: str, default: Any) -> Any:
    """What was kept under the key; the default where that is nothing, or not of its kind."""
    row = connection.execute("SELECT value FROM setting WHERE key = ?", (PREFIX + key,)).fetchone()
    found = default if row is None else json.loads(row[0])
    return found if isinstance(found, type(default)) else default


def write_preference(store: Store, key: str, value: Any) -> None:
    """Keeps it, in JSON."""
    with store.write() as writing:
        writing.execute(
            "INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (PREFIX + key, json.dumps(value)),
        )
