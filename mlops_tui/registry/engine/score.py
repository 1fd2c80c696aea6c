"""What a fitted pipeline says of rows: probabilities by class, or numbers."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd

from mlops_tui.registry.model import Signature


def scores(pipeline: Any, frame: pd.DataFrame, signature: Signature) -> np.ndarray[Any, Any]:
    """Probabilities of shape (n, k) in the order of `signature.classes`; for regression, predictions of shape (n,)."""
    with warnings.catch_warnings():  # a model from elsewhere may have been fitted without names
        warnings.filterwarnings("ignore", "X has feature names, but")
        if signature.is_classifier:
            return np.asarray(pipeline.predict_proba(frame), dtype=float)
        return np.asarray(pipeline.predict(frame), dtype=float).ravel()
