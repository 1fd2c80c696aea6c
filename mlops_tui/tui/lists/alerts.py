"""The alerts that nobody has acknowledged yet, the newest first."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence

from mlops_tui.monitoring.alert import Alert, to_see
from mlops_tui.monitoring.alert_query import alerts_to_see, count_alerts
from mlops_tui.presenters.alerts import ALERT_TITLES, alert_cells
from mlops_tui.tui.panels.rows import Column, Order, Row

SHAPES = {
    "since": Column("since", 8, priority=0),
    "about": Column("about", 12, priority=3),
    "what": Column("what", 36, priority=0, grows=True),
    "what to do": Column("what to do", 24, priority=0),
}


class AlertsSource:
    """What needs a person; `known` keeps each as it was last read."""

    def __init__(self) -> None:
        self.known: dict[str, Alert] = {}

    def columns(self, connection: sqlite3.Connection) -> Sequence[Column]:
        return [SHAPES[title] for title in ALERT_TITLES]

    def count(self, connection: sqlite3.Connection, where: str) -> int:
        return to_see(count_alerts(connection))

    def rows(self, connection: sqlite3.Connection, order: Order, *, offset: int, limit: int) -> Sequence[Row]:
        alerts = alerts_to_see(connection, limit=limit, offset=offset)
        self.known.update({alert.id: alert for alert in alerts})
        now = time.time()
        return [Row(alert.id, alert_cells(alert, now)) for alert in alerts]
