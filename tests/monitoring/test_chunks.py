"""A history is cut into files, periods or rows; each chunk is compared and kept, the oldest first."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.core.errors import UnknownName, UsageError
from mlops_tui.data.model import Source
from mlops_tui.data.query import get_source
from mlops_tui.jobs.context import JobContext
from mlops_tui.monitoring.chunks import BY, Cutting, comparisons, cut, parse_cutting
from mlops_tui.monitoring.history import read_history
from mlops_tui.monitoring.lookup import resolve
from mlops_tui.monitoring.query import get_report, heat_map, list_reports, unit_of, units_of
from mlops_tui.monitoring.window import parse
from tests.monitoring.monthly import make_months, write_month

FILES = [f"2026-{month:02d}.csv" for month in range(1, 7)]


@pytest.fixture(scope="module")
def live(room: Any) -> Source:
    return make_months(room)[1]


def chunks(room: Any, live: Source, by: str) -> list[tuple[str, int]]:
    found, _ = cut(read_history(room.store.reader, live), parse_cutting(by))
    return [(rows.label, rows.count) for _, rows in found]


def ask(room: Any, live: Source, by: str, reference: str = "training") -> dict[str, Any]:
    spec = {"source": live.id, "reference_source": None, "reference": reference, "current": [], "version_id": None}
    result: dict[str, Any] = room.work("drift", **spec, chunks=by)
    return result


@given(st.text(max_size=12))
def test_a_history_is_cut_by_a_word_that_is_known_or_a_number(text: str) -> None:
    try:
        cutting = parse_cutting(text)
    except UsageError:
        return
    assert cutting.unit in (*BY, "rows")
    assert parse_cutting(cutting.text) == cutting


@pytest.mark.parametrize("text", ["", "decade", "0", "-5", "1.5", "9999999999"])
def test_another_word_is_refused_with_those_that_there_are(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_cutting(text)
    assert "file, day, week, month, quarter, year" in refused.value.remedy


def test_each_file_is_a_chunk_in_order_of_arrival(room: Any, live: Source) -> None:
    assert [label for label, _ in chunks(room, live, "file")] == FILES


def test_each_period_with_rows_is_a_chunk_in_order_of_time(room: Any, live: Source) -> None:
    assert chunks(room, live, "month") == [
        (f"period:{file[:7]}", days * 10) for file, days in zip(FILES, (31, 28, 31, 30, 31, 30), strict=True)
    ]
    assert chunks(room, live, "quarter") == [("period:2026-Q1", 900), ("period:2026-Q2", 910)]
    assert chunks(room, live, "year") == [("period:2026", 1_810)]


def test_rows_are_cut_at_blocks_on_a_grid_that_stays_when_more_rows_come(room: Any, live: Source) -> None:
    """Three files of some 300 rows are about 900; the last chunk has the name that it keeps when it is full."""
    assert chunks(room, live, "900") == [("rows:1..900", 900), ("rows:901..1800", 910)]
    assert chunks(room, live, "600") == [("rows:1..600", 590), ("rows:601..1200", 610), ("rows:1201..1800", 610)]


@pytest.mark.parametrize("by", ["file", "month", "quarter", "year", "600", "900"])
def test_a_chunk_is_a_window_that_can_be_asked_for_by_its_name(room: Any, live: Source, by: str) -> None:
    found, left_out = cut(read_history(room.store.reader, live), parse_cutting(by))
    assert left_out == []
    for _, rows in found:
        alone = resolve(room.store.reader, parse(rows.label), live)
        assert alone.is_same_as(rows)
        assert (alone.unit, alone.label) == (rows.unit, rows.label)


@pytest.mark.parametrize("by", ["day", "week"])
def test_a_period_shorter_than_the_blocks_is_refused_with_one_that_is_not(room: Any, live: Source, by: str) -> None:
    with pytest.raises(UsageError, match=rf"blocks of about 30 days, so there are no chunks by {by}") as refused:
        chunks(room, live, by)
    assert refused.value.remedy == "Say --chunks month."


def test_fewer_rows_than_a_block_has_are_refused_with_as_many_as_it_has(room: Any, live: Source) -> None:
    with pytest.raises(UsageError, match=r"blocks of 305, so there are no chunks of 100\.") as refused:
        chunks(room, live, "100")
    assert refused.value.remedy == "Say --chunks 305."


def test_what_has_no_time_is_in_no_period_and_that_is_said(room: Any) -> None:
    folder = room.root / "holes"
    write_month(folder / "a.csv", 2026, 1)
    (folder / "b.csv").write_text("at,heat,kind\n" + ",0.5,a\n" * 40)
    added = room.sources.add(folder, name="holes", role="live", time_column="at")
    room.scan()
    history = read_history(room.store.reader, get_source(room.store.reader, added.id))
    found, left_out = cut(history, Cutting("month"))
    assert [rows.label for _, rows in found] == ["period:2026-01"]
    assert [(one.what, one.why) for one in left_out] == [("40 rows", "They have no time.")]


def test_a_source_without_a_time_column_has_files_and_rows_but_no_periods(room: Any) -> None:
    (room.root / "plain").mkdir()
    (room.root / "plain" / "a.csv").write_text("x\n" + "1\n" * 50)
    added = room.sources.add(room.root / "plain", name="plain")
    with pytest.raises(UnknownName):
        chunks(room, get_source(room.store.reader, added.id), "file")
    room.scan()
    plain = get_source(room.store.reader, added.id)
    assert chunks(room, plain, "file") == [("a.csv", 50)]
    assert chunks(room, plain, "50") == [("rows:1..50", 50)]
    with pytest.raises(UsageError, match="no time column, so no chunks by month"):
        chunks(room, plain, "month")


def test_a_report_of_each_chunk_is_kept_and_asking_again_replaces_it(room: Any, live: Source) -> None:
    first = ask(room, live, "month")
    assert (first["of"], first["left_out"]) == (6, [])
    reports = [get_report(room.store.reader, one) for one in first["chunks"]]
    assert [report.current for report in reports] == [f"period:{file[:7]}" for file in FILES]
    assert [report.drift for report in reports] == [file.startswith("2026-05") for file in FILES]
    assert (reports[1].first, reports[1].last) == ("2026-02-01T00:30:00Z", "2026-02-28T09:30:00Z")
    again = ask(room, live, "month")
    kept = [head for head in list_reports(room.store.reader, live.id, limit=500) if head.current.startswith("period:2")]
    assert {head.id for head in kept} == set(again["chunks"])
    assert not set(again["chunks"]) & set(first["chunks"])


def test_the_chunk_that_is_the_reference_is_left_out_and_that_is_said(room: Any, live: Source) -> None:
    result = ask(room, live, "file", reference="2026-01.csv")
    reports = [get_report(room.store.reader, one) for one in result["chunks"]]
    assert [report.current for report in reports] == FILES[1:]
    assert result["left_out"] == [{"what": "2026-01.csv", "why": "'2026-01.csv' is the same rows as the reference."}]


def test_one_reference_is_looked_up_once_for_all_chunks(room: Any, live: Source) -> None:
    """Its profile is merged once: all pairs have the very same rows."""
    found = comparisons(room.store.reader, live, None, "training", chunks="file")
    assert len(found.pairs) == len(FILES)
    assert len({id(ours) for ours, _ in found.pairs}) == 1


def test_a_history_that_is_stopped_keeps_what_was_compared(
    room: Any, live: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person asks for it after the second chunk."""
    progress = JobContext.progress

    def stop_at_third(context: JobContext, done: int, total: int | None, **more: Any) -> None:
        progress(context, done, total, **more)
        if done == 2 and not more.get("force"):
            with room.store.write() as writing:
                writing.execute("UPDATE job SET wanted = 'stop' WHERE id = ?", (context.job_id,))

    monkeypatch.setattr(JobContext, "progress", stop_at_third)
    result = ask(room, live, "file", reference="2026-02.csv")
    assert (len(result["chunks"]), result["of"]) == (3, 5)
    done, total = room.store.reader.execute("SELECT done, total FROM job ORDER BY id DESC LIMIT 1").fetchone()
    assert (done, total) == (3, 5)


def test_a_heat_map_has_the_newest_chunks_of_one_unit_with_all_columns(room: Any, live: Source) -> None:
    ask(room, live, "month")
    ask(room, live, "quarter")
    found = heat_map(room.store.reader, live.id, "training", unit="month", limit=3)
    assert [chunk.current for chunk in found.chunks] == ["period:2026-04", "period:2026-05", "period:2026-06"]
    assert [chunk.drift for chunk in found.chunks] == [False, True, False]
    assert [chunk.rows for chunk in found.chunks] == [300, 310, 300]
    assert found.columns == (("at", "date-time"), ("heat", "numeric"), ("kind", "category"))
    at, heat, kind = found.tiles
    assert [tile and tile.verdict for tile in at] == ["not_compared"] * 3
    assert [tile and tile.verdict for tile in heat] == ["steady", "drift", "steady"]
    assert heat[1] is not None
    assert heat[1].measure == "wasserstein"
    assert heat[1].effect == pytest.approx(3, abs=0.3)
    assert [tile and tile.measure for tile in kind] == ["jensen_shannon"] * 3
    assert heat_map(room.store.reader, live.id, "training", unit="day").chunks == ()
    assert units_of(room.store.reader, live.id, "training") == ["month", "quarter"]
    assert unit_of(room.store.reader, found.chunks[0].report_id) == "month"
    with pytest.raises(UnknownName):
        unit_of(room.store.reader, "NOTHING")


def test_a_heat_map_shows_another_measure_where_one_is_asked_for(room: Any, live: Source) -> None:
    [report] = ask(room, live, "month")["chunks"][4:5]
    found = heat_map(room.store.reader, live.id, "training", unit="month", measure="psi", limit=2)
    column = get_report(room.store.reader, report).column("heat")
    assert column is not None
    assert column.psi is not None
    tile = found.tiles[1][0]
    assert tile is not None
    assert (tile.measure, tile.effect) == ("psi", column.psi.value)


def test_a_heat_map_is_read_from_indexes_alone(room: Any, live: Source) -> None:
    """Neither all reports nor any figures are gone through, so it costs what is shown."""
    asked: list[str] = []
    room.store.reader.set_trace_callback(asked.append)
    heat_map(room.store.reader, live.id, "training", unit="month", limit=2)
    room.store.reader.set_trace_callback(None)
    plans = [" ".join(row[3] for row in room.store.reader.execute(f"EXPLAIN QUERY PLAN {one}")) for one in asked]
    assert len(asked) == 3
    assert "USING INDEX ix_drift_report_place" in plans[0]
    assert "SCAN" not in plans[0]
    assert all("USING COVERING INDEX ix_drift_column_tile" in plan and "TEMP" not in plan for plan in plans[1:])


def test_a_month_that_is_filled_later_replaces_its_report(room: Any, live: Source) -> None:
    """A file of the same month came meanwhile; the other months stay as they are."""
    write_month(room.root / "live" / "2026-07.csv", 2026, 7)
    room.scan()
    newest = get_report(room.store.reader, ask(room, live, "quarter")["chunks"][-1])
    assert (newest.current, newest.current_rows) == ("period:2026-Q3", 310)
    write_month(room.root / "live" / "2026-08.csv", 2026, 8)
    room.scan()
    again = get_report(room.store.reader, ask(room, live, "quarter")["chunks"][-1])
    assert (again.current, again.current_rows) == ("period:2026-Q3", 620)
    of_quarters = heat_map(room.store.reader, live.id, "training", unit="quarter")
    assert [chunk.current for chunk in of_quarters.chunks] == ["period:2026-Q1", "period:2026-Q2", "period:2026-Q3"]
