"""Telling of alerts while the screen is open: once of each that begins, and in the terminal's title how many there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mlops_tui.core.clock import now
from mlops_tui.monitoring.alert import Alert
from mlops_tui.presenters.words import counted
from mlops_tui.tui.terminal import GIVE_TITLE_BACK, KEEP_TITLE, title_sequence


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


class AlertTitle:
    """The terminal's title: untouched until there is an alert, and given back in the end."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._shown = 0
        self._is_kept = False

    def tell(self, number: int) -> None:
        """Says how many alerts there are."""
        if number == self._shown:
            return
        if not self._is_kept:
            self._write(KEEP_TITLE)
            self._is_kept = True
        self._shown = number
        self._write(title_sequence(f"mlops-tui · {counted(number, 'alert')}" if number else "mlops-tui"))

    def give_back(self) -> None:
        """The title is what it was before."""
        if self._is_kept:
            self._write(GIVE_TITLE_BACK)
            self._is_kept = False
