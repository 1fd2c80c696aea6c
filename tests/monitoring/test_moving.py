"""A reference may move with the current window: the files or days before it, or the same season of the year before."""

from __future__ import annotations

from typing import Any

import pytest

from mlops_tui.core.errors import UnknownName, UsageError
from mlops_tui.data.model import Source
from mlops_tui.data.query import get_source
from mlops_tui.monitoring.lookup import pair
from mlops_tui.monitoring.query import get_report
from mlops_tui.monitoring.window import Rows, parse
from tests.monitoring.monthly import make_months, write_month


@pytest.fixture(scope="module")
def live(room: Any) -> Source:
    return make_months(room)[1]


def reference(room: Any, source: Source, text: str, current: str, training: Source | None = None) -> Rows:
    return pair(room.store.reader, source, training, parse(text), parse(current))[0]


def paths(rows: Rows) -> list[str]:
    return [file.path for file in rows.files]


def test_rolling_files_are_those_that_came_just_before(room: Any, live: Source) -> None:
    found = reference(room, live, "rolling:2", "last:1")
    assert (found.label, paths(found)) == ("rolling:2", ["2026-04.csv", "2026-05.csv"])
    assert found.notes == ("2026-04.csv to 2026-05.csv",)
    assert paths(reference(room, live, "rolling:1", "2026-03.csv")) == ["2026-02.csv"]
    assert paths(reference(room, live, "rolling:3", "last:3")) == ["2026-01.csv", "2026-02.csv", "2026-03.csv"]


def test_rolling_files_follow_arrival_and_not_the_name(room: Any, live: Source) -> None:
    """A month that comes late came after all others."""
    write_month(room.root / "live" / "2024-12.csv", 2024, 12)
    room.scan()
    late = get_source(room.store.reader, live.id)
    assert paths(reference(room, late, "rolling:1", "last:1")) == ["2026-06.csv"]
    assert paths(reference(room, late, "rolling:1", "2026-02.csv")) == ["2026-01.csv"]


def test_too_few_files_before_are_refused_with_how_many_there_are(room: Any, live: Source) -> None:
    with pytest.raises(UnknownName, match=r"only 2 came before '2026-03\.csv', and 'rolling:3' needs 3") as refused:
        reference(room, live, "rolling:3", "2026-03.csv")
    assert "rolling:2" in refused.value.remedy
    with pytest.raises(UnknownName, match=r"no file came before '2026-01\.csv'"):
        reference(room, live, "rolling:3", "2026-01.csv")


def test_rolling_days_end_before_the_first_day_of_the_window(room: Any, live: Source) -> None:
    """Of a file that is its first row's day, of dates the first that was asked for."""
    found = reference(room, live, "rolling:60d", "2026-04.csv")
    assert (found.label, paths(found)) == ("rolling:60d", ["2026-02.csv", "2026-03.csv"])
    assert found.notes[0] == "2026-01-31..2026-03-31"
    assert paths(reference(room, live, "rolling:31d", "period:2026-04")) == ["2026-03.csv"]


def test_rolling_days_have_no_row_of_the_window_itself(room: Any, live: Source) -> None:
    """The window begins in the middle of May, whose block it takes whole: the days before are April's alone."""
    found = reference(room, live, "rolling:45d", "2026-05-12..2026-06-30")
    assert paths(found) == ["2026-04.csv"]
    assert found.notes == ("2026-03-28..2026-05-11", "rounded to whole blocks: about 35 of these days are not")


def test_days_before_in_which_there_is_nothing_are_refused(room: Any, live: Source) -> None:
    with pytest.raises(UnknownName, match=r"no file in 'rolling:30d \(2025-12-02\.\.2025-12-31\)'"):
        reference(room, live, "rolling:30d", "2026-01.csv")


def test_the_season_is_looked_for_in_the_source_then_in_the_training_source(room: Any, live: Source) -> None:
    found = reference(room, live, "season", "2026-03.csv")
    assert (found.source.name, found.label, paths(found)) == ("year", "season", ["2025-03.csv"])
    assert found.notes == ("2025-03-01..2025-03-31 of year",)
    write_month(room.root / "live" / "2025-04.csv", 2025, 4)
    room.scan()
    own = reference(room, get_source(room.store.reader, live.id), "season", "period:2026-04")
    assert (own.source.name, paths(own)) == ("live", ["2025-04.csv"])


def test_a_training_source_that_is_named_has_the_season(room: Any, live: Source) -> None:
    year = next(s for s in room.store.reader.execute("SELECT id FROM source WHERE name = 'year'"))
    training = get_source(room.store.reader, year[0])
    assert paths(reference(room, live, "season", "2026-04.csv", training)) == ["2025-04.csv"]
    with pytest.raises(UsageError, match="what came before the window in 'live' itself"):
        reference(room, live, "rolling:2", "2026-04.csv", training)


def test_no_rows_a_year_before_are_refused_in_a_sentence(room: Any, live: Source) -> None:
    year = next(s for s in room.store.reader.execute("SELECT id FROM source WHERE name = 'year'"))
    with pytest.raises(UnknownName, match=r"no rows of 'year' from 2024-03-01 to 2024-03-31, the season of"):
        reference(room, get_source(room.store.reader, year[0]), "season", "2025-03.csv")


def test_a_window_longer_than_a_year_has_no_season(room: Any, live: Source) -> None:
    with pytest.raises(UsageError, match=r"reaches over \d+ days, so it has no season"):
        reference(room, live, "season", "2024-12-01..2026-06-30")


def test_without_a_time_column_there_are_rolling_files_but_neither_days_nor_seasons(room: Any) -> None:
    folder = room.root / "plain"
    folder.mkdir()
    for name in "ab":
        (folder / f"{name}.csv").write_text("x\n" + f"{ord(name)}\n" * 50)
    added = room.sources.add(folder, name="plain", role="live")
    room.scan()
    plain = get_source(room.store.reader, added.id)
    assert paths(reference(room, plain, "rolling:1", "b.csv")) == ["a.csv"]
    for text in ("rolling:30d", "season"):
        with pytest.raises(UsageError, match="has no time column"):
            reference(room, plain, text, "b.csv")


def test_each_chunk_has_a_reference_of_its_own_and_those_without_are_said(room: Any, live: Source) -> None:
    """The third month is compared with the first two; the first two have no two before them."""
    spec = {"source": live.id, "reference_source": None, "current": [], "version_id": None, "chunks": "month"}
    result = room.work("drift", **spec, reference="rolling:59d")
    reports = {found.current: found for found in (get_report(room.store.reader, one) for one in result["chunks"])}
    assert reports["period:2026-03"].reference == "rolling:59d"
    assert reports["period:2026-03"].reference_rows == 590
    assert "reference: 2026-01-01..2026-02-28" in reports["period:2026-03"].notes
    assert reports["period:2026-05"].drift is True
    assert [one["what"] for one in result["left_out"]][:1] == ["period:2024-12"]


def test_a_season_inside_a_larger_block_says_which_rows_are_kept_together(room: Any) -> None:
    """A file of two years in one block has no month of its own."""
    lines = [f"{2024 + row // 365}-{1 + row % 12:02d}-{1 + row % 28:02d},{row}" for row in range(730)]
    (room.root / "years.csv").write_text("at,x\n" + "\n".join(sorted(lines)) + "\n")
    added = room.sources.add(room.root / "years.csv", name="years", time_column="at")
    room.scan()
    years = get_source(room.store.reader, added.id)
    with pytest.raises(UsageError, match="has no season of its own"):
        reference(room, years, "season", "v1")
    (room.root / "now").mkdir()
    (room.root / "now" / "a.csv").write_text("at,x\n" + "".join(f"2026-03-{day:02d},1\n" for day in range(1, 32)))
    live = room.sources.add(room.root / "now", name="now", role="live", time_column="at")
    room.scan()
    with pytest.raises(
        UnknownName, match=r"No block of source 'years' lies in 'season \(2025-03-01\.\.2025-03-31\)'"
    ) as refused:
        reference(room, get_source(room.store.reader, live.id), "season", "a.csv", years)
    assert "2024-01-01..2025-12-28" in refused.value.remedy
