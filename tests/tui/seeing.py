"""What is on the screen, as text."""

from __future__ import annotations

from textual.pilot import Pilot

from mlops_tui.tui.app import MlopsApp


def text_of(app: MlopsApp) -> str:
    """The screen's lines, blanks at the ends kept."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def settled(pilot: Pilot[None], seconds: float = 0.0) -> None:
    """Waits until no read is under way and what it brought is drawn."""
    await pilot.pause(seconds)
    for _ in range(3):
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
