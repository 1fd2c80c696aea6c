"""In which ways curves are drawn: by step or by time, smoothed or not. Light: what draws them is loaded when it is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from mlops_tui.presenters.words import duration

STEP, TIME, RELATIVE = "step", "time", "relative time"
AXES = (STEP, TIME, RELATIVE)
WEIGHTS = (0.0, 0.6, 0.9, 0.97, 0.99)
"""How much of the past a smoothed value may have in it."""
MOST_RUNS = 20
"""Beyond so many runs curves cannot be told apart."""


@dataclass(frozen=True, slots=True)
class Way:
    """How curves are drawn: over which x, how smooth, on which axes, and at which x their values are told."""

    by: str = STEP
    weight: float = 0.0
    log_x: bool = False
    log_y: bool = False
    at: float | None = None


X_LABELS = {STEP: "step", TIME: "UTC", RELATIVE: "seconds"}
"""What stands at the end of the x axis."""


def x_words(x: float, by: str) -> str:
    """A place on the x axis in words."""
    if by == STEP:
        return f"step {x:,.0f}"
    if by == RELATIVE:
        return f"after {duration(x)}"
    return datetime.fromtimestamp(x, UTC).strftime("%Y-%m-%d %H:%M:%S")
