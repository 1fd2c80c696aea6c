"""Which trial a worker may take."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from optuna.trial import FrozenTrial

from mlops_tui.core.settings import Settings
from mlops_tui.data.model import Source
from mlops_tui.jobs.context import JobContext
from mlops_tui.jobs.liveness import started_at
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine import claim
from mlops_tui.tuning.engine import study as study_module
from mlops_tui.tuning.engine.claim import Claims
from mlops_tui.tuning.engine.families import defaults_of
from mlops_tui.tuning.engine.mirror import ABANDONED, CLAIM
from mlops_tui.tuning.engine.study import Tuning
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


def place(trial: Any) -> int:
    return int(trial.user_attrs[CLAIM]["place"])


def bury(trial: Any, dead: dict[str, Any]) -> None:
    """Gives the trial to a process that is no more."""
    trial.set_user_attr(CLAIM, {**trial.user_attrs[CLAIM], **dead})


def test_each_worker_takes_a_place_of_its_own_until_the_budget_is_taken(claims: Callable[[], Claims]) -> None:
    taken = [claims().take()[0] for _ in range(5)]
    assert [trial and place(trial) for trial in taken] == [0, 1, 2, 3, None]


def test_a_trial_that_ends_while_another_is_taken_counts(
    claims: Callable[[], Claims], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends after the worker has looked for dead workers' trials and read the others."""
    first, second = claims(), claims()
    taken = [first.take()[0] for _ in range(4)]
    read, reads = second._trials.get_trials, iter(range(9))

    def read_then_ended(**how: Any) -> list[FrozenTrial]:
        found = read(**how)
        if next(reads) == 1:
            first._trials.tell(taken[3], 0.5)
        return found

    monkeypatch.setattr(second._trials, "get_trials", read_then_ended)
    assert second.take()[0] is None
    assert len(second.finished()) == 1


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


def test_a_trial_that_was_taken_and_never_claimed_is_closed(claims: Callable[[], Claims]) -> None:
    """Its worker died between the two, for nobody is there while another has the lock."""
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
