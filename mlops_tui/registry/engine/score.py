"""What a fitted pipeline says of rows: probabilities by class, or numbers."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd

from mlops_tui.registry.model import Signature


def scores(pipeline: Any, frame: pd.DataFrame, signature: Signature) -> np.ndarray[Any, Any]:
    """Probabilities of shape (n, k) in the order of `signature.classes`; for regression, predictions of shape (n,)."""
    with without_names():
        return plain_scores(pipeline, frame, signature)


def plain_scores(pipeline: Any, frame: pd.DataFrame, signature: Signature) -> np.ndarray[Any, Any]:
    """The same where the caller cares for `without_names`, which no thread may do for itself."""
    if signature.is_classifier:
        return np.asarray(pipeline.predict_proba(frame), dtype=float)
    return np.asarray(pipeline.predict(frame), dtype=float).ravel()


@contextmanager
def without_names() -> Iterator[None]:
    """Nothing is said of a model from elsewhere that was fitted without the columns' names."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "X has feature names, but")
        yield
