"""The line behind `:`: screens, actions and their arguments by name, with a memory."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static


class CommandLine(Container):
    """Takes the place of the footer while it is asked; up and down go through what was asked before."""

    BINDINGS = [
        Binding("escape", "leave", show=False),
        Binding("up", "recall(-1)", show=False, priority=True),
        Binding("down", "recall(1)", show=False, priority=True),
    ]

    class Given(Message):
        """A command was given."""

        def __init__(self, command: str) -> None:
            super().__init__()
            self.command = command

    class Left(Message):
        """The line was left."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.display = False
        self._past: list[str] = []
        self._place = 0

    def compose(self) -> ComposeResult:
        yield Static(":", classes="command--sign")
        yield Input(placeholder="runs metrics.auc > 0.9   ·   tab completes, esc leaves", compact=True)

    def open(self, words: list[str]) -> None:
        """Shows the line, with words that may complete what is typed."""
        line = self.query_one(Input)
        line.suggester = SuggestFromList(words, case_sensitive=False)
        line.value = ""
        self._place = len(self._past)
        self.display = True
        line.focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        command = event.value.strip()
        self.action_leave()
        if command:
            self._past.append(command)
            self.post_message(self.Given(command))

    def action_leave(self) -> None:
        self.display = False
        self.post_message(self.Left())

    def action_recall(self, step: int) -> None:
        self._place = max(0, min(len(self._past), self._place + step))
        line = self.query_one(Input)
        line.value = self._past[self._place] if self._place < len(self._past) else ""
        line.cursor_position = len(line.value)
