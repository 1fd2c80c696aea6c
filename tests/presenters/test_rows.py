"""Runs, jobs and the life cycle as rows and cards."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from mlops_tui.core.clock import from_seconds
from mlops_tui.jobs.model import Job
from mlops_tui.overview.status import STEPS
from mlops_tui.presenters.events import subject_of
from mlops_tui.presenters.home import SCREEN_OF_COMMAND, cards, climb
from mlops_tui.presenters.jobs import JOB_TITLES, cost_of_cancelling, job_cells, outcome
from mlops_tui.presenters.run_columns import cell
from mlops_tui.presenters.runs import frequent_keys, run_sections
from mlops_tui.presenters.words import Cell
from mlops_tui.runs.expression import Name
from mlops_tui.runs.model import Run
from mlops_tui.store.event import Event

NOW = 1_780_000_000.0
STARTED = from_seconds(NOW - 100)

JOB = Job("J" * 26, "tune", "Tune loans", {}, "running", None, 1, "here", "1:2", 1, 1.0, 12, 48, 0.9, 95.0, None, None, None, None, "j.log", STARTED, STARTED, None)  # fmt: skip
RUN = Run("R" * 26, "calm-fox-1", "loans", "finished", "script", None, STARTED, from_seconds(NOW - 60), None, None, "here", "1:2", None, None, {"depth": 3, "model": "hgb"}, {"auc": 0.91, "loss": math.nan}, {"owner": "me"})  # fmt: skip


def status(**changed: Mapping[str, int]) -> dict[str, object]:
    """An empty workspace's status, with some of its counts changed."""
    empty = {
        "sources": {"total": 0, "versions": 0, "files": 0, "quarantined": 0},
        "studies": {"total": 0, "open": 0, "finished": 0, "trials": 0},
        "runs": {"total": 0, "running": 0, "finished": 0, "failed": 0},
        "models": {"total": 0, "versions": 0, "champions": 0, "judged": 0, "predictions": 0, "drift_reports": 0},
        "jobs": {"total": 0, "open": 0, "failed": 0, "lost": 0},
        "alerts": {"open": 0, "acknowledged": 0, "muted": 0},
        "agent": {"watching": False, "running": False},
    }
    merged = {room: {**counts, **changed.get(room, {})} for room, counts in empty.items()}
    return {**merged, "level": 0, "next": {"level": 1, "words": STEPS[0].words, "command": STEPS[0].command}}


def test_a_job_has_a_cell_for_each_title() -> None:
    """A quarter done is said by bar and share; an ended job has no time left."""
    cells = dict(zip(JOB_TITLES, job_cells(JOB, NOW), strict=True))
    assert cells["progress"].text.endswith("25%")
    assert cells["left"].text == "1m 35s"
    assert cells["took"].text == "1m 40s"
    ended = dict(zip(JOB_TITLES, job_cells(replace(JOB, state="done", ended=STARTED), NOW), strict=True))
    assert ended["left"].text == "–"


def test_cancelling_says_what_is_lost_and_what_stays() -> None:
    """A queued job loses nothing; a running one what is in work."""
    assert "12 of 48 are done and stay" in cost_of_cancelling(JOB)
    assert "nothing is lost" in cost_of_cancelling(replace(JOB, state="queued"))


def test_a_failed_job_tells_its_error_and_the_remedy() -> None:
    """The worker's own words; a job that ended well has none."""
    failed = replace(JOB, state="failed", error={"code": "data", "title": "No target.", "remedy": "Name one."})
    assert outcome(failed) == "No target. Name one."
    assert outcome(replace(JOB, state="lost", reason="Nobody saw.")) == "Nobody saw."
    assert outcome(replace(JOB, state="done")) == ""


def test_a_run_shows_missing_keys_and_values_that_are_no_numbers() -> None:
    """A metric it lacks is a dash, NaN is said and toned."""
    names = [*(Name("metrics", key) for key in ("auc", "loss", "f1")), Name("params", "depth")]
    cells = [cell(RUN, name, NOW) for name in names]
    assert [one.text for one in cells] == ["0.9100", "nan", "–", "3"]
    assert cells[1].tone == "warn"


def test_a_lost_run_has_no_duration() -> None:
    """Nobody saw its end, so none is made up."""
    took = Name("", "took")
    assert cell(replace(RUN, status="lost", ended=None), took, NOW).text == "–"
    assert cell(replace(RUN, status="running", ended=None), took, NOW).text == "1m 40s"


def test_the_sections_of_a_run_hold_all_that_was_logged() -> None:
    """Metrics, parameters and tags, none left out."""
    sections = dict(run_sections(RUN, NOW))
    assert [key for key, _ in sections["Metrics"]] == ["auc", "loss"]
    assert [key for key, _ in sections["Parameters"]] == ["depth", "model"]
    assert [cell.text for _, cell in sections["Tags"]] == ["me"]


def test_the_keys_that_most_runs_have_become_columns() -> None:
    """A key of one odd run gives way."""
    odd = replace(RUN, metrics={"rare": 1.0}, params={})
    assert frequent_keys([RUN, RUN, odd], 2) == (["auc", "loss"], ["depth", "model"])


def test_metrics_of_rows_that_were_not_learnt_from_come_first() -> None:
    """Then those whose name tells which way is better; the alphabet decides between equals."""
    run = replace(RUN, metrics=dict.fromkeys(("auc", "batches", "loss", "val_loss"), 1.0), params={})
    assert frequent_keys([run], 4)[0] == ["val_loss", "auc", "loss", "batches"]


def test_cards_tell_the_stage_that_needs_a_person() -> None:
    """Files quarantined and a model without a champion are warned of."""
    told = {card.stage: card for card in cards(status(sources={"total": 1, "files": 3, "quarantined": 2}, models={"total": 1, "versions": 2}))}  # fmt: skip
    assert told["Data"].state.text == "2 files quarantined"
    assert told["Models"].state.tone == "warn"
    assert told["Models"].next == "promote"
    assert told["Tuning"].state.text == told["Monitoring"].state.text == "nothing yet"
    wrong = {card.stage: card for card in cards(status(alerts={"open": 2, "acknowledged": 1, "muted": 0}))}
    assert wrong["Monitoring"].state == Cell("2 open alerts", "bad")


def test_every_step_of_the_climb_has_a_screen() -> None:
    """The key beside the next step goes where the step is taken."""
    for step in STEPS:
        assert step.command.split()[1] in SCREEN_OF_COMMAND
    found = climb(status())
    assert (found.level, found.screen) == (0, "data")
    assert climb({"level": 2, "next": None}).step == ""


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (None, {"version": 2}, "model loans v2"),
        ({"version": None}, {"version": 1}, "model loans v1"),
        ({"version": 2}, {"version": 1}, "model loans v2 → v1"),
        (None, {"version": 1, "file": "/data/march.csv"}, "model loans v1, march.csv"),
        (None, None, "model loans"),
    ],
)
def test_an_event_of_a_model_says_which_version(
    before: dict[str, Any] | None, after: dict[str, Any] | None, words: str
) -> None:
    event = Event("E", "2026-01-01T00:00:00.000000Z", "person", "promoted", "model", "M", "loans", None, before, after)
    assert subject_of(event) == words
