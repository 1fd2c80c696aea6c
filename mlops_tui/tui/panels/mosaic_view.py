"""A picture in the terminal; its keys say which part of it is seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from mlops_tui.presenters.artifacts import stones
from mlops_tui.tui.panels.moves import MOVE_BINDINGS

if TYPE_CHECKING:
    from mlops_tui.plot.mosaics import Colour, Stone
    from mlops_tui.tui.app import MlopsApp

Line = list[Segment]


def drawn(told: Mapping[str, Any], symbols: str) -> list[Line]:
    """The lines of what `artifact_image` told, each kind of cell with one style."""
    styles: dict[tuple[Colour, Colour], Style] = {}

    def segment(stone: Stone) -> Segment:
        if stone.front is None or stone.back is None:
            return Segment(stone.text)
        key = (stone.front, stone.back)
        if key not in styles:
            styles[key] = Style(color=Color.from_rgb(*stone.front), bgcolor=Color.from_rgb(*stone.back))
        return Segment(stone.text, styles[key])

    return [[segment(stone) for stone in line] for line in stones(told, symbols)]


class MosaicView(Widget, can_focus=True):
    """A picture in the middle of the place it has."""

    SCOPES: ClassVar[tuple[str, ...]] = ("move",)
    BINDINGS = MOVE_BINDINGS

    app: MlopsApp

    class Panned(Message):
        """Another part is to be seen, further right and further down by so many halves of what is seen; None: the whole."""

        def __init__(self, across: float | None, down: float | None) -> None:
            super().__init__()
            self.across = across
            self.down = down

    def __init__(self) -> None:
        super().__init__()
        self._lines: Sequence[Line] = ()

    def draw(self, lines: Sequence[Line]) -> None:
        """Shows another picture."""
        self._lines = lines
        self.refresh()

    def render_line(self, y: int) -> Strip:
        y -= max(0, (self.size.height - len(self._lines)) // 2)
        base = self.rich_style
        if not 0 <= y < len(self._lines):
            return Strip.blank(self.size.width, base)
        strip = Strip(self._lines[y])
        before = max(0, (self.size.width - strip.cell_length) // 2)
        return Strip([Segment(" " * before, base), *strip]).adjust_cell_length(self.size.width, base)

    def do_down(self) -> None:
        self.post_message(self.Panned(0, 1))

    def do_up(self) -> None:
        self.post_message(self.Panned(0, -1))

    def do_right(self) -> None:
        self.post_message(self.Panned(1, 0))

    def do_left(self) -> None:
        self.post_message(self.Panned(-1, 0))

    def do_page_down(self) -> None:
        self.post_message(self.Panned(0, 2))

    def do_page_up(self) -> None:
        self.post_message(self.Panned(0, -2))

    def do_first(self) -> None:
        self.post_message(self.Panned(None, None))

    do_half_down = do_last = do_page_down
    do_half_up = do_page_up
