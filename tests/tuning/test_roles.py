"""What the roles of columns mean to a study."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

from mlops_tui.core.errors import DataError
from mlops_tui.data.curation import Curation
from mlops_tui.data.model import Source
from mlops_tui.registry.engine.recipe import fit
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.families import BY_NAME
from mlops_tui.tuning.engine.fit import build, fit_weighted, prepare
from mlops_tui.tuning.engine.study import Tuning
from mlops_tui.tuning.model import FAMILIES, Study
from mlops_tui.tuning.query import list_trials
from mlops_tui.tuning.service import Studies

TakeIn = Callable[..., Source]
Work = Callable[[Study], Tuning]


def two_lines(rows: int = 300) -> pd.DataFrame:
    """Half of the rows lie on y = x and weigh nothing, the others on y = −x."""
    draw = np.random.default_rng(5)
    x, ours = draw.normal(0, 1, rows), np.arange(rows) % 2 == 0
    return pd.DataFrame(
        {
            "x": x,
            "w": np.where(ours, 1.5, 0.0),
            "known": pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(rows), unit="h"),
            "hint": np.where(ours, -x, x),
            "shop": np.arange(rows) // 10,
            "y": np.where(ours, -x, x),
        }
    )


def test_columns_of_other_roles_are_no_features(store: Store, studies: Studies, take_in: TakeIn) -> None:
    take_in(two_lines(), target="y")
    roles = {"w": "weight", "known": "available-at", "hint": "ignored", "shop": "group"}
    Curation(store).set_columns("s", roles=roles)
    study = studies.create("s")
    assert [feature["name"] for feature in study.features] == ["x"]
    assert study.weight == "w"
    assert study.notices[2:] == [
        "Rows weigh what 'w' says, in training, in the metric and at the gate.",
        "Column 'hint' is left out: its role is to be ignored.",
    ]


def test_a_row_that_weighs_nothing_is_neither_learnt_from_nor_measured(
    store: Store, studies: Studies, take_in: TakeIn, work: Work
) -> None:
    """In the folds, and in the model that is registered."""
    take_in(two_lines()[["x", "w", "y"]], target="y")
    Curation(store).set_columns("s", roles={"w": "weight"})
    study = studies.create("s", families=["ridge"], trials=1, metric="r2")
    work(study)
    [trial] = list_trials(store.reader, study.id)
    assert trial.value is not None
    assert trial.value > 0.99
    prepared = prepare(store, study)
    pipeline, signature, _ = fit(study, trial, prepared)
    assert isinstance(pipeline["model"], Ridge)
    assert [column.name for column in signature.columns] == ["x"]
    assert pipeline.predict(pd.DataFrame({"x": [2.0]}))[0] == pytest.approx(-2.0, abs=0.1)


def test_without_the_role_all_rows_weigh_the_same(store: Store, studies: Studies, take_in: TakeIn, work: Work) -> None:
    take_in(two_lines()[["x", "y"]], target="y")
    study = studies.create("s", families=["ridge"], trials=1, metric="r2")
    work(study)
    [trial] = list_trials(store.reader, study.id)
    assert trial.value is not None
    assert trial.value < 0.2


@pytest.mark.parametrize(
    ("task", "family"), [(task, family) for task, families in FAMILIES.items() for family in families]
)
def test_every_family_takes_weights(
    store: Store, studies: Studies, take_in: TakeIn, people: pd.DataFrame, task: str, family: str
) -> None:
    """Another weight of some rows gives another model: it says something else of rows that it has not learnt from."""
    target = {"binary": "left", "multiclass": "stage", "regression": "spent"}[task]
    people["w"] = np.where(people["age"] > 40, 5.0, 0.1)
    take_in(people, target=target, id_column="person_id")
    Curation(store).set_columns("s", roles={"w": "weight"})
    study = studies.create("s", families=[family])
    assert study.task == task
    prepared = prepare(store, study)
    names = [feature.name for feature in prepared.features]
    rows, others = prepared.training[names], prepared.held_out[names]

    def predicted(weights: np.ndarray | None) -> np.ndarray:
        pipeline = build(study, family, BY_NAME[family].defaults, prepared.features, len(rows))
        fitted = fit_weighted(pipeline, rows, prepared.y_training, weights)
        return fitted.predict(others) if task == "regression" else fitted.predict_proba(others)

    alike = np.ones(len(rows))
    assert np.allclose(predicted(alike), predicted(alike))
    assert not np.allclose(predicted(alike), predicted(prepared.weights))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.nan, "missing, negative or infinite in 3 of 300"),
        (-1.0, "in 3 of 300"),
        (0.0, "is zero in all labelled rows"),
    ],
)
def test_rows_without_a_weight_are_refused(
    store: Store, studies: Studies, take_in: TakeIn, value: float, words: str
) -> None:
    frame = two_lines()[["x", "w", "y"]]
    frame.loc[: 2 if value else 299, "w"] = value
    if not value:
        frame.loc[299, ["w", "y"]] = [1.0, np.nan]  # a constant column has no role
    take_in(frame, target="y")
    Curation(store).set_columns("s", roles={"w": "weight"})
    with pytest.raises(DataError, match=words):
        prepare(store, studies.create("s"))


def test_a_study_keeps_the_weights_that_it_began_with(store: Store, studies: Studies, take_in: TakeIn) -> None:
    take_in(two_lines()[["x", "w", "y"]], target="y")
    before = studies.create("s")
    Curation(store).set_columns("s", roles={"w": "weight"})
    assert prepare(store, before).weights is None
    after = studies.create("s")
    Curation(store).set_columns("s", roles={"w": "feature"})
    weights = prepare(store, after).weights
    assert weights is not None
    assert set(weights) == {0.0, 1.5}


def test_held_out_rows_weigh_too(store: Store, studies: Studies, take_in: TakeIn) -> None:
    frame = two_lines()[["x", "w", "y"]]
    take_in(frame, target="y")
    Curation(store).set_columns("s", roles={"w": "weight"})
    prepared = prepare(store, studies.create("s"))
    assert prepared.held_out_weights is not None
    assert list(prepared.held_out_weights) == list(prepared.held_out["w"])
    assert len(prepared.held_out) > 0
