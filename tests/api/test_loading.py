"""A registered model in a script: it reads what it learnt from, whatever stands around that, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlops_tui as mt
from mlops_tui.core.errors import ModelFileError, SchemaMismatch, UnknownName
from mlops_tui.registry.engine.frame import typed
from mlops_tui.registry.model import PROMOTED, ModelVersion
from mlops_tui.registry.service import move_alias
from mlops_tui.store.artifact import place
from mlops_tui.store.store import Store
from tests.registry.conftest import registered, training_frame

__all__ = ["registered"]


@pytest.fixture
def pipeline(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue("registered").pipeline


@pytest.fixture
def version(here: Store, request: pytest.FixtureRequest) -> ModelVersion:
    found: ModelVersion = request.getfixturevalue("registered")("churn")
    with here.write() as writing:
        move_alias(writing, found, "champion", revision=0, verb=PROMOTED, why="first")
    return found


@pytest.fixture
def frame() -> pd.DataFrame:
    return training_frame(50)


@pytest.mark.parametrize("name", ["churn@champion", "churn:1", "churn", "models:/churn@champion", "models:/churn/1"])
def test_it_says_what_was_registered_whatever_the_frames_order(
    name: str,
    version: ModelVersion,
    pipeline: Any,
    frame: pd.DataFrame,
) -> None:
    expected = pipeline.predict_proba(typed(frame, version.signature.columns))
    model = mt.load_model(name)
    assert (model.name, model.version, model.classes) == ("churn", 1, ("no", "yes"))
    given = frame.assign(more=1)[["more", *reversed(model.columns)]].set_index(np.arange(100, 150))
    found = model.predict_proba(given)
    assert np.array_equal(found.to_numpy(), expected)
    assert (list(found.columns), list(found.index)) == (["no", "yes"], list(range(100, 150)))
    assert model.predict(given).tolist() == np.array(["no", "yes"])[expected.argmax(axis=1)].tolist()
    assert model.predict(given[:0]).shape == (0,)


def test_numbers_and_times_that_are_written_as_text_are_read(version: ModelVersion, frame: pd.DataFrame) -> None:
    model = mt.load_model("churn")
    written = frame.assign(
        age=frame["age"].map(lambda age: repr(float(age)), na_action="ignore"),
        visits=frame["visits"].astype(str),
        joined=frame["joined"].astype(str),
    )
    assert np.array_equal(model.predict_proba(written), model.predict_proba(frame))


def test_a_fraction_in_a_column_of_whole_numbers_is_not_cut_off(
    version: ModelVersion,
    pipeline: Any,
    frame: pd.DataFrame,
) -> None:
    halves = frame.assign(visits=frame["visits"] + 0.75)
    whole = typed(frame, version.signature.columns).assign(visits=halves["visits"])
    found = mt.load_model("churn").predict_proba(halves)
    assert np.array_equal(found.to_numpy(), pipeline.predict_proba(whole))
    assert not np.array_equal(found, mt.load_model("churn").predict_proba(frame))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"age": "old"}, "'age' of the frame does not hold numbers"),
        ({"joined": "yesterday"}, "'joined' of the frame does not hold dates or times"),
        ({"member": "perhaps"}, "'member' of the frame does not hold true or false"),
        ({"joined": 3}, "'joined' of the frame does not hold dates or times"),
        ({"age": pd.Timestamp("2026-01-01")}, "'age' of the frame does not hold numbers"),
        ({"plan": None}, ""),
    ],
)
def test_what_a_column_cannot_be_is_refused_by_its_name(
    changed: dict[str, Any], words: str, version: ModelVersion, frame: pd.DataFrame
) -> None:
    model, given = mt.load_model("churn"), frame.assign(**changed)
    if not words:  # what is missing is missing
        assert len(model.predict(given)) == len(frame)
        return
    with pytest.raises(SchemaMismatch, match=words):
        model.predict(given)
    with pytest.raises(SchemaMismatch, match="'age' more than once"):
        model.predict(frame.assign(other=1).rename(columns={"other": "age"}))
    with pytest.raises(SchemaMismatch, match="The frame lacks the columns 'age', 'plan'"):
        model.predict(frame.drop(columns=["age", "plan"]))


def test_a_file_that_was_changed_and_a_name_that_is_none_are_refused(here: Store, version: ModelVersion) -> None:
    with pytest.raises(UnknownName):
        mt.load_model("churn@challenger")
    place(here.workspace, version.artifact).write_bytes(b"something else")
    with pytest.raises(ModelFileError, match="was changed"):
        mt.load_model("churn")
