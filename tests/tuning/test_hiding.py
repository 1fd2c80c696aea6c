"""A trial that a person has hidden is not the best, in no choice and nothing that a sampler learns from, until it is shown again."""

from __future__ import annotations

from collections.abc import Callable

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.trial import create_trial

from mlops_tui.core.errors import JobError, UsageError
from mlops_tui.data.model import Source
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.opening import MedianOfShown
from mlops_tui.tuning.engine.sampler import PlacedSampler
from mlops_tui.tuning.engine.seeded_sampler import SeededSampler
from mlops_tui.tuning.engine.storage import open_storage
from mlops_tui.tuning.engine.study import Tuning
from mlops_tui.tuning.listing import progress_of
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.query import (
    best_trial,
    best_trials_by_family,
    count_matching_trials,
    finalists_of,
    get_study,
    hidden_trials,
    list_trials,
    page_of_trials,
)
from mlops_tui.tuning.seen import in_pictures, trials_seen
from mlops_tui.tuning.service import Studies
from mlops_tui.tuning.steering import Steering

Work = Callable[[Study], Tuning]


def test_a_hidden_trial_is_left_out_everywhere_and_comes_back(
    store: Store, studies: Studies, steering: Steering, source: Source, work: Work
) -> None:
    study = studies.create("s", families=["logistic", "dummy"], trials=6)
    work(study)
    progress, seen = progress_of(store.reader, study.id), trials_seen(store.reader, study.id)
    first = best_trial(store.reader, study)
    assert first is not None
    told = steering.hide(study, first.number, "the disk was full")
    best = best_trial(store.reader, study)
    assert best is not None
    assert best.number != first.number
    assert told == f"The best is trial {best.number}."
    assert get_study(store.reader, study.id).best_run == best.run_id
    assert get_study(store.reader, study.id).best_value == best.value
    assert first.number not in [trial.number for trial in best_trials_by_family(store.reader, study)]
    after = progress_of(store.reader, study.id, progress)
    assert after.ended == progress.ended
    assert [point.number for point in after.points if point.is_hidden] == [first.number]
    drawn = in_pictures(trials_seen(store.reader, study.id, seen), study.direction)
    assert first.number not in [trial.number for trial in drawn]
    assert len(drawn) == len(seen) - 1
    assert count_matching_trials(store.reader, study.id) == 5
    assert [trial.number for trial in page_of_trials(store.reader, study.id, where="hidden")] == [first.number]
    assert count_matching_trials(store.reader, study.id, "hidden or complete") == 6
    assert count_matching_trials(store.reader, study.id, "not hidden") == 5
    [trial] = [one for one in list_trials(store.reader, study.id) if one.is_hidden]
    assert (trial.number, trial.value) == (first.number, first.value)
    attributes = optuna.load_study(study_name=study.name, storage=open_storage(store.workspace.store)).trials
    assert [one.number for one in attributes if one.user_attrs.get("mlops:hidden")] == [first.number]
    [event] = [one for one in read_events(store.reader, of=study.name) if one.verb == "trial_hidden"]
    assert (event.why, event.after) == ("the disk was full", {"trial": first.number, "hidden": True})
    steering.unhide(study, first.number)
    assert get_study(store.reader, study.id).best_run == first.run_id
    assert progress_of(store.reader, study.id, after).points == progress.points
    assert trials_seen(store.reader, study.id, trials_seen(store.reader, study.id)) == seen
    assert hidden_trials(store.reader, study.id) == frozenset()


def test_a_study_that_goes_on_minds_what_is_hidden_and_chooses_among_the_others(
    store: Store, studies: Studies, steering: Steering, source: Source, work: Work
) -> None:
    """Neither is a hidden trial the job's best, nor a finalist, nor taken over by one of the same configuration."""
    study = studies.create("s", families=["logistic"], trials=5)
    work(study)
    first = best_trial(store.reader, study)
    assert first is not None
    steering.hide(study, first.number)
    same = {key: str(value) for key, value in first.params.items()}
    number, _ = studies.enqueue(studies.extend(study, trials=6), same, first.family)
    tuning = work(get_study(store.reader, study.id))
    again = list_trials(store.reader, study.id)[number]
    assert (again.value, again.reason) == (first.value, None), "it was run once more"
    best = best_trial(store.reader, study)
    assert best is not None
    assert tuning.result()["best_run"] == best.run_id != first.run_id
    steering.hide(study, again.number)
    tuning.choose()
    found = finalists_of(store.reader, study.id)
    assert found
    assert not {first.number, again.number} & {one.number for one in found}
    told = steering.hide(study, found[0].number)
    assert told == "It was the chosen one: none is chosen any more."
    assert not any(one.chosen for one in finalists_of(store.reader, study.id))


def test_a_sampler_draws_as_if_a_hidden_trial_had_never_been() -> None:
    family, number = CategoricalDistribution(["a"]), FloatDistribution(0.0, 10.0)

    def drawn(sampler: PlacedSampler | SeededSampler, hidden: frozenset[int], count: int) -> list[float]:
        study = optuna.create_study(sampler=sampler)
        for place in range(count):
            value = 0.05 if place >= 20 else 5 + place / 10
            kinds = {"family": family, "a.x": number}
            study.add_trial(
                create_trial(params={"family": "a", "a.x": value}, distributions=kinds, value=abs(value - 0.1))
            )
        sampler.hidden = hidden
        found = []
        for place in range(40, 44):
            sampler.place = place
            trial = study.ask({"family": family, "a.x": number})
            found.append(trial.params["a.x"])
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
        return found

    def placed() -> PlacedSampler:
        return PlacedSampler(0, [], {"a": {"a.x": number}}, {"a": 1.0})

    outliers = frozenset(range(20, 24))
    for made in (placed, lambda: SeededSampler(0, "tpe")):
        assert drawn(made(), outliers, 24) == drawn(made(), frozenset(), 20)
        assert drawn(made(), frozenset(), 24) != drawn(made(), frozenset(), 20)


def test_a_trial_is_not_stopped_for_being_behind_hidden_ones() -> None:
    def is_stopped(hidden: frozenset[int]) -> bool:
        sampler = SeededSampler(0, "random")
        study = optuna.create_study(direction="maximize", sampler=sampler, pruner=MedianOfShown(sampler))
        for value in (0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1):
            study.add_trial(create_trial(value=value, intermediate_values={0: value}))
        sampler.hidden = hidden
        trial = study.ask()
        trial.report(0.5, 0)
        return trial.should_prune()

    assert is_stopped(frozenset())
    assert not is_stopped(frozenset(range(6)))


def test_what_cannot_be_hidden_is_refused(
    store: Store, studies: Studies, steering: Steering, source: Source, work: Work
) -> None:
    study = studies.create("s", families=["logistic"], trials=2)
    work(study)
    with pytest.raises(UsageError, match="has no trial 7"):
        steering.hide(study, 7)
    with pytest.raises(UsageError, match="Trial 1 is not hidden"):
        steering.unhide(study, 1)
    steering.hide(study, 1)
    with pytest.raises(UsageError, match="Trial 1 is hidden already"):
        steering.hide(study, 1)
    with store.write() as writing:
        writing.execute("UPDATE study_trial SET state = 'running' WHERE number = 0")
    with pytest.raises(JobError, match="Trial 0 has not ended"):
        steering.hide(study, 0)
