"""A chart in a panel. Line charts load NumPy, so no module of the first frame may import this one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from mlops_tui.plot import Picture

if TYPE_CHECKING:
    from mlops_tui.tui.app import MlopsApp

Draw = Callable[[int, int, str], Picture]
"""Width, height and symbol set → the picture: `lambda w, h, s: line_chart(series, w, h, symbols=s)`."""

ROLES = (
    "axis",
    "label",
    "faint",
    "title",
    *(f"series-{number}" for number in range(8)),
    "reference",
    "current",
    "good",
    "bad",
    "mark",
)


class Chart(Widget):
    """Draws what it was told last, and again when its size changes; each line is kept until then."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"chart--{role}" for role in ROLES}

    app: MlopsApp

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._draw: Draw | None = None
        self._picture: Picture | None = None
        self._drawn_for: tuple[Size, str] | None = None

    def draw(self, draw: Draw) -> None:
        """Shows another chart."""
        self._draw = draw
        self._drawn_for = None
        self.refresh()

    @property
    def picture(self) -> Picture | None:
        """What is shown, in the present size."""
        wanted = (self.size, self.app.symbols)
        if self._draw is not None and self._drawn_for != wanted:
            self._picture = self._draw(self.size.width, self.size.height, self.app.symbols)
            self._drawn_for = wanted
        return self._picture

    def render_line(self, y: int) -> Strip:
        base, picture = self.rich_style, self.picture
        if picture is None or y >= picture.height:
            return Strip.blank(self.size.width, base)
        segments = [
            Segment(
                span.text,
                base + self.get_component_rich_style(f"chart--{span.role}", partial=True) if span.role else base,
            )
            for span in picture.lines[y]
        ]
        return Strip(segments).adjust_cell_length(self.size.width, base)
