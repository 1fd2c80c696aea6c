"""How to read a screen: what its signs and figures mean, over it until it is closed."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

KEYS = "↑↓ move · esc closes"


class HowToRead(ModalScreen[None]):
    """`parts` are headings and what is said beneath each."""

    BINDINGS = [
        Binding("escape,q,enter", "leave", show=False),
        Binding("j", "by(1)", show=False),
        Binding("k", "by(-1)", show=False),
    ]

    def __init__(self, title: str, parts: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._title = title
        self._parts = parts

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog how-to-read"), VerticalScroll():
            yield Static("", markup=False)

    def on_mount(self) -> None:
        dialog = self.query_one(".dialog")
        dialog.border_title, dialog.border_subtitle = self._title, KEYS
        told = [Content.assemble((heading, "bold $primary"), "\n", words) for heading, words in self._parts]
        self.query_one(Static).update(Content("\n\n").join(told))
        self.view.focus()

    @property
    def view(self) -> VerticalScroll:
        """What scrolls."""
        return self.query_one(VerticalScroll)

    def action_by(self, lines: int) -> None:
        self.view.scroll_relative(y=lines, animate=False)

    def action_leave(self) -> None:
        self.dismiss()
