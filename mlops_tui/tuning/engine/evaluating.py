"""One configuration on one fold: fitted, asked once, scored by what it said."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.metrics import get_scorer

from mlops_tui.evaluation.metrics import METRICS, REGRESSION
from mlops_tui.tuning.engine.families import BY_NAME
from mlops_tui.tuning.engine.families.family import Part, Problem, takes_weights
from mlops_tui.tuning.engine.matrices import Matrices
from mlops_tui.tuning.model import Study


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a configuration came to on one fold.

    `value` is the metric's; `predicted` what it said of the scored rows: probabilities of shape (n, classes), a
    decision's values, or predictions of shape (n,). `cpu_seconds` are those of all threads, `predict_seconds` the time by
    the clock for the scored rows, `rounds` how many a family that stops early kept.
    """

    value: float
    predicted: np.ndarray
    cpu_seconds: float
    predict_seconds: float
    rounds: int | None = None


class _Probabilities(ClassifierMixin, BaseEstimator):
    """A classifier that says what was said already, so that any scorer can score it without asking the model again."""

    def __init__(self, said: np.ndarray, classes: np.ndarray) -> None:
        self.said, self.classes_ = said, classes

    def predict_proba(self, x: Any) -> np.ndarray:
        return self.said

    def predict(self, x: Any) -> np.ndarray:
        return np.asarray(self.classes_[self.said.argmax(axis=1)])


class _Decisions(ClassifierMixin, BaseEstimator):
    """The same of one that knows no probabilities."""

    def __init__(self, said: np.ndarray, classes: np.ndarray) -> None:
        self.said, self.classes_ = said, classes

    def decision_function(self, x: Any) -> np.ndarray:
        return self.said

    def predict(self, x: Any) -> np.ndarray:
        codes = self.said.argmax(axis=1) if self.said.ndim == 2 else (self.said > 0).astype(int)
        return np.asarray(self.classes_[codes])


class _Numbers(RegressorMixin, BaseEstimator):
    """The same of a regression."""

    def __init__(self, said: np.ndarray) -> None:
        self.said = said

    def predict(self, x: Any) -> np.ndarray:
        return self.said


_Said = _Probabilities | _Decisions | _Numbers


class Evaluator:
    """Scores configurations on the folds of one study."""

    def __init__(self, study: Study, matrices: Matrices, classes: int, categorical: tuple[int, ...]) -> None:
        metric = METRICS[study.metric]
        self._study = study
        self._matrices = matrices
        self._classes = np.arange(classes)
        self._categorical = categorical
        self._scorer = get_scorer(metric.scorers[study.task])
        self._sign = -1.0 if metric.negated else 1.0

    def outcome(self, family: str, params: dict[str, Any], number: int) -> Outcome:
        """The configuration, fitted on the fold's training rows and scored on its others.

        Raises:
            ArithmeticError: the metric is not defined on this fold.
            ValueError: the estimator refuses the configuration or the rows.
        """
        kind = BY_NAME[family]
        fold = self._matrices.fold(number, kind.wants)
        problem = Problem(
            self._study.task,
            self._study.seed,
            len(fold.training.y),
            self._categorical if kind.wants.encode == "ordinal" else (),
        )
        began = time.process_time()
        estimator = kind.make(params, problem)
        rounds = None
        if kind.stopping is not None:
            rounds = kind.stopping.fit(estimator, *fold.parts())
        else:
            _fit(estimator, fold.training)
        cpu_seconds = time.process_time() - began
        began = time.perf_counter()
        said = self._asked(estimator, fold.validation.x)
        predict_seconds = time.perf_counter() - began
        return Outcome(self._score(said, fold.validation), said.said, cpu_seconds, predict_seconds, rounds)

    def _asked(self, estimator: Any, x: np.ndarray) -> _Said:
        if self._study.task == REGRESSION:
            return _Numbers(np.asarray(estimator.predict(x)))
        if hasattr(estimator, "predict_proba"):
            return _Probabilities(np.asarray(estimator.predict_proba(x)), self._classes)
        return _Decisions(np.asarray(estimator.decision_function(x)), self._classes)

    def _score(self, said: _Said, scored: Part) -> float:
        weighing = {} if scored.weights is None else {"sample_weight": scored.weights}
        value = self._sign * float(self._scorer(said, scored.x, scored.y, **weighing))
        if not np.isfinite(value):
            raise ArithmeticError(f"{self._study.metric} is not defined on every fold.")
        return value


def _fit(estimator: Any, part: Part) -> None:
    if part.weights is not None and takes_weights(estimator):
        estimator.fit(part.x, part.y, sample_weight=part.weights)
    else:
        estimator.fit(part.x, part.y)
