"""Slices of a source's files: kept with their profiles, and made up where a column is declared later."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_tui.core.errors import UsageError
from mlops_tui.data.engine.sliced import Slices, unsliced
from mlops_tui.data.model import Source, key_of
from mlops_tui.data.query import find_source, list_versions, members
from mlops_tui.data.service import Sources
from mlops_tui.data.slices import VALUE, SliceName, sliceable
from mlops_tui.store.store import Store

Scan = Callable[..., dict[str, Any]]


def write(folder: Path, name: str, rows: int = 600, seed: int = 0, **more: Any) -> None:
    draw = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "place": draw.choice(["north", "south"], rows, p=[0.7, 0.3]),
            "plan": draw.choice(["gold", "basic", "trial"], rows),
            "x": draw.normal(0, 1, rows),
            "code": [f"c{seed}-{i}" for i in range(rows)],
        }
    ).assign(**more)
    frame.to_csv(folder / name, index=False)


def kept(store: Store) -> list[tuple[Any, ...]]:
    found = "SELECT key, by_column, block, sort, value, rows, payload FROM profile_slice ORDER BY 1, 2, 3, 4, 5"
    return list(store.reader.execute(found))


def the(store: Store) -> Source:
    return find_source(store.reader, "s")


@pytest.fixture
def declared(store: Store, sources: Sources, folder: Path, scan: Scan) -> Source:
    """A source that was told its slices before its first file came."""
    sources.add(folder, name="s")
    sources.change("s", slices=["place", "plan"])
    write(folder, "a.csv", seed=1)
    write(folder, "b.csv", seed=2)
    scan()
    return the(store)


def test_files_that_come_are_kept_by_the_declared_columns(store: Store, declared: Source) -> None:
    files = members(store.reader, declared.id, declared.version)
    assert unsliced(store.reader, declared, files) == {}
    found = Slices(store.reader, store.reader, "place", [key_of(declared, file) for file in files], [None] * 2)
    tally = found.tally()
    assert sum(tally.rows.values()) == 1_200
    frame = pd.concat(pd.read_csv(declared.folder(store.workspace) / file.path) for file in files)
    north = frame[frame["place"] == "north"]
    profile = found.profile(SliceName(VALUE, "north"), ["north", "south"], ["x", "plan"])
    assert profile.rows == len(north) == tally.rows[SliceName(VALUE, "north")]
    assert [column.name for column in profile.columns] == ["x", "plan"]
    assert profile.columns[0].moments is not None
    assert profile.columns[0].moments.mean == pytest.approx(north["x"].mean())
    assert profile.columns[1].counts == north["plan"].value_counts().to_dict()


def test_a_column_that_is_declared_later_is_made_up_by_the_next_scan_as_if_it_had_been_before(
    store: Store, sources: Sources, folder: Path, declared: Source, scan: Scan
) -> None:
    """No version is made of it, and a further scan reads nothing."""
    before = kept(store)
    sources.change("s", slices=["place"])
    with store.write() as writing:
        writing.execute("DELETE FROM profile_slice WHERE by_column = 'plan'")
    scan()
    assert [row for row in before if row[1] == "place"] == kept(store)
    sources.change("s", slices=["place", "plan"])
    assert len(unsliced(store.reader, the(store), members(store.reader, declared.id, 1))) == 2
    scan()
    assert kept(store) == before
    assert [version.number for version in list_versions(store.reader, declared.id)] == [1]
    assert unsliced(store.reader, the(store), members(store.reader, declared.id, 1)) == {}


def test_a_source_without_slices_keeps_none(store: Store, sources: Sources, folder: Path, scan: Scan) -> None:
    sources.add(folder, name="s")
    write(folder, "a.csv")
    scan()
    assert kept(store) == []


def test_slices_that_are_declared_twice_or_of_a_file_that_came_twice_are_kept_once(
    store: Store, declared: Source, folder: Path, scan: Scan
) -> None:
    before = kept(store)
    (folder / "c.csv").write_bytes((folder / "a.csv").read_bytes())
    scan()
    assert kept(store) == before


def test_columns_that_make_no_slices_are_refused_with_those_that_do(
    store: Store, sources: Sources, folder: Path, scan: Scan
) -> None:
    """Of text, of ids, with too many numbers, with too many words."""
    sources.add(folder, name="s")
    many = [f"w{i % 300}" for i in range(600)]
    write(folder, "a.csv", at=pd.date_range("2026-01-01", periods=600, freq="h").astype(str), many=many)
    scan()
    for column, why in (
        ("code", "is of kind identifier, in which hardly a value comes twice"),
        ("at", "is of kind date-time, in which every moment is another one"),
        ("x", "has too many values to be sliced by: 600 different numbers"),
        ("many", "has too many values to be sliced by: 300 different values, and the 20 most frequent ones are 7%"),
    ):
        with pytest.raises(UsageError, match=why) as error:
            sources.change("s", slices=["place", column])
        assert error.value.remedy == "Name one of: place, plan."
    assert the(store).slices == ()
    sources.change("s", slices=["plan"])
    assert sliceable(store.reader, the(store)) == ["plan", "place"]
