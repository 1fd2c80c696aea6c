"""A range that is made narrower while a study is under way, and what that costs the sampler."""

from __future__ import annotations

from collections.abc import Callable

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.trial import create_trial

from mlops_tui.core.errors import JobError, UsageError
from mlops_tui.data.model import Source
from mlops_tui.jobs.service import Jobs
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.sampler import PlacedSampler
from mlops_tui.tuning.engine.study import Tuning
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.narrowing import cost_words, narrowed, searched
from mlops_tui.tuning.query import count_trials, get_study, list_trials
from mlops_tui.tuning.service import Studies
from mlops_tui.tuning.steering import Steering
from tests.processes import wait_for

Work = Callable[[Study], Tuning]


def test_a_narrower_range_holds_from_the_next_trial_on_and_says_how_many_lie_outside(
    store: Store, studies: Studies, steering: Steering, source: Source, work: Work
) -> None:
    study = studies.create("s", families=["logistic", "dummy"], trials=8, sampler="random")
    work(study)
    before = [trial.params["C"] for trial in list_trials(store.reader, study.id) if trial.family == "logistic"]
    outside = sum(not 0.5 <= found <= 5 for found in before)
    assert 0 < outside < len(before)
    study = studies.extend(study, trials=16)
    told = narrowed(searched(store.reader, study), "C", "0.5", "5")
    assert (told.name, told.trials, told.outside) == ("logistic.C", len(before), outside)
    assert get_study(store.reader, study.id).space == {}, "it was only asked what it would cost"
    assert steering.narrow(study, "C", "0.5", "5") == told
    work(get_study(store.reader, study.id))
    after = list_trials(store.reader, study.id)[8:]
    assert len(after) == 8
    assert all(0.5 <= trial.params["C"] <= 5 for trial in after)
    assert [event.verb for event in read_events(store.reader, of=study.name)].count("narrowed") == 1
    assert any("logistic.C is searched from 0.5 to 5" in told for told in get_study(store.reader, study.id).notices)
    with pytest.raises(UsageError, match="C cannot be '7'"):
        studies.enqueue(get_study(store.reader, study.id), {"C": "7"}, "logistic")


def test_a_study_that_runs_draws_from_the_narrower_range(
    store: Store, studies: Studies, steering: Steering, jobs: Jobs, source: Source
) -> None:
    study = studies.create("s", families=["logistic"], trials=5_000)
    job_id = studies.launch(study)
    wait_for(lambda: count_trials(store.reader, study.id).get("complete", 0) >= 6, 40)
    steering.narrow(get_study(store.reader, study.id), "logistic.C", "1", "2")
    seen = sum(count_trials(store.reader, study.id).values()) + 1  # one may have been drawn already
    studies.extend(get_study(store.reader, study.id), trials=seen + 10)
    assert jobs.wait(job_id).state == "done"
    drawn = [trial.params["C"] for trial in list_trials(store.reader, study.id, limit=10_000)]
    assert any(not 1 <= found <= 2 for found in drawn[:seen])
    assert all(1 <= found <= 2 for found in drawn[seen:])


def test_the_sampler_learns_from_no_trial_that_lies_outside() -> None:
    """Draws are those of a study that never had them."""
    wide, narrow = FloatDistribution(0.0, 10.0), FloatDistribution(4.0, 6.0)
    family = CategoricalDistribution(["a"])

    def drawn(values: list[float], *, narrowed: bool) -> list[float]:
        sampler = PlacedSampler(0, [], {"a": {"a.x": narrow}}, {"a": 1.0})
        if narrowed:
            sampler.search([], {"a": {"a.x": wide}})
            sampler.search([], {"a": {"a.x": narrow}})
        study = optuna.create_study(sampler=sampler)
        for value in values:
            kinds = {"family": family, "a.x": wide}
            study.add_trial(
                create_trial(params={"family": "a", "a.x": value}, distributions=kinds, value=abs(value - 4.2))
            )
        found = []
        for place in range(40, 46):
            sampler.place = place
            trial = study.ask({"family": family, "a.x": narrow})
            found.append(trial.params["a.x"])
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
        return found

    inside = [4.1 + place / 10 for place in range(12)]
    outside = [0.1, 9.5, 3.99, 8.0]
    assert drawn([*inside, *outside], narrowed=True) == drawn(inside, narrowed=False)
    assert drawn([*inside, 4.15, 5.9, 4.2, 4.25], narrowed=True) != drawn(inside, narrowed=False)


@pytest.mark.parametrize(
    ("parameter", "low", "high", "title", "remedy"),
    [
        ("D", "1", "2", "'D' is no parameter of the study.", "logistic.C"),
        ("C", "2", "1", "The low of 2 is above the high of 1.", "lower one first"),
        (
            "C",
            "1",
            "5000",
            "logistic.C is searched from 0.001 to 1000; it can be narrowed, not",
            "studies continue s-1",
        ),
        ("C", "much", "2", "logistic.C cannot end at 'much'.", "Give a number"),
        ("C", "nan", "2", "logistic.C cannot end at 'nan'.", "Give a number"),
        ("max_leaf_nodes", "4.5", "9", "hgb.max_leaf_nodes cannot end at '4.5'.", "Give a whole number"),
        ("weights", "1", "2", "knn.weights has choices, among uniform, distance, which a study", "studies continue"),
    ],
)
def test_what_cannot_be_narrowed_is_refused_and_nothing_changes(
    store: Store,
    studies: Studies,
    steering: Steering,
    source: Source,
    parameter: str,
    low: str,
    high: str,
    title: str,
    remedy: str,
) -> None:
    study = studies.create("s", families=["logistic", "hgb", "knn"])
    with pytest.raises(UsageError) as caught:
        steering.narrow(study, parameter, low, high)
    assert caught.value.title.startswith(title)
    assert remedy in caught.value.remedy
    assert get_study(store.reader, study.id).space == {}


def test_a_name_that_two_families_have_is_asked_for_with_its_family(
    studies: Studies, steering: Steering, source: Source
) -> None:
    study = studies.create("s", families=["random_forest", "extra_trees"])
    with pytest.raises(UsageError) as caught:
        steering.narrow(study, "max_features", "0.2", "0.3")
    assert "random_forest.max_features, extra_trees.max_features" in caught.value.remedy
    assert steering.narrow(study, "extra_trees.max_features", "0.2", "0.3").family == "extra_trees"


def test_a_grid_and_a_study_with_all_of_its_trials_are_narrowed_no_more(
    store: Store, studies: Studies, steering: Steering, source: Source, work: Work
) -> None:
    study = studies.create("s", families=["logistic"], trials=3, sampler="grid")
    assert searched(store.reader, study).ranges == {}
    with pytest.raises(UsageError, match="points of a grid"):
        steering.narrow(study, "C", "1", "2")
    other = studies.create("s", families=["logistic"], trials=1)
    work(other)
    with store.write() as writing:
        writing.execute("UPDATE study SET state = 'done' WHERE id = ?", (other.id,))
    with pytest.raises(JobError, match="with all of its 1 trial"):
        steering.narrow(get_study(store.reader, other.id), "C", "1", "2")


def test_the_cost_says_that_the_best_trial_is_lost_to_the_sampler(
    store: Store, studies: Studies, source: Source, work: Work
) -> None:
    study = studies.create("s", families=["logistic"], trials=4)
    assert "nothing is lost" in cost_words(narrowed(searched(store.reader, study), "C", "1", "2"), "tpe")
    work(study)
    best = max(list_trials(store.reader, study.id), key=lambda trial: trial.value or 0.0).params["C"]
    beyond = narrowed(searched(store.reader, study), "C", str(best * 1.001), "1000")
    assert beyond.best_is_outside
    assert "the best one among them: the sampler no longer learns from these" in cost_words(beyond, "tpe")
    assert "learns from none anyway" in cost_words(beyond, "random")
    assert "goes on learning from all" in cost_words(
        narrowed(searched(store.reader, study), "C", "0.001", "1000"), "tpe"
    )
