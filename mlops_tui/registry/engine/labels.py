"""Labels and their codes: where each stands among the classes, and which class is called, given what a model says of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mlops_tui.registry.model import Signature
from mlops_tui.registry.threshold import Threshold


def called_codes(
    scores: np.ndarray[Any, Any], signature: Signature, threshold: Threshold | None
) -> np.ndarray[Any, Any]:
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


def label_key(label: Any) -> str:
    """How a label is known again: 1, 1.0 and True of columns that differ are told by their text."""
    if isinstance(label, bool | np.bool_):
        return str(bool(label))
    if isinstance(label, int | float | np.number) and float(label).is_integer():
        return str(int(label))
    return str(label)


def codes(labels: np.ndarray[Any, Any], classes: Sequence[Any]) -> np.ndarray[Any, Any]:
    """Where each label stands among the classes, shape (n,); each has to be one of them."""
    place = {label_key(label): code for code, label in enumerate(classes)}
    return np.fromiter((place[label_key(label)] for label in labels.tolist()), dtype=np.int64, count=len(labels))


def are_known(labels: Sequence[Any], classes: Sequence[Any]) -> np.ndarray[Any, Any]:
    """Which of n labels are among the classes, shape (n,); all of them where there are no classes."""
    if not classes:
        return np.ones(len(labels), dtype=bool)
    known = {label_key(label) for label in classes}
    return np.array([label_key(label) in known for label in labels], dtype=bool)
