"""The two lines at the top: where one is and what goes on, and the screens by number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from mlops_tui.presenters.words import counted, one_line
from mlops_tui.tui.screens import SCREENS


class HeaderFacts(NamedTuple):
    """What the first line says; None where it was not read yet."""

    workspace: str
    level: int | None = None
    agent: str | None = None
    open_jobs: int | None = None
    read_only: bool = False
    trouble: str = ""
    alerts: int = 0


def shortened(path: str, width: int) -> str:
    """A path cut at its left, where the least is said."""
    if cell_len(path) <= width:
        return path
    return "…" + path[-(width - 1) :] if width > 1 else ""


class StatusLine(Widget):
    """Workspace at the left, states at the right; the path gives way first."""

    def __init__(self, facts: HeaderFacts, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._facts = facts

    @property
    def facts(self) -> HeaderFacts:
        """What is shown."""
        return self._facts

    def tell(self, facts: HeaderFacts) -> None:
        """Shows other facts; the same ones cost nothing."""
        if facts != self._facts:
            self._facts = facts
            self.refresh()

    def render(self) -> Content:
        width = self.size.width
        right = self._states(width)
        left = Content.styled("mlops-tui", "bold $primary")
        room = width - right.cell_length - left.cell_length - 5
        path = shortened(one_line(self._facts.workspace), max(0, room))
        if path:
            left = Content.assemble(left, "  ", (path, "$text-muted"))
        gap = max(1, width - left.cell_length - right.cell_length - 2)
        return Content.assemble(" ", left, " " * gap, right, " ").truncate(width)

    def _states(self, width: int) -> Content:
        facts = self._facts
        parts: list[tuple[str, str]] = []
        if facts.trouble:
            parts.append((facts.trouble, "bold $text-error"))
        if facts.read_only:
            parts.append((" read-only ", "reverse bold"))
        if facts.alerts:
            parts.append((counted(facts.alerts, "alert"), "bold $text-error"))
        if facts.open_jobs:
            parts.append((f"{counted(facts.open_jobs, 'job')} open", "bold $accent"))
        if facts.agent and width >= 60:
            parts.append((facts.agent, "$text-muted"))
        if facts.level is not None:
            parts.append((f"level {facts.level}", ""))
        return Content("  ·  " if width >= 60 else " ").join(Content.styled(*part) for part in parts)


class Tabs(Widget):
    """The screens and their numbers; where they do not all fit, only the current one keeps its name."""

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, current: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._current = current
        self._ends: list[tuple[int, str]] = []

    def turn(self, current: str) -> None:
        """Shows another screen as the current one."""
        if current != self._current:
            self._current = current
            self.refresh()

    def _labels(self) -> Sequence[tuple[str, str]]:
        full = [(screen.name, f" {screen.number} {screen.words} ") for screen in SCREENS]
        if sum(len(label) for _, label in full) + len(full) <= self.size.width:
            return full
        return [
            (screen.name, f" {screen.number} {screen.words} " if screen.name == self._current else f" {screen.number} ")
            for screen in SCREENS
        ]

    def render(self) -> Content:
        parts: list[Content] = []
        self._ends = []
        end = 0
        for name, label in self._labels():
            here = name == self._current
            parts.append(
                Content.styled(label, "$block-cursor-foreground on $block-cursor-background bold reverse")
                if here and self.app.no_color
                else Content.styled(label, "$block-cursor-foreground on $block-cursor-background bold")
                if here
                else Content.assemble((label[:3], "$primary"), (label[3:], "$text-muted"))
            )
            end += len(label) + 1
            self._ends.append((end, name))
        return Content(" ").join(parts).truncate(self.size.width)

    def on_click(self, event: events.Click) -> None:
        for end, name in self._ends:
            if event.x < end:
                self.post_message(self.Chosen(name))
                return
