"""Screens that are planned: each says so, and what does its work meanwhile."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from mlops_tui.tui.screens.pane import Pane


class UnbuiltPane(Pane):
    """A screen that is not built yet."""

    SAYS: ClassVar[str] = ""
    MEANWHILE: ClassVar[tuple[str, ...]] = ()

    def compose(self) -> ComposeResult:
        lines = [Content.styled(self.SAYS, "bold"), Content(""), *(Content(line) for line in self.MEANWHILE)]
        yield Static(Content("\n").join(lines), classes="unbuilt")


class ComparePane(UnbuiltPane):
    """Comparison of runs."""

    NAME = "compare"
    SAYS = "Compare is not built yet."
    MEANWHILE = (
        "Mark runs on 4 Runs with space: they stay marked.",
        "Opening a run there shows its parameters and metrics.",
    )
