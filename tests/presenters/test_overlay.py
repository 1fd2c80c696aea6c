"""Curves of several runs: read on as they grow, smoothed, and over steps or over time."""

from __future__ import annotations

import numpy as np
import pytest

from mlops_tui.presenters.overlay import Overlay
from mlops_tui.presenters.ways import AXES, RELATIVE, STEP, TIME, Way
from mlops_tui.runs.begin import start_run
from mlops_tui.runs.log import RunLog
from mlops_tui.store.store import Store

BEGAN = 1_700_000_000.0


@pytest.fixture
def logs(store: Store) -> list[RunLog]:
    found = [RunLog(Store(store.workspace), *start_run(store, name=name)) for name in ("one", "other")]
    for place, log in enumerate(found):
        log.log_points("loss", [4.0, 3.0, 2.0, 1.0], at=[BEGAN + place * 100 + step for step in range(4)])
    found[0].log_points("auc", [0.5, 0.9])
    return found


def names(logs: list[RunLog]) -> dict[str, str]:
    return dict(zip([log.id for log in logs], "AB", strict=True))


def test_metrics_that_most_runs_have_come_first(store: Store, logs: list[RunLog]) -> None:
    overlay = Overlay([log.id for log in logs])
    overlay.read_keys(store.reader)
    assert overlay.keys == ["loss", "auc"]


def test_the_axis_is_steps_moments_or_the_time_since_the_start(store: Store, logs: list[RunLog]) -> None:
    overlay = Overlay([log.id for log in logs])
    overlay.read_on(store.reader, ["loss"])
    assert {by: overlay.span(["loss"], by) for by in AXES} == {
        STEP: (0.0, 3.0),
        TIME: (BEGAN, BEGAN + 103),
        RELATIVE: (0.0, 3.0),
    }
    figure = overlay.figure("loss", names(logs), Way(by=TIME))
    assert figure.x_dates
    assert np.asarray(figure.series[1].x)[0] == BEGAN + 100


def test_what_is_logged_is_read_on_and_smoothed_from_where_it_was(store: Store, logs: list[RunLog]) -> None:
    overlay, way = Overlay([log.id for log in logs]), Way(weight=0.9)
    for more in ([], [9.0, 9.0], [1.0]):
        if more:
            logs[0].log_points("loss", more)
        overlay.read_on(store.reader, ["loss"])
        figure = overlay.figure("loss", names(logs), way)
    fresh = Overlay([log.id for log in logs])
    fresh.read_on(store.reader, ["loss"])
    again = fresh.figure("loss", names(logs), way)
    smooth, faint = figure.series[2], figure.series[0]
    assert (faint.role, faint.label, smooth.name) == ("faint", "", "A")
    assert np.asarray(smooth.y) == pytest.approx(np.asarray(again.series[2].y))
    assert len(np.asarray(faint.y)) == 7


def test_the_cross_hair_tells_what_was_logged_last_before_it(store: Store, logs: list[RunLog]) -> None:
    overlay = Overlay([log.id for log in logs])
    overlay.read_on(store.reader, ["loss"])
    way = Way(at=2.5)
    assert overlay.told_at("loss", names(logs), way) == "A 2 (step 2)  B 2 (step 2)"
    assert overlay.told_at("loss", names(logs), Way(at=2.0)) == "A 2  B 2"
    figure = overlay.figure("loss", names(logs), way)
    assert figure.marks[0].x == 2.5
    assert figure.title == "loss  A 2 (step 2)  B 2 (step 2)"
    assert overlay.told_at("loss", names(logs), Way(at=-1.0)) == ""


def test_a_clock_that_went_backwards_puts_points_where_they_belong(store: Store) -> None:
    log = RunLog(Store(store.workspace), *start_run(store, name="back"))
    log.log_points("loss", [1.0, 2.0], at=[BEGAN + 50, BEGAN + 60])
    overlay, way = Overlay([log.id]), Way(by=TIME)
    overlay.read_on(store.reader, ["loss"])
    overlay.figure("loss", {log.id: "A"}, way)
    log.log_metric("loss", 3.0, at=BEGAN)  # a step further, and a clock that was put back
    overlay.read_on(store.reader, ["loss"])
    line = overlay.figure("loss", {log.id: "A"}, way).series[0]
    assert np.asarray(line.x).tolist() == [BEGAN, BEGAN + 50, BEGAN + 60]
    assert np.asarray(line.y).tolist() == [3.0, 1.0, 2.0]


def test_a_logarithmic_axis_across_needs_steps_above_nought(store: Store, logs: list[RunLog]) -> None:
    overlay = Overlay([logs[0].id])
    overlay.read_on(store.reader, ["loss"])
    figure = overlay.figure("loss", names(logs), Way(log_x=True))
    assert figure.log_x
    assert "1" in figure.draw(40, 10, "ascii").text()  # step 0 is left out
    logs[0].log_points("nought", [1.0], steps=[0])
    overlay.read_on(store.reader, ["nought"])
    assert not overlay.figure("nought", names(logs), Way(log_x=True)).log_x
