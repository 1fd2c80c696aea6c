"""A training source with a year of monthly files, and a live one with the months after it, of which one has moved."""

from __future__ import annotations

import random
from calendar import monthrange
from pathlib import Path
from typing import Any

from mlops_tui.data.model import Source
from mlops_tui.data.query import get_source

A_DAY = 10
"""Rows of each day."""
MOVED = "2026-05"


def write_month(path: Path, year: int, month: int, *, target: bool = False) -> None:
    """A month of rows, in order of time; in May 2026 the number is three deviations greater."""
    draw = random.Random(100 * year + month)
    days = monthrange(year, month)[1]
    lines = ["at,heat,kind,y" if target else "at,heat,kind"]
    for row in range(days * A_DAY):
        at = f"{year}-{month:02d}-{1 + row // A_DAY:02d} {row % A_DAY:02d}:30:00"
        heat = draw.gauss(0, 1) + 3 * (f"{year}-{month:02d}" == MOVED)
        line = f"{at},{heat:.4f},{draw.choice('abc')}"
        lines.append(f"{line},{row % 2}" if target else line)
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n")


def make_months(room: Any, months: int = 6) -> tuple[Source, Source]:
    """The training source `year` of 2025, and the live one `live` of so many months of 2026."""
    for month in range(1, 13):
        write_month(room.root / "year" / f"2025-{month:02d}.csv", 2025, month, target=True)
    for month in range(1, months + 1):
        write_month(room.root / "live" / f"2026-{month:02d}.csv", 2026, month)
    training = room.sources.add(room.root / "year", name="year", target="y", time_column="at")
    live = room.sources.add(room.root / "live", name="live", role="live", time_column="at")
    room.scan()
    return tuple(get_source(room.store.reader, one.id) for one in (training, live))  # type: ignore[return-value]
