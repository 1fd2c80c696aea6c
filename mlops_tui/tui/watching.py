"""Switching watching on and off, from whichever screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_tui.automation.model import AgentStatus
from mlops_tui.automation.query import is_watching
from mlops_tui.automation.service import Watching
from mlops_tui.tui.dialogs.confirm import Confirm

if TYPE_CHECKING:
    from mlops_tui.tui.app import MlopsApp

STOPPING = "Files that come from then on wait until they are scanned, or until folders are watched again. Jobs go on."


def watching_words(app: MlopsApp) -> str:
    """What the key that switches watching does now."""
    return "Stop watching" if is_watching(app.services.store.reader) else "Watch"


def turn_watching(app: MlopsApp) -> None:
    """Watches the sources' folders with an agent, or asks whether to stop that; says which."""
    watching = Watching(app.services.store)

    def tell(status: AgentStatus) -> None:
        words = "New files are taken in as they come." if status.watching else "Folders are no longer watched."
        app.notify(words, timeout=3, markup=False)
        app.read_facts()
        app.refresh_footer()

    def answered(yes: bool | None) -> None:
        if yes:
            app.in_background(watching.switch_off, tell)

    if is_watching(app.services.store.reader):
        app.push_screen(Confirm("Stop watching the folders?", STOPPING, "Stop watching"), answered)
    else:
        app.in_background(watching.switch_on, tell)
