"""Data and models of a run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import mlops_tui as mt
from mlops_tui.core.errors import FileUnreadable, UsageError
from mlops_tui.registry.engine.file import parse
from mlops_tui.runs.input import ARRAY, FILE, FRAME
from mlops_tui.runs.query import find_artifact, find_run, inputs_of, sources_with
from mlops_tui.store.artifact import sha256, verified
from mlops_tui.store.store import Store

FRAME_OF_TWO = pd.DataFrame({"x": [1.0, 2.0], "name": ["a", "b"]})


def test_a_file_is_known_by_its_content_with_its_columns_and_rows(here: Store) -> None:
    path = here.workspace.root / "rows.csv"
    path.write_text("x,y\n1,a\n2,b\n3,c\n")
    with mt.start_run("given", captured=False) as run:
        digest = mt.log_input(path)
        mt.log_input(str(path), role="test")
    training, test = inputs_of(here.reader, run.id)
    assert digest == training.hash == test.hash == sha256(path)
    assert (training.kind, training.role, training.rows, training.path) == (FILE, "training", 3, "rows.csv")
    assert training.columns == {"x": "integer", "y": "category"}
    assert test.role == "test"
    assert sources_with(here.reader, digest) == []


def test_the_same_data_in_the_same_role_is_there_once(here: Store) -> None:
    with mt.start_run("given", captured=False) as run:
        for _ in range(3):
            mt.log_input(FRAME_OF_TWO, "rows")
    assert [given.name for given in inputs_of(here.reader, run.id)] == ["rows"]


def test_a_file_that_is_no_table_is_known_by_its_content_alone(here: Store, tmp_path: Path) -> None:
    (tmp_path / "cat.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x01")
    with mt.start_run("given", captured=False) as run:
        mt.log_input(tmp_path / "cat.png")
        with pytest.raises(FileUnreadable):
            mt.log_input(tmp_path / "none.csv")
    [found] = inputs_of(here.reader, run.id)
    assert (found.rows, found.columns) == (None, {})


def test_a_frame_is_known_by_its_values_names_and_types_whatever_its_index(here: Store) -> None:
    same = FRAME_OF_TWO.set_index(pd.Index([7, 9]))
    others = [
        FRAME_OF_TWO.rename(columns={"x": "z"}),
        FRAME_OF_TWO.astype({"x": "float32"}),
        FRAME_OF_TWO.iloc[::-1],
        FRAME_OF_TWO.assign(x=[1.0, np.nan]),
    ]
    with mt.start_run("given", captured=False) as run:
        first = mt.log_input(FRAME_OF_TWO, "rows")
        assert mt.log_input(same, "rows") == first
        assert len({first, *(mt.log_input(other, "rows") for other in others)}) == 5
    found = inputs_of(here.reader, run.id)
    assert {given.kind for given in found} == {FRAME}
    assert sorted(given.rows or 0 for given in found) == [2] * 5


def test_an_array_is_known_by_its_values_shape_and_type(here: Store) -> None:
    array = np.arange(6.0)
    with mt.start_run("given", captured=False) as run:
        hashes = {mt.log_input(one) for one in (array, array.reshape(2, 3), array.astype("float32"), array + 1)}
        with pytest.raises(UsageError, match="A int is no data"):
            mt.log_input(7)
    assert len(hashes) == 4
    assert {given.kind for given in inputs_of(here.reader, run.id)} == {ARRAY}


def test_a_model_is_kept_with_what_reading_it_needs_and_predicts_the_same(here: Store) -> None:
    draw = np.random.default_rng(0)
    x = pd.DataFrame(draw.normal(size=(60, 2)), columns=["age", "income"])
    y = np.where(x["age"] > 0, "yes", "no")
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(x, y)
    with mt.start_run("made", captured=False):
        mt.log_model(model, "models/best", sample=x)
    run = find_run(here.reader, "made")
    about = find_artifact(here.reader, run, "models/best.json")
    told = json.loads(verified(here.workspace, about.hash).read_text())
    assert (told["columns"], told["classes"]) == (["age", "income"], ["no", "yes"])
    assert told["class"] == "sklearn.pipeline.Pipeline"
    kept = find_artifact(here.reader, run, "models/best.skops")
    assert kept.kind == "model"
    again = parse(verified(here.workspace, kept.hash), told["types"])
    assert (again.predict(x) == model.predict(x)).all()


def test_what_skops_cannot_write_is_refused_with_what_to_do(here: Store) -> None:
    with mt.start_run("made", captured=False), pytest.raises(UsageError, match="cannot be written by skops") as caught:
        mt.log_model(RandomForestClassifier(random_state=(n for n in range(3))))
    assert "log_artifact" in caught.value.remedy
