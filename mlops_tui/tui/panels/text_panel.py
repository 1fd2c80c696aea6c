"""Text that scrolls: what a panel shows of one thing."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from mlops_tui.tui.panels.moves import MOVE_BINDINGS, Scrolls


class TextView(VerticalScroll, Scrolls, can_focus=True, inherit_bindings=False):
    """One text, moved through by the keys of every list."""

    SCOPES: ClassVar[tuple[str, ...]] = ("move",)
    BINDINGS = MOVE_BINDINGS

    def compose(self) -> ComposeResult:
        yield Static("", markup=False)

    def write(self, content: Content) -> None:
        """Shows another text; the place that was scrolled to stays."""
        self.query_one(Static).update(content)
