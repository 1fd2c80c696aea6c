"""Versions keep the names that their files had, and what is gone or came to be kept out is said to be so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mlops_tui.data.engine.frame import read_version
from mlops_tui.data.history import named
from mlops_tui.data.lineage import changes
from mlops_tui.data.model import GONE, TAKEN_IN, Source, SourceFile
from mlops_tui.data.query import (
    changed_between,
    count_gone,
    find_source,
    list_gone,
    list_versions,
    members,
    present_files,
)
from mlops_tui.data.service import Sources
from mlops_tui.store.store import Store

Scan = Callable[..., dict[str, Any]]
BROKEN = "one,two\n1,2\n"
FILE = SourceFile(
    "F", "S", "c.csv", "1", 1, 1, 1, TAKEN_IN, None, None, None, None, since_version=1, until_version=None, seen_at=""
)


def write(folder: Path, name: str, first: int) -> None:
    (folder / name).write_text("n,x\n" + "".join(f"{n},{n / 2}\n" for n in range(first, first + 3)))


@pytest.fixture
def source(sources: Sources, folder: Path) -> Source:
    for first, name in enumerate("ace"):
        write(folder, f"{name}.csv", 10 * first)
    return sources.add(folder, name="s")


def paths(store: Store, source: Source, version: int) -> list[str]:
    return [file.path for file in members(store.reader, source.id, version)]


def changes_of(store: Store, source: Source) -> list[Any]:
    versions = list_versions(store.reader, source.id)
    files = changed_between(store.reader, source.id, 1, len(versions))
    return changes(versions, files)[::-1]


def test_a_version_keeps_the_names_of_its_files_and_their_order_for_training(
    store: Store, source: Source, folder: Path, scan: Scan
) -> None:
    """After c has gone, a is renamed d in place: its rows are the first of what is left, and still those of version 1."""
    scan()
    (folder / "c.csv").rename(folder / ".c")
    assert scan()["version"] == 2
    (folder / "a.csv").rename(folder / "d.csv")
    assert (scan()["version"], paths(store, source, 2)) == (2, ["d.csv", "e.csv"])
    write(folder, "f.csv", 30)
    scan()
    assert paths(store, source, 1) == ["a.csv", "c.csv", "e.csv"]
    assert paths(store, source, 2) == ["a.csv", "e.csv"]
    assert paths(store, source, 3) == ["d.csv", "e.csv", "f.csv"]
    first, second, third = changes_of(store, source)
    assert first.added == ("a.csv", "c.csv", "e.csv")
    assert second.gone == ("c.csv",)
    assert (third.added, third.renamed) == (("f.csv",), (("a.csv", "d.csv"),))
    (folder / ".c").rename(folder / "c.csv")
    whole = read_version(store, find_source(store.reader, "s"), 1)
    assert whole["n"].tolist() == [0, 1, 2, 10, 11, 12, 20, 21, 22]


def test_a_file_that_is_renamed_twice_has_one_name_in_each_version() -> None:
    assert [
        (f.path, f.since_version, f.until_version) for f in named(FILE, [(1, "a.csv"), (1, "b.csv"), (3, "d.csv")])
    ] == [
        ("a.csv", 1, 2),
        ("d.csv", 2, 4),
        ("c.csv", 4, None),
    ]
    left = replace(FILE, state=GONE, until_version=2)
    assert [(f.path, f.until_version) for f in named(left, [(1, "a.csv")])] == [("a.csv", 2)]


def test_a_file_that_came_to_be_kept_out_is_not_told_as_gone(
    store: Store, source: Source, folder: Path, scan: Scan
) -> None:
    scan()
    (folder / "a.csv").write_text(BROKEN)
    (folder / "c.csv").unlink()
    scan()
    told = changes_of(store, source)[1]
    assert (told.kept_out, told.gone, told.replaced) == (("a.csv",), ("c.csv",), ())
    assert count_gone(store.reader, source.id) == 1


def test_what_is_gone_is_listed_once_and_not_while_it_is_there_again_or_elsewhere(
    store: Store, source: Source, folder: Path, scan: Scan
) -> None:
    scan()
    write(folder, "c.csv", 40)
    (folder / "e.csv").rename(folder / "0.csv")
    (folder / "a.csv").unlink()
    scan()
    assert [(f.path, f.state) for f in list_gone(store.reader, source.id)] == [("a.csv", GONE)]
    write(folder, "a.csv", 50)
    scan()
    assert list_gone(store.reader, source.id) == []
    for path in list(folder.glob("*.csv")):
        path.unlink()
    scan()
    assert [f.path for f in list_gone(store.reader, source.id)] == ["0.csv", "a.csv", "c.csv"]
    assert [f.path for f in list_gone(store.reader, source.id, limit=1, offset=1)] == ["a.csv"]
    assert count_gone(store.reader, source.id) == 3
    assert [f.path for f in list_gone(store.reader, source.id, words="C.csv GONE")] == ["c.csv"]
    assert (count_gone(store.reader, source.id, words="c.csv"), count_gone(store.reader, source.id, words="%.csv")) == (
        1,
        0,
    )
    assert not present_files(store.reader, source.id)
