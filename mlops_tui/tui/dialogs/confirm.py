"""Asking before something is done: it says what will change; where something is lost the way out has the focus."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

KEYS = "tab chooses · enter does it · esc leaves it"


class Confirm(ModalScreen[bool]):
    """`title` is the question, `changes` what will be different, `verb` the button that does it."""

    BINDINGS = [
        Binding("escape,n", "answer(False)", show=False),
        Binding("left,right,h,l", "app.focus_next", show=False),
    ]

    def __init__(self, title: str, changes: str, verb: str, *, danger: bool = False) -> None:
        super().__init__()
        self._title = title
        self._changes = changes
        self._verb = verb
        self._danger = danger

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog confirm -danger" if self._danger else "dialog confirm"):
            yield Static(self._changes, markup=False)
            with Horizontal(classes="dialog--buttons"):
                yield Button("Leave it", id="no", compact=True)
                yield Button(self._verb, id="yes", variant="error" if self._danger else "primary", compact=True)

    def on_mount(self) -> None:
        dialog = self.query_one(".dialog")
        dialog.border_title, dialog.border_subtitle = self._title, KEYS
        self.query_one("#no" if self._danger else "#yes", Button).focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)
