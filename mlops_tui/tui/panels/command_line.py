"""The line behind `:`: screens, actions and their arguments by name, with a memory."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static

from mlops_tui.tui.panels.recalling import RecallingLine
from mlops_tui.tui.panels.typed_line import TypedLine


class CommandLine(RecallingLine):
    """Takes the place of the footer while it is asked."""

    BINDINGS = [Binding("escape", "leave", show=False)]

    class Given(Message):
        """A command was given."""

        def __init__(self, command: str) -> None:
            super().__init__()
            self.command = command

    class Left(Message):
        """The line was left."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__([], id=id)
        self.display = False

    def compose(self) -> ComposeResult:
        yield Static(":", classes="command--sign")
        yield TypedLine(placeholder="runs metrics.auc > 0.9   ·   tab completes, esc leaves", compact=True)

    def open(self, words: list[str]) -> None:
        """Shows the line, with words that may complete what is typed."""
        line = self.line
        line.suggester = SuggestFromList(words, case_sensitive=False)
        line.value = ""
        self.to_newest()
        self.display = True
        line.focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        command = event.value.strip()
        self.action_leave()
        if command:
            self.remember(command)
            self.post_message(self.Given(command))

    def action_leave(self) -> None:
        self.display = False
        self.post_message(self.Left())
