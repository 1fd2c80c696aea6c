"""Files that come with rows which another one of their source has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mlops_tui.data.curation import Curation
from mlops_tui.data.overlaps import Overlap, newest_overlaps, overlaps_of
from mlops_tui.data.query import duplicates_of, find_source, present_files
from mlops_tui.data.service import Sources
from mlops_tui.presenters.words import Cell
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store
from mlops_tui.tui.lists.sources import FilesSource
from mlops_tui.tui.panels.rows import Order

Scan = Callable[..., dict[str, Any]]


def csv(start: int, end: int) -> str:
    return "x,y\n" + "".join(f"{i},{i % 7}\n" for i in range(start, end))


def found_in(store: Store) -> dict[str, Overlap]:
    files = present_files(store.reader, find_source(store.reader, "s").id)
    by_id = overlaps_of(store.reader, [file.id for file in files.values()])
    return {path: by_id[file.id] for path, file in files.items() if file.id in by_id}


def test_a_file_with_rows_of_an_earlier_one_is_said(store: Store, sources: Sources, folder: Path, scan: Scan) -> None:
    (folder / "a.csv").write_text(csv(0, 400))
    sources.add(folder, name="s")
    assert scan()["overlaps"] == 0
    (folder / "b.csv").write_text(csv(100, 500))
    (folder / "c.csv").write_text(csv(400, 1_000))
    told = scan()
    assert (told["taken"], told["duplicates"], told["overlaps"]) == (2, 0, 1)
    assert found_in(store) == {"b.csv": Overlap("a.csv", 0.75)}
    assert newest_overlaps(store.reader, find_source(store.reader, "s").id, 1) == found_in(store)
    [event] = [event for event in read_events(store.reader, limit=100) if event.verb == "overlap"]
    assert (event.subject_name, event.why) == ("b.csv", "About 75 % of its rows are in a.csv too and count twice.")


def test_the_same_rows_in_another_format_are_said(store: Store, sources: Sources, folder: Path, scan: Scan) -> None:
    frame = pd.DataFrame({"x": [0.5, None, 2.0], "name": ["a", "b", None], "day": pd.to_datetime(["2026-03-01"] * 3)})
    frame.to_csv(folder / "a.csv", index=False)
    frame[["day", "name", "x"]].to_parquet(folder / "b.parquet")
    sources.add(folder, name="s")
    assert scan()["overlaps"] == 1
    assert found_in(store) == {"b.parquet": Overlap("a.csv", 1.0)}


def test_a_file_that_goes_on_where_an_earlier_one_ended_is_compared_with_the_nearest(
    store: Store, sources: Sources, folder: Path, scan: Scan
) -> None:
    """As where each export has all rows so far."""
    for day in (1, 2, 3):
        (folder / f"day{day}.csv").write_text(csv(0, 100 * day))
    sources.add(folder, name="s")
    scan()
    assert found_in(store) == {"day2.csv": Overlap("day1.csv", 0.5), "day3.csv": Overlap("day2.csv", 2 / 3)}


@pytest.mark.parametrize("at_once", [True, False])
def test_more_files_of_the_same_rows_are_told_of_the_first(
    store: Store, sources: Sources, folder: Path, scan: Scan, at_once: bool
) -> None:
    rows = csv(0, 400)
    files = {"a.csv": rows, "b.csv": rows + "900,1\n", "c.csv": rows.replace("\n", "\r\n"), "d.csv": "\ufeff" + rows}
    sources.add(folder, name="s")
    for name, text in files.items():
        (folder / name).write_bytes(text.encode())
        if not at_once:
            scan()
    scan()
    assert {path: overlap.path for path, overlap in found_in(store).items()} == dict.fromkeys(
        ["b.csv", "c.csv", "d.csv"], "a.csv"
    )


def test_rows_that_come_many_times_over_in_every_file_say_nothing(
    store: Store, sources: Sources, folder: Path, scan: Scan
) -> None:
    for name, rows in (("a.csv", 90), ("b.csv", 120)):
        (folder / name).write_text("x,y\n" + "".join(f"{i % 3},{i % 4}\n" for i in range(rows)))
    sources.add(folder, name="s")
    assert scan()["overlaps"] == 0


def test_an_overlap_is_said_for_as_long_as_both_files_are_there_under_whatever_name(
    store: Store, sources: Sources, folder: Path, scan: Scan
) -> None:
    (folder / "a.csv").write_text(csv(0, 100))
    (folder / "b.csv").write_text(csv(0, 90))
    sources.add(folder, name="s")
    scan()
    (folder / "a.csv").rename(folder / "z.csv")
    (folder / "b.csv").rename(folder / "c.csv")
    scan()
    assert found_in(store) == {"c.csv": Overlap("z.csv", 1.0)} or found_in(store) == {"z.csv": Overlap("c.csv", 0.9)}
    (folder / "z.csv").unlink()
    scan()
    assert found_in(store) == {}


def test_a_copy_is_a_duplicate_and_no_overlap(store: Store, sources: Sources, folder: Path, scan: Scan) -> None:
    for name in ("a.csv", "b.csv"):
        (folder / name).write_text(csv(0, 100))
    sources.add(folder, name="s")
    told = scan()
    assert (told["duplicates"], told["overlaps"]) == (1, 0)
    assert duplicates_of(store.reader, find_source(store.reader, "s").id) == {"b.csv": "a.csv"}


def test_a_file_with_a_copy_that_is_read_otherwise_is_no_duplicate_of_itself(
    store: Store, sources: Sources, folder: Path, scan: Scan
) -> None:
    for name in ("a.csv", "b.csv", "c.csv"):
        (folder / name).write_text(csv(0, 100) + "#1,2\n" * 3)
    sources.add(folder, name="s")
    scan()
    for options in ({"comment": "#"}, {"skip": 2}, {"skip": 0}):
        Curation(store).set_options("s", options)
        scan()
    assert [event.why for event in read_events(store.reader, limit=100) if event.verb == "overlap"] == []
    assert found_in(store) == {}


def test_a_files_line_says_what_it_has_in_common_with_another(
    store: Store, sources: Sources, folder: Path, scan: Scan
) -> None:
    for name, end in (("a.csv", 100), ("b.csv", 100), ("c.csv", 125)):
        (folder / name).write_text(csv(0, end))
    sources.add(folder, name="s")
    scan()
    listed = FilesSource()
    listed.source_id = find_source(store.reader, "s").id
    cells = [row.cells[-1] for row in listed.rows(store.reader, Order(), offset=0, limit=9)]
    assert cells[0].text == ""
    assert cells[1:] == [
        Cell("it has the content of a.csv; its rows count twice", "warn"),
        Cell("about 80 % of its rows are in a.csv too and count twice", "warn"),
    ]


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (1.0, "all of its rows, or nearly all, are in a.csv too and count twice"),
        (0.73, "about 73 % of its rows are in a.csv too and count twice"),
    ],
)
def test_the_words_say_how_many_rows(share: float, words: str) -> None:
    assert Overlap("a.csv", share).words == words
