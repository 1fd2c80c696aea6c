"""A window is a word that a person can type, and it means files, or whole blocks of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.core.errors import AmbiguousName, UnknownName, UsageError
from mlops_tui.data.curation import Curation
from mlops_tui.data.model import Source
from mlops_tui.data.query import get_source
from mlops_tui.monitoring.home import training_source
from mlops_tui.monitoring.lookup import pair, resolve
from mlops_tui.monitoring.window import DATES, FILE, LAST, ROLLING, ROWS, SEASON, VERSION, Window, parse


def rows(first: date, days: int, *, target: bool = False) -> str:
    lines = [
        f"{first + timedelta(i)},{i * 7 % 10}.5,{'ab'[i % 2]}{',' + str(i % 2) if target else ''}" for i in range(days)
    ]
    return f"day,x,city{',y' if target else ''}\n" + "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def live(room: Any) -> Source:
    """A training source `old`, and a live one of three monthly files, the last of which came later."""
    folder = room.root / "live"
    folder.mkdir()
    (room.root / "old.csv").write_text(rows(date(2025, 1, 1), 40, target=True))
    (folder / "2026-01.csv").write_text(rows(date(2026, 1, 1), 31))
    (folder / "2026-03.csv").write_text(rows(date(2026, 3, 1), 31))
    room.sources.add(room.root / "old.csv", name="old", target="y", time_column="day")
    room.scan()
    added = room.sources.add(folder, name="live", role="live", pattern="*.csv", time_column="day")
    room.scan()
    (folder / "2026-02.csv").write_text(rows(date(2026, 2, 1), 28))
    room.scan()
    return get_source(room.store.reader, added.id)


def files(room: Any, live: Source, text: str) -> list[str]:
    return [file.path for file in resolve(room.store.reader, parse(text), live).files]


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("training", Window("training", "training")),
        ("v3", Window(VERSION, "v3", 3)),
        ("3", Window(VERSION, "v3", 3)),
        ("last:4", Window(LAST, "last:4", 4)),
        ("since:2026-03-02", Window(DATES, "since:2026-03-02", first=date(2026, 3, 2))),
        (
            "2026-01-01..2026-02-03",
            Window(DATES, "2026-01-01..2026-02-03", first=date(2026, 1, 1), last=date(2026, 2, 3)),
        ),
        ("period:2024-02", Window(DATES, "period:2024-02", None, date(2024, 2, 1), date(2024, 2, 29), unit="month")),
        ("period:9999-12", Window(DATES, "period:9999-12", None, date(9999, 12, 1), date(9999, 12, 31), unit="month")),
        ("period:2026", Window(DATES, "period:2026", None, date(2026, 1, 1), date(2026, 12, 31), unit="year")),
        ("period:2026-q1", Window(DATES, "period:2026-Q1", None, date(2026, 1, 1), date(2026, 3, 31), unit="quarter")),
        ("period:2026-W01", Window(DATES, "period:2026-W01", None, date(2025, 12, 29), date(2026, 1, 4), unit="week")),
        ("period:2026-03-05", Window(DATES, "period:2026-03-05", None, date(2026, 3, 5), date(2026, 3, 5), unit="day")),
        ("rows:1..20000", Window(ROWS, "rows:1..20000", 1, upto=20_000, unit="rows")),
        ("rolling:3", Window(ROLLING, "rolling:3", 3)),
        ("ROLLING:30D", Window(ROLLING, "rolling:30d", days=30)),
        ("Season", Window(SEASON, "season")),
        ("2026-03.csv", Window(FILE, "2026-03.csv")),
    ],
)
def test_each_form_of_a_window_is_read(text: str, window: Window) -> None:
    assert parse(text) == window


@pytest.mark.parametrize(
    "text",
    [
        *("", "last:0", "last:x", "last:-1", "last:99999999999", "since:soon", "2026-02-01..2026-01-01"),
        *("period:2026-13", "period:2026-5", "period:2026-W54", "period:2026-Q5", "period:2026-02-30", "period:0000"),
        *("rolling:", "rolling:0", "rolling:d", "rolling:3w", "rows:1", "rows:9..3", "rows:0..5"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse(text)
    assert refused.value.remedy


@given(st.text(max_size=20))
def test_any_text_is_a_window_or_a_usage_error(text: str) -> None:
    try:
        window = parse(text)
    except UsageError:
        return
    assert parse(window.text) == window


def test_a_file_is_named_by_its_path_its_name_or_its_id(room: Any, live: Source) -> None:
    [found] = resolve(room.store.reader, parse("2026-02.csv"), live).files
    assert files(room, live, "2026-02") == ["2026-02.csv"]
    assert files(room, live, found.id) == ["2026-02.csv"]
    with pytest.raises(UnknownName, match=r"no file '2026-09\.csv'") as unknown:
        files(room, live, "2026-09.csv")
    assert "2026-01.csv, 2026-02.csv, 2026-03.csv" in unknown.value.remedy


def test_the_last_files_are_those_that_came_last(room: Any, live: Source) -> None:
    newest = resolve(room.store.reader, parse("last:1"), live)
    assert (newest.label, newest.count) == ("2026-02.csv", 28)
    assert files(room, live, "last:2") == ["2026-02.csv", "2026-03.csv"]
    assert len(files(room, live, "last:9")) == 3


def test_a_version_is_the_files_of_that_time(room: Any, live: Source) -> None:
    assert files(room, live, "v1") == ["2026-01.csv", "2026-03.csv"]
    assert len(files(room, live, "v2")) == 3
    with pytest.raises(UnknownName, match="no version 3"):
        files(room, live, "v3")


def test_a_tag_is_the_version_that_has_it_unless_a_file_has_that_path(room: Any, live: Source) -> None:
    curation = Curation(room.store)
    curation.tag("live", "1", "first-two")
    found = resolve(room.store.reader, parse("first-two"), live)
    assert [file.path for file in found.files] == ["2026-01.csv", "2026-03.csv"]
    assert found.label == "first-two (v1)"
    curation.tag("live", "2", "first-two")
    assert len(files(room, live, "first-two")) == 3
    curation.untag("live", "first-two")
    with pytest.raises(UnknownName, match="no file 'first-two'"):
        files(room, live, "first-two")


def test_a_reference_may_be_a_tag_of_the_training_source(room: Any, live: Source) -> None:
    """Not named, it is found by its columns; a tag of the source itself goes before."""
    curation = Curation(room.store)
    curation.tag("old", "1", "launch")
    ours, theirs = pair(room.store.reader, live, None, parse("launch"), parse("last:1"))
    assert (ours.source.name, ours.label, theirs.source.id) == ("old", "old launch (v1)", live.id)
    curation.tag("live", "1", "launch")
    ours, _ = pair(room.store.reader, live, None, parse("launch"), parse("last:1"))
    assert (ours.source.id, ours.label) == (live.id, "launch (v1)")
    with pytest.raises(UnknownName):
        pair(room.store.reader, live, None, parse("landing"), parse("last:1"))


def test_dates_mean_the_files_that_lie_in_them(room: Any, live: Source) -> None:
    assert files(room, live, "period:2026-02") == ["2026-02.csv"]
    assert files(room, live, "since:2026-02-01") == ["2026-02.csv", "2026-03.csv"]
    assert files(room, live, "2026-01-01..2026-02-28") == ["2026-01.csv", "2026-02.csv"]
    with pytest.raises(UnknownName, match="no file in"):
        files(room, live, "since:2027-01-01")


def test_a_file_over_the_edge_of_the_dates_is_taken_by_its_nearer_side_and_that_is_said(
    room: Any, live: Source
) -> None:
    """A file is one block here: from 15 February on half of its rows are later, from the 16th on fewer."""
    found = resolve(room.store.reader, parse("since:2026-02-15"), live)
    assert [file.path for file in found.files] == ["2026-02.csv", "2026-03.csv"]
    assert found.notes == ("rounded to whole blocks: about 14 rows of other days are in it",)
    found = resolve(room.store.reader, parse("since:2026-02-16"), live)
    assert [file.path for file in found.files] == ["2026-03.csv"]
    assert found.notes == ("rounded to whole blocks: about 13 of these days are not",)


def test_what_a_window_is_compared_with_is_no_window_itself(room: Any, live: Source) -> None:
    for text in ("rolling:2", "rolling:10d", "season"):
        with pytest.raises(UsageError, match="no window itself"):
            resolve(room.store.reader, parse(text), live)


def test_training_is_the_source_with_the_same_columns(room: Any, live: Source) -> None:
    assert training_source(room.store.reader, live).name == "old"
    ours, theirs = pair(room.store.reader, live, None, parse("training"), parse("last:1"))
    assert (ours.source.name, ours.label, theirs.label) == ("old", "training", "2026-02.csv")


def test_a_reference_may_be_rows_of_the_source_itself(room: Any, live: Source) -> None:
    ours, _ = pair(room.store.reader, live, None, parse("2026-01.csv"), parse("2026-03.csv"))
    assert (ours.source.id, ours.label) == (live.id, "2026-01.csv")
    old = training_source(room.store.reader, live)
    ours, _ = pair(room.store.reader, live, old, parse("v1"), parse("2026-03.csv"))
    assert (ours.source.name, ours.label) == ("old", "old v1")


def test_the_same_rows_are_not_compared_with_themselves(room: Any, live: Source) -> None:
    with pytest.raises(UsageError, match="same rows"):
        pair(room.store.reader, live, None, parse("2026-02.csv"), parse("last:1"))


def test_two_training_sources_with_the_columns_must_be_told_apart(room: Any, live: Source) -> None:
    (room.root / "other.csv").write_text(rows(date(2024, 1, 1), 40, target=True))
    room.sources.add(room.root / "other.csv", name="other", target="y", time_column="day")
    room.scan()
    with pytest.raises(AmbiguousName) as several:
        training_source(room.store.reader, live)
    assert "--training" in several.value.remedy
