"""A second version runs beside the first, and how far it says otherwise is kept with the batch."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from mlops_tui.core.errors import SchemaMismatch
from mlops_tui.core.settings import Settings
from mlops_tui.registry.engine.frame import typed
from mlops_tui.registry.threshold import Threshold
from mlops_tui.serving.engine.batch import Given, Wanted, predict_files
from mlops_tui.serving.engine.said import Loaded
from mlops_tui.serving.policy import policies
from tests.serving.conftest import training_frame


def beside(fitted: Any, target: Any, threshold: Threshold | None = None, names: tuple[str, ...] = ()) -> Loaded:
    """Another version, fitted on another target."""
    signature = fitted.version.signature
    pipeline = clone(fitted.pipeline).fit(typed(training_frame(), signature.columns), target)
    return Loaded(replace(fitted.version, id="W", number=4, signature=signature), pipeline, threshold)


def predicted(fitted: Any, path: Any, shadow: Loaded) -> Any:
    wanted = Wanted(fitted.folder / "out.csv", policies(Settings()))
    (found,) = predict_files(fitted.loaded, [Given(path)], wanted, shadow=shadow)
    return found


def test_labels_and_scores_that_differ_are_counted(binary: Any, many: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over all batches together; the shadow decides by its own threshold, and changes nothing that is written."""
    monkeypatch.setattr("mlops_tui.serving.engine.batch.BATCH_ROWS", 4_096)
    path = binary.file(many)
    binary.predict(path, "alone.csv")
    shadow = beside(binary, (training_frame()["age"] > 40).astype(int).to_numpy(), Threshold(0.4, "f1"))
    told = predicted(binary, path, shadow).shadow
    frame = typed(pd.read_csv(path).astype({"plan": object}), binary.version.signature.columns)
    mine, other = binary.expected(path), shadow.pipeline.predict_proba(frame)
    different = (mine.argmax(axis=1) == 1) != (other[:, 1] >= 0.4)
    assert (told["model"], told["version"], told["rows"]) == ("churn", 4, 12_000)
    assert told["threshold"] == {"value": 0.4, "of": "f1"}
    assert told["different"] == different.sum() > 0
    assert told["share"] == pytest.approx(different.mean())
    assert told["mean_absolute_difference"] == pytest.approx(np.abs(mine[:, 1] - other[:, 1]).mean())
    assert (binary.folder / "out.csv").read_bytes() == (binary.folder / "alone.csv").read_bytes()


def test_a_version_beside_itself_never_differs(three: Any, many: str) -> None:
    path = three.file(many)
    told = predicted(three, path, Loaded(replace(three.version, id="W"), three.pipeline, None)).shadow
    assert (told["different"], told["share"], told["mean_absolute_difference"]) == (0, 0.0, 0.0)


def test_numbers_have_a_mean_difference_and_no_labels(number: Any, many: str) -> None:
    path = number.file(many)
    told = predicted(number, path, beside(number, training_frame()["visits"] * 2.0)).shadow
    assert told["different"] is None
    assert told["share"] is None
    assert told["mean_absolute_difference"] > 0


def test_a_file_that_lacks_a_column_of_the_shadow_is_refused_in_its_name(binary: Any) -> None:
    column = replace(binary.version.signature.columns[0], name="income")
    signature = replace(binary.version.signature, columns=(*binary.version.signature.columns, column))
    shadow = Loaded(replace(binary.version, number=9, signature=signature), binary.pipeline, None)
    with pytest.raises(SchemaMismatch, match="lacks the column 'income', which churn version 9 reads"):
        predicted(binary, binary.file("age,visits,plan\n40,1,gold\n"), shadow)
