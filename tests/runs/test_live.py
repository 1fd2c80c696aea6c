"""Curves that grow: what was logged since is read on, and what was written again is noticed."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

import numpy as np
import pytest

from mlops_tui.runs.begin import start_run
from mlops_tui.runs.live import LiveCurve, curve_keys
from mlops_tui.runs.log import RunLog
from mlops_tui.runs.query import points
from mlops_tui.store.store import Store


@pytest.fixture
def log(store: Store) -> Iterator[RunLog]:
    log = RunLog(Store(store.workspace), *start_run(store, name="r"))
    yield log
    log.end()


def agrees(store: Store, curve: LiveCurve) -> bool:
    found = points(store.reader, curve.run_id, curve.key)
    return (
        curve.steps.tolist() == [point.step for point in found]
        and curve.at.tolist() == [point.at for point in found]
        and np.array_equal(curve.values, [point.value for point in found], equal_nan=True)
    )


def test_what_follows_is_read_on_and_nothing_else(store: Store, log: RunLog) -> None:
    curve = LiveCurve(log.id, "loss")
    assert not curve.read_on(store.reader)
    for _ in range(3):
        log.log_points("loss", np.random.default_rng(0).random(700))
        assert curve.read_on(store.reader)
        assert agrees(store, curve)
    assert not curve.read_on(store.reader)
    assert (curve.version, len(curve.values)) == (0, 2100)


def test_what_is_no_number_is_what_it_is(store: Store, log: RunLog) -> None:
    log.log_points("loss", [1.0, math.nan, math.inf, -math.inf, math.nan])
    curve = LiveCurve(log.id, "loss")
    curve.read_on(store.reader)
    assert agrees(store, curve)
    assert not curve.read_on(store.reader)
    assert curve.version == 0


@pytest.mark.parametrize(
    ("step", "value"),
    [(9, 5.0), (3, 5.0), (-4, 5.0)],
    ids=["the last again", "one before with others after it", "one before the first"],
)
def test_a_step_that_is_written_again_or_late_is_noticed(store: Store, log: RunLog, step: int, value: float) -> None:
    log.log_points("loss", [0.5] * 10, steps=range(10))
    curve = LiveCurve(log.id, "loss")
    curve.recount_seconds = 0.0
    curve.read_on(store.reader)
    log.log_metric("loss", value, step, time.time() + 1)
    if step == 3:
        log.log_metric("loss", value, -1)  # that a step in the middle changed alone is not seen until others come
    curve.read_on(store.reader)
    assert agrees(store, curve)
    assert curve.version == 1


def test_only_metrics_with_a_course_are_curves(store: Store, log: RunLog) -> None:
    log.log_metric("auc", 0.9)
    log.log_points("loss", [3.0, 2.0])
    log.log_usage({"usage/cpu": 1.0})
    assert curve_keys(store.reader, log.id) == ["loss"]
