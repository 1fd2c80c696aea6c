"""Alerts are folded, grow, end, and are muted; what is told of them waits in the store until a channel took it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mlops_tui.core.clock import from_seconds, to_seconds
from mlops_tui.core.errors import JobError, UsageError
from mlops_tui.core.settings import Settings
from mlops_tui.monitoring.alert import CRITICAL, TRIES, WARNING, Alert, Finding, Subject
from mlops_tui.monitoring.alert_query import (
    alerts_to_see,
    count_alerts,
    deliveries_of,
    list_alerts,
    list_mutes,
    waiting_deliveries,
)
from mlops_tui.monitoring.alerts import Alerts, end_alert, raise_alert, until_of
from mlops_tui.store.event import read_events
from tests.monitoring.conftest import Room

COLUMNS = ["age", "income"]


@pytest.fixture
def loud(tmp_path: Path) -> Room:
    """A workspace with a source, whose alerts are told by a command that writes them down."""
    settings = Settings(
        settle_seconds=0.05,
        alert_command=f"cat >> {tmp_path / 'told'}; echo >> {tmp_path / 'told'}",
        alert_retry_seconds=0.05,
    )
    room = Room(tmp_path / "work", settings)
    (room.root / "a.csv").write_text("age,income\n1,2\n3,4\n", "utf-8")
    room.sources.add(room.root / "a.csv", name="loans", role="live")
    room.scan()
    return room


@pytest.fixture
def found(loud: Room) -> Callable[..., None]:
    """Raises an alert about columns of the source."""

    def raise_(severity: str = WARNING, columns: list[str] = COLUMNS, sentence: str = "They drift.") -> None:
        with loud.store.write() as writing:
            raise_alert(writing, finding_of(loud, severity, columns, sentence), loud.settings)

    return raise_


def finding_of(room: Room, severity: str, columns: list[str], sentence: str) -> Finding:
    ((source_id,),) = room.store.reader.execute("SELECT id FROM source")
    subject = Subject("source", source_id, "loans")
    return Finding("drift", subject, severity, sentence, "mlops-tui drift loans", {"columns": columns})


def told(room: Room) -> list[tuple[str, str]]:
    """The moment and the sentence of each alert that the command was told, in order."""
    path = room.root.parent / "told"
    records = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line] if path.exists() else []
    return [(record["moment"], record["alert"]["sentence"]) for record in records]


def only(room: Room) -> Alert:
    (alert,) = list_alerts(room.store.reader)
    return alert


def test_one_that_is_found_again_is_the_same_one_and_is_told_once(loud: Room, found: Callable[..., None]) -> None:
    for sentence in ("They drift.", "They drift still."):
        found(sentence=sentence)
        loud.work("tell")
    assert (only(loud).times, only(loud).sentence) == (2, "They drift still.")
    assert told(loud) == [("began", "They drift.")]


def test_one_that_grows_graver_is_told_again_and_is_no_longer_acknowledged(
    loud: Room, found: Callable[..., None]
) -> None:
    found()
    Alerts(loud.store).acknowledge("loans", "known")
    found()
    assert alerts_to_see(loud.store.reader) == []
    found(CRITICAL, sentence="It is worse.")
    assert [alert.severity for alert in alerts_to_see(loud.store.reader)] == [CRITICAL]
    loud.work("tell")
    assert [moment for moment, _ in told(loud)] == ["began", "grew"]
    assert read_events(loud.store.reader, limit=1)[0].verb == "alert_grew"


def test_its_end_is_told_where_its_beginning_was(loud: Room, found: Callable[..., None]) -> None:
    """Also where the beginning still waits: then both come, in that order."""
    found()
    ends(loud)
    loud.work("tell")
    assert [moment for moment, _ in told(loud)] == ["began", "ended"]
    loud.settings = replace(loud.settings, alert_command="")
    found()
    ends(loud)
    assert waiting_deliveries(loud.store.reader) == []


def ends(room: Room) -> None:
    with room.store.write() as writing:
        ((source_id,),) = writing.execute("SELECT id FROM source").fetchall()
        end_alert(writing, "drift", source_id, "june.csv does not drift")


def test_below_the_severity_that_is_asked_for_nothing_is_told(loud: Room, found: Callable[..., None]) -> None:
    loud.settings = replace(loud.settings, alert_severity=CRITICAL)
    found()
    assert waiting_deliveries(loud.store.reader) == []
    found(CRITICAL)
    assert [one.moment for one in waiting_deliveries(loud.store.reader)] == ["grew"]


def test_a_muted_column_hides_what_is_about_it_alone(loud: Room, found: Callable[..., None]) -> None:
    alerts = Alerts(loud.store)
    mute = alerts.mute("loans", column="age", until="7d", why="a new form")
    assert (mute.column, mute.why) == ("age", "a new form")
    found(columns=["age"])
    assert (only(loud).muted, alerts_to_see(loud.store.reader)) == (True, [])
    assert count_alerts(loud.store.reader) == {"open": 1, "acknowledged": 0, "muted": 1}
    assert waiting_deliveries(loud.store.reader) == []
    found(columns=["age", "income"])
    assert [alert.columns for alert in alerts_to_see(loud.store.reader)] == [("age", "income")]
    assert [one.moment for one in waiting_deliveries(loud.store.reader)] == ["began"]


def test_a_muted_source_hides_all_of_it_until_then(loud: Room, found: Callable[..., None]) -> None:
    """A mute that ran out or was lifted hides nothing; muting again takes the place of the mute before."""
    alerts = Alerts(loud.store)
    alerts.mute("loans", until="1h")
    alerts.mute("loans", until="2h")
    (mute,) = list_mutes(loud.store.reader)
    assert to_seconds(mute.until or "") == pytest.approx(time.time() + 7200, abs=60)
    found()
    assert alerts_to_see(loud.store.reader) == []
    with loud.store.write() as writing:
        writing.execute("UPDATE alert_mute SET until = ?", (from_seconds(time.time() - 1),))
    assert len(alerts_to_see(loud.store.reader)) == 1
    assert list_mutes(loud.store.reader) == []
    alerts.mute(only(loud).id)
    assert alerts_to_see(loud.store.reader) == []
    alerts.unmute("loans")
    assert len(alerts_to_see(loud.store.reader)) == 1
    with pytest.raises(UsageError, match="loans is not muted"):
        alerts.unmute("loans")


def test_what_cannot_be_muted_is_refused(loud: Room) -> None:
    alerts = Alerts(loud.store)
    with pytest.raises(UsageError, match=r"no column 'size'\..*There is: age, income"):
        alerts.mute("loans", column="size")
    with pytest.raises(UsageError, match="no source, model or alert 'nobody'"):
        alerts.mute("nobody")
    assert list_mutes(loud.store.reader) == []


@pytest.mark.parametrize("wrong", ["soon", "0d", "7w", "2026-13-01", "2020-01-01", "9999-12-31", "-1d"])
def test_a_time_that_cannot_be_meant_is_refused(wrong: str) -> None:
    with pytest.raises(UsageError):
        until_of(wrong, 1_780_000_000.0)


def test_a_day_is_meant_to_its_end() -> None:
    present = 1_780_000_000.0
    assert until_of("12h", present) == from_seconds(present + 43_200)
    assert to_seconds(until_of("2026-12-31", present)) == time.mktime((2027, 1, 1, 0, 0, 0, 0, 0, -1))


def test_a_channel_that_fails_is_tried_again_and_that_is_shown(loud: Room, found: Callable[..., None]) -> None:
    """It comes through at the third try; each is written down as it is made."""
    tries = loud.root.parent / "tries"
    script = f"echo . >> {tries}; test $(wc -l < {tries}) -ge 3 || {{ echo no line; exit 1; }}"
    loud.settings = replace(loud.settings, alert_command=script)
    found()
    assert loud.work("tell") == {"sent": 1, "failed": 0}
    (delivery,) = deliveries_of(loud.store.reader, only(loud).id)
    assert (delivery.state, delivery.tries, delivery.why) == ("sent", 3, None)


def test_a_channel_that_fails_for_good_fails_the_job_and_harms_no_other(loud: Room, found: Callable[..., None]) -> None:
    loud.settings = replace(loud.settings, alert_webhook="http://127.0.0.1:9/x")
    found()
    with pytest.raises(JobError, match=r"webhook: 127\.0\.0\.1 could not be reached: Connection refused"):
        loud.work("tell")
    states = {one.channel: (one.state, one.tries) for one in deliveries_of(loud.store.reader, only(loud).id)}
    assert states == {"command": ("sent", 1), "webhook": ("failed", TRIES)}
    assert len(told(loud)) == 1
    assert waiting_deliveries(loud.store.reader) == []


def test_a_channel_that_was_taken_down_meanwhile_is_given_up(loud: Room, found: Callable[..., None]) -> None:
    found()
    loud.settings = replace(loud.settings, alert_command="")
    with pytest.raises(JobError, match="The channel command is not set up"):
        loud.work("tell")


def test_two_jobs_at_once_tell_it_once(loud: Room, found: Callable[..., None]) -> None:
    """The second one finds the first one's work taken."""
    found()
    jobs = [threading.Thread(target=loud.work, args=("tell",)) for _ in range(2)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    assert len(told(loud)) == 1


def test_an_alert_about_no_columns_is_seen_where_another_is_muted(loud: Room, found: Callable[..., None]) -> None:
    with loud.store.write() as writing:
        raise_alert(writing, replace(finding_of(loud, WARNING, [], "It is late."), evidence={}), loud.settings)
    Alerts(loud.store).mute("loans", column="age")
    assert [alert.sentence for alert in alerts_to_see(loud.store.reader)] == ["It is late."]
    assert count_alerts(loud.store.reader) == {"open": 1, "acknowledged": 0, "muted": 0}
