"""The profile of a version that is merged onto an earlier one's says what all of its files say together."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlops_tui.data.engine import versioned
from mlops_tui.data.engine.profiling import summarise
from mlops_tui.data.engine.stored import merged
from mlops_tui.data.engine.versioned import base_prefix, merged_in_parts
from mlops_tui.data.model import Source, key_of
from mlops_tui.data.profile_query import base_profiles, summaries
from mlops_tui.data.query import find_source, find_version, members
from mlops_tui.data.service import Sources
from mlops_tui.store.store import Store

Scan = Callable[..., dict[str, Any]]


@pytest.fixture
def source(sources: Sources, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    monkeypatch.setattr(versioned, "BASE_FILES", 4)
    monkeypatch.setattr(versioned, "AT_ONCE", 3)
    for number in range(5):
        write(folder, number)
    return sources.add(folder, name="s")


def write(folder: Path, number: int, city: str = "Rome") -> None:
    draw = random.Random(number)
    (folder / f"f{number:02}.csv").write_text(
        "id,x,city\n" + "".join(f"{number}-{n},{draw.gauss(0, 1):.3f},{city}{n % 3}\n" for n in range(20))
    )


def kept(store: Store, source: Source) -> list[int]:
    """The versions whose profile is kept."""
    prefix = base_prefix(source)
    return [int(key.removeprefix(prefix).split(" ")[0]) for key in base_profiles(store.reader, prefix)]


def check(store: Store, version: int) -> None:
    """The summaries of that version are those of all its files merged at once."""
    source = find_source(store.reader, "s")
    of_then = find_version(store.reader, source, version).of(source)
    keys = [key_of(of_then, file) for file in members(store.reader, source.id, version)]
    told = summaries(store.reader, source.id, version)
    asked = summarise(merged(store.reader, keys, list(of_then.kinds)))
    assert [column["name"] for column in told] == [column["name"] for column in asked]
    for one, other in zip(told, asked, strict=True):
        for key in ("kind", "count", "missing", "distinct", "min", "max", "top", "other", "quantiles", "histogram"):
            assert one[key] == other[key]
        for key in ("mean", "std", "skew"):
            assert one[key] == (None if other[key] is None else pytest.approx(other[key], rel=1e-12))


def test_files_that_come_are_merged_onto_the_version_before_and_those_that_leave_are_not_in_it(
    store: Store, source: Source, folder: Path, scan: Scan
) -> None:
    scan()
    assert kept(store, source) == [1]
    versions = iter(range(2, 9))

    def after(what: Callable[[], object]) -> int:
        what()
        version = next(versions)
        assert scan()["version"] == version
        check(store, version)
        return version

    assert after(lambda: write(folder, 5)) == 2
    after(lambda: (folder / "f06.csv").write_bytes((folder / "f05.csv").read_bytes()))  # its rows count twice
    after(lambda: (folder / "f05.csv").unlink())
    after(lambda: (folder / "f01.csv").rename(folder / "g.csv"))  # others are read before it now
    after(lambda: write(folder, 8))
    after(lambda: write(folder, 2, "Oslo"))
    assert kept(store, source) == [7]


def test_a_version_is_made_without_reading_what_is_kept_of_the_files_before_it(
    store: Store, source: Source, folder: Path, scan: Scan
) -> None:
    scan()
    before = summaries(store.reader, source.id, 1)
    with store.write() as writing:
        writing.execute("DELETE FROM profile_column WHERE key NOT LIKE 'version%'")
    write(folder, 7)
    assert scan()["version"] == 2
    after = summaries(store.reader, source.id, 2)
    assert [column["count"] for column in before] == [100] * 3
    assert [column["count"] for column in after] == [120] * 3
    (folder / "f00.csv").unlink()
    scan()
    assert [column["count"] for column in summaries(store.reader, source.id, 3)] == [20] * 3


def test_values_that_are_not_all_counted_are_counted_over_all_files_at_once(
    store: Store, source: Source, folder: Path, scan: Scan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which values are the most frequent is not told by parts, and such a version is no base."""
    for module in ("sketches", "profiling"):
        monkeypatch.setattr(f"mlops_tui.data.engine.{module}.CATEGORY_CAP", 4, raising=False)
    for number in range(5, 9):
        write(folder, number, "Oslo")
    scan()
    assert kept(store, source) == []
    check(store, 1)
    current = find_source(store.reader, "s")
    keys = [key_of(current, file) for file in members(store.reader, source.id, 1)]
    parts = merged_in_parts(store.reader, keys, ["city"]).columns[0]
    assert (parts.other, sum((parts.counts or {}).values())) == (24 + 28, 35 + 35 + 30 + 28)
