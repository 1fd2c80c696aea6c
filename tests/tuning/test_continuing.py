"""A study that goes on from another one takes the trials along that fit, and remembers where it comes from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlops_tui.core.errors import JobError, UsageError
from mlops_tui.data.model import Source
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store
from mlops_tui.tuning.continuing import continuation
from mlops_tui.tuning.engine.predictions import folder_of, kept
from mlops_tui.tuning.engine.study import Tuning
from mlops_tui.tuning.model import Study, Trial
from mlops_tui.tuning.query import default_trials, finalists_of, get_study, list_trials, studies_after
from mlops_tui.tuning.service import Studies
from mlops_tui.tuning.steering import Steering

Work = Callable[[Study], Tuning]


def floats(low: float, high: float) -> dict[str, Any]:
    return {"name": "FloatDistribution", "attributes": {"low": low, "high": high, "log": True, "step": None}}


def measured(trial: Trial) -> tuple[Any, ...]:
    """What a trial came to and what it cost, whichever study it is of."""
    costs = (trial.seconds, trial.cpu_seconds, trial.predict_seconds, trial.peak_bytes)
    return (trial.state, trial.family, trial.params, trial.value, trial.fold_values, *costs)


def test_the_trials_that_fit_come_along_and_are_not_run_again(
    store: Store, studies: Studies, steering: Steering, source: Source, work: Work
) -> None:
    """With values, folds, costs and kept predictions; the default among them keeps its place, and so its part in the choice."""
    study = studies.create("s", families=["logistic", "knn", "dummy"], trials=12, pruner="none")
    work(study)
    trials = list_trials(store.reader, study.id)
    steering.hide(study, 11)
    given = {
        "logistic.C": floats(0.01, 100_000.0),
        "knn.weights": {"name": "CategoricalDistribution", "attributes": {"choices": ["distance"]}},
    }
    child = steering.continue_in_new(study, families=["logistic", "knn", "hgb"], space=given, trials=4)
    fitting = [
        trial
        for trial in trials[:11]
        if (trial.family == "logistic" and trial.params["C"] >= 0.01)
        or (trial.family == "knn" and trial.params["weights"] == "distance")
    ]
    assert 0 < len(fitting) < 11
    parent = child.parent
    assert parent is not None
    assert (parent.name, parent.trials, parent.complete) == ("s-1", tuple(trial.number for trial in fitting), 11)
    assert (child.name, child.trials) == ("s-2", 4 + len(fitting))
    assert studies_after(store.reader, study.id) == ["s-2"]
    work(child)
    found = list_trials(store.reader, child.id)
    assert [measured(trial) for trial in found[: len(fitting)]] == [measured(trial) for trial in fitting]
    assert not {trial.run_id for trial in found} & {trial.run_id for trial in trials}
    added = found[len(fitting) :]
    assert len(added) == 4
    old = [(trial.family, trial.params) for trial in fitting]
    assert not [trial for trial in added if (trial.family, trial.params) in old]
    assert "hgb" in {trial.family for trial in added}, "the new family's defaults come first"
    assert {trial.family for trial in default_trials(store.reader, child.id)} >= {"logistic", "hgb"}
    assert set(range(len(fitting))) & set(kept(folder_of(store.workspace, child.id)))
    [event] = [one for one in read_events(store.reader, of="s-2") if one.verb == "continued"]
    assert event.before == {"study": "s-1"}


def test_it_ends_as_any_other_study_and_takes_nothing_along_twice(
    store: Store, studies: Studies, steering: Steering, source: Source, work: Work
) -> None:
    study = studies.create("s", families=["logistic"], trials=4)
    work(study)
    child = steering.continue_in_new(study, trials=1, name="again")
    work(child)
    work(studies.extend(child, trials=child.trials + 1)).choose()
    assert len(list_trials(store.reader, child.id)) == child.trials + 1
    assert any(one.chosen for one in finalists_of(store.reader, child.id))
    grandchild = steering.continue_in_new(get_study(store.reader, child.id))
    assert grandchild.parent is not None
    assert grandchild.parent.generation == 2


def test_a_study_whose_rows_are_others_now_takes_nothing_along(
    store: Store, studies: Studies, steering: Steering, source: Source, work: Work
) -> None:
    study = studies.create("s", families=["logistic"], trials=2)
    work(study)
    child = steering.continue_in_new(study)
    with store.write() as writing:
        writing.execute("UPDATE study SET held_out_hash = 'other' WHERE id = ?", (study.id,))
    with pytest.raises(JobError, match="The rows of study 's-1' were others"):
        work(child)


def test_what_cannot_go_on_is_refused_and_no_study_is_made(
    store: Store, studies: Studies, steering: Steering, source: Source
) -> None:
    study = studies.create("s", families=["logistic"])
    grid = studies.create("s", families=["logistic"], sampler="grid")
    for given, wrong in (
        ({"families": ["ridge"]}, "no family 'ridge'"),
        ({"space": {"hgb.learning_rate": floats(0.1, 0.2)}}, "none of the study's families"),
        ({"trials": 0}, "There cannot be 0 trials"),
        ({"name": "s-1"}, "There is a study 's-1' already"),
    ):
        with pytest.raises(UsageError, match=wrong):
            steering.continue_in_new(study, **given)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="A grid has points of its own"):
        steering.continue_in_new(grid)
    assert store.reader.execute("SELECT count(*) FROM study").fetchone() == (2,)
    assert continuation(study, []).trials == ()
