"""The course of a metric in a few cells."""

from __future__ import annotations

import math

import pytest

from mlops_tui.runs.begin import start_run
from mlops_tui.runs.curves import WHOLE, course
from mlops_tui.runs.log import RunLog
from mlops_tui.store.store import Store


def begin(store: Store) -> RunLog:
    return RunLog(store, *start_run(store))


def test_a_short_curve_is_all_there(store: Store) -> None:
    run = begin(store)
    run.log_points("loss", [3.0, 1.0, 2.0])
    found = course(store.reader, run.id, "loss", 24)
    assert found is not None
    assert (found.values, found.first, found.last, found.least, found.greatest) == ((3.0, 1.0, 2.0), 0, 2, 1.0, 3.0)


def test_a_long_one_is_looked_at_here_and_there_from_its_first_to_its_last_step(store: Store) -> None:
    run = begin(store)
    count = WHOLE + 10
    run.log_points("loss", [float(step) for step in range(count)])
    asked: list[str] = []
    store.reader.set_trace_callback(asked.append)
    found = course(store.reader, run.id, "loss", 20)
    store.reader.set_trace_callback(None)
    assert found is not None
    assert (found.values[0], found.values[-1], len(found.values)) == (0.0, count - 1, 20)
    assert (found.least, found.greatest) == (None, None)
    assert len(asked) == 21


def test_steps_far_apart_are_shown_once_each(store: Store) -> None:
    run = begin(store)
    run.log_points("loss", [1.0, math.nan, 2.0], steps=[0, 999_999, 1_000_000])
    found = course(store.reader, run.id, "loss", 10)
    assert found is not None
    assert found.values[0] == 1.0
    assert math.isnan(found.values[1])
    assert found.values[2:] == (2.0,)


@pytest.mark.parametrize("values", [[], [1.0]])
def test_what_has_no_course_has_none(store: Store, values: list[float]) -> None:
    run = begin(store)
    run.log_points("loss", values)
    assert course(store.reader, run.id, "loss", 10) is None
