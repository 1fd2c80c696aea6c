"""A live file that a check keeps out is watched all the same: quarantine blocks prediction alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mlops_tui.core.errors import UnknownName
from mlops_tui.data.curation import Curation
from mlops_tui.data.model import QUARANTINED, Source
from mlops_tui.data.query import get_source, present_files
from mlops_tui.monitoring.lookup import resolve
from mlops_tui.monitoring.window import parse


def rows(seed: int, *, shift: float = 0.0) -> str:
    values = np.random.default_rng(seed).normal(shift, 1, 2_000)
    return "x,c\n" + "".join(f"{value:.4f},{'ab'[i % 2]}\n" for i, value in enumerate(values))


@pytest.fixture(scope="module")
def live(room: Any) -> Source:
    """A training source, and a live one whose second file has many rows that cannot be read, and values that moved."""
    folder = room.root / "live"
    folder.mkdir()
    (room.root / "old.csv").write_text(rows(1))
    (folder / "a.csv").write_text(rows(2))
    room.sources.add(room.root / "old.csv", name="old")
    room.scan()
    added = room.sources.add(folder, name="live", role="live")
    room.scan()
    (folder / "b.csv").write_text(rows(3, shift=2.0) + "1\n" * 50)
    room.scan()
    return get_source(room.store.reader, added.id)


def test_it_is_the_newest_file_and_in_no_version(room: Any, live: Source) -> None:
    reader = room.store.reader
    assert present_files(reader, live.id)["b.csv"].state == QUARANTINED
    assert [file.path for file in resolve(reader, parse("last:1"), live).files] == ["b.csv"]
    assert [file.path for file in resolve(reader, parse("last:2"), live).files] == ["a.csv", "b.csv"]
    assert [file.path for file in resolve(reader, parse("v1"), live).files] == ["a.csv"]


def test_its_drift_is_told(room: Any, live: Source) -> None:
    spec = {"reference_source": None, "reference": "training", "current": ["a.csv", "b.csv"], "version_id": None}
    first, second = room.work("drift", source=live.id, **spec)["reports"]
    assert (first["drift"], second["drift"]) == (False, True)
    assert {column["name"] for column in second["columns"] if column["drift"]} == {"x"}


def test_released_after_another_file_came_it_is_not_the_newest(room: Any, live: Source) -> None:
    (room.root / "live" / "a2.csv").write_text(rows(4))
    room.scan()
    Curation(room.store).release("b.csv", "the rest of it is right")
    room.scan()
    source = get_source(room.store.reader, live.id)
    assert present_files(room.store.reader, live.id)["b.csv"].since_version == source.version
    assert [file.path for file in resolve(room.store.reader, parse("last:1"), source).files] == ["a2.csv"]


def test_one_that_cannot_be_compared_is_named_beside_what_is_and_said_to_be_quarantined(
    room: Any, live: Source
) -> None:
    """A column of numbers that holds texts: there is no profile of it to compare."""
    (room.root / "live" / "texts.csv").write_text("x,c\n" + "".join(f"word{i},a\n" for i in range(200)))
    room.scan()
    source = get_source(room.store.reader, live.id)
    found = resolve(room.store.reader, parse("last:1"), source)
    assert [file.path for file in found.files] == ["a2.csv"]
    assert found.notes == ("a newer file is quarantined and was not compared: texts.csv",)
    with pytest.raises(UnknownName, match=r"File 'texts\.csv' of source 'live' is quarantined"):
        resolve(room.store.reader, parse("texts.csv"), source)
    (room.root / "live" / "newest.csv").write_text(rows(5))
    room.scan()
    newest = resolve(room.store.reader, parse("last:1"), get_source(room.store.reader, live.id))
    assert ([file.path for file in newest.files], newest.notes) == (["newest.csv"], ())
