"""A panel that lies over a screen for as long as somebody looks at it."""

from __future__ import annotations

from typing import ClassVar

from mlops_tui.tui.panels.panel import Panel


class Layer(Panel):
    """Takes the whole pane, and is gone when one steps out of it; its id says which layer it is."""

    CORE: ClassVar[str] = "WindowedTable"
    """CSS selector of what gets the focus; `core` may say otherwise for the moment."""

    @property
    def core(self) -> str:
        """CSS selector of what gets the focus now."""
        return self.CORE

    def copied(self) -> str | None:
        """What `y` copies."""
        return None
