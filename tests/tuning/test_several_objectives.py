"""Studies of several objectives: no trial is the best, and a person chooses from the front."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import optuna
import pandas as pd
import pytest

from mlops_tui.core.errors import UsageError
from mlops_tui.core.settings import Settings
from mlops_tui.data.model import Source
from mlops_tui.jobs.context import AnswerContext
from mlops_tui.jobs.service import Jobs
from mlops_tui.presenters.pictures import HISTORY, PARETO, pareto, pictures_of
from mlops_tui.presenters.trials import trial_sections
from mlops_tui.presenters.tune import best_point, curve_of, front_points, headline, study_cells
from mlops_tui.registry.engine.recipe import recipe_of
from mlops_tui.runs.query import get_run
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.importance import importance
from mlops_tui.tuning.engine.storage import open_storage
from mlops_tui.tuning.engine.study import Tuning
from mlops_tui.tuning.listing import progress_of
from mlops_tui.tuning.model import NONE, Study
from mlops_tui.tuning.query import best_trial, finalists_of, front_of, get_study, list_trials
from mlops_tui.tuning.service import Studies

TakeIn = Callable[..., Source]
Work = Callable[[Study], Tuning]
TWO = """
def objective(trial):
    x = trial.suggest_float("x", 0, 5)
    y = trial.suggest_float("y", 0, 3)
    return 4 * x * x + 4 * y * y, (x - 5) ** 2 + (y - 5) ** 2
"""


@pytest.fixture
def source(take_in: TakeIn, people: pd.DataFrame) -> Source:
    return take_in(people[["age", "visits", "left"]], target="left")


@pytest.fixture
def two(store: Store, studies: Studies, jobs: Jobs) -> Callable[..., Study]:
    """A study of two values that one function returns, at its end."""

    def made(**named: Any) -> Study:
        (store.workspace.root / "two.py").write_text(TWO)
        wanted = {"trials": 30, "directions": ["minimize"] * 2, "metrics": ["cost", "error"], **named}
        study = studies.create_own("two.py", store.workspace.root, **wanted)
        jobs.wait(studies.launch(study))
        return get_study(store.reader, study.id)

    return made


def test_its_front_is_that_of_optuna_and_no_run_is_the_best(store: Store, two: Callable[..., Study]) -> None:
    study = two()
    theirs = optuna.load_study(study_name=study.name, storage=open_storage(store.workspace.store))
    assert [one.name for one in study.objectives] == theirs.metric_names == ["cost", "error"]
    ours = front_of(store.reader, study)
    assert sorted(trial.number for trial in ours) == [trial.number for trial in theirs.best_trials]
    assert [trial.value for trial in ours] == sorted(trial.value or 0 for trial in ours)
    assert (study.best_run, study.best_value, best_trial(store.reader, study)) == (None, None, None)
    assert [trial.values for trial in list_trials(store.reader, study.id)] == [trial.values for trial in theirs.trials]
    run = get_run(store.reader, ours[0].run_id)
    assert run.metrics == {"cost": ours[0].values[0], "error": ours[0].values[1]}  # type: ignore[index]


@pytest.mark.parametrize("sampler", ["random", "nsgaii", "qmc"])
def test_every_sampler_but_one_has_several_objectives(two: Callable[..., Study], sampler: str) -> None:
    assert two(sampler=sampler, trials=20).state == "done"
    with pytest.raises(UsageError, match="'cmaes' has one objective"):
        two(sampler="cmaes")


def test_what_several_objectives_cannot_be_is_refused(store: Store, studies: Studies) -> None:
    (store.workspace.root / "two.py").write_text(TWO)
    for named, title in (
        ({"directions": ["minimize"] * 5}, "There cannot be 5 objectives."),
        ({"directions": ["minimize"] * 2, "metrics": ["a"]}, "1 metrics are named, and there are 2 directions."),
        ({"metrics": ["a", "a"]}, "Each metric needs a name of its own."),
        ({"metrics": ["a", "b"], "pruner": "median"}, "A trial of several objectives is not stopped early."),
    ):
        with pytest.raises(UsageError) as caught:
            studies.create_own("two.py", store.workspace.root, **named)  # type: ignore[arg-type]
        assert caught.value.title == title


def test_it_is_shown_as_a_front_and_by_how_much_that_covers(store: Store, two: Callable[..., Study]) -> None:
    study = two()
    progress = progress_of(store.reader, study.id)
    numbers = sorted(trial.number for trial in front_of(store.reader, study))
    assert sorted(point.number for point in front_points(progress)) == numbers
    assert best_point(progress) is None
    drawn = curve_of(progress)
    assert drawn.best == sorted(drawn.best)
    assert 0.5 < drawn.best[-1] <= 1
    assert f"{len(numbers)} on the Pareto front" in headline(progress)
    assert f"front {len(numbers)}" in [cell.text for cell in study_cells(progress, 0.0, "")]
    assert pictures_of(study)[-1] == PARETO
    assert PARETO not in pictures_of(replace(study, objectives=()))
    picture = pareto(progress, 0, 1)
    assert len(picture.front[0]) == len(numbers)
    assert len(picture.others[0]) == 30 - len(numbers)
    assert picture.front[0] == sorted(picture.front[0])
    assert picture.front[1] == sorted(picture.front[1], reverse=True)
    assert picture.words.startswith("error by cost; better lies left and down.")
    assert HISTORY in pictures_of(study)
    [(_, about), *_] = trial_sections(study, list_trials(store.reader, study.id)[0], None, 0.0)
    assert {"cost", "error"} <= {name for name, _ in about}


def test_quality_and_what_it_costs_are_searched_together_and_nothing_is_stopped_or_chosen(
    store: Store, studies: Studies, source: Source, work: Work
) -> None:
    families = ["logistic", "hgb"]
    study = studies.create("s", metric="roc_auc,predict_seconds", families=families, trials=9, folds=3)
    assert (study.metric, study.pruner) == ("roc_auc", NONE)
    assert [(one.name, one.direction) for one in study.objectives] == [
        ("roc_auc", "maximize"),
        ("predict_seconds", "minimize"),
    ]
    assert any("which is best is for you to choose" in notice for notice in study.notices)
    tuning = work(study)
    tuning.choose()
    assert tuning.result() == {"study": study.id, "best_run": None, "best_value": None}
    trials = list_trials(store.reader, study.id)
    assert [trial.state for trial in trials] == ["complete"] * 9
    assert all(trial.values == [trial.value, trial.predict_seconds] for trial in trials)
    found = front_of(store.reader, study)
    assert found[0].value == max(trial.value or 0 for trial in trials)
    assert min(trial.predict_seconds or 9 for trial in trials) == min(trial.predict_seconds or 9 for trial in found)
    assert finalists_of(store.reader, study.id) == []
    assert recipe_of(store, found[-1].run_id).number == found[-1].number


def test_an_ensemble_and_the_sampler_of_one_objective_are_refused_beside_several(
    studies: Studies, source: Source
) -> None:
    for named, title in (
        ({"ensemble": True}, "An ensemble is the best by one"),
        ({"sampler": "cmaes"}, "'cmaes' has one"),
    ):
        with pytest.raises(UsageError, match=title):
            studies.create("s", metric="roc_auc,peak_bytes", **named)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("metric", "title"),
    [
        ("predict_seconds", "The first metric is one of quality, and predict_seconds is a cost."),
        ("roc_auc,log_loss", "'log_loss' is no further objective beside roc_auc."),
        ("roc_auc,cpu_seconds,cpu_seconds", "'cpu_seconds' is no further objective beside roc_auc."),
        ("rmse,cpu_seconds", "The metric rmse does not fit a binary target."),
    ],
)
def test_what_is_no_quality_with_costs_is_refused(studies: Studies, source: Source, metric: str, title: str) -> None:
    with pytest.raises(UsageError) as caught:
        studies.create("s", metric=metric)
    assert caught.value.title == title


def test_importances_are_those_for_the_first_objective(store: Store, two: Callable[..., Study]) -> None:
    study = two()
    told = importance(AnswerContext(store, Settings()), study=study.id)
    assert (told["metric"], told["trials"]) == ("cost", 30)
    assert {one["parameter"] for one in told["families"][0]["importances"]} == {"x", "y"}
