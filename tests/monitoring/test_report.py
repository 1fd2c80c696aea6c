"""The drift job on the loan stream, whose shifts are known, and what is kept of its reports."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from mlops_tui.core.errors import UnknownName, UsageError
from mlops_tui.data.model import Source
from mlops_tui.data.query import get_source
from mlops_tui.jobs.service import Jobs
from mlops_tui.monitoring.alert_query import list_alerts
from mlops_tui.monitoring.model import DriftReport
from mlops_tui.monitoring.query import get_report, heat_map, latest, list_reports, units_of, why_of
from mlops_tui.monitoring.service import Monitoring
from mlops_tui.store.event import read_events

LOANS = Path(__file__).parents[2] / "sample_data" / "loan_applications"
MONTHS = [f"2026-0{month}.csv" for month in range(1, 9)]


@pytest.fixture(scope="module")
def live(room: Any) -> Source:
    shutil.copytree(LOANS, room.root / "loans")
    told = {"id_column": "application_id", "time_column": "applied_at"}
    room.sources.add(room.root / "loans" / "training.csv", name="loans", target="defaulted", **told)
    room.scan()
    added = room.sources.add(room.root / "loans", name="live", role="live", pattern="2026-*.csv", **told)
    room.scan()
    return get_source(room.store.reader, added.id)


@pytest.fixture(scope="module")
def reports(room: Any, live: Source) -> list[dict[str, Any]]:
    return ask(room, live, *MONTHS)


def ask(room: Any, live: Source, *current: str, reference: str = "training") -> list[dict[str, Any]]:
    spec = {"source": live.id, "reference_source": None, "reference": reference, "current": current, "version_id": None}
    return room.work("drift", **spec)["reports"]


def drifting(report: dict[str, Any]) -> set[str]:
    return {column["name"] for column in report["columns"] if column["drift"]}


def test_the_month_of_the_shift_flags_its_three_columns_and_no_other_month_any(reports: list[dict[str, Any]]) -> None:
    assert {report["current"]: drifting(report) for report in reports} == {
        month: {"channel", "age", "income"} if month == "2026-05.csv" else set() for month in MONTHS
    }
    assert [report["drift"] for report in reports] == [month == "2026-05.csv" for month in MONTHS]


def test_effects_are_those_that_the_stream_was_made_with(reports: list[dict[str, Any]]) -> None:
    columns = {column["name"]: column for column in reports[4]["columns"]}
    assert columns["channel"]["jensen_shannon"]["value"] == pytest.approx(0.70, abs=0.02)
    assert columns["age"]["wasserstein"]["value"] == pytest.approx(0.85, abs=0.02)
    assert columns["income"]["wasserstein"]["value"] == pytest.approx(0.65, abs=0.02)


def test_id_and_time_are_not_judged_and_a_target_that_is_not_there_is_no_finding(reports: list[dict[str, Any]]) -> None:
    columns = {column["name"]: column for column in reports[0]["columns"]}
    assert "defaulted" not in columns
    assert {name for name, column in columns.items() if column["drift"] is None} == {"application_id", "applied_at"}


def test_a_report_is_json_and_comes_back_from_the_store_whole(room: Any, reports: list[dict[str, Any]]) -> None:
    report = json.loads(json.dumps(reports[4], allow_nan=False))
    assert {"source", "reference", "current", "drift", "columns"} <= set(report)
    assert get_report(room.store.reader, report["id"]) == DriftReport.from_json(report)
    assert (report["source"], report["reference"], report["reference_rows"]) == ("live", "training", 12_000)


def test_the_heat_map_has_every_month_with_its_columns(room: Any, live: Source, reports: list[Any]) -> None:
    assert units_of(room.store.reader, live.id, "training") == ["file"]
    found = heat_map(room.store.reader, live.id, "training")
    assert [chunk.current for chunk in found.chunks] == MONTHS
    tiles = {name: tiles[4] for (name, _), tiles in zip(found.columns, found.tiles, strict=True)}
    age, channel, application = tiles["age"], tiles["channel"], tiles["application_id"]
    assert age is not None
    assert (age.verdict, age.effect) == ("drift", pytest.approx(0.85, abs=0.02))
    assert channel is not None
    assert channel.effect == pytest.approx(0.70, abs=0.02)
    assert application is not None
    assert application.effect is None
    newest = found.chunks[4].report_id
    assert "moved by 0.85" in (why_of(room.store.reader, newest, "age") or "")
    assert why_of(room.store.reader, newest, "nothing") is None


def test_asking_again_replaces_the_report_and_says_so(room: Any, live: Source, reports: list[Any]) -> None:
    before = {head.current: head.id for head in list_reports(room.store.reader, live.id)}
    [again] = ask(room, live, "2026-04.csv")
    after = {head.current: head.id for head in list_reports(room.store.reader, live.id)}
    assert after == before | {"2026-04.csv": again["id"]}
    newest = latest(room.store.reader, live.id)
    assert newest is not None
    assert newest.id == again["id"]
    assert newest.why == "none of 11 columns drifts; against 12,000 rows of loans; how files vary is unknown"
    count = "SELECT count(DISTINCT report_id) FROM drift_column"
    assert room.store.reader.execute(count).fetchone()[0] == len(after)
    event = next(event for event in read_events(room.store.reader) if event.subject_id == again["id"])
    assert event.before == {"report": before["2026-04.csv"], "drift": False}


def test_a_window_of_several_files_is_their_rows_together(room: Any, live: Source) -> None:
    [report] = ask(room, live, "2026-04-01..2026-06-30", reference="2026-01-01..2026-03-31")
    assert (report["reference_rows"], report["current_rows"]) == (15_000, 15_000)
    assert {"channel", "age", "income"} == drifting(report)


def test_nothing_is_kept_where_a_window_is_wrong(room: Any, live: Source, reports: list[Any]) -> None:
    before = list_reports(room.store.reader, live.id)
    with pytest.raises(UnknownName):
        ask(room, live, "2026-01.csv", "2027-01.csv")
    with pytest.raises(UsageError, match="same rows"):
        ask(room, live, "2026-01.csv", reference="2026-01.csv")
    assert list_reports(room.store.reader, live.id) == before


def test_what_is_watched_begins_an_alert_and_the_next_file_that_is_steady_ends_it(room: Any, live: Source) -> None:
    """What a person asks for of other windows does not; where nothing can be told, the alert stays as it is."""
    reader = room.store.reader
    spec = {"source": live.id, "reference_source": None, "reference": "training", "version_id": None}
    room.work("drift", **spec, current=["2026-05.csv"])
    assert list_alerts(reader) == []
    room.work("drift", **spec, current=["2026-04.csv", "2026-05.csv"], watched=True)
    (alert,) = list_alerts(reader)
    assert (alert.kind, alert.severity, alert.subject.name) == ("drift", "warning", "live")
    assert alert.sentence == "3 of 11 columns of live drift in 2026-05.csv: channel, age, income."
    assert set(alert.columns) == {"age", "income", "channel"}
    assert get_report(reader, alert.evidence["report"]).current == "2026-05.csv"
    room.work("drift", **spec, current=["2026-06.csv"], watched=True)
    assert list_alerts(reader) == []
    (ended,) = list_alerts(reader, with_ended=True)
    assert ended.why_ended == "2026-06.csv does not drift"


def test_what_is_asked_for_the_newest_file_alone_is_watched(room: Any, live: Source) -> None:
    asked = Monitoring(room.store, Jobs(room.store))
    assert asked.plan("live")[1]["watched"]
    for others in ({"reference": "training"}, {"current": ["2026-05.csv"]}, {"chunks": "file"}, {"training": "loans"}):
        assert not asked.plan("live", **others)[1]["watched"]
