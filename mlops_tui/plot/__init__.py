"""Terminal charts without a UI; NumPy is loaded by the first line chart, not before."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from mlops_tui.plot.bar import Bar, bar_chart
from mlops_tui.plot.canvas import Picture, Span
from mlops_tui.plot.mirror import mirrored_histogram
from mlops_tui.plot.spark import sparkline
from mlops_tui.plot.symbols import detect

if TYPE_CHECKING:
    from mlops_tui.plot.line import Mark, Series, line_chart

__all__ = [
    "Bar",
    "Mark",
    "Picture",
    "Series",
    "Span",
    "bar_chart",
    "detect",
    "line_chart",
    "mirrored_histogram",
    "sparkline",
]


def __getattr__(name: str) -> object:
    if name in {"Mark", "Series", "line_chart"}:
        return getattr(importlib.import_module("mlops_tui.plot.line"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
