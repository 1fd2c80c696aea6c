"""A metric's value from what a model said, without asking the model again."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import get_scorer

from mlops_tui.evaluation.metrics import BINARY, METRICS, REGRESSION

Array = np.ndarray[Any, Any]


class _Probabilities(ClassifierMixin, BaseEstimator):
    """A classifier that says what was said already, so that any scorer can score it."""

    def __init__(self, said: Array) -> None:
        self.said = said
        self.classes_ = np.arange(said.shape[1])

    def predict_proba(self, x: Any) -> Array:
        return self.said

    def predict(self, x: Any) -> Array:
        return self.said.argmax(axis=1)


class _Decisions(ClassifierMixin, BaseEstimator):
    """The same of one that knows no probabilities."""

    def __init__(self, said: Array) -> None:
        self.said = said
        self.classes_ = np.arange(2 if said.ndim == 1 else said.shape[1])

    def decision_function(self, x: Any) -> Array:
        return self.said

    def predict(self, x: Any) -> Array:
        return self.said.argmax(axis=1) if self.said.ndim == 2 else (self.said > 0).astype(int)


class _Numbers(RegressorMixin, BaseEstimator):
    """The same of a regression."""

    def __init__(self, said: Array) -> None:
        self.said = said

    def predict(self, x: Any) -> Array:
        return self.said


def score(
    metric: str,
    task: str,
    truth: Array,
    said: Array,
    *,
    weights: Array | None = None,
    positive: int = 1,
    are_decisions: bool = False,
) -> float:
    """The metric on its own scale.

    Of classes `truth` holds codes 0…k−1, shape (n,), and `said` probabilities, shape (n, k), or the values of a decision
    function; of a regression both are numbers, shape (n,). `positive` is the code of the positive of two classes.

    Raises:
        ValueError: scikit-learn cannot compute it, of one class alone for example.
    """
    kind = METRICS[metric]
    if task == BINARY and positive == 0:  # scikit-learn's scorers take the second class for the positive one
        truth, said = 1 - truth, -said if said.ndim == 1 else said[:, ::-1]
    answers: Any = _Numbers if task == REGRESSION else _Decisions if are_decisions else _Probabilities
    weighing = {} if weights is None else {"sample_weight": weights}
    scorer = get_scorer(kind.scorers[task])
    with warnings.catch_warnings():  # a precision without a row that was called positive is 0, and that is all
        warnings.simplefilter("ignore", UndefinedMetricWarning)
        found = float(scorer(answers(said), np.empty((len(truth), 0)), truth, **weighing))
    return -found if kind.negated else found
