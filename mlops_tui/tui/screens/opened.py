"""What was opened from a list: the next of the list, or the one before, without closing it."""

from __future__ import annotations

from textual import on

from mlops_tui.tui.actions import REGISTRY, Action
from mlops_tui.tui.panels.table import WindowedTable
from mlops_tui.tui.screens.pane import Pane


def _why_not(pane: OpensFromLists, step: int) -> str | None:
    table = pane.opened_from
    if table is None:
        return "Nothing is opened from a list."
    if 0 <= table.cursor + step < (table.count or 0):
        return None
    return "It is the last of the list." if step > 0 else "It is the first of the list."


class OpensFromLists(Pane):
    """A screen on which a row of a list leads to a page about it."""

    BINDINGS = REGISTRY.add(
        Action(
            "opened.next",
            "Next",
            "The next of the list that this was opened from.",
            ("J",),
            lambda pane: _why_not(pane, 1),
            rank=12,
        ),
        Action(
            "opened.before",
            "Before",
            "The one before in the list that this was opened from.",
            ("K",),
            lambda pane: _why_not(pane, -1),
            rank=12,
        ),
    )

    def __init__(self) -> None:
        super().__init__()
        self._stepped: WindowedTable | None = None
        """The list whose cursor was moved, until its row is at hand."""

    @property
    def opened_from(self) -> WindowedTable | None:
        """The list that what has the focus was opened from; None where that is a list itself."""
        return None

    def show_opened(self) -> None:
        """Shows what is under that list's cursor, where that does not follow it anyhow."""

    def do_next(self) -> None:
        self._step(1)

    def do_before(self) -> None:
        self._step(-1)

    def _step(self, step: int) -> None:
        self._stepped = table = self.opened_from
        if table is not None:
            table.move_to(table.cursor + step)
            self._show_stepped()

    @on(WindowedTable.Moved)
    def _show_stepped(self) -> None:
        if self._stepped is not None and self._stepped.row is not None:
            self._stepped = None
            self.show_opened()
            self.app.refresh_footer()
