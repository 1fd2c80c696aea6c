"""Features that tell the target by themselves are warned of, and honest ones are not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from mlops_tui.data.model import Source
from mlops_tui.features.model import FeatureColumn
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.leakage import leaks
from mlops_tui.tuning.engine.study import Tuning
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.query import get_study
from mlops_tui.tuning.service import Studies

DRAW = np.random.default_rng(0)
ROWS = 300
CODES = DRAW.integers(0, 3, ROWS)
NUMBERS = DRAW.normal(size=ROWS)


def found(column: pd.Series, y: np.ndarray, task: str, kind: str = "numeric") -> list[str]:
    return list(leaks(pd.DataFrame({"x": column}), [FeatureColumn("x", kind)], y, task))


@pytest.mark.parametrize(
    ("column", "y", "task"),
    [
        (CODES, CODES, "multiclass"),
        (-2.5 * CODES, CODES, "multiclass"),
        (CODES + DRAW.uniform(0, 0.4, ROWS), CODES, "multiclass"),
        (pd.Series(np.array(["low", "mid", "high"])[CODES]), CODES, "multiclass"),
        (pd.Series(CODES == 2), (CODES == 2).astype(int), "binary"),
        (NUMBERS, NUMBERS, "regression"),
        (np.exp(NUMBERS) - 7, NUMBERS, "regression"),
        (-NUMBERS + DRAW.normal(0, 1e-4, ROWS), NUMBERS, "regression"),
    ],
)
def test_a_copy_of_the_target_is_found_in_whatever_clothes(column: object, y: np.ndarray, task: str) -> None:
    assert found(pd.Series(column), y, task) == ["x"]


@pytest.mark.parametrize(
    ("column", "y", "task"),
    [
        (NUMBERS, CODES, "multiclass"),
        (CODES + DRAW.normal(0, 0.3, ROWS), CODES, "multiclass"),
        (
            pd.Series(np.where(DRAW.random(ROWS) < 0.05, "low", np.array(["low", "mid", "high"])[CODES])),
            CODES,
            "multiclass",
        ),
        (pd.Series([f"row {place}" for place in range(ROWS)]), CODES, "multiclass"),
        (pd.Series(["same"] * ROWS), CODES, "multiclass"),
        (NUMBERS + DRAW.normal(0, 0.2, ROWS), NUMBERS, "regression"),
        (np.ones(ROWS), NUMBERS, "regression"),
        (np.where(DRAW.random(ROWS) < 0.1, np.nan, CODES), CODES, "multiclass"),
    ],
)
def test_a_strong_but_honest_feature_is_not(column: object, y: np.ndarray, task: str) -> None:
    assert found(pd.Series(column), y, task) == []


def test_of_few_rows_nothing_is_said() -> None:
    assert found(pd.Series(CODES[:40]), CODES[:40], "multiclass") == []


def test_the_first_worker_says_it_of_the_study(
    store: Store,
    studies: Studies,
    take_in: Callable[..., Source],
    work: Callable[[Study], Tuning],
    people: pd.DataFrame,
) -> None:
    frame = people[["age", "left"]].assign(gone=people["left"].map({value: f"is {value}" for value in people["left"]}))
    take_in(frame, target="left")
    study = studies.create("s", families=["dummy"], trials=1)
    work(study)
    told = [words for words in get_study(store.reader, study.id).notices if "as a copy of it would" in words]
    assert len(told) == 1
    assert told[0].startswith("Column 'gone' alone tells 'left'")
    assert "data schema s --role gone=ignored" in told[0]
