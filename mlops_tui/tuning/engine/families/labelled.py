"""Labels for classifiers that know codes alone, as the boosting packages do."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone

from mlops_tui.tuning.engine.families.family import Part


class Labelled(ClassifierMixin, BaseEstimator):
    """A classifier that learns labels of any type by their places among the sorted ones."""

    def __init__(self, classifier: Any) -> None:
        self.classifier = classifier

    def fit(self, x: Any, y: Any, sample_weight: Any = None, **told: Any) -> Labelled:
        """Fits a copy of the classifier; `told` is handed on to it."""
        self.classes_, codes = np.unique(np.asarray(y), return_inverse=True)
        self.classifier_ = clone(self.classifier).fit(x, codes, sample_weight=sample_weight, **told)
        return self

    def predict_proba(self, x: Any) -> np.ndarray:
        """The probabilities of `classes_`, of shape (n, classes)."""
        return np.asarray(self.classifier_.predict_proba(x))

    def predict(self, x: Any) -> np.ndarray:
        """The likeliest label of each row."""
        return np.asarray(self.classes_[self.predict_proba(x).argmax(axis=1)])


def coded_alike(part: Part, learnt: Part) -> Part:
    """The rows of a part whose labels are among those learnt, by the codes that `Labelled` gives these."""
    classes = np.unique(learnt.y)
    known = np.isin(part.y, classes)
    weights = None if part.weights is None else part.weights[known]
    return Part(part.x[known], np.searchsorted(classes, part.y[known]), weights)
