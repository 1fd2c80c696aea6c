"""Which class is called, given what a model says of each: the one place where a threshold is applied."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlops_tui.registry.model import Signature
from mlops_tui.serving.threshold import Threshold


def codes_of(scores: np.ndarray[Any, Any], signature: Signature, threshold: Threshold | None) -> np.ndarray[Any, Any]:
    """Where the class of each row stands among the classes, shape (n,), of probabilities of shape (n, k).

    The positive class is called from the threshold on; without one that was tuned or given, the most probable class is.
    """
    if threshold is None or not threshold.is_tuned:
        return scores.argmax(axis=1)
    positive = signature.positive_code
    return np.where(scores[:, positive] >= threshold.value, positive, 1 - positive)


def score_of(scores: np.ndarray[Any, Any], signature: Signature) -> np.ndarray[Any, Any]:
    """One number a row, shape (n,): the probability of the positive class (two classes) or of the most probable one, or
    the prediction itself.
    """
    if not signature.is_classifier:
        return scores
    return scores[:, signature.positive_code] if len(signature.classes) == 2 else scores.max(axis=1)
