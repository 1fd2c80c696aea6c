"""How the numeric columns of a source's newest version vary together."""

from __future__ import annotations

import sqlite3
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from mlops_tui.core.printable import printable
from mlops_tui.data.model import Source
from mlops_tui.presenters.correlations import heat_matrix, pair_words, strongest_words, told_of
from mlops_tui.tui.lists.asked import Errand
from mlops_tui.tui.panels.layer import Layer
from mlops_tui.tui.panels.matrix import MatrixView
from mlops_tui.tui.panels.moves import MOVE_BINDINGS
from mlops_tui.tui.panels.panel import FILLED

STEP = 9
"""Cells from one column to the next: a shade and a number of two decimals."""


class HeatView(MatrixView, inherit_bindings=False):
    """A matrix whose cells lead nowhere."""

    SCOPES: ClassVar[tuple[str, ...]] = ("move",)
    BINDINGS = MOVE_BINDINGS

    @property
    def _step(self) -> int:
        return STEP


class CorrelationsPanel(Layer):
    """A heat map, below it the pair under the cursor and the strongest of all."""

    TOPICS = frozenset({"files"})
    CORE = "HeatView"

    def __init__(self, source: Source) -> None:
        super().__init__(id="correlations")
        self.border_title = f"Correlations in {printable(source.name)}"
        self._source_id = source.id
        self._kinds = source.kinds
        self._errand: Errand | None = None

    def content(self) -> ComposeResult:
        yield HeatView()
        yield Static("", classes="panel--line", markup=False)
        yield Static("", classes="matrix--legend", markup=False)

    @property
    def view(self) -> HeatView:
        """The heat map."""
        return self.query_one(HeatView)

    def read(self, connection: sqlite3.Connection) -> dict[str, Any]:
        self._errand = Errand(self.app.services.asking)
        return self._errand.ask("correlations", source=self._source_id)

    def has_nothing(self, data: dict[str, Any]) -> bool:
        return len(data["columns"]) < 2

    def empty_words(self) -> str:
        return "There are no two numeric columns.\nOnly numbers that every file has are told in pairs."

    def show(self, data: dict[str, Any]) -> None:
        if not self.view.matrix.columns:
            self.view.window = 1  # the first pair, rather than a column with itself
        self.border_subtitle = told_of(data, self._kinds)
        self.view.tell(heat_matrix(data, plain=self.app.plain), self.view.window, self.view.column)
        self.query_one(".matrix--legend", Static).update(strongest_words(data))
        self._explain()

    @on(MatrixView.Moved)
    def _explain(self) -> None:
        if self.has_class(FILLED):
            told = pair_words(self.data, self.view.column, self.view.window)
            self.query_one(".panel--line", Static).update(told)

    def on_unmount(self) -> None:
        if self._errand is not None:
            self._errand.take_back()

    def copied(self) -> str | None:
        return pair_words(self.data, self.view.column, self.view.window) if self.has_class(FILLED) else None
