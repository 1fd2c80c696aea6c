"""Every family learns from what real tables hold, and every trial is a run."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from mlops_tui.data.model import Source
from mlops_tui.runs.query import get_run
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.families import BY_NAME
from mlops_tui.tuning.engine.study import Tuning
from mlops_tui.tuning.model import FAMILIES, Study
from mlops_tui.tuning.query import get_study, list_trials
from mlops_tui.tuning.service import Studies

TakeIn = Callable[..., Source]
Work = Callable[[Study], Tuning]

TASKS = {"left": "binary", "stage": "multiclass", "spent": "regression", "member": "binary"}
OTHERS = {"left", "stage", "spent"}


def only(people: pd.DataFrame, target: str) -> pd.DataFrame:
    """The table without the other targets, which would give the answer away."""
    return people.drop(columns=list(OTHERS - {target}))


@pytest.mark.parametrize("target", TASKS)
def test_each_family_learns_from_numbers_categories_and_booleans_with_gaps(
    store: Store, studies: Studies, take_in: TakeIn, work: Work, people: pd.DataFrame, target: str
) -> None:
    """One trial a family: its defaults, the cheapest first."""
    take_in(only(people, target), target=target)
    families = sorted(FAMILIES[TASKS[target]], key=lambda name: BY_NAME[name].cost)
    study = studies.create("s", trials=len(families), pruner="none")
    assert study.task == TASKS[target]
    work(study).result()
    trials = list_trials(store.reader, study.id)
    assert [(trial.family, trial.state, trial.reason) for trial in trials] == [
        (family, "complete", None) for family in families
    ]
    for trial in trials:
        family = BY_NAME[trial.family]
        rounds = {family.stopping.parameter} if family.stopping else set()
        assert {key: value for key, value in trial.params.items() if key not in rounds} == family.defaults
        assert all(1 <= trial.params[key] <= 1000 for key in rounds)


def test_classes_are_learnt_better_than_guessed(
    store: Store, studies: Studies, take_in: TakeIn, work: Work, people: pd.DataFrame
) -> None:
    """Guessing gives an area of 0.5 under the curve."""
    take_in(only(people, "left"), target="left")
    study = studies.create("s", trials=4, pruner="none")
    work(study)
    guessed, *learnt = [trial.value or 0 for trial in list_trials(store.reader, study.id)]
    assert guessed == 0.5
    assert all(value > 0.6 for value in learnt)


def test_a_number_is_learnt_better_than_by_its_mean(
    store: Store, studies: Studies, take_in: TakeIn, work: Work, people: pd.DataFrame
) -> None:
    """The mean's error is the target's own deviation."""
    take_in(only(people, "spent"), target="spent")
    study = studies.create("s", trials=4)
    work(study)
    mean, *learnt = [trial.value or 0 for trial in list_trials(store.reader, study.id)]
    assert mean == pytest.approx(people["spent"].std(), rel=0.05)
    assert all(0 < value < mean for value in learnt), learnt


def test_a_trial_is_a_run_with_its_parameters_metric_and_folds(
    store: Store, studies: Studies, take_in: TakeIn, work: Work, people: pd.DataFrame
) -> None:
    take_in(only(people, "left"), target="left")
    study = studies.create("s", families=["logistic"], trials=3)
    best = work(study).result()["best_run"]
    trials = list_trials(store.reader, study.id)
    runs = [get_run(store.reader, trial.run_id) for trial in trials]
    for trial, run in zip(trials, runs, strict=True):
        assert (run.status, run.name, run.experiment) == ("finished", f"{study.name}/{trial.number}", study.name)
        assert run.params == {"model": "logistic", "C": trial.params["C"]}
        assert run.metrics == {"roc_auc": trial.value}
        assert trial.fold_values is not None
        assert sum(trial.fold_values) / study.folds == pytest.approx(trial.value)
        assert trial.cpu_seconds is not None
        assert 0 < trial.cpu_seconds < 60
        assert trial.predict_seconds is not None
        assert trial.predict_seconds > 0
        assert trial.peak_bytes is None or 50e6 < trial.peak_bytes < 5e9
    assert [run.tags.get("default") for run in runs] == ["true", None, None]
    best_trial = max(trials, key=lambda trial: trial.value or 0)
    study = get_study(store.reader, study.id)
    assert (study.best_run, study.best_value) == (best_trial.run_id, best_trial.value)
    assert best == best_trial.run_id


def test_the_best_of_an_error_is_the_smallest(
    store: Store, studies: Studies, take_in: TakeIn, work: Work, people: pd.DataFrame
) -> None:
    take_in(only(people, "spent"), target="spent")
    study = studies.create("s", families=["ridge"], trials=4)
    work(study)
    values = [trial.value for trial in list_trials(store.reader, study.id) if trial.value is not None]
    assert get_study(store.reader, study.id).best_value == min(values)
    assert len(set(values)) > 1


def test_dates_free_text_and_empty_columns_are_left_out_with_a_reason(
    store: Store, studies: Studies, take_in: TakeIn, work: Work, people: pd.DataFrame
) -> None:
    """A text of 10,000 different values neither stops the study nor enters it."""
    rows = pd.concat([only(people, "left")] * 63, ignore_index=True).iloc[:10_000]
    rows["person_id"] = [f"p{number:05d}" for number in range(len(rows))]
    rows["remark"] = [f"customer number {number} said that all was well" for number in range(len(rows))]
    rows["empty"] = None
    take_in(rows, target="left", id_column="person_id")
    study = studies.create("s", families=["logistic"], trials=1)
    assert [feature["name"] for feature in study.features] == ["age", "visits", "plan", "member"]
    for name, why in (("remark", "free text"), ("empty", "one value, or none"), ("joined", "date")):
        assert any(name in notice and why in notice for notice in study.notices)
    assert len(study.notices) == 2 + 3  # and why the task and the folds are what they are
    work(study)
    assert list_trials(store.reader, study.id)[0].state == "complete"
