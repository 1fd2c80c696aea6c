"""A matrix of verdicts: columns down, windows across, and a cursor that goes both ways."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import groupby
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
WIDEST_MARK = 4
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
MARK_BINDINGS = REGISTRY.add(
    Action(
        "heat.marks",
        "Map / figures",
        "A sign for each cell, so that many windows have room, or its figure.",
        ("m",),
        lambda view: None if view.matrix.marks else "There is nothing to map.",
        rank=25,
    )
)


def short_labels(names: Sequence[str]) -> list[str]:
    """The names without the ending that all share which have one: windows of several files have none."""
    endings = {os.path.splitext(name)[1] for name in names} - {""}
    shared = endings.pop() if len(endings) == 1 else ""
    return [name.removesuffix(shared) for name in names]


class MatrixView(Widget, can_focus=True):
    """Draws a matrix as far as there is room, in figures or in signs; the cursor's cell is always in sight."""

    SCOPES: ClassVar[tuple[str, ...]] = ("matrix", "heat", "move")
    BINDINGS = [*MATRIX_BINDINGS, *MARK_BINDINGS, *MOVE_BINDINGS]
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

    class Turned(Message):
        """Signs may be shown in place of figures now, or figures again."""

    def __init__(self) -> None:
        super().__init__()
        self.matrix = Matrix((), (), ())
        self._wanted: bool | None = None
        self._labels: list[str] = []
        self._widest = LEAST + 2
        self._longest = 6
        self.window = 0
        self.column = 0
        self._top = 0
        self._left = 0

    def tell(self, matrix: Matrix, window: int, column: int) -> None:
        """Shows another matrix, with the cursor on that cell."""
        self.matrix = matrix
        self._labels = short_labels(matrix.windows)
        self._widest = max([LEAST, *(min(cell_len(label), 12) for label in self._labels)]) + 2
        self._longest = max([6, *(cell_len(printable(name)) for name in matrix.columns)])
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
    def marks(self) -> bool:
        """Whether signs are shown: where a person wants them, or where the figures of all windows have no room."""
        if not self.matrix.marks or self._wanted is not None:
            return bool(self.matrix.marks) and bool(self._wanted)
        return len(self.matrix.windows) * self._widest > self._room

    @property
    def _step(self) -> int:
        """Cells from one window to the next."""
        if not self.marks:
            return self._widest
        return max(1, min(WIDEST_MARK, (self._room - 2) // len(self.matrix.windows)))

    @property
    def _room(self) -> int:
        return self.size.width - self._name_width

    @property
    def _name_width(self) -> int:
        return min(self._longest, NAME_WIDTH, max(6, self.size.width // 3))

    @property
    def _across(self) -> int:
        """How many windows there is room for."""
        return max(1, (self._room - 2 * self.marks) // self._step)

    def _keep_in_sight(self) -> None:
        rows, across = max(1, self.size.height - 1), self._across
        self._top = max(min(self._top, self.column, len(self.matrix.columns) - rows), self.column - rows + 1, 0)
        self._left = max(min(self._left, self.window, len(self.matrix.windows) - across), self.window - across + 1, 0)

    def render_line(self, y: int) -> Strip:
        """Line 0 names the windows, which are aligned at the right; below it a line a column."""
        self._keep_in_sight()
        row = self._top + y - 1
        if y == 0:
            segments = self._names_above() if self.marks else self._head()
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
        width = self._step - 2
        for place in self._places():
            style = base + self._part("here") if place == self.window else base
            segments += [
                Segment("  ", base),
                Segment(fitted(self._labels[place], width, right=True, plain=plain), style),
            ]
        if self._left + self._across < len(self.matrix.windows):
            segments.append(Segment(" >" if plain else " ›", base))
        return segments

    def _names_above(self) -> list[Segment]:
        """The name of the cursor's window above it, and those of the first and the last in sight where these have room."""
        base = self.get_component_rich_style("matrix--head")
        places, step = self._places(), self._step
        room, first, end = self._room - 2, (self.window - self._left) * step, len(places) * step
        here = fitted(self._labels[self.window], min(room, cell_len(self._labels[self.window])), plain=self.app.plain)
        start = max(0, min(first, room - cell_len(here)))
        before, after = self._labels[places[0]], self._labels[places[-1]]
        left = before if cell_len(before) < start else ""
        behind = end - start - cell_len(here)
        right = after if cell_len(after) < behind else ""
        return [
            Segment(" " * (self._name_width + 2) + left.ljust(start), base),
            Segment(here, base + self._part("here")),
            Segment(right.rjust(max(behind, 0)), base),
        ]

    def _row(self, row: int) -> list[Segment]:
        here = row == self.column
        base = self.rich_style
        name = fitted(printable(self.matrix.columns[row]), self._name_width, plain=self.app.plain, middle=True)
        segments = [Segment(name, base + Style(bold=True) if here else base)]
        cursor = self._part("cursor" if self.has_focus else "cursor-unfocused") if here else None
        return [*segments, *(self._signs(row, base, cursor) if self.marks else self._figures(row, base, cursor))]

    def _figures(self, row: int, base: Style, cursor: Style | None) -> Iterator[Segment]:
        width, plain = self._step - 2, self.app.plain
        for place in self._places():
            cell = self.matrix.cells[row][place]
            style = base + self._part(cell.tone) if cell.tone else base
            if cursor is not None and place == self.window:
                style = style + cursor
            yield Segment("  ", base)
            yield Segment(fitted(cell.text, width, right=True, plain=plain), style)

    def _signs(self, row: int, base: Style, cursor: Style | None) -> Iterator[Segment]:
        """Equal ones that are side by side are one segment: of thousands that is felt."""
        yield Segment("  ", base)
        signs, step = self.matrix.marks[row], self._step
        for (sign, is_cursor), same in groupby(
            self._places(), lambda place: (signs[place], cursor is not None and place == self.window)
        ):
            style = base + self._part(sign.tone) if sign.tone else base
            if is_cursor and cursor is not None:
                style = style + cursor
            yield Segment(sign.text * (step * len(list(same))), style)

    def _places(self) -> range:
        return range(self._left, min(self._left + self._across, len(self.matrix.windows)))

    def _part(self, name: str) -> Style:
        return self.get_component_rich_style(f"matrix--{name}", partial=True)

    # ── what can be done ─────────────────────────────────────────────────────────────────────────────────────────────

    def do_open(self) -> None:
        self.post_message(self.Opened())

    def on_resize(self) -> None:
        self.post_message(self.Turned())

    def do_marks(self) -> None:
        self._wanted = not self.marks
        self.refresh()
        self.post_message(self.Turned())

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
        place = self._left + max(0, event.x - self._name_width - (2 if self.marks else 1)) // self._step
        if event.y >= 1:
            self.move_to(place, self._top + event.y - 1)
            if event.chain == 2:
                self.do_open()
