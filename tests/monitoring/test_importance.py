"""What predictions hang on: the columns that a model reads, by how far they move what it says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from mlops_tui.monitoring.engine.importance import MOST_ROWS, importances
from mlops_tui.registry.model import Signature, SignatureColumn


def signature_of(frame: pd.DataFrame, task: str, classes: tuple[str, ...] = ()) -> Signature:
    return Signature(tuple(SignatureColumn(name, "numeric", "float64") for name in frame.columns), "y", task, classes)


@pytest.fixture
def frame() -> pd.DataFrame:
    draw = np.random.default_rng(0)
    return pd.DataFrame({name: draw.normal(size=3 * MOST_ROWS) for name in ("a", "b", "c")})


def test_of_a_line_the_shares_are_those_of_its_slopes(frame: pd.DataFrame) -> None:
    """Shuffling a standard normal column moves a line with slope s by |s| times the mean distance of two draws."""
    model = LinearRegression().fit(frame, 3 * frame["a"] - frame["b"])
    found = importances(model, frame, signature_of(frame, task="regression"))
    assert found["a"] == pytest.approx(0.75, abs=0.02)
    assert found["b"] == pytest.approx(0.25, abs=0.02)
    assert found["c"] == pytest.approx(0.0, abs=1e-9)
    assert sum(found.values()) == pytest.approx(1.0)
    assert found == importances(model, frame, signature_of(frame, task="regression"))


def test_of_classes_it_is_their_probability_that_moves(frame: pd.DataFrame) -> None:
    model = LogisticRegression(C=1e3).fit(frame, np.where(frame["b"] > 0, "yes", "no"))
    found = importances(model, frame, signature_of(frame, task="binary", classes=("no", "yes")))
    assert found["b"] > 0.98


def test_what_nothing_moves_hangs_on_nothing(frame: pd.DataFrame) -> None:
    model = LinearRegression().fit(frame, np.ones(len(frame)))
    model.coef_[:] = 0.0
    assert set(importances(model, frame, signature_of(frame, task="regression")).values()) == {0.0}
