"""What a trial may take: one that takes more is ended, wherever it is, and the study goes on; so it does after a death."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import optuna
import pandas as pd
import pytest

from mlops_tui.core.errors import JobError, UsageError
from mlops_tui.core.settings import Settings
from mlops_tui.core.sizes import bytes_of
from mlops_tui.data.model import Source
from mlops_tui.jobs.query import list_workers
from mlops_tui.jobs.service import Jobs
from mlops_tui.runs.query import get_run
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.sampler import _only
from mlops_tui.tuning.engine.study import Tuning
from mlops_tui.tuning.model import WORKER_DIED, Study
from mlops_tui.tuning.query import get_study, list_trials
from mlops_tui.tuning.service import Studies
from mlops_tui.tuning.settle import settle
from tests.tuning.conftest import SETTINGS

FAMILY = """
import os, signal, sqlite3, time
import numpy as np
from optuna.distributions import CategoricalDistribution, FloatDistribution
from sklearn.naive_bayes import GaussianNB
from mlops_tui.evaluation.metrics import CLASSES
from mlops_tui.tuning.engine.families.family import Family, Wants

def make(params, problem):
    if params["way"] == "slow":
        sum(range(10**12))  # never comes back to Python, and no signal's handler is called meanwhile
    if params["way"] == "large":
        kept = np.ones(2 * 10**8)
        sum(range(10**12))
    if params["way"] == "locking":
        connection = sqlite3.connect(".mlops/store.db")
        connection.execute("BEGIN IMMEDIATE")
        sum(range(10**12))
    if params["way"] == "lingering":
        time.sleep(0.6)
    if params["way"] == "deadly":
        os.kill(os.getpid(), signal.SIGSEGV)
    return GaussianNB(var_smoothing=params["smoothing"])

def one(way, smoothing=1e-9):
    return {"way": way, "smoothing": smoothing}

FAMILY = Family(
    name="mine",
    tasks=CLASSES,
    space={
        "way": CategoricalDistribution(["fine", "slow", "lingering", "large", "locking", "deadly"]),
        "smoothing": FloatDistribution(1e-12, 1e-2, log=True),
    },
    defaults=one("fine"),
    portfolio=(PORTFOLIO),
    make=make,
    wants=Wants(scale=True, encode="onehot", impute=True),
    cost=0.5,
)
"""


@pytest.fixture
def mine(store: Store, jobs: Jobs, take_in: Callable[..., Source], people: pd.DataFrame) -> Callable[[str], Studies]:
    """Studies whose family `mine` begins with its defaults, which are fine, and these configurations."""

    def named(portfolio: str) -> Studies:
        (store.workspace.root / "mine.py").write_text(FAMILY.replace("PORTFOLIO", portfolio), "utf-8")
        store.workspace.config.write_text('[families]\nmine = "mine.py"\n', "utf-8")
        take_in(people[["age", "visits", "left"]], target="left")
        return Studies(store, replace(SETTINGS, families=Settings.load(store.workspace.config).families), jobs)

    return named


@pytest.mark.slow
def test_a_trial_beyond_its_time_or_memory_has_failed_with_that_reason_and_the_study_goes_on(
    store: Store, jobs: Jobs, mine: Callable[[str], Studies]
) -> None:
    """Also where it never comes back from a call into C. Each is tried once."""
    studies = mine('one("slow"), one("large"), one("fine", 1e-3)')
    study = studies.create(
        "s", families=["mine"], trials=4, folds=2, trial_timeout=6.0, trial_memory=10**9, pruner="none"
    )
    jobs.wait(studies.launch(study))
    assert get_study(store.reader, study.id).state == "done"
    trials = list_trials(store.reader, study.id)
    assert [trial.state for trial in trials] == ["complete", "fail", "fail", "complete"]
    assert trials[1].reason == "It took longer than its limit of 6 s."
    assert (trials[2].reason or "").startswith("It held ")
    assert (trials[2].reason or "").endswith(" MB of memory, more than its limit of 1,000 MB.")
    assert [get_run(store.reader, trial.run_id).status for trial in trials[1:3]] == ["failed", "failed"]
    assert (trials[1].cpu_seconds or 0) >= 6.0  # what its family's next turn is reckoned by
    [job] = {study.job_id for study in [get_study(store.reader, study.id)]}
    assert [worker.fault for worker in list_workers(store.reader, str(job))] == ["limit", "limit", None]


def test_a_trial_ends_between_folds_where_the_study_s_time_is_over(
    store: Store, mine: Callable[[str], Studies], work: Callable[[Study], Tuning]
) -> None:
    """It would have taken 3 s; without anything that went all the way it would have gone on."""
    study = mine('one("lingering"),').create("s", families=["mine"], trials=2, folds=5, timeout=1.0, pruner="none")
    work(study)
    whole, ended = list_trials(store.reader, study.id)
    assert (whole.state, ended.state) == ("complete", "pruned")
    assert 0 < len(ended.fold_values or ()) < 5
    assert ended.reason == f"The study's time was over after {len(ended.fold_values or ())} of 5 folds."


@pytest.mark.slow
def test_a_trial_that_holds_the_store_s_lock_is_ended_like_any_other(
    store: Store, jobs: Jobs, mine: Callable[[str], Studies]
) -> None:
    studies = mine('one("locking"),')
    study = studies.create("s", families=["mine"], trials=2, folds=2, trial_timeout=3.0, pruner="none")
    jobs.wait(studies.launch(study))
    assert get_study(store.reader, study.id).state == "done"
    assert [trial.state for trial in list_trials(store.reader, study.id)] == ["complete", "fail"]


@pytest.mark.slow
def test_a_trial_that_two_workers_died_of_has_failed_and_the_study_goes_on(
    store: Store, jobs: Jobs, mine: Callable[[str], Studies]
) -> None:
    studies = mine('one("deadly"), one("fine", 1e-3)')
    study = studies.create("s", families=["mine"], trials=3, folds=2, pruner="none")
    jobs.wait(studies.launch(study))
    trials = list_trials(store.reader, study.id)
    assert [(trial.state, trial.reason) for trial in trials] == [
        ("complete", None),
        ("fail", WORKER_DIED),
        ("fail", "Two workers died of it. Worker 2 was killed by SIGSEGV."),
        ("complete", None),
    ]
    assert get_study(store.reader, study.id).state == "done"
    [log] = store.workspace.logs.glob("*.log")
    told = [line for line in log.read_text("utf-8").splitlines() if "orker 1" in line]
    assert [line[9:] for line in told] == [
        "Worker 1 was killed by SIGSEGV.",
        "worker 2 goes on in the place of worker 1",
    ]


@pytest.mark.slow
def test_a_study_whose_workers_die_one_after_another_ends_with_one_sentence(
    store: Store, jobs: Jobs, mine: Callable[[str], Studies]
) -> None:
    """Not before a trial has had its second chance; and the machine is not kept busy with it for ever."""
    studies = mine('one("deadly"), one("deadly", 1e-3), one("deadly", 1e-4)')
    study = studies.create("s", families=["mine"], trials=9, folds=2)
    with pytest.raises(JobError, match=r"4 workers died one after another with nothing done between\. Worker 4 was"):
        jobs.wait(studies.launch(study))
    assert [trial.state for trial in list_trials(store.reader, study.id)].count("complete") == 1


def test_a_model_of_good_configurations_takes_failed_ones_for_bad_and_knows_nothing_of_abandoned_ones() -> None:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study()
    kinds = {"family": optuna.distributions.CategoricalDistribution(["a", "b"])}
    states = optuna.trial.TrialState
    for state, family, attributes in (
        (states.COMPLETE, "a", {}),
        (states.FAIL, "a", {}),
        (states.FAIL, "b", {}),
        (states.FAIL, "a", {"mlops:abandoned": True}),
    ):
        value = 1.0 if state == states.COMPLETE else None
        study.add_trial(
            optuna.trial.create_trial(
                state=state, value=value, params={"family": family}, distributions=kinds, user_attrs=attributes
            )
        )
    seen = _only(study, "a", {}, frozenset())._get_trials(False, (states.COMPLETE, states.PRUNED), False)
    assert [(trial.number, trial.state) for trial in seen] == [(0, states.COMPLETE), (1, states.PRUNED)]
    assert study.trials[1].state == states.FAIL


@pytest.mark.parametrize(
    ("fault", "words"), [("limit", "It took too long."), ("death", WORKER_DIED), (None, WORKER_DIED)]
)
def test_a_trial_beyond_its_limits_says_so_also_where_the_study_was_stopped_meanwhile(
    store: Store, studies: Studies, take_in: Callable[..., Source], people: pd.DataFrame, fault: str, words: str
) -> None:
    """Nobody is there any more to close it; of any other death the reader knows only that there was one."""
    take_in(people[["age", "left"]], target="left")
    study = studies.create("s", families=["logistic"], trials=2)
    job_id, at = "01J", "2026-01-01T00:00:00.000000Z"
    with store.write() as writing:
        writing.execute(
            "INSERT INTO job (id, kind, title, spec, state, workers, host, home, done, log, created, ended)"
            " VALUES (?, 'tune', 't', '{}', 'stopped', 1, 'h', 'h', 0, 'log', ?, ?)",
            (job_id, at, at),
        )
        writing.execute("UPDATE study SET job_id = ? WHERE id = ?", (job_id, study.id))
        writing.execute(
            "INSERT INTO job_worker (job_id, number, pid, pid_started, started, ended, reason, fault)"
            " VALUES (?, 1, 77, 1.0, ?, ?, 'It took too long.', ?)",
            (job_id, at, at, fault),
        )
        writing.execute(
            "INSERT INTO run (id, name, experiment, status, origin, study_id, started, pid, pid_started, host, home)"
            " VALUES ('01R', 's/0', 's', 'running', 'study', ?, ?, 77, 1.0, 'h', 'h')",
            (study.id, at),
        )
        writing.execute(
            "INSERT INTO study_trial (study_id, number, run_id, state, family, params, started)"
            " VALUES (?, 0, '01R', 'running', 'logistic', '{}', ?)",
            (study.id, at),
        )
    assert settle(store) == 1
    assert [trial.reason for trial in list_trials(store.reader, study.id)] == [words]


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ({"trial_timeout": 0.0}, "time of a trial"),
        ({"trial_memory": 10**8}, "100,000,000 bytes of memory: a worker needs 500 MB"),
    ],
)
def test_a_limit_that_no_trial_can_keep_is_refused(
    studies: Studies, take_in: Callable[..., Source], people: pd.DataFrame, limit: dict[str, Any], words: str
) -> None:
    take_in(people[["age", "left"]], target="left")
    with pytest.raises(UsageError, match=words):
        studies.create("s", **limit)


def test_a_study_says_what_a_trial_may_take(
    studies: Studies, take_in: Callable[..., Source], people: pd.DataFrame
) -> None:
    take_in(people[["age", "left"]], target="left")
    words = "A trial may take 60 s and hold 2,000 MB of memory; one that goes beyond has failed."
    assert words in studies.create("s", trial_timeout=60.0, trial_memory=2 * 10**9).notices
    assert not [notice for notice in studies.create("s").notices if "A trial may" in notice]


def test_sizes_are_read_as_people_write_them() -> None:
    assert [bytes_of(text) for text in ("2GB", "1.5GiB", "500m", "12")] == [2 * 10**9, 3 * 2**29, 5 * 10**8, 12]
    with pytest.raises(UsageError, match="A size of 'much' cannot be read"):
        bytes_of("much")
