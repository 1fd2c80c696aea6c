"""A registered model in a script of one's own: `mlops_tui.load_model("churn@champion").predict(frame)`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from mlops_tui.api.tracking import open_store
from mlops_tui.registry.engine.labels import called_codes
from mlops_tui.registry.engine.load import load_version
from mlops_tui.registry.engine.score import scores
from mlops_tui.registry.model import ModelVersion
from mlops_tui.registry.query import find_version
from mlops_tui.registry.threshold import threshold_of
from mlops_tui.serving.engine.fitting import fit_frame


class LoadedModel:
    """One version of a registered model. What it is given is held to the columns that it learnt from."""

    def __init__(self, version: ModelVersion, pipeline: Any) -> None:
        self._version = version
        self._pipeline = pipeline

    @property
    def name(self) -> str:
        """The model's name."""
        return self._version.model

    @property
    def version(self) -> int:
        """The number of its version."""
        return self._version.number

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it reads, in its order."""
        return self._version.signature.names

    @property
    def classes(self) -> tuple[Any, ...]:
        """The classes in the order of their probabilities; none of a model of numbers."""
        return self._version.signature.classes

    def predict(self, frame: pd.DataFrame, threshold: float | str | None = None) -> np.ndarray[Any, Any]:
        """The class of each of n rows, or a number, shape (n,). Of two classes the positive one is called from the threshold that
        was tuned for the study's own metric on, or from another one (a probability, or a metric's name); else the most
        probable class is. `mlops-tui predict` goes by the same rule.

        Raises:
            SchemaMismatch: a column that the model reads is missing, or holds something else.
            UsageError: the threshold is none of this version.
        """
        decides_by = threshold_of(self._version, None if threshold is None else str(threshold))
        found = self._scores(frame)
        if not self.classes:
            return found
        return np.asarray(self.classes)[called_codes(found, self._version.signature, decides_by)]

    def predict_proba(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The probability of each class, a row for each of the frame's under its index.

        Raises:
            SchemaMismatch: a column that the model reads is missing, or holds something else.
            AttributeError: it is a model of numbers.
        """
        if not self.classes:
            raise AttributeError(f"{self._version.label} says numbers: ask predict.")
        return pd.DataFrame(self._scores(frame), frame.index, list(self.classes))

    def _scores(self, frame: pd.DataFrame) -> np.ndarray[Any, Any]:
        if not len(frame):
            return np.empty((0, len(self.classes))) if self.classes else np.empty(0)
        return scores(self._pipeline, fit_frame(frame, self._version), self._version.signature)

    def __repr__(self) -> str:
        return f"<{self._version.label}>"


def load_model(name: str) -> LoadedModel:
    """A version of a registered model, of the workspace here or above (or `MLOPS_WORKSPACE`): `churn@champion`, `churn:3`, or
    `churn` for its champion; `models:/churn@champion` and `models:/churn/3` too.

    The file is read only where it is the one that was registered, holds no other types than it did then, and says the same of
    the rows that were kept as a check.

    Raises:
        UnknownName: no such model, version or alias.
        ModelFileError: the file cannot be used here.
        NoWorkspace: there is no workspace here or above.
    """
    store = open_store()
    try:
        version = find_version(store.reader, name)
        return LoadedModel(version, load_version(store, version))
    finally:
        store.close()
