"""A version is read as it was made, in training order, or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlops_tui.core.errors import DataError, UnknownColumn, UnknownName
from mlops_tui.data.engine.frame import read_member, read_version
from mlops_tui.data.model import Source
from mlops_tui.data.query import get_source, members
from mlops_tui.data.service import Sources
from mlops_tui.store.store import Store

Scan = Callable[..., dict[str, Any]]


def rows(first: int, count: int, header: str = "id,x,city,y") -> str:
    lines = [f"R{i:05},{i},{'AB'[i % 2]},{i % 2}" for i in range(first, first + count)]
    return "\n".join([header, *lines]) + "\n"


@pytest.fixture
def source(store: Store, sources: Sources, folder: Path, scan: Scan) -> Source:
    (folder / "b.csv").write_text(rows(30, 20))
    (folder / "a.csv").write_text(rows(0, 30))
    added = sources.add(folder, name="s", target="y")
    scan()
    return get_source(store.reader, added.id)


def test_files_come_in_training_order_with_the_sources_dtypes(store: Store, source: Source) -> None:
    frame = read_version(store, source, None)
    assert list(frame["x"]) == list(range(50))
    assert list(frame.index) == list(range(50))
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == {
        "id": "object",
        "x": "int64",
        "city": "object",
        "y": "int64",
    }


def test_only_the_columns_asked_for_are_read(store: Store, source: Source) -> None:
    assert list(read_version(store, source, 1, ["y", "x"]).columns) == ["y", "x"]
    with pytest.raises(UnknownColumn, match="no column z"):
        read_version(store, source, 1, ["z"])


def test_columns_in_another_order_are_the_same_columns(store: Store, source: Source, folder: Path, scan: Scan) -> None:
    (folder / "c.csv").write_text("y,city,x,id\n1,A,99,R9\n")
    assert scan()["taken"] == 1
    frame = read_version(store, get_source(store.reader, source.id), 2)
    assert list(frame.columns) == ["id", "x", "city", "y"]
    assert frame.iloc[-1].tolist() == ["R9", 99, "A", 1]
    assert str(frame["x"].dtype) == "int64"


def test_an_older_version_is_read_from_a_file_that_moved(
    store: Store, source: Source, folder: Path, scan: Scan
) -> None:
    before = read_version(store, source, 1)
    (folder / "b.csv").rename(folder / "0.csv")
    scan()
    current = get_source(store.reader, source.id)
    assert read_version(store, current, 1).equals(before)
    assert list(read_version(store, current, 2)["x"]) == [*range(30, 50), *range(30)]


@pytest.mark.parametrize("same_size", [True, False])
def test_a_file_that_was_changed_since_is_not_read(store: Store, source: Source, folder: Path, same_size: bool) -> None:
    content = rows(0, 30)
    (folder / "a.csv").write_text(content.replace("R00000", "R99999") if same_size else rows(0, 31))
    with pytest.raises(DataError, match=r"a\.csv was changed since version 1 of source 's'"):
        read_version(store, source, 1)


def test_a_file_that_was_touched_or_written_again_alike_is_read(store: Store, source: Source, folder: Path) -> None:
    (folder / "a.csv").write_text(rows(0, 30))
    os.utime(folder / "b.csv", (1_000_000_000, 1_000_000_000))
    assert len(read_version(store, source, 1)) == 50


def test_a_file_that_is_gone_is_named(store: Store, source: Source, folder: Path, scan: Scan) -> None:
    (folder / "b.csv").unlink()
    scan()
    current = get_source(store.reader, source.id)
    assert len(read_version(store, current, 2)) == 30
    with pytest.raises(DataError, match=r"b\.csv, which is in version 1 of source 's', is gone"):
        read_version(store, current, 1)


def test_a_version_that_was_never_made_is_not_read(store: Store, source: Source) -> None:
    with pytest.raises(UnknownName, match="no version 7"):
        read_version(store, source, 7)


def test_some_rows_of_a_file_are_those_of_the_whole_one(
    store: Store, sources: Sources, folder: Path, scan: Scan
) -> None:
    """Rows that cannot be read are not counted; a column that the file lacks is missing in each; the order is the file's."""
    lines = rows(0, 200).splitlines()
    (folder / "a.csv").write_text("\n".join([*lines[:100], "oops,1,2,3,4,5", *lines[100:]]) + "\n")
    added = sources.add(folder, name="s", target="y")
    scan()
    found = get_source(store.reader, added.id)
    (file,) = members(store.reader, found.id, found.version)
    whole = read_member(store, found, file, found.version)
    for wanted in ([], [0], [199], [3, 98, 99, 100, 150]):
        some = read_member(store, found, file, found.version, rows=wanted)
        assert some.equals(whole.iloc[wanted].reset_index(drop=True).astype(some.dtypes.to_dict()))
    assert read_member(store, found, file, found.version, ["x"], rows=[150, 7])["x"].tolist() == [7, 150]
