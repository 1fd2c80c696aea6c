"""A study that cannot be is refused with a sentence, and leaves nothing half-done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_tui.core.errors import BadTarget, DataError, JobError, MlopsError, UnknownColumn, UnknownName, UsageError
from mlops_tui.core.settings import Settings
from mlops_tui.data.model import Source
from mlops_tui.data.service import Sources
from mlops_tui.jobs.service import Jobs
from mlops_tui.overview.service import Overview
from mlops_tui.registry.engine.frame import typed
from mlops_tui.registry.engine.recipe import fit
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.fit import prepare
from mlops_tui.tuning.engine.study import Tuning
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.query import count_studies, count_trials, get_study, list_trials
from mlops_tui.tuning.service import Studies

TakeIn = Callable[..., Source]
Work = Callable[[Study], Tuning]

REFUSED: list[tuple[dict[str, Any], type[MlopsError], str, str]] = [
    ({"target": "empty"}, BadTarget, "'empty' is missing", "another target"),
    ({"target": "same"}, BadTarget, "'same' has one value", "another target"),
    ({"target": "person_id"}, BadTarget, "'person_id' is of kind identifier", "number or a category"),
    ({"target": "joined"}, BadTarget, "'joined' is of kind date-time", "number or a category"),
    ({"target": "few"}, BadTarget, "'few' has 5 rows; 5 folds and the held-out rows need 10", "Add files"),
    ({"target": "nowhere"}, UnknownColumn, "no column 'nowhere'", "It has: "),
    ({"families": ["forest"]}, UsageError, "no family 'forest'", "hgb, random_forest, extra_trees"),
    ({"families": ["ridge"]}, UsageError, "no family 'ridge' for a binary target", "extra_trees, logistic, linear_svm"),
    ({"metric": "f7"}, UsageError, "no metric 'f7'", "roc_auc, average_precision, log_loss"),
    ({"metric": "rmse"}, UsageError, "rmse does not fit a binary target", "roc_auc"),
    ({"sampler": "dice"}, UsageError, "'dice' is not known", "tpe"),
    ({"pruner": "median"}, UsageError, "'median' does not go with a source", "paired, none"),
    ({"pruner": "dice"}, UsageError, "'dice' is not known", "paired, none"),
    ({"seed": -1}, UsageError, "The seed has to be zero or above.", "--seed 1"),
    ({"trial_memory": 1}, UsageError, "A trial cannot do with 1 byte of memory: a worker needs 500 MB", "2GB"),
    ({"trials": 0}, UsageError, "There cannot be 0 trials.", "--trials"),
    ({"trials": 10**30}, UsageError, "There cannot be so many trials.", "1,000,000"),
    ({"workers": 5000}, UsageError, "There cannot be 5,000 workers.", "1 to 1,000"),
    ({"seed": 2**32}, UsageError, "The seed has to be", "4,000,000,000"),
    ({"name": "a\nb"}, UsageError, "is no name of a study", "--name"),
    ({"workers": 0}, UsageError, "There cannot be 0 workers.", "cores"),
    ({"timeout": 0.0}, UsageError, "The time has to be above zero.", "--timeout 10m"),
    ({"source_selector": "elsewhere"}, UnknownName, "elsewhere", ""),
]


@pytest.fixture
def source(take_in: TakeIn, people: pd.DataFrame) -> Source:
    people["empty"], people["same"] = None, "x"
    people["few"] = pd.Series([1.5, 2.5, 3.5, 4.5, 5.5])
    return take_in(people.drop(columns=["stage", "spent"]))


def test_what_cannot_be_learnt_is_refused_and_no_study_is_left(store: Store, studies: Studies, source: Source) -> None:
    before = len(read_events(store.reader))
    for asked, error, title, remedy in REFUSED:
        with pytest.raises(error) as caught:
            studies.create(**{"source_selector": "s", "target": "left", **asked})
        assert type(caught.value) is error, asked
        assert title in caught.value.title
        assert remedy in caught.value.remedy
    assert count_studies(store.reader) == 0
    assert len(read_events(store.reader)) == before


def test_of_many_columns_some_are_named_and_the_others_counted(studies: Studies, take_in: TakeIn) -> None:
    take_in(pd.DataFrame({f"c{place}": range(30) for place in range(15)}))
    with pytest.raises(UnknownColumn) as refused:
        studies.create("s", target="nope")
    assert refused.value.remedy.endswith("c10, c11, … and 3 more.")


def test_a_target_that_nobody_has_said_is_guessed_and_that_is_the_first_thing_said(
    studies: Studies, take_in: TakeIn, people: pd.DataFrame
) -> None:
    take_in(people[["age", "visits", "left", "joined"]])
    study = studies.create("s")
    assert study.target == "left"
    why = "the last column that can be learnt"
    assert study.notices[0] == f"The target 'left' is a guess: {why}. Another one: --target COLUMN"
    assert not any("is a guess" in words for words in studies.create("s", target="left").notices)


def test_a_source_without_data_is_refused(store: Store, studies: Studies) -> None:
    (store.workspace.root / "nothing").mkdir()
    Sources(store, Settings()).add(store.workspace.root / "nothing", name="nothing", pattern="*.csv")
    with pytest.raises(DataError, match="'nothing' has no data yet"):
        studies.create("nothing", target="y")


def test_a_source_with_nothing_to_learn_from_is_refused(
    studies: Studies, take_in: TakeIn, people: pd.DataFrame
) -> None:
    take_in(people[["person_id", "joined", "left"]])
    with pytest.raises(DataError, match="'s' has no column to learn from"):
        studies.create("s", target="left")


def test_a_name_is_given_once(store: Store, studies: Studies, source: Source) -> None:
    studies.create("s", target="left", name="s-2")
    with pytest.raises(UsageError, match="a study 's-2' already"):
        studies.create("s", target="left", name="s-2")
    assert [studies.create("s", target="left").name for _ in range(2)] == ["s-1", "s-3"]
    assert count_studies(store.reader) == 3


def test_a_target_tells_its_task_and_the_task_its_metric(
    studies: Studies, take_in: TakeIn, people: pd.DataFrame
) -> None:
    """A whole number is a class where it has few values (`stage` has three), and a quantity where it has many."""
    take_in(people)
    told = {}
    for target in ("left", "stage", "member", "spent", "visits", "plan"):
        study = studies.create("s", target=target)
        told[target] = (study.task, study.metric)
        assert target not in {feature["name"] for feature in study.features}
    assert told == {
        "left": ("binary", "roc_auc"),
        "stage": ("multiclass", "log_loss"),
        "member": ("binary", "roc_auc"),
        "spent": ("regression", "rmse"),
        "visits": ("regression", "rmse"),
        "plan": ("multiclass", "log_loss"),
    }


def test_what_only_the_rows_tell_fails_the_study_with_that_reason(
    store: Store, studies: Studies, jobs: Jobs, take_in: TakeIn
) -> None:
    """A class with fewer rows to train on than folds, since some of them are held out."""
    take_in(pd.DataFrame({"x": np.arange(60) / 7, "y": ["a"] * 50 + ["b"] * 10}), target="y")
    study = studies.create("s", trials=3, folds=10)
    with pytest.raises(BadTarget, match="class"):
        jobs.wait(studies.launch(study))
    Overview(store).settle()
    ended = get_study(store.reader, study.id)
    assert (ended.state, count_trials(store.reader, study.id)) == ("failed", {})
    assert ended.reason == "The rarest class of the target is in 8 of the rows to train on, fewer than the 10 folds."


def test_a_study_none_of_whose_trials_gave_a_model_fails_with_the_first_reason(
    store: Store, studies: Studies, take_in: TakeIn, work: Work, people: pd.DataFrame
) -> None:
    """The error of logarithms is none of numbers below zero."""
    people["y"] = -np.arange(len(people)) - 1.5
    take_in(people[["age", "y"]], target="y")
    study = studies.create("s", families=["ridge"], trials=2, metric="rmsle")
    with pytest.raises(JobError, match=r"None of 2 trials gave a model: ValueError: .*Logarithmic"):
        work(study).result()
    trials = list_trials(store.reader, study.id)
    assert [trial.state for trial in trials] == ["fail", "fail"]
    assert all(trial.reason and "Logarithmic" in trial.reason for trial in trials)


def test_a_fold_before_which_there_is_one_class_alone_is_told(
    studies: Studies, take_in: TakeIn, work: Work, people: pd.DataFrame
) -> None:
    """All rows of the class b are among the newer ones, so that the first folds would train on one class."""
    people = people.sort_values("joined")
    people["y"] = np.where(np.arange(len(people)) < 100, "a", np.where(np.arange(len(people)) % 2, "a", "b"))
    take_in(people[["age", "joined", "y"]], target="y", time_column="joined")
    study = studies.create("s", families=["logistic"], trials=2)
    with pytest.raises(BadTarget, match="Before one of the folds there is nothing to learn from, or one class alone"):
        work(study)


@pytest.mark.filterwarnings("ignore:Only one class is present")
def test_a_metric_that_is_not_defined_fails_its_trial_with_a_reason(
    store: Store, studies: Studies, take_in: TakeIn, work: Work, people: pd.DataFrame
) -> None:
    """No area under the curve where a fold's validation rows are of one class."""
    people = people.sort_values("joined")
    people["y"] = np.where((np.arange(len(people)) < 60) & (np.arange(len(people)) % 2 == 0), "b", "a")
    take_in(people[["age", "joined", "y"]], target="y", time_column="joined")
    study = studies.create("s", families=["logistic"], trials=1)
    with pytest.raises(JobError, match="roc_auc is not defined"):
        work(study).result()
    assert list_trials(store.reader, study.id)[0].value is None


def test_infinite_values_count_as_missing_in_training_and_in_prediction(
    store: Store, studies: Studies, take_in: TakeIn, work: Callable[[Study], Tuning], people: pd.DataFrame
) -> None:
    people.loc[[20, 21], "age"] = [np.inf, -np.inf]
    take_in(people[["age", "visits", "left"]], target="left")
    study = studies.create("s", families=["hgb", "logistic"], trials=2)
    assert "Column 'age' has 2 infinite values, which count as missing." in study.notices
    work(study)
    trials = list_trials(store.reader, study.id)
    assert [trial.state for trial in trials] == ["complete", "complete"]
    pipeline, signature, _ = fit(study, trials[1], prepare(store, study))
    rows = typed(pd.DataFrame({"age": [np.inf, np.nan], "visits": [3, 3]}), signature.columns)
    one, other = pipeline.predict_proba(rows)
    assert (one == other).all()


def test_an_infinite_target_is_refused(studies: Studies, take_in: TakeIn, people: pd.DataFrame) -> None:
    people.loc[1, "spent"] = np.inf
    take_in(people[["age", "spent"]], target="spent")
    with pytest.raises(BadTarget, match=r"is infinite in 1 row\."):
        studies.create("s")
