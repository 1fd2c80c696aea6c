"""By which parts of a reference its variation is told, and that the drift job hands them over."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mlops_tui.data.engine.profiling import merge
from mlops_tui.data.engine.stored import profile_of_block
from mlops_tui.data.model import Source
from mlops_tui.data.profile_query import blocks_of
from mlops_tui.data.query import get_source
from mlops_tui.monitoring.engine import units
from mlops_tui.monitoring.engine.report import profile_of
from mlops_tui.monitoring.lookup import resolve
from mlops_tui.monitoring.window import parse

FILES, ROWS, EFFECT = 14, 400, 0.5


def csv(draw: np.random.Generator, rows: int, moved: float = 0.0) -> str:
    """Two numbers, of which the first has an effect of the file, and a category."""
    columns = (draw.normal(moved, 1, rows), draw.normal(size=rows), draw.integers(0, 3, rows))
    lines = [f"{a:.6f},{b:.6f},{'xyz'[c]}" for a, b, c in zip(*columns, strict=True)]
    return "\n".join(["a,b,c", *lines, ""])


@pytest.fixture(scope="module")
def shops(room: Any) -> Source:
    """Files with effects; the last one lies as far out as the others lie from each other."""
    folder, draw = room.root / "shops", np.random.default_rng(12)
    folder.mkdir()
    for number, effect in enumerate(draw.normal(0, EFFECT, FILES)):
        (folder / f"{number:02}.csv").write_text(csv(draw, ROWS, effect))
    added = room.sources.add(folder, name="shops", role="live", pattern="*.csv")
    room.scan()
    (folder / "new.csv").write_text(csv(draw, ROWS, 0.6))
    room.scan()
    (folder / "far.csv").write_text(csv(draw, ROWS, 6))
    room.scan()
    return get_source(room.store.reader, added.id)


@pytest.fixture(scope="module")
def long(room: Any) -> Source:
    """One file of two and a half blocks."""
    (room.root / "long.csv").write_text(csv(np.random.default_rng(13), 25_000))
    added = room.sources.add(room.root / "long.csv", name="long", role="live")
    room.scan()
    return get_source(room.store.reader, added.id)


def ask(room: Any, source: Source, reference: str, *current: str) -> list[dict[str, Any]]:
    spec = {"source": source.id, "reference_source": None, "reference": reference, "current": current}
    reports: list[dict[str, Any]] = room.work("drift", **spec, version_id=None)["reports"]
    return reports


def test_a_file_is_a_part_where_there_are_ten(room: Any, shops: Source) -> None:
    rows = resolve(room.store.reader, parse("v1"), shops)
    found = units.units_of(room.store, rows)
    assert [part.rows for part in found] == [ROWS] * FILES
    assert merge(found).column("c") == profile_of(room.store, rows).column("c")


def test_a_file_beside_those_of_the_reference_is_as_far_out_as_they_are(room: Any, shops: Source) -> None:
    """What lies within the variation of files is no drift; what lies far beyond is."""
    near, far = ask(room, shops, "v1", "new.csv", "far.csv")
    column = near["columns"][0]
    assert (column["name"], column["drift"], column["blocks"]) == ("a", False, FILES)
    assert column["wasserstein"]["value"] > 0.3
    assert column["inflation"] > 20
    assert near["note"] is None
    assert {one["name"] for one in far["columns"] if one["drift"]} == {"a"}


def test_of_fewer_files_the_blocks_are_the_parts(room: Any, long: Source) -> None:
    rows = resolve(room.store.reader, parse("v1"), long)
    found = units.units_of(room.store, rows)
    assert [part.rows for part in found] == [10_000, 10_000, 5_000]
    assert merge(found) == profile_of(room.store, rows)


def test_a_block_is_read_alone(room: Any, long: Source) -> None:
    rows = resolve(room.store.reader, parse("v1"), long)
    key = units.key_of(rows.source, rows.files[0])
    blocks = blocks_of(room.store.reader, [key])
    read = [profile_of_block(room.store.reader, block) for block in blocks]
    assert [part.rows for part in read] == [10_000, 10_000, 5_000]
    assert [column.name for column in read[2].columns] == ["a", "b", "c"]
    assert read[0] != read[1]


def test_no_more_parts_are_read_than_tell_something(room: Any, shops: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "MOST", 11)
    rows = resolve(room.store.reader, parse("v1"), shops)
    found = units.units_of(room.store, rows)
    assert len(found) == 11
    assert found[-1].column("a") == units.units_of(room.store, resolve(room.store.reader, parse("13.csv"), shops))[
        0
    ].column("a")


def test_a_long_file_among_many_keeps_few_points(room: Any) -> None:
    folder, draw = room.root / "lengthy", np.random.default_rng(14)
    folder.mkdir()
    for number in range(10):
        (folder / f"{number}.csv").write_text(csv(draw, 70_000 if number == 0 else 50))
    added = room.sources.add(folder, name="lengthy", role="live", pattern="*.csv")
    room.scan()
    rows = resolve(room.store.reader, parse("v1"), get_source(room.store.reader, added.id))
    found = units.units_of(room.store, rows)
    points = found[0].columns[0].points
    assert points is not None
    assert len(points.values) // 8 == units.POINTS
    whole = profile_of(room.store, resolve(room.store.reader, parse("0.csv"), rows.source)).columns[0].points
    assert whole is not None
    assert len(whole.values) // 8 == 7 * 200
    assert points.bound == pytest.approx(whole.bound + 70_000 / units.POINTS / 2)
