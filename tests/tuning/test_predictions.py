"""What trials said of rows that they had not learnt from is kept for those that may matter, and gives their values again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlops_tui.data.model import Source
from mlops_tui.evaluation.answers import probabilities
from mlops_tui.evaluation.scoring import score
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine import predictions
from mlops_tui.tuning.engine.matrices import codes_of
from mlops_tui.tuning.engine.predictions import folder_of, kept, read
from mlops_tui.tuning.engine.study import Tuning
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.query import list_trials
from mlops_tui.tuning.service import Studies

TakeIn = Callable[..., Source]
Work = Callable[[Study], Tuning]


@pytest.mark.parametrize(
    ("target", "families"), [("left", ["logistic"]), ("stage", ["logistic"]), ("spent", ["ridge"])]
)
def test_what_was_kept_gives_the_trial_s_values_on_every_fold(
    store: Store, studies: Studies, take_in: TakeIn, work: Work, people: pd.DataFrame, target: str, families: list[str]
) -> None:
    take_in(people[["age", "visits", "plan", target]], target=target)
    study = studies.create("s", families=families, trials=3, folds=3, pruner="none")
    tuning = work(study)
    folder = folder_of(store.workspace, study.id)
    assert kept(folder) == [0, 1, 2]
    truth = codes_of(tuning._prepared)
    for trial in list_trials(store.reader, study.id):
        said = read(folder, trial.number)
        assert said is not None
        asked = said if study.task == "regression" else probabilities(said)
        values = [score(study.metric, study.task, truth[rows], asked[rows]) for _, rows in tuning._folds]
        assert values == pytest.approx(trial.fold_values, abs=1e-4)
    assert np.load(folder / "0.npy").dtype == np.float32


def test_the_best_and_the_defaults_are_kept_and_no_other(
    store: Store,
    studies: Studies,
    take_in: TakeIn,
    work: Work,
    people: pd.DataFrame,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(predictions, "MOST", 3)
    monkeypatch.setattr(predictions, "LEAST", 1)
    take_in(people[["age", "visits", "spent"]], target="spent")
    study = studies.create("s", families=["ridge", "dummy"], trials=9, folds=2, pruner="none", sampler="random")
    work(study)
    trials = sorted(list_trials(store.reader, study.id), key=lambda trial: trial.value or 0)
    assert len({trial.value for trial in trials}) == 9
    folder = folder_of(store.workspace, study.id)
    assert set(kept(folder)) == {trial.number for trial in trials[:3]} | {0, 1}
    assert {path.suffix for path in folder.iterdir()} == {".npy"}


def test_rows_that_no_fold_scores_are_missing(
    store: Store, studies: Studies, take_in: TakeIn, work: Work, people: pd.DataFrame
) -> None:
    """Where folds go forward in time, nothing lies before the first rows to learn them from."""
    take_in(people[["age", "joined", "left"]], target="left", time_column="joined")
    study = studies.create("s", families=["logistic"], trials=1, folds=3)
    tuning = work(study)
    said = read(folder_of(store.workspace, study.id), 0)
    assert said is not None
    scored = np.concatenate([rows for _, rows in tuning._folds])
    assert np.isfinite(said[scored]).all()
    assert np.isnan(said).sum() == len(said) - len(scored) > 0


def test_a_file_that_is_gone_or_broken_is_none(tmp_path: Path) -> None:
    (tmp_path / "1.npy").write_bytes(b"\x93NUMPY")
    assert read(tmp_path, 0) is None
    assert read(tmp_path, 1) is None


def test_a_disk_without_room_costs_the_predictions_and_not_the_trial(
    store: Store, studies: Studies, take_in: TakeIn, work: Work, people: pd.DataFrame
) -> None:
    (store.workspace.home / "predictions").write_text("no folder")
    take_in(people[["age", "visits", "left"]], target="left")
    study = studies.create("s", families=["logistic"], trials=2, folds=2)
    work(study)
    assert [trial.state for trial in list_trials(store.reader, study.id)] == ["complete", "complete"]
