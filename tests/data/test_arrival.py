"""Which file came last, and when: reading a file anew is no arrival."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.core.clock import from_seconds
from mlops_tui.core.ids import made_at
from mlops_tui.data.arrival import by_arrival, came_at, newest_file, place_of
from mlops_tui.data.curation import Curation
from mlops_tui.data.model import QUARANTINED, SourceFile
from mlops_tui.data.query import find_source, present_files
from mlops_tui.data.service import Sources
from mlops_tui.store.store import Store

Scan = Callable[..., dict[str, Any]]
ROWS = "x,c\n" + "".join(f"{i},{'ab'[i % 2]}\n" for i in range(100))
BAD = ROWS + "1\n" * 40


@pytest.fixture
def arrived(store: Store, sources: Sources, folder: Path, scan: Scan) -> str:
    """The id of a source: of a first scan `a.csv` is taken in and `b.csv` kept out, `c.csv` and then `0.csv` come later."""
    (folder / "a.csv").write_text(ROWS)
    (folder / "b.csv").write_text(BAD)
    sources.add(folder, name="days")
    scan()
    for number, name in enumerate(("c.csv", "0.csv")):
        (folder / name).write_text(ROWS + f"{number + 7000},a\n")
        scan()
    return find_source(store.reader, "days").id


def order(store: Store, source_id: str) -> list[str]:
    return [f.path for f in by_arrival(store.reader, source_id, list(present_files(store.reader, source_id).values()))]


def newest(store: Store, source_id: str) -> SourceFile:
    file = newest_file(store.reader, source_id)
    assert file is not None
    return file


def test_a_file_that_is_released_came_when_it_was_first_seen(
    store: Store, arrived: str, sources: Sources, scan: Scan
) -> None:
    kept_out = present_files(store.reader, arrived)["b.csv"]
    assert kept_out.state == QUARANTINED
    Curation(store).release("b.csv", "the rest of it is right")
    assert scan()["taken"] == 1
    released = present_files(store.reader, arrived)["b.csv"]
    assert released.id != kept_out.id
    assert came_at(store.reader, [released]) == {released.id: from_seconds(made_at(kept_out.id))}
    assert newest(store, arrived).path == "0.csv"
    assert order(store, arrived) == ["a.csv", "b.csv", "c.csv", "0.csv"]


def test_a_file_that_is_renamed_or_touched_did_not_come(store: Store, arrived: str, folder: Path, scan: Scan) -> None:
    before = present_files(store.reader, arrived)["a.csv"]
    (folder / "a.csv").rename(folder / "z.csv")
    (folder / "c.csv").touch()
    scan()
    after = present_files(store.reader, arrived)["z.csv"]
    assert came_at(store.reader, [after]) == {after.id: from_seconds(made_at(before.id))}
    assert order(store, arrived) == ["b.csv", "z.csv", "c.csv", "0.csv"]
    (folder / "a.csv").write_text(ROWS + "9000,b\n")
    scan()
    assert newest(store, arrived).path == "a.csv"


@given(st.lists(st.tuples(st.sampled_from([0.0, 1.0, 1.5, 9.0, 10.0]), st.floats(0, 4e9), st.text("ab.", max_size=4))))
def test_a_rank_as_text_sorts_as_ranks_do(ranks: list[tuple[float, float, str]]) -> None:
    """To the millisecond, which is what an id tells."""
    rounded = [(version, round(moment, 3), path) for version, moment, path in ranks]
    assert sorted(map(place_of, rounded)) == list(map(place_of, sorted(rounded)))
