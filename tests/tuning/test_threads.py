"""A fit has the threads that were seen to make it faster."""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from mlops_tui.tuning.engine.threads import ALL, ONE, WARM_UP, Threads


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine of two cores whose pools may use both."""
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    with threadpool_limits(2):
        yield


def measured(threads: Threads, one: float, both: float) -> Threads:
    """After the first trial of a family, in which folds took so long with one thread and with two."""
    for fold, seconds in ((WARM_UP, 9.0), (ONE, one), (ALL, both), (3, one), (4, one)):
        threads.note("hgb", fold, threads.of("hgb", fold), seconds)
    return threads


@pytest.mark.usefixtures("two")
def test_a_familys_first_trial_tells_whether_more_threads_are_worth_it() -> None:
    fresh = Threads(workers=1)
    assert [fresh.of("hgb", fold) for fold in range(4)] == [1, 1, 2, 1]
    assert measured(Threads(workers=1), 1.0, 0.55).of("hgb", 0) == 2
    assert measured(Threads(workers=1), 1.0, 0.95).of("hgb", 2) == 1
    assert measured(Threads(workers=1), 1.0, 0.55).of("ridge", 0) == 1  # each family by itself


@pytest.mark.usefixtures("two")
def test_workers_share_the_cores_and_where_there_is_one_for_each_no_more_is_tried() -> None:
    threads = Threads(workers=2)
    assert {threads.of("hgb", fold) for fold in range(5)} == {1}
    assert measured(threads, 1.0, 0.1).of("hgb", 0) == 1


@pytest.mark.usefixtures("two")
def test_the_pools_are_held_to_the_threads_while_a_fit_runs() -> None:
    threads = Threads(workers=1)
    before = [pool["num_threads"] for pool in threadpool_info()]
    with threads.limited(1):
        np.ones((2, 2)) @ np.ones((2, 2))
        assert {pool["num_threads"] for pool in threadpool_info()} == {1}
    assert [pool["num_threads"] for pool in threadpool_info()] == before
