"""A study may begin with what earlier ones found best."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from mlops_tui.core.errors import UsageError
from mlops_tui.data.model import Source
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.families import BY_NAME
from mlops_tui.tuning.engine.study import Tuning
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.query import best_trials_by_family, get_study, list_trials
from mlops_tui.tuning.service import Studies

FAMILIES = ["logistic", "dummy"]


@pytest.fixture
def first(
    store: Store,
    studies: Studies,
    take_in: Callable[..., Source],
    work: Callable[[Study], Tuning],
    people: pd.DataFrame,
) -> Study:
    """A study that has ended, whose best trial is not the default."""
    take_in(people[["age", "visits", "left"]], target="left")
    study = studies.create("s", name="first", families=FAMILIES, trials=6)
    work(study)
    with store.write() as writing:  # fits of few rows hardly differ: one is made the best
        writing.execute(
            "UPDATE study_trial SET value = 2.0, params = '{\"C\": 0.0123}' WHERE study_id = ? AND number = 4",
            (study.id,),
        )
    return get_study(store.reader, study.id)


def tried(store: Store, study: Study) -> list[dict[str, Any]]:
    return [{"family": trial.family, **trial.params} for trial in list_trials(store.reader, study.id)]


@pytest.mark.parametrize("asked", ["first", "earlier"])
def test_the_best_of_an_earlier_study_are_tried_after_the_defaults_and_said_before(
    store: Store, studies: Studies, first: Study, work: Callable[[Study], Tuning], asked: str
) -> None:
    study = studies.create("s", families=FAMILIES, trials=4, warm_start=asked)
    assert [(one.study, one.trial, one.family) for one in study.warm_start] == [("first", 4, "logistic")]
    assert "After the defaults it tries what was best before: trial 4 of first (logistic)." in study.notices
    work(study)
    assert tried(store, study)[2] == {"family": "logistic", "C": 0.0123}
    assert tried(store, study)[3] == {"family": "logistic", **BY_NAME["logistic"].portfolio[0]}


def test_what_was_best_is_moved_into_another_space(
    store: Store, studies: Studies, first: Study, work: Callable[[Study], Tuning]
) -> None:
    space = {"logistic.C": {"name": "FloatDistribution", "attributes": {"low": 0.02, "high": 2.0}}}
    study = studies.create("s", families=["logistic"], trials=2, warm_start="first", space=space)
    work(study)
    assert [one["C"] for one in tried(store, study)] == [1.0, 0.02]


def test_another_target_other_columns_and_another_task_are_not_earlier_ones_of_the_same(
    studies: Studies, first: Study, take_in: Callable[..., Source], people: pd.DataFrame
) -> None:
    with pytest.raises(UsageError, match="no earlier study has the same columns and target"):
        studies.create("s", target="visits", warm_start="earlier")
    with pytest.raises(UsageError, match="is of binary, not of regression"):
        studies.create("s", target="visits", warm_start="first")
    with pytest.raises(UsageError, match="no trial of an earlier study is of knn"):
        studies.create("s", families=["knn"], warm_start="first")


def test_the_best_of_each_family_comes_with_the_best_of_all_first(store: Store, first: Study) -> None:
    found = best_trials_by_family(store.reader, first)
    assert [(trial.family, trial.number) for trial in found][:1] == [("logistic", 4)]
    assert len({trial.family for trial in found}) == len(found) == 2
