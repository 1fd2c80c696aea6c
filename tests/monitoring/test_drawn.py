"""Rows are drawn from the files of a window: as many as are asked for, from its blocks alone, all alike likely."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlops_tui.core.errors import DataError
from mlops_tui.data.model import Source
from mlops_tui.data.query import get_source
from mlops_tui.monitoring.engine import units
from mlops_tui.monitoring.engine.drawn import drawn
from mlops_tui.monitoring.lookup import resolve
from mlops_tui.monitoring.window import Rows, parse
from tests.monitoring.conftest import Room

ROWS = (25_000, 900, 900)
FIRST = (0, 25_000, 25_900)


@pytest.fixture(scope="module")
def source(room: Room) -> Source:
    """Three files, whose rows are numbered from the first of all on; the first is kept in three blocks."""
    (room.root / "s").mkdir()
    for file, (first, count) in enumerate(zip(FIRST, ROWS, strict=True)):
        lines = "".join(f"{row},{row % 7}\n" for row in range(first, first + count))
        (room.root / "s" / f"{file}.csv").write_text("n,t\n" + lines)
    added = room.sources.add(room.root / "s", name="s", role="live")
    room.scan()
    return get_source(room.store.reader, added.id)


def window(room: Room, source: Source, text: str) -> Rows:
    return resolve(room.store.reader, parse(text), source)


def test_as_many_are_drawn_as_are_asked_for_each_once_and_from_every_part(room: Room, source: Source) -> None:
    found = drawn(room.store, window(room, source, "v1"), ["n"], 5_000)
    numbers = found.frame["n"].to_numpy()
    assert len(np.unique(numbers)) == len(numbers) == 5_000
    assert (found.of_file == np.searchsorted(FIRST, numbers, side="right") - 1).all()
    assert (found.files, found.file_rows, found.notes) == (3, sum(ROWS) / 3, ())
    assert np.histogram(numbers, 8, (0, sum(ROWS)))[0].min() > 500
    again = drawn(room.store, window(room, source, "v1"), ["n"], 5_000)
    pd.testing.assert_frame_equal(found.frame, again.frame)


def test_a_smaller_window_is_taken_whole(room: Room, source: Source) -> None:
    found = drawn(room.store, window(room, source, "1.csv"), ["t", "n"], 5_000)
    assert list(found.frame.columns) == ["t", "n"]
    rows = range(FIRST[1], FIRST[2])
    assert found.frame["n"].tolist() == list(rows)
    assert found.frame["t"].tolist() == [row % 7 for row in rows]


def test_of_a_file_that_is_meant_in_part_other_blocks_are_not_looked_at(room: Room, source: Source) -> None:
    asked = window(room, source, "rows:10001..25900")
    assert [len(part) for part in asked.parts.values()] == [2]
    found = drawn(room.store, asked, ["n"], 20_000)
    assert sorted(found.frame["n"]) == list(range(10_000, 25_900))
    few = drawn(room.store, asked, ["n"], 100).frame["n"]
    assert len(few) == 100
    assert few.between(10_000, 25_899).all()


def test_a_file_that_was_changed_is_not_read(room: Room, source: Source) -> None:
    asked = window(room, source, "2.csv")
    path = room.root / "s" / "2.csv"
    before = path.read_bytes()
    path.write_bytes(before.replace(b"26000,", b"99999,"))
    with pytest.raises(DataError, match="was changed"):
        drawn(room.store, asked, ["n"], 100)
    path.write_bytes(before)


@pytest.mark.slow
def test_of_very_many_files_some_are_looked_at_and_that_is_said(
    room: Room, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first and the last are among them."""
    most = 20
    monkeypatch.setattr(units, "MOST", most)
    (room.root / "many").mkdir()
    for file in range(most + 40):
        (room.root / "many" / f"{file:03d}.csv").write_text(f"n\n{file}\n{file + 1000}\n")
    added = room.sources.add(room.root / "many", name="many", role="live")
    room.scan()
    many = get_source(room.store.reader, added.id)
    found = drawn(room.store, window(room, many, "v1"), ["n"], 5_000)
    assert len(found.frame) == 2 * most
    assert found.notes == (f"of its {most + 40} files {most} were looked at",)
    assert {0, most + 39} <= set(found.frame["n"])
