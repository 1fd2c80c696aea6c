"""What a run's own process writes down."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
from threading import Thread
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlops_tui.core.errors import UsageError
from mlops_tui.runs.begin import start_run
from mlops_tui.runs.log import RunLog
from mlops_tui.runs.query import get_run, points
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store

WRITER = """
import sys
from pathlib import Path
from mlops_tui.runs.log import RunLog
from mlops_tui.store.store import Store
from mlops_tui.store.workspace import Workspace

root, run_id, first, count = sys.argv[1:]
log = RunLog(Store(Workspace(Path(root))), run_id, "shared")
for step in range(int(first), int(first) + int(count)):
    log.log_metric("loss", float(step), step)
    print(step, flush=True)
"""


def begin(store: Store, **given: Any) -> RunLog:
    return RunLog(store, *start_run(store, **given))


def writer(store: Store, run_id: str, first: int, count: int) -> subprocess.Popen[str]:
    root = str(store.workspace.root)
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, root, run_id, str(first), str(count)], stdout=subprocess.PIPE, text=True
    )


def test_four_processes_that_log_at_once_lose_nothing(store: Store) -> None:
    run = begin(store)
    writers = [writer(store, run.id, 1000 * number, 1000) for number in range(4)]
    for process in writers:
        process.communicate(timeout=120)
        assert process.returncode == 0
    assert [point.step for point in points(store.reader, run.id, "loss")] == list(range(4000))
    assert get_run(store.reader, run.id).metrics == {"loss": 3999.0}


@pytest.mark.parametrize("calls", [1, 2, 57])
def test_what_a_call_has_logged_survives_kill_9(store: Store, calls: int) -> None:
    """The process is killed the moment that it reports its n-th call, wherever it is by then."""
    run = begin(store)
    process = writer(store, run.id, 0, 100_000)
    assert process.stdout is not None
    with process.stdout:
        for _ in range(calls):
            reported = int(process.stdout.readline())
        os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    logged = points(store.reader, run.id, "loss")
    assert [point.value for point in logged] == [float(step) for step in range(len(logged))]
    assert len(logged) >= reported + 1
    assert get_run(store.reader, run.id).metrics["loss"] == logged[-1].value


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(values=st.lists(st.floats(width=64), min_size=1, max_size=5))
def test_any_float_comes_back_as_it_was(store: Store, values: list[float]) -> None:
    run = begin(store)
    for value in values:
        run.log_metric("x", value)
    run.end()
    back = [point.value for point in points(store.reader, run.id, "x")]
    last = get_run(store.reader, run.id).metrics["x"]
    for before, after in zip([*values, values[-1]], [*back, last], strict=True):
        assert after == before or (math.isnan(before) and math.isnan(after))


def test_nan_and_the_infinities_are_told_apart_in_the_store(store: Store) -> None:
    run = begin(store)
    run.log_metrics({"a": math.nan, "b": math.inf, "c": -math.inf, "d": 1.0})
    rows = store.reader.execute("SELECT key, special FROM run_point ORDER BY key").fetchall()
    assert rows == [("a", "nan"), ("b", "inf"), ("c", "-inf"), ("d", None)]


def test_the_last_value_of_a_step_wins(store: Store) -> None:
    run = begin(store)
    run.log_metric("auc", 0.1, step=3)
    run.log_metric("auc", 0.2, step=3)
    assert [(point.step, point.value) for point in points(store.reader, run.id, "auc")] == [(3, 0.2)]
    assert get_run(store.reader, run.id).metrics == {"auc": 0.2}


def test_a_late_earlier_step_does_not_become_the_runs_value(store: Store) -> None:
    run = begin(store)
    run.log_metric("auc", 0.9, step=5)
    run.log_metric("auc", 0.1, step=2)
    assert get_run(store.reader, run.id).metrics == {"auc": 0.9}


def test_a_metric_without_a_step_goes_on_after_the_highest(store: Store) -> None:
    run = begin(store)
    run.log_metric("loss", 3.0)
    run.log_metric("loss", 2.0, step=10)
    run.log_metric("loss", 1.0)
    assert [point.step for point in points(store.reader, run.id, "loss")] == [0, 10, 11]
    assert [point.step for point in points(store.reader, run.id, "loss", after_step=0)] == [10, 11]


@pytest.mark.parametrize("value", ["0.5", b"1", None, [1.0], 1j, 10**400])
def test_a_metric_that_is_not_a_number_is_refused(store: Store, value: Any) -> None:
    run = begin(store)
    with pytest.raises(UsageError, match=r"'auc' was given .* not a number"):
        run.log_metric("auc", value)
    assert points(store.reader, run.id, "auc") == []


@pytest.mark.parametrize(("key", "step"), [("", 0), (3, 0), ("a", 1.5), ("a", True), ("a", 2**70), ("a\ud800", 0)])
def test_a_key_or_step_that_cannot_be_is_refused(store: Store, key: Any, step: Any) -> None:
    with pytest.raises(UsageError):
        begin(store).log_metric(key, 1.0, step)


def test_one_bad_metric_refuses_all_of_the_call(store: Store) -> None:
    run = begin(store)
    with pytest.raises(UsageError):
        run.log_metrics({"good": 1.0, "bad": "x"})
    with pytest.raises(UsageError):
        run.log_metrics({"good": 1.0, "bad\ud800": 1.0})
    assert get_run(store.reader, run.id).metrics == {}
    run.log_metric("good", 2.0)
    assert get_run(store.reader, run.id).metrics == {"good": 2.0}


def test_numpy_numbers_are_numbers(store: Store) -> None:
    run = begin(store)
    run.log_metric("a", np.float32(0.5), step=np.int64(4))
    run.log_params({"n": np.int64(3), "x": np.float64(0.1)})
    read = get_run(store.reader, run.id)
    assert (read.metrics, read.params) == ({"a": 0.5}, {"n": 3, "x": 0.1})


def test_parameters_keep_numbers_apart_from_texts(store: Store) -> None:
    run = begin(store, params={"depth": 3, "lr": 0.1, "model": "hgb", "early": True, "code": "007"})
    run.log_param("depth", 4)
    params = get_run(store.reader, run.id).params
    assert params == {"depth": 4, "lr": 0.1, "model": "hgb", "early": "True", "code": "007"}


def test_start_and_end_are_events_and_what_is_logged_is_noticed(store: Store) -> None:
    run = begin(store, name="first")
    before = dict(store.reader.execute("SELECT topic, n FROM change"))
    run.log_metrics({"auc": 0.5})
    run.log_points("loss", [0.6, 0.5])
    run.set_tag("stage", "try")
    run.end("failed", why="ValueError: no")
    after = dict(store.reader.execute("SELECT topic, n FROM change"))
    assert (after["metrics"], after["runs"] - before["runs"]) == (2, 2)
    events = {event.verb: (event.why, event.after) for event in read_events(store.reader, of="first")}
    assert events == {
        "started": (None, {"status": "running", "experiment": "default"}),
        "failed": ("ValueError: no", {"status": "failed"}),
    }


def test_a_run_without_a_name_is_given_a_readable_one(store: Store) -> None:
    adjective, noun, number = begin(store).name.split("-")
    assert adjective.isalpha()
    assert noun.isalpha()
    assert number == "1"
    assert begin(store).name.endswith("-2")


def test_a_run_that_has_ended_takes_nothing_more(store: Store) -> None:
    run = begin(Store(store.workspace))
    run.end()
    for call in (lambda: run.log_metric("a", 1.0), lambda: run.log_param("a", 1), run.end):
        with pytest.raises(UsageError, match="has ended"):
            call()


def test_threads_may_log_to_one_run(store: Store) -> None:
    run = begin(store)
    threads = [Thread(target=lambda: [run.log_metric("x", 1.0) for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(points(store.reader, run.id, "x")) == 200


FORKED = """
import os, sys
from pathlib import Path
from mlops_tui.runs.begin import start_run
from mlops_tui.runs.log import RunLog
from mlops_tui.store.store import Store
from mlops_tui.store.workspace import Workspace

store = Store(Workspace(Path(sys.argv[1])))
run = RunLog(store, *start_run(store, name="forked"))
run.log_metric("x", 0.0, 0)
child = os.fork()
for step in range(1, 200):
    run.log_metric("x", 0.0, 2 * step + (child == 0))
run.log_param("child" if child == 0 else "parent", 1)
if child == 0:
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
"""


def test_a_forked_process_logs_beside_its_parent(store: Store) -> None:
    subprocess.run([sys.executable, "-c", FORKED, str(store.workspace.root)], check=True, timeout=60)
    run_id = store.reader.execute("SELECT id FROM run WHERE name = 'forked'").fetchone()[0]
    assert len(points(store.reader, run_id, "x")) == 1 + 2 * 199
    assert get_run(store.reader, run_id).params == {"child": 1, "parent": 1}
