"""Which trial a worker may take."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pandas as pd
import pytest
from optuna import Trial

from mlops_tui.core.clock import from_seconds
from mlops_tui.core.settings import Settings
from mlops_tui.data.model import Source
from mlops_tui.jobs.context import JobContext
from mlops_tui.jobs.liveness import started_at
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine import claim
from mlops_tui.tuning.engine import study as study_module
from mlops_tui.tuning.engine.claim import AGAIN, Claims
from mlops_tui.tuning.engine.families import defaults_of
from mlops_tui.tuning.engine.mirror import ABANDONED, COST
from mlops_tui.tuning.engine.study import Tuning
from mlops_tui.tuning.engine.trial_file import CLAIM
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.service import Studies


@pytest.fixture
def study(studies: Studies, take_in: Callable[..., Source], people: pd.DataFrame) -> Study:
    take_in(people[["age", "visits", "left"]], target="left")
    return studies.create("s", families=["logistic", "hgb"], trials=4)


@pytest.fixture
def claims(store: Store, study: Study, new_job: Callable[..., str]) -> Callable[[], Claims]:
    """The hold on the study of one more worker, of the same job."""
    job_id = new_job("tune", study=study.id)

    def made() -> Claims:
        return Tuning(JobContext(store, Settings(), job_id, 1))._claims

    return made


@pytest.fixture
def dead() -> dict[str, Any]:
    """A process that was."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    found = {"pid": process.pid, "started": started_at(process.pid)}
    process.communicate()
    return found


@pytest.fixture
def set_budget(store: Store, study: Study) -> Callable[[int], None]:
    """Gives the study so many trials; before its workers are there."""

    def given(trials: int) -> None:
        with store.write() as writing:
            writing.execute("UPDATE study SET trials = ? WHERE id = ?", (trials, study.id))

    return given


def place(trial: Any) -> int:
    return int(trial.user_attrs[CLAIM]["place"])


def bury(trial: Any, dead: dict[str, Any]) -> None:
    """Gives the trial to a process that is no more."""
    trial.set_user_attr(CLAIM, {**trial.user_attrs[CLAIM], **dead})


def test_each_worker_takes_a_place_of_its_own_until_the_budget_is_taken(claims: Callable[[], Claims]) -> None:
    taken = [claims().take()[0] for _ in range(5)]
    assert [trial and place(trial) for trial in taken] == [0, 1, 2, 3, None]


def test_workers_that_take_trials_at_the_same_moment_have_places_of_their_own(
    claims: Callable[[], Claims], set_budget: Callable[[int], None]
) -> None:
    """Each on a connection of its own; one that ends its trials at once, so that the others read while it writes."""
    set_budget(40)
    holds = [claims() for _ in range(4)]
    with ThreadPoolExecutor(len(holds)) as pool:
        taken = [trial for found in pool.map(_all_that_are_left, holds) for trial in found]
    assert sorted(map(place, taken)) == list(range(40))
    assert sorted(trial.number for trial in taken) == list(range(40))
    assert len(holds[0].finished()) == 40


def _all_that_are_left(hold: Claims) -> list[Trial]:
    found = []
    while (trial := hold.take()[0]) is not None:
        found.append(trial)
        hold._trials.tell(trial, 0.5)
    return found


def test_queued_trials_come_first_each_once_and_take_no_default_s_place(
    claims: Callable[[], Claims], set_budget: Callable[[int], None]
) -> None:
    set_budget(12)
    holds = [claims() for _ in range(4)]
    queued = [{"family": "logistic", "logistic.C": 10.0**power} for power in range(-3, 3)]
    for params in queued:
        holds[0]._trials.enqueue_trial(params)
    with ThreadPoolExecutor(len(holds)) as pool:
        taken = [trial for found in pool.map(_all_that_are_left, holds) for trial in found]
    fixed = [trial._fixed_params for trial in taken if trial._fixed_params]
    assert sorted(fixed, key=str) == sorted(queued, key=str)
    assert sorted(trial.number for trial in taken if trial._fixed_params) == list(range(6))
    assert sorted(place(trial) for trial in taken if not trial._fixed_params) == list(range(6))


def test_a_queued_trial_whose_worker_died_goes_back_into_the_queue_once(
    claims: Callable[[], Claims], dead: dict[str, Any]
) -> None:
    params = {"family": "logistic", "logistic.C": 0.5}
    claims()._trials.enqueue_trial(params, user_attrs={"note": "mine"})
    for again in (None, 0):
        trial = claims().take()[0]
        assert trial is not None
        assert (trial._fixed_params, trial.user_attrs["note"], trial.user_attrs.get(AGAIN)) == (params, "mine", again)
        bury(trial, dead)
    last = claims().take()[0]
    assert last is not None
    assert (last._fixed_params, place(last)) == ({}, 0)


def test_the_trial_of_a_living_worker_is_left_alone_and_the_place_of_a_dead_one_taken_anew(
    claims: Callable[[], Claims], dead: dict[str, Any]
) -> None:
    living, buried = claims().take()[0], claims().take()[0]
    assert living is not None
    assert buried is not None
    bury(buried, dead)
    third, closed = claims().take()
    assert third is not None
    assert [trial.number for trial in closed] == [buried.number]
    assert closed[0].user_attrs[ABANDONED] is True
    assert (place(third), third.number) == (place(buried), 2)
    fourth, closed = claims().take()
    assert fourth is not None
    assert (place(fourth), closed) == (2, [])
    assert place(living) == 0


def test_a_trial_that_nobody_owns_is_closed(claims: Callable[[], Claims]) -> None:
    """Workers make and own a trial at one stroke; another program has left this one."""
    hold = claims()
    orphan = hold._trials.ask()
    trial, closed = hold.take()
    assert [gone.number for gone in closed] == [orphan.number]
    assert trial is not None
    assert place(trial) == 0


def test_trials_of_dead_workers_do_not_count_for_the_budget(claims: Callable[[], Claims], dead: dict[str, Any]) -> None:
    for _ in range(6):
        trial = claims().take()[0]
        assert trial is not None
        bury(trial, dead)
    assert claims().finished() == []


def test_a_new_job_waits_for_a_living_trial_of_an_earlier_one_and_not_for_a_dead_one(
    claims: Callable[[], Claims], dead: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = claims(), claims()
    second._job_id = "later"
    monkeypatch.setattr(claim, "ORPHAN_SECONDS", 0.6)
    trial = first.take()[0]
    assert trial is not None
    assert seconds(first.wait_for_orphans) < 0.3  # its own
    assert seconds(second.wait_for_orphans) >= 0.6
    bury(trial, dead)
    assert seconds(second.wait_for_orphans) < 0.3


def seconds(call: Callable[[], None]) -> float:
    began = time.monotonic()
    call()
    return time.monotonic() - began


def test_the_first_places_are_the_defaults_and_the_others_are_drawn(claims: Callable[[], Claims]) -> None:
    hold = claims()
    drawn = [_drawn(hold) for _ in range(4)]
    assert drawn[:2] == [defaults_of("logistic"), defaults_of("hgb")]
    assert drawn[2] != drawn[3]


def _drawn(hold: Claims) -> dict[str, Any]:
    trial = hold.take()[0]
    assert trial is not None
    study_module._suggested(trial, hold._study)
    return dict(trial.params)


def test_a_trial_has_ended_when_its_worker_did_not_when_the_next_one_came(
    store: Store, claims: Callable[[], Claims], dead: dict[str, Any]
) -> None:
    """Also what it cost is reckoned until then."""
    hold = claims()
    trial, _ = hold.take()
    assert trial is not None
    bury(trial, dead)
    began = store.reader.execute("SELECT datetime_start FROM trials WHERE trial_id = ?", (trial._trial_id,)).fetchone()
    start = datetime.fromisoformat(began[0])
    at = from_seconds(start.timestamp() + 0.25)
    with store.write() as writing:
        writing.execute(
            "INSERT INTO job_worker (job_id, number, pid, pid_started, started, ended, reason, fault)"
            " VALUES (?, 9, ?, ?, ?, ?, 'It took too long.', 'limit')",
            (hold._job_id, dead["pid"], dead["started"], at, at),
        )
    time.sleep(0.5)
    _, [closed] = claims().take()
    assert closed.number == trial.number
    assert closed.duration is not None
    assert closed.duration.total_seconds() == pytest.approx(0.25, abs=0.01)
    assert closed.user_attrs[COST]["cpu_seconds"] == pytest.approx(0.25, abs=0.01)
