"""Alerts on the screen: Home lists what needs attention, a toast says once that one begins, Models says how the champion does."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from mlops_tui.bootstrap import Services
from mlops_tui.core.clock import from_seconds
from mlops_tui.monitoring.alert import CRITICAL, DRIFTS, WARNING, WORSE, Finding, Subject
from mlops_tui.monitoring.alert_query import count_alerts, list_alerts, list_mutes
from mlops_tui.monitoring.alerts import raise_alert
from mlops_tui.tui.app import MlopsApp
from mlops_tui.tui.panels.attention_panel import AttentionPanel
from mlops_tui.tui.screens.models import ModelsPane
from mlops_tui.tui.screens.monitor import MonitorPane
from mlops_tui.tui.terminal import GIVE_TITLE_BACK, KEEP_TITLE
from tests.tui.seeing import SIZES, fill_form, looks_as_kept, settled, text_of, until, until_seen, words_of
from tests.tui.tuned import LATER, PASSED, add_model, add_source, add_study, fixed_id, insert

WHY = (
    "worse than the champion before, v1, by 0.084 roc_auc on 612 labelled rows, 95 % at least 0.052 worse; margin 0.010"
)


def add_alert(services: Services, model_id: str) -> None:
    """An alert about the model's second version, raised when that became the champion."""
    row: dict[str, Any] = {"id": fixed_id("W", 1), "kind": WORSE, "severity": CRITICAL, "times": 1, "revision": 2}
    row |= {"subject_kind": "model", "subject_id": model_id, "subject_name": "loans", "evidence": "{}"}
    row |= {"sentence": f"loans version 2 is {WHY}.", "remedy": "mlops-tui models rollback loans"}
    insert(services, "alert", "alerts", {**row, "since": from_seconds(LATER), "seen": from_seconds(LATER)})


def add_outcome(services: Services) -> None:
    """What is known of the model's second version beside the first, of a file that both predicted."""
    versions = {"version_id": fixed_id("V", 102), "before_id": fixed_id("V", 101)}
    moment = from_seconds(LATER)
    shadow = {"model": "loans", "version": 1, "version_id": versions["before_id"], "why": None}
    for place in range(3):
        batch = {
            "id": fixed_id("B", place),
            "version_id": versions["version_id"],
            "file": f"f{place}.csv",
            "at": moment,
        }
        batch |= {"file_hash": str(place), "rows": 300, "rejected": 0, "out": "out.csv", "scores": "{}"}
        insert(services, "prediction_batch", "predictions", {**batch, "shadow": json.dumps(shadow)})
    counts = {"files": 3, "rows": 900, "labelled": 612, "compared": 612, "conflicting": 4, "strange": 0, "unknown": 0}
    figures = {"metric": "roc_auc", "difference": -0.084, "low": -0.116, "high": -0.052, "margin": 0.01}
    told = {"verdict": "fail", "why": WHY, "labels": json.dumps({"outcomes": 2}), "at": moment}
    seen = json.dumps([versions["before_id"], moment, 3, moment, {}])
    insert(services, "champion_outcome", "outcomes", {**versions, **counts, **figures, **told, "seen": seen})


@pytest.fixture
def alerted(services: Services) -> Services:
    """A champion that is worse than the one before, and the alert that says so."""
    add_source(services)
    add_study(services, state="done")
    model_id = add_model(services, verdicts=(PASSED, PASSED))
    add_outcome(services)
    add_alert(services, model_id)
    return services


@pytest.mark.parametrize("size", SIZES)
async def test_home_lists_what_needs_attention(alerted: Services, size: tuple[int, int]) -> None:
    """What, since when and what to do; without an alert the list takes no room."""
    app = MlopsApp(alerted)
    async with app.run_test(size=size) as pilot:
        await settled(pilot, 0.2)
        await looks_as_kept(pilot, f"home-alert-{size[0]}x{size[1]}")


async def test_enter_leads_to_the_model_and_a_acknowledges(alerted: Services) -> None:
    """On Models the cursor stands on it, so that z rolls it back; what is acknowledged is in the list no more."""
    app = MlopsApp(alerted)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_seen(pilot, "Needs attention", "what to do")
        app.query_one(AttentionPanel).table.focus()
        await pilot.press("enter")
        await settled(pilot, 0.5)
        assert isinstance(app.pane, ModelsPane)
        assert app.pane.listing.line is not None
        assert app.pane.listing.line.model.name == "loans"
        await pilot.press("1")
        await settled(pilot)
        app.query_one(AttentionPanel).table.focus()
        await pilot.press("a")
        await until_seen(pilot, "Acknowledge the alert about loans?")
        await fill_form(pilot, why="seen")
        await until(pilot, lambda: count_alerts(alerted.store.reader)["acknowledged"] == 1, 10)
        await until(pilot, lambda: "Needs attention" not in text_of(app), 10)
    (alert,) = list_alerts(alerted.store.reader)
    assert alert.acknowledged_why == "seen"


async def test_by_keys_from_home_to_the_rollback_that_ends_it(alerted: Services) -> None:
    """Enter, then z, as the list says; the end is written down."""
    app = MlopsApp(alerted)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_seen(pilot, "Needs attention", "enter, then z rolls back")
        app.query_one(AttentionPanel).table.focus()
        await pilot.press("enter")
        await settled(pilot, 0.5)
        await pilot.press("z")
        await until(pilot, lambda: "goes back from v2 to v1 at once" in words_of(app), 10)
        await pilot.press("ctrl+s")
        ended = "SELECT why_ended FROM alert"
        await until(pilot, lambda: alerted.store.reader.execute(ended).fetchone()[0] is not None, 10)
        await pilot.press("1")
        await until(pilot, lambda: "Needs attention" not in text_of(app), 10)
    assert list_alerts(alerted.store.reader) == []


async def test_one_that_begins_while_the_screen_is_open_is_told_once(alerted: Services) -> None:
    """Not the one that was open before, and not again when it is found again."""
    finding = Finding(
        "other", Subject("model", "M", "churn"), CRITICAL, "churn is wrong.", "mlops-tui models show churn"
    )
    with alerted.store.write() as writing:
        writing.execute("UPDATE alert SET since = '2026-01-01T00:00:00.000000Z'")
    app = MlopsApp(alerted)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settled(pilot, 0.3)
        assert "is worse than" not in " ".join(notice.message for notice in app._notifications)
        for _ in range(2):
            with alerted.store.write() as writing:
                raise_alert(writing, finding, alerted.settings)
            await until_seen(pilot, "churn is wrong.")
            await settled(pilot, 0.4)
        told = [notice.message for notice in app._notifications]
        assert told == ["churn is wrong. What to do: mlops-tui models show churn"]


async def test_the_bell_rings_once_and_the_title_counts_until_it_is_given_back(
    alerted: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written to the terminal beside the picture; neither where the settings say so."""
    written: list[str] = []
    rung: list[bool] = []
    monkeypatch.setattr(MlopsApp, "_write_to_terminal", lambda app, sequence: written.append(sequence))
    monkeypatch.setattr(MlopsApp, "bell", lambda app: rung.append(True))
    finding = Finding("other", Subject("model", "M", "churn"), CRITICAL, "churn is wrong.", "mlops-tui status")
    for loud in (True, False):
        alerted.settings = replace(alerted.settings, alert_bell=loud, alert_title=loud)
        app = MlopsApp(alerted)
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            await until_seen(pilot, f"{1 if loud else 2} alert")
            for _ in range(2):
                with alerted.store.write() as writing:
                    raise_alert(writing, finding, alerted.settings)
                await settled(pilot, 0.4)
            await until_seen(pilot, "2 alerts")
    titles = [words for words in written if words.startswith("\x1b]2;")]
    assert titles == ["\x1b]2;mlops-tui · 1 alert\x1b\\", "\x1b]2;mlops-tui · 2 alerts\x1b\\"]
    assert (written[0], written[-1]) == (KEEP_TITLE, GIVE_TITLE_BACK)
    assert rung == [True]


def add_drift_alert(services: Services) -> None:
    """An alert about two columns of the source."""
    row: dict[str, Any] = {"id": fixed_id("W", 2), "kind": DRIFTS, "severity": WARNING, "times": 1}
    ((source_id, name),) = services.store.reader.execute("SELECT id, name FROM source")
    row |= {"subject_kind": "source", "subject_id": source_id, "subject_name": name}
    row |= {"evidence": json.dumps({"columns": ["age", "income"]}), "remedy": f"mlops-tui drift {name}"}
    row |= {"sentence": f"2 of 9 columns of {name} drift in 2026-05.csv: age, income."}
    insert(services, "alert", "alerts", {**row, "since": from_seconds(LATER), "seen": from_seconds(LATER)})


async def test_m_mutes_a_column_or_all_of_it_and_enter_leads_to_the_columns(services: Services) -> None:
    add_source(services)
    add_drift_alert(services)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until_seen(pilot, "Needs attention", "enter shows the columns")
        for column in ("age", "income"):
            app.query_one(AttentionPanel).table.focus()
            await pilot.press("m")
            await until_seen(pilot, "Mute alerts about")
            await fill_form(pilot, column=column, until="7 days", why="known")
            await until(
                pilot, lambda named=column: named in [one.column for one in list_mutes(services.store.reader)], 10
            )
        await until(pilot, lambda: "Needs attention" not in text_of(app), 10)
        services.alerts.unmute("loans", column="age")
        await until_seen(pilot, "Needs attention")
        app.query_one(AttentionPanel).table.focus()
        await pilot.press("enter")
        await settled(pilot, 0.5)
        assert isinstance(app.pane, MonitorPane)
    (left,) = list_mutes(services.store.reader)
    assert (left.column, left.why) == ("income", "known")


@pytest.mark.parametrize("size", SIZES)
async def test_a_version_says_how_it_does_beside_the_champion_before(alerted: Services, size: tuple[int, int]) -> None:
    app = MlopsApp(alerted)
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        await pilot.press("6")
        await settled(pilot, 0.2)
        for words in (
            "In the shadow",
            "ran on 3 files of 5",
            "612 of 900 have a label (68%)",
            "-0.0840 -0.1160 to -0.0520",
        ):
            assert words in words_of(app)
        await looks_as_kept(pilot, f"models-shadow-{size[0]}x{size[1]}")
