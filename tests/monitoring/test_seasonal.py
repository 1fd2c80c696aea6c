"""A seasonal stream, temperature by hour over two years: it drifts from winter to summer, and not from one year to the next."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlops_tui.monitoring.alert_query import list_alerts
from mlops_tui.monitoring.query import get_report, list_reports
from tests.monitoring.conftest import Room

FIRST = datetime(2024, 1, 1)
HOURS = 24 * 731
HANGS_TOGETHER = 0.9
"""How much of an hour's departure is left in the next one."""


def temperatures(seed: int) -> np.ndarray:
    """By hour: the year, the day, and weather that lasts for hours (AR(1) of 0.9)."""
    hours, draw = np.arange(HOURS), np.random.default_rng(seed)
    weather = draw.normal(0, 2 * math.sqrt(1 - HANGS_TOGETHER**2), HOURS)
    for hour in range(1, HOURS):
        weather[hour] += HANGS_TOGETHER * weather[hour - 1]
    year, day = (2 * np.pi * hours / length for length in (24 * 365.25, 24))
    return np.asarray(10 - 9 * np.cos(year) - 4 * np.cos(day) + weather)


def stream(root: Path, seed: int, *, days: int) -> None:
    """Files of so many days each."""
    root.mkdir(parents=True)
    stations = np.random.default_rng(seed + 1).choice(list("abc"), HOURS)
    lines = [
        f"{FIRST + timedelta(hours=hour)},{value:.2f},{station}"
        for hour, (value, station) in enumerate(zip(temperatures(seed).tolist(), stations.tolist(), strict=True))
    ]
    step = 24 * days
    for start in range(0, HOURS, step):
        text = "at,temperature,station\n" + "\n".join(lines[start : start + step]) + "\n"
        (root / f"{FIRST + timedelta(hours=start):%Y-%m-%d}.csv").write_text(text)


@pytest.mark.parametrize(
    ("days", "chunks", "told"),
    [(7, "quarter", 4), pytest.param(1, "month", 12, marks=pytest.mark.slow)],
)
def test_the_same_season_as_reference_raises_nothing(tmp_path: Path, days: int, chunks: str, told: int) -> None:
    """Each of the second year's windows is steady beside the same one of the year before; beside the first January summers drift."""
    room = Room(tmp_path / "work")
    stream(room.root / "weather", 1, days=days)
    source = room.sources.add(room.root / "weather", name="weather", role="live", time_column="at")
    room.scan()
    verdicts = drifting(room, source.id, "season", chunks)
    assert len(verdicts) == told
    assert set(verdicts.values()) == {False}
    assert list_alerts(room.store.reader) == []
    beside_january = drifting(room, source.id, "2024-01-01..2024-01-28", chunks)
    summers = {name: drift for name, drift in beside_january.items() if name.endswith(("-Q3", "-07", "-08"))}
    assert len(summers) >= 2
    assert set(summers.values()) == {True}
    room.store.close()


def drifting(room: Any, source_id: str, reference: str, chunks: str) -> dict[str, bool | None]:
    """Whether the temperature drifts, by chunk."""
    spec = {"source": source_id, "reference_source": None, "current": []}
    room.work("drift", reference=reference, chunks=chunks, **spec)
    heads = [head for head in list_reports(room.store.reader, source_id, limit=500) if head.reference == reference]
    reports = {head.current: get_report(room.store.reader, head.id).column("temperature") for head in heads}
    return {name: None if column is None else column.drift for name, column in reports.items()}
