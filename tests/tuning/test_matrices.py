"""What is prepared once is what a pipeline would prepare in each fold, and whoever needs it shares it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.metrics import get_scorer

from mlops_tui.data.model import Source
from mlops_tui.evaluation.metrics import METRICS
from mlops_tui.evaluation.splits import make_folds
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.families import BY_NAME
from mlops_tui.tuning.engine.families.family import Wants
from mlops_tui.tuning.engine.fit import build, fit_weighted, prepare
from mlops_tui.tuning.engine.matrices import Matrices
from mlops_tui.tuning.engine.study import Tuning
from mlops_tui.tuning.model import FAMILIES, Study
from mlops_tui.tuning.query import list_trials
from mlops_tui.tuning.service import Studies

TakeIn = Callable[..., Source]
Work = Callable[[Study], Tuning]
TARGETS = {"left": "binary", "stage": "multiclass", "spent": "regression"}


@pytest.mark.parametrize("target", TARGETS)
def test_a_trial_has_the_scores_that_its_pipeline_has_in_cross_validation(
    store: Store, studies: Studies, take_in: TakeIn, work: Work, people: pd.DataFrame, target: str
) -> None:
    """Of the families that need no rows to stop by, whose final fit learns from the same rows."""
    task = TARGETS[target]
    take_in(people.drop(columns=list({*TARGETS} - {target})), target=target, id_column="person_id")
    families = [family for family in FAMILIES[task] if BY_NAME[family].stopping is None]
    study = studies.create("s", families=families, trials=len(families), pruner="none")
    tuning = work(study)
    prepared = prepare(store, study)
    metric = METRICS[study.metric]
    rows = prepared.training[[feature.name for feature in prepared.features]]
    for trial in list_trials(store.reader, study.id):
        pipeline = build(study, trial.family, trial.params, prepared.features, len(rows))
        scorer, sign = get_scorer(metric.scorers[task]), -1.0 if metric.negated else 1.0
        values = [
            sign
            * scorer(
                fit_weighted(clone(pipeline), rows.iloc[training], prepared.y_training[training], None),
                rows.iloc[validation],
                prepared.y_training[validation],
            )
            for training, validation in tuning._folds
        ]
        assert trial.fold_values == pytest.approx(values, rel=1e-6), trial.family


def test_the_folds_of_a_study_go_with_its_last_worker(
    store: Store, studies: Studies, take_in: TakeIn, work: Work, people: pd.DataFrame
) -> None:
    take_in(people[["age", "visits", "left"]], target="left")
    study = studies.create("s", families=["logistic"], trials=1)
    first, second = work(study), work(study)
    folder = store.workspace.home / "folds" / study.id
    assert len(list(folder.glob("*.npy"))) == 2 * study.folds
    first.close()
    assert len(list(folder.glob("*.npy"))) == 2 * study.folds
    second.close()
    assert not folder.exists()


def test_a_matrix_is_made_once_and_read_by_all(
    store: Store, studies: Studies, take_in: TakeIn, people: pd.DataFrame, tmp_path: Path
) -> None:
    take_in(people[["age", "plan", "left"]], target="left")
    prepared = prepare(store, studies.create("s"))
    folds = make_folds(prepared.y_training, "binary", 3, 0)
    stopping = [np.zeros(len(training), dtype=bool) for training, _ in folds]
    first, second = (Matrices(tmp_path / "folds", prepared, folds, stopping) for _ in range(2))
    wants = Wants(scale=True, encode="onehot", impute=True, dtype="float32")
    made = first.fold(1, wants)
    written = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "folds").glob("*.npy")}
    assert np.array_equal(second.fold(1, wants).training.x, made.training.x)
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "folds").glob("*.npy")} == written
    assert made.training.x.dtype == np.float32
    assert not made.training.x.flags.writeable
    assert len(made.validation.y) + len(made.training.y) == len(prepared.y_training)


def test_what_a_killed_worker_left_unfinished_is_made_anew(
    store: Store, studies: Studies, take_in: TakeIn, people: pd.DataFrame, tmp_path: Path
) -> None:
    take_in(people[["age", "left"]], target="left")
    prepared = prepare(store, studies.create("s"))
    folds = make_folds(prepared.y_training, "binary", 2, 0)
    matrices = Matrices(
        tmp_path / "folds", prepared, folds, [np.zeros(len(training), dtype=bool) for training, _ in folds]
    )
    wants = Wants()
    unfinished = tmp_path / "folds" / f"ordinal-plain-gaps-float64-0-training.{os.getpid() + 1}"
    unfinished.write_bytes(b"half")
    assert np.isfinite(matrices.fold(0, wants).training.x).any()
    matrices.close()
    assert not (tmp_path / "folds").exists()
