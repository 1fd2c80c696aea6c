"""A matrix of verdicts: columns down, windows across, and a cursor that goes both ways."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from mlops_tui.core.printable import printable
from mlops_tui.presenters.monitor import Matrix
from mlops_tui.tui.actions import REGISTRY, Action
from mlops_tui.tui.panels.moves import MOVE_BINDINGS
from mlops_tui.tui.panels.table_line import TONES, fitted

if TYPE_CHECKING:
    from mlops_tui.tui.app import MlopsApp

NAME_WIDTH = 20
LEAST = 6
"""Cells of a window's column: a glyph and an effect."""

MATRIX_BINDINGS = REGISTRY.add(
    Action(
        "matrix.open",
        "Open",
        "The columns of this window, and the one under the cursor.",
        ("enter",),
        lambda view: None if view.matrix.columns else "There is nothing to open.",
        rank=10,
    )
)


def short_labels(names: Sequence[str]) -> list[str]:
    """The names without the ending that all share which have one: windows of several files have none."""
    endings = {os.path.splitext(name)[1] for name in names} - {""}
    shared = endings.pop() if len(endings) == 1 else ""
    return [name.removesuffix(shared) for name in names]


class MatrixView(Widget, can_focus=True):
    """Draws a matrix as far as there is room; the cursor's cell is always in sight."""

    SCOPES: ClassVar[tuple[str, ...]] = ("matrix", "move")
    BINDINGS = [*MATRIX_BINDINGS, *MOVE_BINDINGS]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "matrix--head",
        "matrix--here",
        "matrix--cursor",
        "matrix--cursor-unfocused",
        *(f"matrix--{tone}" for tone in TONES),
    }

    app: MlopsApp

    class Moved(Message):
        """The cursor is on another cell."""

    class Opened(Message):
        """The cell under the cursor was chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.matrix = Matrix((), (), ())
        self.window = 0
        self.column = 0
        self._top = 0
        self._left = 0

    def tell(self, matrix: Matrix, window: int, column: int) -> None:
        """Shows another matrix, with the cursor on that cell."""
        self.matrix = matrix
        self.move_to(window, column)
        self.refresh()

    def move_to(self, window: int, column: int) -> None:
        """Puts the cursor on that cell or the nearest that there is."""
        before = (self.window, self.column)
        self.window = max(0, min(window, len(self.matrix.windows) - 1))
        self.column = max(0, min(column, len(self.matrix.columns) - 1))
        if before != (self.window, self.column):
            self.post_message(self.Moved())
        self.refresh()

    # ── drawing ──────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def _labels(self) -> list[str]:
        return short_labels(self.matrix.windows)

    @property
    def _step(self) -> int:
        """Cells from one window to the next."""
        return max([LEAST, *(min(cell_len(label), 12) for label in self._labels)]) + 2

    @property
    def _name_width(self) -> int:
        longest = max([6, *(cell_len(printable(name)) for name in self.matrix.columns)])
        return min(longest, NAME_WIDTH, max(6, self.size.width // 3))

    @property
    def _across(self) -> int:
        """How many windows there is room for."""
        return max(1, (self.size.width - self._name_width) // self._step)

    def _keep_in_sight(self) -> None:
        rows, across = max(1, self.size.height - 1), self._across
        self._top = max(min(self._top, self.column, len(self.matrix.columns) - rows), self.column - rows + 1, 0)
        self._left = max(min(self._left, self.window, len(self.matrix.windows) - across), self.window - across + 1, 0)

    def render_line(self, y: int) -> Strip:
        """Line 0 names the windows, which are aligned at the right; below it a line a column."""
        self._keep_in_sight()
        row = self._top + y - 1
        if y == 0:
            segments = self._head()
        elif row < len(self.matrix.columns):
            segments = self._row(row)
        else:
            segments = []
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def _head(self) -> list[Segment]:
        base = self.get_component_rich_style("matrix--head")
        plain = self.app.plain
        more = ("<" if plain else "‹") if self._left else ""
        segments = [Segment(fitted(more, self._name_width, right=True), base)]
        for place in self._places():
            style = base + self._part("here") if place == self.window else base
            segments += [Segment("  ", base), Segment(self._cell(self._labels[place]), style)]
        if self._left + self._across < len(self.matrix.windows):
            segments.append(Segment(" >" if plain else " ›", base))
        return segments

    def _row(self, row: int) -> list[Segment]:
        here = row == self.column
        base = self.rich_style
        name = fitted(printable(self.matrix.columns[row]), self._name_width, plain=self.app.plain, middle=True)
        segments = [Segment(name, base + Style(bold=True) if here else base)]
        for place in self._places():
            cell = self.matrix.cells[row][place]
            style = base + self._part(cell.tone) if cell.tone else base
            if here and place == self.window:
                style = style + self._part("cursor" if self.has_focus else "cursor-unfocused")
            segments += [Segment("  ", base), Segment(self._cell(cell.text), style)]
        return segments

    def _places(self) -> range:
        return range(self._left, min(self._left + self._across, len(self.matrix.windows)))

    def _cell(self, text: str) -> str:
        return fitted(text, self._step - 2, right=True, plain=self.app.plain)

    def _part(self, name: str) -> Style:
        return self.get_component_rich_style(f"matrix--{name}", partial=True)

    # ── what can be done ─────────────────────────────────────────────────────────────────────────────────────────────

    def do_open(self) -> None:
        self.post_message(self.Opened())

    def do_left(self) -> None:
        self.move_to(self.window - 1, self.column)

    def do_right(self) -> None:
        self.move_to(self.window + 1, self.column)

    def do_up(self) -> None:
        self.move_to(self.window, self.column - 1)

    def do_down(self) -> None:
        self.move_to(self.window, self.column + 1)

    def do_half_down(self) -> None:
        self.move_to(self.window, self.column + max(1, self.size.height // 2))

    def do_half_up(self) -> None:
        self.move_to(self.window, self.column - max(1, self.size.height // 2))

    def do_page_down(self) -> None:
        self.move_to(self.window, self.column + max(1, self.size.height - 1))

    def do_page_up(self) -> None:
        self.move_to(self.window, self.column - max(1, self.size.height - 1))

    def do_first(self) -> None:
        self.move_to(self.window, 0)

    def do_last(self) -> None:
        self.move_to(self.window, len(self.matrix.columns) - 1)

    def on_click(self, event: events.Click) -> None:
        place = self._left + max(0, event.x - self._name_width - 1) // self._step
        if event.y >= 1:
            self.move_to(place, self._top + event.y - 1)
            if event.chain == 2:
                self.do_open()
