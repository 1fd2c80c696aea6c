"""The line behind `/`: what is typed filters the panel above it, and a query that cannot be read says why."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static


class FilterLine(Container):
    """Hidden until asked for; enter keeps the filter and gives the focus back, esc takes the filter off."""

    BINDINGS = [Binding("escape", "cancel", show=False)]

    class Changed(Message):
        """Another text was typed."""

        def __init__(self, line: FilterLine, text: str) -> None:
            super().__init__()
            self.line = line
            self.text = text

        @property
        def control(self) -> FilterLine:
            return self.line

    class Left(Message):
        """The focus is to go back to what is filtered."""

    def __init__(self, hint: str) -> None:
        super().__init__()
        self.hint = hint
        self.display = False

    def compose(self) -> ComposeResult:
        yield Static("/", classes="filter--sign")
        yield Input(placeholder=self.hint, compact=True, select_on_focus=False)
        yield Static("", classes="filter--error", markup=False)

    @property
    def text(self) -> str:
        """What is typed."""
        return self.query_one(Input).value.strip()

    def open(self, text: str | None = None) -> None:
        """Shows the line and takes the focus; with a text, that filter at once, else typing replaces what stands there."""
        self.display = True
        line = self.query_one(Input)
        if text is not None:
            line.value = text
        else:
            line.select_all()
        line.focus()

    def complain(self, words: str) -> None:
        """Shows why a query cannot be read; no words take the complaint away."""
        self.query_one(".filter--error", Static).update(Content.styled(words, "$text-error") if words else "")
        self.set_class(bool(words), "-error")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(self, event.value.strip()))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.display = bool(self.text)
        self.post_message(self.Left())

    def take_off(self) -> None:
        """Hides the line, with no text and no complaint in it."""
        self.query_one(Input).value = ""
        self.complain("")
        self.display = False

    def action_cancel(self) -> None:
        self.take_off()
        self.post_message(self.Left())
