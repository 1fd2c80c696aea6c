"""A file of several blocks is cut between them: edges go to the nearer end of a block, and the rows of that are told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from mlops_tui.core.errors import UnknownName
from mlops_tui.data.engine.stored import merged
from mlops_tui.data.model import Source, key_of
from mlops_tui.data.query import get_source
from mlops_tui.monitoring.engine.report import profile_of
from mlops_tui.monitoring.history import read_history, span_of
from mlops_tui.monitoring.lookup import pair, resolve
from mlops_tui.monitoring.window import Rows, parse

START = datetime(2026, 1, 1)
ROWS = 30_000


@pytest.fixture(scope="module")
def ticks(room: Any) -> Source:
    """A row every 3 minutes from 2026 on, and a value that is the row's number: three blocks of 20 days and 20 hours."""
    lines = [f"{START + timedelta(minutes=3 * row)},{row},{'ab'[row % 2]}" for row in range(ROWS)]
    (room.root / "ticks").mkdir()
    (room.root / "ticks" / "all.csv").write_text("at,row,side\n" + "\n".join(lines) + "\n")
    added = room.sources.add(room.root / "ticks", name="ticks", role="live", time_column="at")
    room.scan()
    return get_source(room.store.reader, added.id)


def look_up(room: Any, ticks: Source, text: str) -> Rows:
    return resolve(room.store.reader, parse(text), ticks)


def reach(room: Any, rows: Rows) -> tuple[float, float]:
    """The least and the greatest row of the window's profile."""
    column = profile_of(room.store, rows).column("row")
    assert column is not None
    assert column.moments is not None
    return column.moments.minimum, column.moments.maximum


def test_blocks_that_lie_in_the_dates_are_taken_of_a_file_that_reaches_over_them(room: Any, ticks: Source) -> None:
    """The second block is from 21 January, 20:00, to 11 February, 15:57."""
    found = look_up(room, ticks, "2026-01-21..2026-02-11")
    assert found.count == 10_000
    assert reach(room, found) == (10_000, 19_999)
    assert found.notes == ("rounded to whole blocks: about 559 of these days are not",)


def test_an_edge_inside_a_block_goes_to_its_nearer_end(room: Any, ticks: Source) -> None:
    """The middle of the second block is the 1st of February at 5:58."""
    after = look_up(room, ticks, "since:2026-02-01")
    assert reach(room, after) == (10_000, 29_999)
    assert after.notes == ("rounded to whole blocks: about 4,880 rows of other days are in it",)
    before = look_up(room, ticks, "2026-01-01..2026-01-31")
    assert reach(room, before) == (0, 9_999)
    assert before.notes == ("rounded to whole blocks: about 4,880 of these days are not",)
    assert span_of(room.store.reader, before) == ("2026-01-01T00:00:00Z", "2026-01-21T19:57:00Z")


def test_days_that_hold_no_half_of_a_block_are_refused_with_days_that_do(room: Any, ticks: Source) -> None:
    with pytest.raises(UnknownName, match=r"No block of source 'ticks' lies in '2026-01-05\.\.2026-01-07'") as refused:
        look_up(room, ticks, "2026-01-05..2026-01-07")
    assert "2026-01-01..2026-01-21" in refused.value.remedy
    assert look_up(room, ticks, "2026-01-01..2026-01-21").count == 10_000


def test_rows_are_numbered_by_arrival_and_rounded_to_blocks_as_well(room: Any, ticks: Source) -> None:
    found = look_up(room, ticks, "rows:10001..18000")
    assert reach(room, found) == (10_000, 19_999)
    assert found.notes == ("rounded to whole blocks: 2,000 rows more are in it",)
    assert look_up(room, ticks, "rows:1..30000").notes == ()
    with pytest.raises(UnknownName, match=r"rows:1\.\.10000"):
        look_up(room, ticks, "rows:1..4000")


def test_a_part_of_a_file_has_the_profile_of_its_rows_alone(room: Any, ticks: Source) -> None:
    """Counted by value, and by number, as the file's own rows have it; the whole is its parts together."""
    found = look_up(room, ticks, "rows:20001..30000")
    column = profile_of(room.store, found).column("side")
    assert column is not None
    assert column.counts == {"a": 5_000, "b": 5_000}
    [file] = found.files
    key = key_of(found.source, file)
    whole = merged(room.store.reader, [key], list(found.source.kinds))
    assert merged(room.store.reader, [key], list(found.source.kinds), [[0, 1, 2]]) == whole
    twice = merged(room.store.reader, [key, key], ["row"], [[0], None])
    assert twice.rows == ROWS + 10_000


def test_two_parts_of_one_file_are_compared_with_each_other(room: Any, ticks: Source) -> None:
    spec = {"source": ticks.id, "reference_source": None, "current": ["since:2026-02-11"], "version_id": None}
    [report] = room.work("drift", **spec, reference="rows:1..20000")["reports"]
    assert (report["reference_rows"], report["current_rows"]) == (20_000, 10_000)
    assert (report["from"], report["to"]) == ("2026-02-11T16:00:00Z", "2026-03-04T11:57:00Z")
    drifting = {column["name"]: column["drift"] for column in report["columns"]}
    assert drifting == {"at": None, "row": True, "side": False}


def test_parts_are_the_same_rows_only_where_their_blocks_are(room: Any, ticks: Source) -> None:
    first, second = (look_up(room, ticks, text) for text in ("rows:1..10000", "rows:10001..20000"))
    assert first.is_same_as(look_up(room, ticks, "2026-01-01..2026-01-20"))
    assert not first.is_same_as(second)
    ours, theirs = pair(room.store.reader, ticks, None, parse("rows:1..10000"), parse("rows:10001..20000"))
    assert (ours.label, theirs.label) == ("rows:1..10000", "rows:10001..20000")


def test_days_without_a_time_of_day_are_whole_days(room: Any) -> None:
    """The last day of a file that tells days alone ends at midnight: none of its rows is on another day."""
    lines = [f"2026-05-{1 + row // 100:02d},{row}" for row in range(3_000)]
    (room.root / "days.csv").write_text("day,x\n" + "\n".join(lines) + "\n")
    added = room.sources.add(room.root / "days.csv", name="days", role="live", time_column="day")
    room.scan()
    days = get_source(room.store.reader, added.id)
    assert resolve(room.store.reader, parse("2026-05-01..2026-05-30"), days).notes == ()
    found = resolve(room.store.reader, parse("2026-05-01..2026-05-29"), days)
    assert found.notes == ("rounded to whole blocks: about 100 rows of other days are in it",)


def test_a_history_is_in_order_of_arrival(room: Any, ticks: Source) -> None:
    (room.root / "ticks" / "0.csv").write_text("at,row,side\n2025-01-01 00:00:00,-1,a\n2025-01-02 00:00:00,-2,a\n")
    room.scan()
    history = read_history(room.store.reader, get_source(room.store.reader, ticks.id))
    assert [file.path for file in history.files] == ["all.csv", "0.csv"]
    assert [piece.low for piece in history.numbered.pieces] == [0, 10_000, 20_000, 30_000]
    assert history.timed.pieces[0].file.path == "0.csv"
