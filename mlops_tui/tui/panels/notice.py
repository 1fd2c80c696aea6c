"""A notice under a list: whole where there is room, one line where the terminal is low, and then whole by a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

if TYPE_CHECKING:
    from mlops_tui.tui.app import MlopsApp

LOW, HIGH = 1, 3
"""Lines at most, in a low terminal and in others."""
WHOLE = 12
"""Lines at most where the panel has the whole screen."""
MORE = " + whole"


class Notice(Widget):
    """Hidden while there is nothing to say. What is cut ends with the key that gives its panel the whole screen."""

    app: MlopsApp

    def __init__(self, *, classes: str | None = None) -> None:
        super().__init__(classes=f"notice {classes or ''}".strip())
        self._told = Content("")
        self.display = False

    @property
    def told(self) -> Content:
        """What is said."""
        return self._told

    def tell(self, content: Content) -> None:
        """Says something else; empty content says nothing."""
        if content != self._told:
            self._told = content
            self.display = bool(content.plain)
            self.refresh(layout=True)

    @property
    def _most(self) -> int:
        if any(widget.has_class("-maximized") for widget in self.ancestors if isinstance(widget, Widget)):
            return WHOLE
        return HIGH if self.screen.has_class("-high") else LOW

    def _lines(self, width: int) -> list[Content]:
        return self._told.wrap(width) if width > 0 else []

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return min(len(self._lines(width)), self._most)

    def render(self) -> Content:
        width, most = self.size.width, max(1, self.size.height)
        lines = self._lines(width)
        if len(lines) <= most:
            return self._told
        rest = Content(" ").join(lines[most - 1 :]).rstrip()
        room = max(1, width - len(MORE))
        cut = rest.truncate(room, ellipsis=True) if not self.app.plain else rest.truncate(room - 1) + "~"
        return Content("\n").join(
            [*lines[: most - 1], Content.assemble(cut, (MORE[:2], "bold $primary"), (MORE[2:], "$text-muted"))]
        )
