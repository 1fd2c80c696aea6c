"""Telling once of an alert that begins while the screen is open."""

from __future__ import annotations

from collections.abc import Sequence

from mlops_tui.core.clock import now
from mlops_tui.monitoring.alert import Alert


class BegunAlerts:
    """The alerts that have begun since this was made, each given out once."""

    def __init__(self) -> None:
        self._since = now()
        self._told: set[str] = set()

    def new(self, there: Sequence[Alert]) -> list[Alert]:
        """Those of the ones that are there, the newest first, that were not given out yet; the oldest first."""
        begun = [alert for alert in reversed(there) if alert.since >= self._since and alert.id not in self._told]
        self._told.update(alert.id for alert in begun)
        return begun
