"""What a model says of some rows: scores, the class that is called, and the columns that are written of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from mlops_tui.registry.engine.labels import called_codes, score_of
from mlops_tui.registry.engine.load import load_version
from mlops_tui.registry.engine.score import plain_scores
from mlops_tui.registry.model import ModelVersion, Signature
from mlops_tui.registry.query import get_version
from mlops_tui.registry.threshold import Threshold, threshold_of
from mlops_tui.store.store import Store

PREDICTION = "prediction"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A version, its fitted pipeline, and the threshold that it decides by."""

    version: ModelVersion
    pipeline: Any
    threshold: Threshold | None

    def say(self, frame: pd.DataFrame) -> Said:
        """What it says of the rows, within the caller's `without_names`."""
        signature = self.version.signature
        found = plain_scores(self.pipeline, frame, signature)
        finite = np.isfinite(found) if found.ndim == 1 else np.isfinite(found).all(axis=1)
        codes = None
        if signature.is_classifier:
            codes = called_codes(
                found if finite.all() else np.where(finite[:, None], found, 0.0), signature, self.threshold
            )
        return Said(signature, found, finite, codes)


def loaded(store: Store, version_id: str, threshold: str | None = None) -> Loaded:
    """A version, loaded. Raises ModelFileError where its file cannot be used, UsageError where the threshold is none of its."""
    version = get_version(store.reader, version_id)
    return Loaded(version, load_version(store, version), threshold_of(version, threshold))


@dataclass(frozen=True, slots=True)
class Said:
    """Of n rows: (n, k) probabilities or (n,) numbers, whether each is finite, and where each called class stands."""

    signature: Signature
    scores: np.ndarray[Any, Any]
    finite: np.ndarray[Any, Any]
    codes: np.ndarray[Any, Any] | None

    @property
    def score(self) -> np.ndarray[Any, Any]:
        """One number a row, as `score_of` says."""
        return score_of(self.scores, self.signature)

    def in_terms_of(self, signature: Signature) -> Said:
        """The same with the classes in the order of another signature that has the same ones."""
        if self.codes is None:
            return self
        theirs = [str(label) for label in self.signature.classes]
        places = np.asarray([theirs.index(str(label)) for label in signature.classes])
        return Said(signature, self.scores[:, places], self.finite, np.argsort(places)[self.codes])

    def columns(self) -> list[pa.Array]:
        """What is written: the prediction, then its probabilities; missing where not finite."""
        missing = None if self.finite.all() else ~self.finite
        if self.codes is None:
            return [pa.array(self.scores, pa.float64(), mask=missing)]
        table, classes = self.scores, self.signature.classes
        shown = [self.signature.positive_code] if len(classes) == 2 else range(table.shape[1])
        labels = label_array(classes).take(pa.array(self.codes, pa.int64(), mask=missing))
        return [labels, *(pa.array(np.ascontiguousarray(table[:, code]), mask=missing) for code in shown)]


def label_array(classes: Sequence[Any]) -> pa.Array:
    """The classes in the type that they are written in: whether, a whole number, else text."""
    if all(isinstance(label, bool) for label in classes):
        return pa.array(classes, pa.bool_())
    if all(isinstance(label, int) and not isinstance(label, bool) for label in classes):
        return pa.array(classes, pa.int64())
    return pa.array([str(label) for label in classes], pa.string())


def written_types(signature: Signature) -> dict[str, pa.DataType]:
    """The columns that `Said.columns` gives, by name."""
    if not signature.is_classifier:
        return {PREDICTION: pa.float64()}
    labels = label_array(signature.classes).type
    return {PREDICTION: labels, **dict.fromkeys(signature.probabilities, pa.float64())}
