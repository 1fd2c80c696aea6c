"""One rule says from which probability on a row is positive, for files and for scripts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_tui.api.loading import LoadedModel
from mlops_tui.core.errors import UsageError
from mlops_tui.registry.threshold import Threshold, threshold_of
from mlops_tui.serving.engine.said import Loaded

TUNED = {"f1": 0.8, "threshold_f1": 0.3, "threshold_balanced_accuracy": 0.4}
RANKED = {"roc_auc": 0.9, "threshold_balanced_accuracy": 0.4, "threshold_f1": 0.3}


def test_the_threshold_is_the_one_that_was_tuned_for_the_studys_own_metric(binary: Any) -> None:
    """Of a study that went by a metric that knows no threshold, the more probable class is called."""
    assert threshold_of(replace(binary.version, metrics=TUNED)) == Threshold(0.3, "f1")
    assert threshold_of(replace(binary.version, metrics=RANKED)) == Threshold(0.5, "default")
    assert threshold_of(binary.version) == Threshold(0.5, "default")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [("0.25", Threshold(0.25, "given")), ("f1", Threshold(0.3, "f1")), ("default", Threshold(0.5, "default"))],
)
def test_another_threshold_is_a_probability_or_a_metric_by_name(binary: Any, asked: str, expected: Threshold) -> None:
    assert threshold_of(replace(binary.version, metrics=RANKED), asked) == expected


@pytest.mark.parametrize("asked", ["accuracy", "1.5", "-0.1", "nan", ""])
def test_what_is_no_threshold_is_refused_with_those_there_are(binary: Any, asked: str) -> None:
    with pytest.raises(UsageError, match="balanced_accuracy, f1"):
        threshold_of(replace(binary.version, metrics=RANKED), asked)


def test_versions_that_do_not_decide_between_two_classes_have_none(three: Any, number: Any) -> None:
    for fitted in (three, number):
        assert threshold_of(fitted.version) is None
        with pytest.raises(UsageError, match="does not decide between two classes"):
            threshold_of(fitted.version, "0.5")


@pytest.mark.parametrize("positive", ["leaves", "stays"])
def test_a_file_and_a_script_call_the_same_rows_positive_from_the_threshold_on(
    binary: Any, many: str, positive: str
) -> None:
    """A row at the threshold itself is positive, whichever class is."""
    path = binary.file(many)
    code = ["stays", "leaves"].index(positive)
    said = binary.expected(path)[:, code]
    at = float(np.sort(np.unique(said))[len(np.unique(said)) // 3])
    object.__setattr__(binary.version.signature, "positive", positive)
    binary.version = replace(binary.version, metrics={"f1": 0.8, "threshold_f1": at})
    binary.predict(path)
    written = pd.read_csv(binary.folder / "out.csv")["prediction"].tolist()
    other = "stays" if positive == "leaves" else "leaves"
    assert written == np.where(said >= at, positive, other).tolist()
    assert (said == at).any()
    frame = pd.read_csv(path)
    model = LoadedModel(binary.version, binary.pipeline)
    assert model.predict(frame).tolist() == written
    assert model.predict(frame, threshold=1.0).tolist() == np.where(said >= 1.0, positive, other).tolist()
    assert model.predict(frame, threshold="default").tolist() != written


def test_without_a_tuned_threshold_the_label_is_the_pipelines_own(binary: Any, many: str) -> None:
    """Also where both classes are equally probable."""
    path = binary.file(many)
    said = Loaded(binary.version, binary.pipeline, threshold_of(binary.version))
    frame = LoadedModel(binary.version, binary.pipeline)
    expected = binary.expected(path)
    assert (expected[:, 0] == 0.5).any()
    assert said.threshold == Threshold(0.5, "default")
    assert frame.predict(pd.read_csv(path)).tolist() == np.array(["stays", "leaves"])[expected.argmax(axis=1)].tolist()
