"""What is known of a study's trials without another fit: an ensemble of the best, thresholds, calibration, slices."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from mlops_tui.core.errors import UsageError
from mlops_tui.core.settings import Settings
from mlops_tui.data.model import Source
from mlops_tui.evaluation.answers import probabilities
from mlops_tui.evaluation.scoring import score
from mlops_tui.jobs.context import JobContext
from mlops_tui.presenters.analysis import ensemble_words
from mlops_tui.registry.engine.frame import typed
from mlops_tui.registry.engine.load import load_version
from mlops_tui.registry.engine.register import run as register
from mlops_tui.registry.engine.score import scores
from mlops_tui.registry.query import find_model, version_of
from mlops_tui.runs.query import find_run, get_run
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store
from mlops_tui.tuning.analysis import Ensemble, Member, analysis_of, ensemble_of
from mlops_tui.tuning.engine.fit import prepare
from mlops_tui.tuning.engine.matrices import codes_of
from mlops_tui.tuning.engine.predictions import folder_of, read
from mlops_tui.tuning.engine.study import Tuning
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.query import finalists_of, get_study, list_trials
from mlops_tui.tuning.service import Studies
from tests.tuning.conftest import make_people

TakeIn = Callable[..., Source]
Work = Callable[[Study], Tuning]


def bent(rows: int = 240, seed: int = 1) -> pd.DataFrame:
    """Rows of which a line tells one part and neighbours another, so that together they tell more."""
    generator = np.random.default_rng(seed)
    a, b = generator.normal(size=rows), generator.uniform(-3, 3, rows)
    y = 1.5 * a + 2 * np.sin(2 * b) + generator.normal(0, 0.4, rows)
    left = np.where(y > 0.5, "yes", "no")
    return pd.DataFrame({"a": a, "b": b, "left": left, "stage": np.digitize(y, [-1, 1]), "spent": np.round(y, 4)})


@pytest.fixture
def whole(work: Work) -> Callable[[Study], Tuning]:
    """Runs a study to its very end."""

    def worked(study: Study) -> Tuning:
        tuning = work(study)
        tuning.choose()
        return tuning

    return worked


@pytest.mark.parametrize(
    ("target", "families"),
    [
        ("left", ["logistic", "knn"]),
        pytest.param("stage", ["hgb", "knn"], marks=pytest.mark.slow),
        ("spent", ["ridge", "knn"]),
    ],
)
def test_an_ensemble_is_a_run_that_is_registered_as_one_file_and_says_the_average_of_its_members(
    store: Store,
    studies: Studies,
    take_in: TakeIn,
    whole: Work,
    new_job: Callable[..., str],
    target: str,
    families: list[str],
) -> None:
    take_in(bent()[["a", "b", target]], target=target)
    study = studies.create("s", families=families, trials=4, folds=3, pruner="none", ensemble=True)
    tuning = whole(study)
    found = ensemble_of(store.reader, study.id)
    assert found is not None
    assert found.run_id is not None
    assert sum(member.weight for member in found.members) == pytest.approx(1)
    trials = {trial.number: trial for trial in list_trials(store.reader, study.id)}
    sign = get_study(store.reader, study.id).sign
    assert sign * found.value >= sign * found.best_value
    assert found.best_value == pytest.approx(trials[found.best_number].value, rel=1e-4)
    kept = [read(folder_of(store.workspace, study.id), member.number) for member in found.members]
    said = sum(np.asarray(one) * member.weight for one, member in zip(kept, found.members, strict=True))
    truth = codes_of(tuning._prepared)
    asked = said if study.task == "regression" else probabilities(said)
    values = [score(study.metric, study.task, truth[rows], asked[rows]) for _, rows in tuning._folds]
    assert found.value == pytest.approx(np.mean(values), rel=1e-6)
    assert get_run(store.reader, found.run_id).metrics[study.metric] == pytest.approx(found.value)

    spec = {"run": find_run(store.reader, f"{study.name}/ensemble").id, "name": "m"}
    told = register(JobContext(store, Settings(), new_job("register", **spec), 1))
    version = version_of(store.reader, find_model(store.reader, "m"), told["version"])
    assert version.family == "ensemble"
    assert version.run_id == found.run_id
    model = load_version(store, version)
    assert type(model).__name__ == ("VotingRegressor" if study.task == "regression" else "VotingClassifier")
    rows = typed(prepare(store, get_study(store.reader, study.id)).held_out, version.signature.columns)
    each = [scores(one, rows, version.signature) for one in model.estimators_]
    weighted = sum(one * member for one, member in zip(each, model.weights, strict=True)) / sum(model.weights)
    assert np.allclose(scores(model, rows, version.signature), weighted)
    if study.task != "regression":
        assert set(model.predict(rows)) <= set(version.signature.classes)


@pytest.mark.slow
def test_an_ensemble_s_second_figure_is_chosen_without_the_fold_that_it_is_scored_on(
    store: Store, studies: Studies, take_in: TakeIn, whole: Work
) -> None:
    """So it is the more honest one, and the lower one as a rule."""
    take_in(bent()[["a", "b", "left"]], target="left")
    study = studies.create("s", families=["logistic", "knn"], trials=5, folds=3, pruner="none", ensemble=True)
    whole(study)
    found = ensemble_of(store.reader, study.id)
    assert found is not None
    assert found.across < found.value
    assert found.error is not None
    event = next(event for event in read_events(store.reader, of=study.name) if event.verb == "assembled")
    assert event.after == {"run": found.run_id, "trials": [member.number for member in found.members]}


def test_an_ensemble_is_scored_on_the_folds_that_the_finalists_are_scored_on(
    store: Store, studies: Studies, take_in: TakeIn, work: Work
) -> None:
    """By hand: its members fitted on those folds, averaged by their weights."""
    take_in(bent()[["a", "b", "spent"]], target="spent")
    study = studies.create("s", families=["ridge", "knn"], trials=4, folds=3, pruner="none", ensemble=True)
    tuning = work(study)
    tuning.choose()
    found = ensemble_of(store.reader, study.id)
    assert found is not None
    assert found.recheck is not None
    assert found.recheck != found.value
    trials = {trial.number: trial for trial in list_trials(store.reader, study.id)}
    truth, values = codes_of(tuning._prepared), []
    with tuning._draw_folds_anew() as anew:
        for number, (_, rows) in enumerate(anew.folds):
            each = [
                anew._evaluator.outcome(member.family, trials[member.number].params, number).predicted * member.weight
                for member in found.members
            ]
            values.append(score(study.metric, study.task, truth[rows], np.sum(each, axis=0)))
    assert found.recheck == pytest.approx(np.mean(values), rel=1e-5)
    assert found.recheck_best == min(one.recheck for one in finalists_of(store.reader, study.id))
    assert any("On the folds drawn anew" in words for words in ensemble_words(found, study.metric))


def test_an_ensemble_of_before_has_no_figure_of_folds_drawn_anew() -> None:
    kept = Ensemble("r", 0.9, 0.8, 1, 0.7, 0.1, (Member(1, "r1", "knn", 0.5), Member(2, "r2", "hgb", 0.5)))
    assert len(ensemble_words(kept, "roc_auc")) == 2


def test_a_study_that_goes_on_has_one_ensemble_and_a_run_for_each_that_differs(
    store: Store, studies: Studies, take_in: TakeIn, whole: Work
) -> None:
    take_in(bent()[["a", "b", "spent"]], target="spent")
    study = studies.create("s", families=["ridge", "knn"], trials=3, folds=2, pruner="none", ensemble=True)
    whole(study)
    first = ensemble_of(store.reader, study.id)
    whole(study)
    assert ensemble_of(store.reader, study.id) == first
    runs = "SELECT count(*) FROM run WHERE name LIKE '%/ensemble%'"
    assert store.reader.execute(runs).fetchone()[0] == 1
    whole(studies.extend(study, trials=5))
    assert ensemble_of(store.reader, study.id) is not None
    assert first is not None
    assert first.run_id is not None
    assert get_run(store.reader, first.run_id).params["model"] == "ensemble"  # a registered one still has its recipe


def test_without_being_asked_for_there_is_no_ensemble(
    store: Store, studies: Studies, take_in: TakeIn, whole: Work
) -> None:
    take_in(make_people(120)[["age", "visits", "spent"]], target="spent")
    study = studies.create("s", families=["ridge"], trials=2, folds=2)
    whole(study)
    assert ensemble_of(store.reader, study.id) is None


def test_an_ensemble_of_several_objectives_is_refused(studies: Studies, take_in: TakeIn) -> None:
    take_in(bent()[["a", "b", "spent"]], target="spent")
    with pytest.raises(UsageError, match="An ensemble is the best by one metric"):
        studies.create("s", metric="rmse,predict_seconds", ensemble=True)


def test_what_is_known_of_the_chosen_trial_comes_from_what_it_said_of_rows_that_it_had_not_learnt_from(
    store: Store, studies: Studies, take_in: TakeIn, whole: Work, new_job: Callable[..., str]
) -> None:
    """The positive class is the first of the two here; what is registered has the same thresholds."""
    people = make_people(400)
    people["left"] = np.where(people["left"] == "yes", "gone", "here")
    take_in(people[["age", "visits", "plan", "left"]], target="left")
    with store.write() as writing:
        writing.execute("UPDATE source SET positive = 'gone'")
    study = studies.create("s", families=["logistic"], trials=2, folds=3, metric="f1")
    tuning = whole(study)
    [chosen] = [one for one in finalists_of(store.reader, study.id) if one.chosen]
    found = analysis_of(store.reader, study.id)
    assert found is not None
    assert found.number == chosen.number
    kept = read(folder_of(store.workspace, study.id), chosen.number)
    assert kept is not None
    gone = (tuning._prepared.training["left"] == "gone").to_numpy()
    probability = 1 - kept  # kept is that of `here`
    assert [one.metric for one in found.thresholds] == ["f1", "balanced_accuracy"]
    best = found.thresholds[0]
    called = probability >= best.threshold
    scored = [rows for _, rows in tuning._folds]
    f1 = [2 * (called & gone)[rows].sum() / (called[rows].sum() + gone[rows].sum()) for rows in scored]
    assert best.value == pytest.approx(np.mean(f1))
    assert best.usual == pytest.approx(chosen.value, abs=1e-6)
    assert found.calibration is not None
    assert found.calibration.brier == pytest.approx(np.mean((probability - gone) ** 2), rel=1e-5)
    assert sum(one.rows for one in found.calibration.bins) == len(gone)

    plans = tuning._prepared.training["plan"].fillna("(missing)")
    counts = plans.value_counts()
    assert {one.value: one.rows for one in found.slices} == counts[counts >= 50].to_dict()
    for one in found.slices:
        mask = (plans == one.value).to_numpy()
        usual = probability[mask] > 0.5
        expected = 2 * (usual & gone[mask]).sum() / (usual.sum() + gone[mask].sum())
        assert one.metric == pytest.approx(expected)

    spec = {"run": chosen.run_id, "name": "m"}
    told = register(JobContext(store, Settings(), new_job("register", **spec), 1))
    metrics = json.loads(
        store.reader.execute("SELECT metrics FROM model_version WHERE number = ?", (told["version"],)).fetchone()[0]
    )
    assert metrics["threshold_f1"] == pytest.approx(best.threshold)


def test_slices_on_which_the_metric_is_not_defined_are_left_out(
    store: Store, studies: Studies, take_in: TakeIn, whole: Work
) -> None:
    """All rows of one plan are of one class: there is no area under a curve of those."""
    people = make_people(400)
    people.loc[people["plan"] == "gold", "left"] = "yes"
    take_in(people[["age", "visits", "plan", "left"]], target="left")
    study = studies.create("s", families=["logistic"], trials=1, folds=2)
    whole(study)
    found = analysis_of(store.reader, study.id)
    assert found is not None
    assert {one.value for one in found.slices} == {"basic", "trial"}


def test_numbers_have_slices_and_neither_thresholds_nor_calibration(
    store: Store, studies: Studies, take_in: TakeIn, whole: Work
) -> None:
    take_in(make_people(300)[["age", "visits", "plan", "spent"]], target="spent")
    study = studies.create("s", families=["ridge"], trials=1, folds=2)
    whole(study)
    found = analysis_of(store.reader, study.id)
    assert found is not None
    assert (found.thresholds, found.calibration) == ((), None)
    assert {one.value for one in found.slices} == {"basic", "gold", "trial"}
    assert found.whole is not None


def test_of_a_trial_whose_predictions_are_gone_nothing_is_said(
    store: Store, studies: Studies, take_in: TakeIn, work: Work, people: pd.DataFrame
) -> None:
    take_in(people[["age", "visits", "left"]], target="left")
    study = studies.create("s", families=["logistic"], trials=1, folds=2, ensemble=True)
    tuning = work(study)
    (folder_of(store.workspace, study.id) / "0.npy").unlink()
    tuning.choose()
    assert analysis_of(store.reader, study.id) is None
    assert ensemble_of(store.reader, study.id) is None
