"""Records to rows, series and labels; pure, shared by both fronts."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlops_tui.presenters.exporting import export
    from mlops_tui.presenters.overlay import Overlay
    from mlops_tui.presenters.quality_picture import quality_chart

__all__ = ["Overlay", "export", "quality_chart"]
LATE = {"Overlay": "overlay", "export": "exporting", "quality_chart": "quality_picture"}
"""What needs NumPy, and the module that it is in."""


def __getattr__(name: str) -> object:
    if name in LATE:
        return getattr(importlib.import_module(f"mlops_tui.presenters.{LATE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
