"""A configuration is run once, and a study that cannot give a model ends early."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from mlops_tui.core.errors import JobError
from mlops_tui.data.model import Source
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.study import Tuning
from mlops_tui.tuning.engine.trial_loop import HOPELESS
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.query import count_trials, list_trials
from mlops_tui.tuning.service import Studies

Work = Callable[[Study], Tuning]


def test_a_configuration_that_is_asked_for_again_has_its_outcome_without_a_fit(
    store: Store,
    studies: Studies,
    take_in: Callable[..., Source],
    work: Work,
    people: pd.DataFrame,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    take_in(people[["age", "visits", "left"]], target="left")
    study = studies.create("s", families=["hgb"], trials=2)
    work(study)
    defaults = {key: str(value) for key, value in list_trials(store.reader, study.id)[0].params.items()}
    del defaults["max_iter"]  # which the trial itself found
    studies.enqueue(study, defaults)
    fits: list[int] = []
    outcome = Tuning._outcomes
    monkeypatch.setattr(Tuning, "_outcomes", lambda *given, **named: fits.append(1) or outcome(*given, **named))
    work(studies.extend(study, trials=4))
    first, _, again, last = list_trials(store.reader, study.id)
    assert len(fits) == 1  # the last one's
    assert (again.value, again.params, again.fold_values) == (first.value, first.params, first.fold_values)
    assert again.reason == "The same as trial 0, which was not run again."
    assert again.cpu_seconds == 0
    assert last.reason is None or "catch up" in last.reason


def test_a_study_whose_first_trials_all_fail_ends_and_says_why(
    store: Store, studies: Studies, take_in: Callable[..., Source], work: Work, people: pd.DataFrame
) -> None:
    """A logarithm of negative predictions is no number, whatever the configuration."""
    people["spent"] -= 1_000.0
    take_in(people[["age", "visits", "spent"]], target="spent")
    study = studies.create("s", metric="rmsle", families=["ridge"], trials=40)
    tuning = work(study)
    assert count_trials(store.reader, study.id) == {"fail": HOPELESS}
    with pytest.raises(JobError, match=f"None of {HOPELESS} trials gave a model: ValueError: "):
        tuning.result()
