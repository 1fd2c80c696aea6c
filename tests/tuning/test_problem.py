"""What a study takes its target for, how it splits rows, and who says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_tui.core.errors import BadTarget, JobError, MlopsError, UsageError
from mlops_tui.data.curation import Curation
from mlops_tui.data.model import Source
from mlops_tui.evaluation.splits import make_folds, rows_to_stop_by
from mlops_tui.registry.engine.recipe import fit
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.fit import place_of_positive, prepare
from mlops_tui.tuning.engine.study import Tuning
from mlops_tui.tuning.labels import same_label
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.query import list_trials
from mlops_tui.tuning.service import Studies

TakeIn = Callable[..., Source]
Work = Callable[[Study], Tuning]
ROWS = 200


@pytest.fixture
def frame() -> pd.DataFrame:
    draw = np.random.default_rng(3)
    x = draw.normal(size=ROWS)
    sure = x + draw.normal(0, 0.5, ROWS) > 0
    columns = {
        "x": x,
        "paid": np.where(sure, "yes", "no"),
        "sure": sure,
        "zero": sure.astype(int),
        "gaps": np.where(np.arange(ROWS) < 4, np.nan, sure),
        "half": np.where(sure, 0.5, 1.5),
        "stars": np.clip(x.round() + 3, 1, 5).astype(int),
        "amount": x * 3,
        "rare": np.where(np.arange(ROWS) < 3, "c", np.where(sure, "a", "b")),
        "at": pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(ROWS), unit="h"),
        "shop": np.arange(ROWS) % 40,
    }
    return pd.DataFrame(columns)


@pytest.fixture
def source(take_in: TakeIn, frame: pd.DataFrame) -> Source:
    return take_in(frame)


@pytest.mark.parametrize(
    ("asked", "title", "remedy"),
    [
        ({"target": "paid", "task": "regression"}, "'paid' is of kind category, and holds no numbers", "--task binary"),
        ({"target": "stars", "task": "binary"}, "'stars' has 5 different values, not two", "--task multiclass"),
        ({"target": "paid", "task": "multiclass"}, "'paid' has two different values", "--task binary"),
        ({"target": "amount", "task": "multiclass"}, "'amount' holds numbers that are not whole", "--task regression"),
        ({"target": "half", "task": "binary"}, "'half' holds numbers that are not whole", "--task regression"),
        ({"target": "paid", "task": "ranking"}, "The task 'ranking' is not known.", "binary, multiclass, regression"),
        (
            {"target": "amount", "positive": "yes"},
            "A regression target has no positive class.",
            "Leave --positive out.",
        ),
        ({"target": "paid", "positive": "maybe"}, "'maybe' is none of the target 'paid'", "Choose one of: no, yes."),
        ({"target": "zero", "positive": "2"}, "'2' is none of the target 'zero'", "Choose one of: 0, 1."),
        ({"target": "paid", "split": "time"}, "no column of source 's' has the role time", "--role COLUMN=time"),
        ({"target": "paid", "split": "group"}, "no column of source 's' has the role group", "--role COLUMN=group"),
        ({"target": "amount", "split": "stratified"}, "'amount' holds numbers, not classes", "--split plain"),
        ({"target": "paid", "split": "luck"}, "The split 'luck' is not known.", "stratified, group, time, plain"),
    ],
)
def test_what_does_not_fit_the_target_or_the_source_is_refused(
    studies: Studies, source: Source, asked: dict[str, Any], title: str, remedy: str
) -> None:
    with pytest.raises(UsageError) as refused:
        studies.create("s", **asked)
    assert title in refused.value.title
    assert remedy in refused.value.remedy


def test_a_class_with_fewer_rows_than_folds_is_refused_at_once(studies: Studies, source: Source) -> None:
    with pytest.raises(BadTarget) as refused:
        studies.create("s", target="rare")
    assert refused.value.title == "The class 'c' of the target 'rare' is in 3 rows, fewer than the 5 folds."
    assert refused.value.remedy == "Add rows of that class, or leave its rows out, or take fewer folds: --folds 3."
    assert studies.create("s", target="rare", folds=3).folds == 3


def test_the_reason_of_a_guess_is_said_and_so_is_what_was_asked_for(studies: Studies, source: Source) -> None:
    guessed, asked = studies.create("s", target="stars"), studies.create("s", target="stars", task="regression")
    assert (guessed.task, guessed.split, asked.task, asked.split) == ("multiclass", "stratified", "regression", "plain")
    assert guessed.notices[:2] == [
        "The task is multiclass: 'stars' has 5 different values.",
        "Folds keep the shares of the classes.",
    ]
    assert asked.notices[0] == (
        "The task is regression, as was asked for: 'stars' holds numbers, 5 different ones, and would be multiclass else."
    )
    assert asked.metric == "rmse"
    positive = studies.create("s", target="paid", positive="no", split="plain")
    assert positive.notices[:2] == [
        "The task is binary: 'paid' has 2 different values. The positive class is 'no', as was asked for.",
        "Folds are drawn at random, as was asked for.",
    ]
    assert studies.create("s", target="paid").notices[0].endswith("The positive class is 'yes', the second in order.")


@pytest.mark.parametrize(
    ("target", "first", "second"), [("paid", "no", "yes"), ("sure", "false", "true"), ("gaps", "0", "1")]
)
def test_either_class_can_be_the_positive_one_whatever_a_column_holds_it_as(
    store: Store, studies: Studies, source: Source, target: str, first: str, second: str
) -> None:
    for positive, place in ((first, 0), (second, 1), (None, 1)):
        study = studies.create("s", target=target, task="binary", positive=positive)
        assert place_of_positive(study, prepare(store, study).classes) == place


def test_a_model_of_the_first_class_says_so(store: Store, studies: Studies, source: Source, work: Work) -> None:
    study = studies.create("s", target="gaps", task="binary", positive="0", families=["logistic"], trials=1)
    work(study)
    [trial] = list_trials(store.reader, study.id)
    _, signature, _ = fit(study, trial, prepare(store, study))
    assert signature.positive_code == 0


def test_a_class_that_no_row_has_any_more_is_told(studies: Studies, source: Source) -> None:
    study = studies.create("s", target="paid", positive="yes")
    with pytest.raises(BadTarget, match="No row to learn from has the positive class 'yes'"):
        place_of_positive(study, ("never", "no"))


def test_splits_follow_the_roles_and_can_be_chosen_over_them(
    studies: Studies, frame: pd.DataFrame, take_in: TakeIn, work: Work
) -> None:
    take_in(frame, "timed", time_column="at")
    guessed, plain = (
        studies.create("timed", target="paid", trials=1),
        studies.create("timed", target="paid", split="plain", trials=1),
    )
    assert (guessed.split, plain.split) == ("time", "plain")
    assert guessed.notices[1] == "Folds go forward in time, by 'at'."
    assert "figures are too good where later rows tell of earlier ones" in plain.notices[1]
    forward, drawn = work(guessed)._folds, work(plain)._folds
    assert all(training.max() < scored.min() for training, scored in forward)
    assert not any(training.max() < scored.min() for training, scored in drawn)


def test_a_role_that_is_gone_is_told_to_the_study_that_is_split_by_it(
    store: Store, studies: Studies, source: Source, work: Work
) -> None:
    Curation(store).set_columns("s", roles={"shop": "group"})
    study = studies.create("s", target="paid")
    assert study.split == "group"
    Curation(store).set_columns("s", roles={"shop": "feature"})
    with pytest.raises(JobError, match="is split by group, and no column"):
        work(study)


def test_forward_in_time_nothing_is_learnt_from_a_group_that_is_scored() -> None:
    order = np.argsort(np.arange(ROWS) + np.random.default_rng(0).uniform(-10, 10, ROWS))
    groups = (np.arange(ROWS) // 5)[order]
    y = np.arange(ROWS) % 2
    for training, scored in make_folds(y, "binary", 4, 0, groups=groups, in_time_order=True):
        assert not set(groups[training]) & set(groups[scored])
        assert training.max() < scored.min()
        mask = rows_to_stop_by(training, y, "binary", 0, groups=groups, in_time_order=True)
        assert 0 < mask.sum() < len(training)
        assert not set(groups[training][mask]) & set(groups[training][~mask])


def test_groups_that_are_always_there_leave_nothing_to_learn_from_forward_in_time() -> None:
    with pytest.raises(BadTarget, match="nothing to learn from"):
        make_folds(np.arange(ROWS) % 2, "binary", 4, 0, groups=np.arange(ROWS) % 3, in_time_order=True)


@pytest.mark.parametrize(
    ("one", "other", "same"), [("1", "1.0", True), ("True", "true", True), ("no", "No", False), ("yes", "1", False)]
)
def test_a_class_is_known_by_what_it_is_not_by_how_it_is_written(one: str, other: str, *, same: bool) -> None:
    assert same_label(one, other) is same


def test_the_form_is_told_what_the_study_would_be(studies: Studies, source: Source) -> None:
    guess = studies.guess("s", "amount")
    assert (guess.task, guess.split) == ("regression", "plain")
    assert guess.about_task == "The task is regression: 'amount' holds numbers, about 200 different ones."
    with pytest.raises(MlopsError):
        studies.guess("s", "at")
