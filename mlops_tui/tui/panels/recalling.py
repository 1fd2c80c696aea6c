"""A line that keeps what was asked in it; up and down go through that."""

from __future__ import annotations

from textual import on
from textual.binding import Binding
from textual.containers import Container
from textual.widgets import Input


class RecallingLine(Container):
    """Around one `Input`. `past` is the list that what is asked is added to, the newest last; it may outlive the line."""

    BINDINGS = [
        Binding("up", "recall(-1)", show=False, priority=True),
        Binding("down", "recall(1)", show=False, priority=True),
    ]

    def __init__(self, past: list[str], *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._past = past
        self._place = len(past)

    @property
    def line(self) -> Input:
        """What is typed into."""
        return self.query_one(Input)

    def remember(self, text: str) -> None:
        """Keeps what is asked; the same twice in a row once."""
        if text not in self._past[-1:]:
            self._past.append(text)
        self.to_newest()

    def to_newest(self) -> None:
        """Up leads to what was asked last."""
        self._place = len(self._past)

    def action_recall(self, step: int) -> None:
        self._place = max(0, min(len(self._past), self._place + step))
        self.line.value = self._past[self._place] if self._place < len(self._past) else ""
        self.line.cursor_position = len(self.line.value)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
