"""Terminal charts without a UI; NumPy is loaded by the first line chart, not before."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from mlops_tui.plot.bar import Bar, bar_chart
from mlops_tui.plot.canvas import Picture, Span
from mlops_tui.plot.heat import heat_map
from mlops_tui.plot.mirror import mirrored_histogram
from mlops_tui.plot.spark import sparkline
from mlops_tui.plot.symbols import detect
from mlops_tui.plot.tiles import Tile, tiled

if TYPE_CHECKING:
    from mlops_tui.plot.figure import Bundle, Curves, Figure, Grid
    from mlops_tui.plot.lanes import Lane, Stretch, lane_chart
    from mlops_tui.plot.line import Mark, Series, line_chart
    from mlops_tui.plot.mosaics import Stone, mosaic
    from mlops_tui.plot.parallel import Lines, Upright, parallel_coordinates

__all__ = [
    "Bar",
    "Bundle",
    "Curves",
    "Figure",
    "Grid",
    "Lane",
    "Lines",
    "Mark",
    "Picture",
    "Series",
    "Span",
    "Stone",
    "Stretch",
    "Tile",
    "Upright",
    "bar_chart",
    "detect",
    "heat_map",
    "lane_chart",
    "line_chart",
    "mirrored_histogram",
    "mosaic",
    "parallel_coordinates",
    "sparkline",
    "tiled",
]
LATE = {
    **dict.fromkeys(("Bundle", "Curves", "Figure", "Grid"), "figure"),
    **dict.fromkeys(("Mark", "Series", "line_chart"), "line"),
    **dict.fromkeys(("Lines", "Upright", "parallel_coordinates"), "parallel"),
    **dict.fromkeys(("Stone", "mosaic"), "mosaics"),
    **dict.fromkeys(("Lane", "Stretch", "lane_chart"), "lanes"),
}
"""What needs NumPy, and the module that it is in."""


def __getattr__(name: str) -> object:
    if name in LATE:
        return getattr(importlib.import_module(f"mlops_tui.plot.{LATE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
