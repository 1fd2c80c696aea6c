"""A study gives the same trials by the same seed, whatever happens to its workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import optuna
import pytest

from mlops_tui.data.model import Source
from mlops_tui.jobs.query import get_job, list_workers
from mlops_tui.jobs.service import Jobs
from mlops_tui.overview.service import Overview
from mlops_tui.runs.query import get_run
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.storage import open_storage
from mlops_tui.tuning.engine.study import Tuning
from mlops_tui.tuning.model import WORKER_DIED, Study, Trial
from mlops_tui.tuning.query import count_trials, get_study, list_trials
from mlops_tui.tuning.service import Studies
from tests.processes import wait_for

TakeIn = Callable[..., Source]
Work = Callable[[Study], Tuning]

FAST = ("logistic",)
DEATHS = ("_outcomes:1", "_claimed:3", "tell:6", "_outcomes:1", "_suggested:2")
"""The default; the third trial; the eighth, all at random; the ninth and the tenth, which are TPE's."""


def tried(store: Store, study: Study) -> list[tuple[str, dict[str, Any], float | None]]:
    """What a study tried and found, dead workers' trials left out."""
    return [
        (trial.family, trial.params, trial.value)
        for trial in list_trials(store.reader, study.id)
        if trial.reason != WORKER_DIED
    ]


AT_WRITES = (*(f"notify:{turn}" for turn in range(1, 11)), *(f"committed:{turn}" for turn in range(1, 7)))
"""Before and after each of a worker's first transactions: it opens the study, takes a trial, draws it, ends it, takes one."""


def die(store: Store, study: Study, deaths: Sequence[str] = DEATHS) -> None:
    """Works on a study in processes of its own, each of which is killed."""
    script = Path(__file__).with_name("dying.py")
    command = [sys.executable, str(script), str(store.workspace.root), study.id, *deaths]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run(command, env=environment, check=True, timeout=200)


def dead(store: Store, study: Study) -> list[Trial]:
    return [trial for trial in list_trials(store.reader, study.id) if trial.reason == WORKER_DIED]


def drawn(params: dict[str, Any]) -> dict[str, Any]:
    """The parameters without the rounds, which the folds tell."""
    return {key: value for key, value in params.items() if key != "max_iter"}


@pytest.mark.slow
def test_the_same_seed_gives_the_same_trials_and_another_seed_others(
    store: Store, studies: Studies, source: Source, work: Work
) -> None:
    """Of one family: which family's turn it is depends on what each costs, and no two runs take the same time."""
    families = ["hgb"]
    first, again = (studies.create("s", families=families, trials=10, seed=7) for _ in range(2))
    other = studies.create("s", families=families, trials=7, seed=8)
    for study in (first, again, other):
        work(study)
    assert len(tried(store, first)) == 10
    assert tried(store, first) == tried(store, again)
    params = [[drawn(trial[1]) for trial in tried(store, study)] for study in (first, other)]
    assert params[1][:5] == params[0][:5]  # the default, and what else is good to begin with
    assert all(one not in params[0] for one in params[1][5:])


@pytest.mark.slow
def test_a_study_whose_workers_died_at_every_step_gives_the_trials_of_an_undisturbed_one(
    store: Store, studies: Studies, source: Source, work: Work
) -> None:
    undisturbed = studies.create("s", families=FAST, trials=11, seed=3)
    work(undisturbed)
    killed = studies.create("s", families=FAST, trials=11, seed=3)
    die(store, killed)
    assert len(tried(store, killed)) == 9  # so the last deaths came to trials that TPE drew
    work(killed)
    assert tried(store, killed) == tried(store, undisturbed)
    assert len(dead(store, killed)) == 2  # those that had a run; the others left nothing to show
    assert [get_run(store.reader, trial.run_id).status for trial in dead(store, killed)] == ["lost", "lost"]
    assert {trial.state for trial in dead(store, killed)} == {"fail"}


@pytest.mark.slow
def test_a_study_whose_workers_died_between_any_two_writes_gives_the_trials_of_an_undisturbed_one(
    store: Store, studies: Studies, source: Source, work: Work
) -> None:
    undisturbed = studies.create("s", families=FAST, trials=20, seed=3)
    work(undisturbed)
    killed = studies.create("s", families=FAST, trials=20, seed=3)
    die(store, killed, AT_WRITES)
    assert 5 < len(tried(store, killed)) < 20
    work(killed)
    assert tried(store, killed) == tried(store, undisturbed)
    shown = {trial.number: trial.state for trial in list_trials(store.reader, killed.id)}
    kept = optuna.load_study(study_name=killed.name, storage=open_storage(store.workspace.store)).trials
    assert [trial.state.name.lower() for trial in kept] == [shown.get(trial.number, "fail") for trial in kept]
    assert len(kept) > len(shown)  # of some that died nothing was to be shown


@pytest.mark.slow
def test_a_study_whose_supervisor_and_worker_were_killed_is_resumed_as_if_nothing_had_been(
    store: Store, studies: Studies, jobs: Jobs, source: Source, work: Work
) -> None:
    undisturbed = studies.create("s", families=FAST, trials=14, seed=5)
    work(undisturbed)
    killed = studies.create("s", families=FAST, trials=14, seed=5)
    job_id = studies.launch(killed)
    wait_for(lambda: count_trials(store.reader, killed.id).get("complete", 0) >= 4, 40)
    for pid in (list_workers(store.reader, job_id)[0].pid, get_job(store.reader, job_id).pid):
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
    assert count_trials(store.reader, killed.id)["complete"] < 14
    wait_for(lambda: Overview(store).settle() or get_study(store.reader, killed.id).state == "interrupted", 10)
    before = [(trial, get_run(store.reader, trial.run_id)) for trial in dead(store, killed)]
    assert {run.status for _, run in before} <= {"lost"}
    jobs.wait(studies.resume(get_study(store.reader, killed.id)))
    assert tried(store, killed) == tried(store, undisturbed)
    after = [(trial, get_run(store.reader, trial.run_id)) for trial in dead(store, killed)]
    assert [pair for pair in before if pair not in after] == []  # one that was just taken may be written down only now
    assert get_study(store.reader, killed.id).state == "done"


@pytest.mark.slow
def test_a_resume_waits_for_the_trial_of_a_worker_that_outlived_its_supervisor(
    store: Store, studies: Studies, jobs: Jobs, source: Source, work: Work
) -> None:
    """It ends within a second or so, done or killed; what it tried is not drawn a second time beside it."""
    undisturbed = studies.create("s", families=FAST, trials=14, seed=5)
    work(undisturbed)
    killed = studies.create("s", families=FAST, trials=14, seed=5)
    job_id = studies.launch(killed)
    wait_for(lambda: count_trials(store.reader, killed.id).get("complete", 0) >= 3, 40)
    supervisor = get_job(store.reader, job_id).pid
    assert supervisor is not None
    os.kill(supervisor, signal.SIGKILL)
    wait_for(lambda: Overview(store).settle() or get_study(store.reader, killed.id).state == "interrupted", 10)
    jobs.wait(studies.resume(get_study(store.reader, killed.id)))
    assert tried(store, killed) == tried(store, undisturbed)


@pytest.mark.slow
def test_a_study_whose_worker_was_killed_goes_on_with_another(
    store: Store, studies: Studies, jobs: Jobs, source: Source, work: Work
) -> None:
    undisturbed = studies.create("s", families=FAST, trials=14, seed=5)
    work(undisturbed)
    study = studies.create("s", families=FAST, trials=14, seed=5)
    job_id = studies.launch(study)
    wait_for(lambda: count_trials(store.reader, study.id).get("complete", 0) >= 2, 40)
    os.kill(list_workers(store.reader, job_id)[0].pid, signal.SIGKILL)
    jobs.wait(job_id)
    Overview(store).settle()
    assert get_study(store.reader, study.id).state == "done"
    assert tried(store, study) == tried(store, undisturbed)
    ends = [(worker.fault, worker.reason) for worker in list_workers(store.reader, job_id)]
    assert ends == [("death", "Worker 1 was killed by SIGKILL. Perhaps the system ran out of memory."), (None, None)]


@pytest.mark.slow
def test_two_workers_try_each_default_once_and_no_more_trials_than_were_asked_for(
    store: Store, studies: Studies, jobs: Jobs, source: Source
) -> None:
    study = studies.create("s", trials=8, workers=2, pruner="none")
    job = jobs.wait(studies.launch(study))
    trials = list_trials(store.reader, study.id)
    assert [trial.state for trial in trials if trial.state not in ("complete", "pruned")] == []
    assert len(trials) == 8
    assert {worker.number for worker in list_workers(store.reader, job.id)} == {1, 2}
    defaults = [trial for trial in trials if get_run(store.reader, trial.run_id).tags.get("default")]
    assert {trial.state for trial in defaults} == {"complete"}
    assert sorted(trial.family for trial in defaults) == sorted(study.families)
    assert len({(trial.family, str(trial.params)) for trial in trials}) == 8
    pids = {get_run(store.reader, trial.run_id).pid for trial in trials}
    assert len(pids) == 2
    ended = get_study(store.reader, study.id)
    assert job.result == {"study": study.id, "best_run": ended.best_run, "best_value": ended.best_value}
    assert ended.best_value == max(trial.value or 0 for trial in trials)


def test_a_resumed_study_counts_the_time_that_it_has_spent(
    store: Store, studies: Studies, source: Source, work: Work
) -> None:
    study = studies.create("s", families=FAST, trials=5000, timeout=2.0)
    work(study)
    spent = sum(count_trials(store.reader, study.id).values())
    assert spent > 1
    work(study)
    assert sum(count_trials(store.reader, study.id).values()) - spent <= max(2, spent // 2)
