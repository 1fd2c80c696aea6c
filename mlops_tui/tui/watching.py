"""Switching watching on and off, from whichever screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_tui.automation.model import AgentStatus
from mlops_tui.automation.service import Watching

if TYPE_CHECKING:
    from mlops_tui.tui.app import MlopsApp


def turn_watching(app: MlopsApp) -> None:
    """Watches the sources' folders with an agent, or stops that; says which."""
    watching = Watching(app.services.store)

    def switch() -> AgentStatus:
        return watching.switch_off() if watching.status().watching else watching.switch_on()

    def tell(status: AgentStatus) -> None:
        words = "New files are taken in as they come." if status.watching else "Folders are no longer watched."
        app.notify(words, timeout=3, markup=False)
        app.read_facts()

    app.in_background(switch, tell)
