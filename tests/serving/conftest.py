"""A version that was never stored, fitted on a small table: what prediction needs of it is its signature."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from mlops_tui.core.settings import Settings
from mlops_tui.data.engine.frame import read_frame
from mlops_tui.data.options import ReadOptions
from mlops_tui.registry.engine.frame import columns_of, typed
from mlops_tui.registry.model import ModelVersion, Signature
from mlops_tui.registry.threshold import threshold_of
from mlops_tui.serving.engine.batch import Given, Predicted, Wanted, predict_files
from mlops_tui.serving.engine.said import Loaded
from mlops_tui.serving.policy import policies

KINDS = {"age": "numeric", "visits": "integer", "plan": "category"}


@dataclass
class Fitted:
    """A pipeline, the version that it stands for, and a folder to predict in."""

    pipeline: Any
    version: ModelVersion
    folder: Path

    def file(self, text: str, name: str = "new.csv") -> Path:
        path = self.folder / name
        path.write_text(text, "utf-8")
        return path

    @property
    def loaded(self) -> Loaded:
        return Loaded(self.version, self.pipeline, threshold_of(self.version))

    def predict(
        self, given: Path, out: str = "out.csv", options: ReadOptions | None = None, **wanted: Any
    ) -> Predicted:
        asked = Wanted(self.folder / out, wanted.pop("policies", policies(Settings())), **wanted)
        (found,) = predict_files(self.loaded, [Given(given, options or ReadOptions())], asked)
        return found

    def expected(self, given: Path, options: ReadOptions | None = None) -> np.ndarray:
        """What the pipeline itself says of the file, read whole."""
        frame = typed(read_frame(given, options, KINDS, list(KINDS)), self.version.signature.columns)
        return self.pipeline.predict_proba(frame) if self.version.signature.classes else self.pipeline.predict(frame)


def training_frame(rows: int = 300) -> pd.DataFrame:
    generator = np.random.default_rng(2)
    return pd.DataFrame(
        {
            "age": generator.normal(40, 10, rows),
            "visits": generator.integers(0, 9, rows),
            "plan": pd.Series(generator.choice(["basic", "gold", "trial"], rows), dtype=object),
        }
    )


def fitted(folder: Path, classes: tuple[Any, ...], positive: Any = None) -> Fitted:
    frame = training_frame()
    encode = ColumnTransformer(
        [
            ("numbers", SimpleImputer(), ["age", "visits"]),
            (
                "words",
                make_pipeline(
                    SimpleImputer(strategy="most_frequent", missing_values=None),
                    OneHotEncoder(handle_unknown="ignore", sparse_output=False),
                ),
                ["plan"],
            ),
        ]
    )
    columns = columns_of(frame, KINDS)
    signal = frame["visits"] + 3 * (frame["plan"] == "gold") + frame["age"] / 20
    forest = RandomForestClassifier if classes else RandomForestRegressor
    target = pd.qcut(signal, len(classes), labels=False).to_numpy() if classes else signal
    pipeline = make_pipeline(encode, forest(20, random_state=1)).fit(typed(frame, columns), target)
    signature = Signature(columns, "y", "classification" if classes else "regression", classes, positive)
    version = ModelVersion(
        *("V", "M", "churn", 3, "R", None, "S", 1, "forest", {}, "", 0),
        signature,
        (),
        {},
        {},
        {},
        None,
        "",
        (),
        {},
        None,
        {},
    )
    return Fitted(pipeline, version, folder)


@pytest.fixture
def binary(tmp_path: Path) -> Fitted:
    return fitted(tmp_path, ("stays", "leaves"), "leaves")


@pytest.fixture
def three(tmp_path: Path) -> Fitted:
    return fitted(tmp_path, (1, 2, 3))


@pytest.fixture
def number(tmp_path: Path) -> Fitted:
    return fitted(tmp_path, ())


@pytest.fixture
def many(tmp_path: Path) -> str:
    """The text of a file of 12,000 rows: several batches where a batch is small."""
    generator = np.random.default_rng(3)
    rows = 12_000
    age = [f"{value:.3f}" if value > 25 else "" for value in generator.normal(40, 10, rows)]
    plan = generator.choice(["basic", "gold", "trial", ""], rows)
    visits = generator.integers(0, 9, rows)
    lines = [f"{i:06d},{age[i]},{visits[i]},{plan[i]}" for i in range(rows)]
    return "customer,age,visits,plan\n" + "\n".join(lines) + "\n"
