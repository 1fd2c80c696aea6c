"""Our rows of trials beside Optuna's."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import optuna
import pandas as pd
import pytest
from optuna.storages import RDBStorage
from optuna.trial import TrialState

from mlops_tui.core.clock import since
from mlops_tui.core.errors import JobError
from mlops_tui.core.settings import Settings
from mlops_tui.data.model import Source
from mlops_tui.jobs.context import JobContext
from mlops_tui.runs.query import get_run
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.mirror import Mirror
from mlops_tui.tuning.engine.study import Tuning
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.query import get_study, list_trials
from mlops_tui.tuning.service import Studies

TABLES = ("study_trial", "run", "run_param", "run_metric", "run_point", "run_tag", "study")


@pytest.fixture
def study(studies: Studies, take_in: Callable[..., Source], people: pd.DataFrame) -> Study:
    take_in(people[["age", "visits", "left"]], target="left")
    return studies.create("s", families=["logistic"], trials=4, seed=2)


@pytest.fixture
def theirs(store: Store) -> RDBStorage:
    """The storage of another program, such as Optuna's dashboard."""
    return RDBStorage(f"sqlite:///{store.workspace.store}", skip_table_creation=True)


def shown(store: Store) -> dict[str, list[Any]]:
    return {table: sorted(map(tuple, store.reader.execute(f"SELECT * FROM {table}")), key=repr) for table in TABLES}


def test_writing_all_trials_anew_changes_nothing(store: Store, study: Study, work: Callable[[Study], Tuning]) -> None:
    tuning = work(study)
    before = shown(store)
    assert len(before["study_trial"]) == 4
    Mirror(store, study).rebuild(tuning._optuna.trials)
    assert shown(store) == before
    with store.write() as writing:
        for trial in tuning._optuna.trials:
            Mirror(store, study)(writing, trial)
    assert shown(store) == before


def test_what_our_rows_have_not_or_tell_otherwise_is_written_from_optuna_s(
    store: Store, study: Study, work: Callable[[Study], Tuning]
) -> None:
    """As it is with a store whose worker was killed by an earlier version, or a trial that was given up too early."""
    tuning = work(study)
    before = shown(store)
    with store.write() as writing:
        writing.execute("UPDATE study_trial SET state = 'fail', value = NULL WHERE number = 1")
        writing.execute("DELETE FROM study_trial WHERE number = 2")
        writing.execute("DELETE FROM run_metric")
    Mirror(store, study).rebuild(tuning._optuna.trials)
    after = shown(store)
    assert (after["study_trial"], after["run"], after["study"]) == tuple(
        before[t] for t in ("study_trial", "run", "study")
    )
    assert len(after["run_metric"]) == 2  # of those two


def test_the_first_of_equals_is_the_best_in_whatever_order_they_are_written(
    store: Store, study: Study, work: Callable[[Study], Tuning]
) -> None:
    tuning = work(study)
    trials = [trial for trial in tuning._optuna.trials if trial.state == TrialState.COMPLETE]
    for trial in trials:
        trial._values = [0.5]
    with store.write() as writing:
        writing.execute("UPDATE study SET best_run = NULL, best_value = NULL")
        for trial in trials[::-1]:
            Mirror(store, study)(writing, trial)
    assert get_study(store.reader, study.id).best_run == trials[0].user_attrs["mlops:run"]


def test_a_trial_and_our_rows_of_it_are_written_together_or_not_at_all(
    store: Store, study: Study, work: Callable[[Study], Tuning], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Mirror, "_note_best", fail)
    with pytest.raises(ZeroDivisionError):
        work(study)
    states = [state for (state,) in store.reader.execute("SELECT state FROM trials")]
    assert (states, [trial.state for trial in list_trials(store.reader, study.id)]) == (["RUNNING"], ["running"])


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_the_times_of_a_run_are_those_of_the_world_wherever_it_is_run(
    store: Store, study: Study, work: Callable[[Study], Tuning], monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        work(study)
    finally:
        monkeypatch.undo()
        time.tzset()
    trial = list_trials(store.reader, study.id)[0]
    run = get_run(store.reader, trial.run_id)
    for moment in (trial.started, run.started, run.ended):
        assert moment is not None
        assert 0 <= since(moment) < 60
    at = store.reader.execute("SELECT at FROM run_metric WHERE run_id = ?", (trial.run_id,)).fetchone()[0]
    assert 0 <= time.time() - at < 60


def test_a_study_that_was_renamed_goes_on_under_its_new_name(
    store: Store, study: Study, work: Callable[[Study], Tuning], theirs: RDBStorage
) -> None:
    """As optuna-dashboard renames: a copy, and the old one deleted. Another then takes the old name and the old id."""
    work(study)
    optuna.copy_study(
        from_study_name=study.name, from_storage=theirs, to_storage=theirs, to_study_name="another's name"
    )
    optuna.delete_study(study_name=study.name, storage=theirs)
    optuna.create_study(study_name=study.name, storage=theirs)
    with store.write() as writing:
        writing.execute("UPDATE study SET trials = 6")
    work(study)
    assert [trial.number for trial in list_trials(store.reader, study.id)] == list(range(6))
    assert len(optuna.load_study(study_name="another's name", storage=theirs).trials) == 6
    assert optuna.load_study(study_name=study.name, storage=theirs).trials == []


def test_a_study_whose_name_another_has_is_made_beside_it(
    store: Store, study: Study, work: Callable[[Study], Tuning], theirs: RDBStorage
) -> None:
    optuna.create_study(study_name=study.name, storage=theirs)
    work(study)
    assert optuna.load_study(study_name=study.name, storage=theirs).trials == []
    assert len(optuna.load_study(study_name=f"{study.name} {study.id}", storage=theirs).trials) == 4


def test_a_study_that_was_deleted_says_so_and_begins_no_other(
    store: Store, study: Study, work: Callable[[Study], Tuning], theirs: RDBStorage
) -> None:
    work(study)
    optuna.delete_study(study_name=study.name, storage=theirs)
    before = shown(store)
    with pytest.raises(JobError, match="deleted the trials of study 's-1'"):
        work(study)
    assert shown(store) == before
    assert optuna.get_all_study_names(theirs) == []


def test_a_study_that_is_renamed_while_a_trial_runs_goes_on_and_tries_that_one_anew(
    store: Store,
    study: Study,
    new_job: Callable[..., str],
    theirs: RDBStorage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tuning = Tuning(JobContext(store, Settings(), new_job("tune", study=study.id), 1))
    found = tuning._outcomes
    names = iter(("second name", "third name"))

    def renamed(*arguments: Any, **named: Any) -> Any:
        old, new = tuning._optuna.study_name, next(names, None)
        if new is not None:
            optuna.copy_study(from_study_name=old, from_storage=theirs, to_storage=theirs, to_study_name=new)
            optuna.delete_study(study_name=old, storage=theirs)
        return found(*arguments, **named)

    monkeypatch.setattr(tuning, "_outcomes", renamed)
    tuning.loop()
    assert optuna.get_all_study_names(theirs) == ["third name"]
    trials = optuna.load_study(study_name="third name", storage=theirs).trials
    assert [trial.state.name for trial in trials] == ["FAIL"] * 2 + ["COMPLETE"] * 4
    assert [trial.user_attrs["mlops:claim"]["place"] for trial in trials] == [0, 0, 0, 1, 2, 3]
    assert [trial.state for trial in list_trials(store.reader, study.id)] == ["fail"] * 2 + ["complete"] * 4


def test_a_trial_that_another_program_ends_is_left_to_it_and_the_study_goes_on(
    store: Store,
    study: Study,
    new_job: Callable[..., str],
    theirs: RDBStorage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tuning = Tuning(JobContext(store, Settings(), new_job("tune", study=study.id), 1))
    found = tuning._outcomes

    def ended(*arguments: Any, **named: Any) -> Any:
        running = optuna.load_study(study_name=study.name, storage=theirs).get_trials(states=(TrialState.RUNNING,))
        if running[0].number == 1:
            theirs.set_trial_state_values(running[0]._trial_id, TrialState.FAIL)
        return found(*arguments, **named)

    monkeypatch.setattr(tuning, "_outcomes", ended)
    tuning.loop()
    states = [trial.state for trial in list_trials(store.reader, study.id)]
    assert (states[1], "running" in states, len(states)) == ("fail", False, 4)
