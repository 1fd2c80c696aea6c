"""Models as other people's scripts make them, with pandas and scikit-learn alone, and files of them."""

from __future__ import annotations

import importlib
import json
import pickle
import re
import warnings
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from skops import io

from mlops_tui.core.ids import new_id
from mlops_tui.core.settings import Settings
from mlops_tui.jobs.context import JobContext
from mlops_tui.registry.filing import ForeignFile, ModelFiles
from mlops_tui.registry.model import ModelVersion
from mlops_tui.registry.query import find_version
from mlops_tui.store.store import Store
from mlops_tui.worker.kinds import KINDS
from tests.living import customers, houses

NUMBERS, WORDS = ["age", "visits"], ["plan"]


def sample(folder: Path, rows: int = 120, name: str = "sample.csv") -> Path:
    """Rows with a missing number and a missing text, and the target `left`."""
    frame = customers(rows).drop(columns="id")
    frame.loc[3, "age"], frame.loc[5, "plan"] = np.nan, None
    frame.to_csv(folder / name, index=False)
    return folder / name


def read(path: Path) -> tuple[pd.DataFrame, pd.Series]:
    """Features and target as a script of pandas reads them."""
    frame = pd.read_csv(path)
    return frame.drop(columns="left"), frame["left"]


def classifier(estimator: Any = None, *, fills_words: bool = True) -> Pipeline:
    """Imputes, scales and encodes, unfitted."""
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    filler = SimpleImputer(strategy="constant", fill_value="none")
    encode = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), NUMBERS),
            ("words", make_pipeline(filler, encoder) if fills_words else encoder, WORDS),
        ]
    )
    return make_pipeline(encode, LogisticRegression() if estimator is None else estimator)


def forest(path: Path) -> Pipeline:
    """Fitted on the sample; skops does not trust a tree by itself."""
    return classifier(RandomForestClassifier(10, random_state=1)).fit(*read(path))


def unlike_skops(path: Path) -> Pipeline:
    """A model that a pickle keeps and skops does not."""
    model = classifier().fit(*read(path))
    model.pattern_ = re.compile("x")
    return model


def price_model(folder: Path) -> tuple[Any, Path]:
    """A regression on two numbers, and its sample with the target `price`."""
    frame = houses(80)[["area", "age", "price"]]
    path = folder / "houses.csv"
    frame.to_csv(path, index=False)
    frame = pd.read_csv(path)
    return LinearRegression().fit(frame[["area", "age"]], frame["price"]), path


def write(model: Any, path: Path) -> Path:
    """The model in the format that the name ends in."""
    if path.suffix == ".skops":
        io.dump(model, path)
    elif path.suffix == ".pkl":
        path.write_bytes(pickle.dumps(model))
    else:
        joblib.dump(model, path)
    return path


class Filing:
    """Model files of a store: what the front asks, and the job's work done in this process."""

    def __init__(self, store: Store, settings: Settings | None = None) -> None:
        self.store = store
        self.files = ModelFiles(store, self)  # type: ignore[arg-type]
        self._settings = settings or Settings()
        self.told: dict[str, Any] = {}

    def start(self, kind: str, title: str, spec: dict[str, Any]) -> str:
        """Does what a job would, under the warnings that a worker writes to its log."""
        job_id = new_id()
        with self.store.write() as writing:
            writing.execute(
                "INSERT INTO job (id, kind, title, spec, state, workers, host, home, done, log, created)"
                " VALUES (?, ?, ?, ?, 'running', 1, '', '', 0, '', '')",
                (job_id, kind, title, json.dumps(spec)),
            )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.told = importlib.import_module(KINDS[kind]).run(JobContext(self.store, self._settings, job_id, 1))
        return job_id

    def register(self, path: Path, rows: Path | None = None, *, name: str = "churn", **told: Any) -> dict[str, Any]:
        """Registers a file; its target is `left`."""
        given = {"target": "left" if rows is not None else None} | told
        self.files.register(name, ForeignFile(path, sample=rows, **given))
        return self.told

    def export(self, folder: Path, version: int = 1, *, name: str = "churn", onnx: bool = False) -> dict[str, Any]:
        """Writes a version to a folder."""
        self.files.export(name, version, folder, onnx=onnx)
        return self.told

    def version(self, selector: str = "churn:1") -> ModelVersion:
        return find_version(self.store.reader, selector)


class Marker:
    """What runs code when it is unpickled: it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)
