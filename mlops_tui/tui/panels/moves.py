"""Moving through whatever is longer than the screen: arrows and vim keys alike."""

from __future__ import annotations

from typing import ClassVar

from textual.widget import Widget

from mlops_tui.tui.actions import REGISTRY, Action

MOVE_BINDINGS = REGISTRY.add(
    Action("move.down", "Down", "One line down.", ("down", "j"), rank=0),
    Action("move.up", "Up", "One line up.", ("up", "k"), rank=0),
    Action("move.right", "Right", "Columns further right.", ("right", "l"), rank=0),
    Action("move.left", "Left", "Columns further left.", ("left", "h"), rank=0),
    Action("move.half_down", "Half a page down", "Half a page down.", ("ctrl+d",), rank=0),
    Action("move.half_up", "Half a page up", "Half a page up.", ("ctrl+u",), rank=0),
    Action("move.page_down", "Page down", "A page down.", ("pagedown", "ctrl+f"), rank=0),
    Action("move.page_up", "Page up", "A page up.", ("pageup", "ctrl+b"), rank=0),
    Action("move.first", "First line", "To the first line.", ("home", "g"), rank=0),
    Action("move.last", "Last line", "To the last line.", ("end", "G"), rank=0),
)


class Scrolls(Widget):
    """The moves of a panel that only scrolls; named after its widget in a class line, since Textual takes the default
    styles of the first base."""

    SCOPES: ClassVar[tuple[str, ...]] = ("move",)

    def _by(self, lines: int, columns: int = 0) -> None:
        self.scroll_relative(x=columns, y=lines, animate=False)

    def do_down(self) -> None:
        self._by(1)

    def do_up(self) -> None:
        self._by(-1)

    def do_right(self) -> None:
        self._by(0, 8)

    def do_left(self) -> None:
        self._by(0, -8)

    def do_half_down(self) -> None:
        self.scroll_relative(y=max(1, self.size.height // 2), animate=False)

    def do_half_up(self) -> None:
        self.scroll_relative(y=-max(1, self.size.height // 2), animate=False)

    def do_page_down(self) -> None:
        self.scroll_page_down(animate=False)

    def do_page_up(self) -> None:
        self.scroll_page_up(animate=False)

    def do_first(self) -> None:
        self.scroll_home(animate=False)

    def do_last(self) -> None:
        self.scroll_end(animate=False)
