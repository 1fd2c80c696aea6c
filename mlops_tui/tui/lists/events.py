"""The audit trail, the newest first."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence

from mlops_tui.presenters.events import event_cells
from mlops_tui.store.event import Event, read_events
from mlops_tui.tui.panels.rows import Column, Order, Row


class EventsSource:
    """Every change of state; the filter is the name or the id of what was changed."""

    def __init__(self) -> None:
        self.known: dict[str, Event] = {}

    def columns(self, connection: sqlite3.Connection) -> Sequence[Column]:
        return [
            Column("when", 9, priority=0),
            Column("what", 18, priority=0),
            Column("of", 26, priority=0, grows=True),
            Column("why", 24, priority=2, grows=True),
            Column("who", 10, priority=1),
        ]

    def count(self, connection: sqlite3.Connection, where: str) -> int:
        row = connection.execute(
            "SELECT count(*) FROM event WHERE :of = '' OR subject_id = :of OR subject_name = :of", {"of": where}
        ).fetchone()
        return int(row[0])

    def rows(self, connection: sqlite3.Connection, order: Order, *, offset: int, limit: int) -> Sequence[Row]:
        now = time.time()
        events = read_events(connection, of=order.where or None, limit=limit, offset=offset)
        self.known.update({event.id: event for event in events})
        return [Row(event.id, event_cells(event, now)) for event in events]
