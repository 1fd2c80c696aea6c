"""Files as nobody wants them: a defined figure, or that it cannot be told and why; never NaN, never a false alarm."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_tui.data.model import Source
from tests.monitoring.conftest import Room

FIRST = pd.Timestamp("2026-01-01")


def rows(seed: int, count: int, day: int = 0) -> pd.DataFrame:
    """Rows of one hour each."""
    draw = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "at": (FIRST + pd.Timedelta(days=day) + pd.to_timedelta(np.arange(count), unit="h")).astype(str),
            "x": draw.normal(0, 1, count).round(4),
            "kind": draw.choice(["a", "b", "c"], count),
            "same": 1,
            "empty": np.nan,
        }
    )


STRANGE: dict[str, pd.DataFrame] = {
    "ten rows": rows(2, 10),
    "infinite": rows(3, 400).assign(x=lambda frame: frame["x"].where(frame.index % 40 > 0, np.inf)),
    "never seen": rows(4, 400).assign(kind=lambda frame: frame["kind"].where(frame.index % 4 > 0, "new one")),
    "all missing": rows(5, 400).assign(x=np.nan),
    "texts": rows(6, 400).assign(x=lambda frame: "about " + frame["x"].astype(str)),
    "another zone": rows(7, 400).assign(
        at=lambda frame: pd.to_datetime(frame["at"]).dt.strftime("%Y-%m-%dT%H:%M:%S+09:00")
    ),
    "clean": rows(8, 400),
    "earlier": rows(9, 400, day=-400),
}
"""By name; that the last one comes last is what is strange about it."""


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Room, Source, Source]]:
    """A training source, and a live one to which such files come one after the other."""
    room = Room(tmp_path_factory.mktemp("strange") / "work")
    (room.root / "live").mkdir()
    rows(1, 1_000).to_csv(room.root / "training.csv", index=False)
    rows(1, 5).to_csv(room.root / "five.csv", index=False)
    training = room.sources.add(room.root / "training.csv", name="training", time_column="at")
    room.sources.add(room.root / "five.csv", name="five", time_column="at")
    live = room.sources.add(room.root / "live", name="live", role="live", time_column="at")
    for name, frame in STRANGE.items():
        frame.to_csv(room.root / "live" / f"{name}.csv", index=False)
        room.scan()
    yield room, training, live
    room.store.close()


def compared(found: tuple[Room, Source, Source], name: str, training: str = "training") -> dict[str, Any]:
    room, _, live = found
    spec = {"source": live.id, "reference_source": training, "reference": "training", "chunks": None}
    (report,) = room.work("drift", current=[f"{name}.csv"], **spec)["reports"]
    json.dumps(report, allow_nan=False)
    return {column["name"]: column for column in report["columns"]}


@pytest.mark.parametrize(
    ("name", "column", "drift", "why"),
    [
        ("ten rows", "x", False, "at 1,000 against 10 rows"),
        ("ten rows", "kind", False, "at 1,000 against 10 rows"),
        ("infinite", "x", False, "below the floor of 0.1"),
        ("never seen", "kind", True, "values that the reference lacks (‘new one’)"),
        ("all missing", "x", True, "the share without a value went from 0.0% to 100.0%"),
        ("clean", "same", False, ""),
        ("clean", "empty", None, "cannot tell: no values on either side"),
        ("another zone", "x", False, ""),
        ("earlier", "x", False, ""),
    ],
)
def test_each_gives_a_verdict_or_says_why_not(
    strange: tuple[Room, Source, Source], name: str, column: str, drift: bool | None, why: str
) -> None:
    found = compared(strange, name)[column]
    assert found["drift"] is drift
    assert why in found["why"]


def test_a_column_that_changes_its_type_is_held_back_or_cannot_be_told(strange: tuple[Room, Source, Source]) -> None:
    """Numbers that became texts are no numbers any more: no figure is made of them."""
    room, _, live = strange
    state, reason = room.store.reader.execute(
        "SELECT state, reason FROM source_file WHERE source_id = ? AND path = 'texts.csv'", (live.id,)
    ).fetchone()
    assert state == "quarantined"
    assert "x" in reason


def test_five_rows_are_no_reference(strange: tuple[Room, Source, Source]) -> None:
    found = compared(strange, "clean", training="five")
    judged = [column for column in found.values() if column["drift"] is not None]
    assert judged == []
    assert found["x"]["why"] == "cannot tell: 5 against 400 rows, 30 against 10 are needed"


def test_files_out_of_the_order_of_time_stand_in_the_order_of_arrival(strange: tuple[Room, Source, Source]) -> None:
    """By files as they came; by months as the calendar has them."""
    room, _, live = strange
    spec = {"source": live.id, "reference_source": "training", "reference": "training", "current": []}
    by_file = room.work("drift", chunks="file", **spec)["chunks"]
    by_month = room.work("drift", chunks="month", **spec)["chunks"]
    names = [
        [
            room.store.reader.execute("SELECT current FROM drift_report WHERE id = ?", (one,)).fetchone()[0]
            for one in ids
        ]
        for ids in (by_file, by_month)
    ]
    assert names[0][-1] == "earlier.csv"
    assert names[1] == sorted(names[1])
    assert names[1][0] == "period:2024-12"
