"""One configuration on one fold: fitted, asked once, scored by what it said."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils.validation import has_fit_parameter

from mlops_tui.evaluation.metrics import REGRESSION
from mlops_tui.evaluation.scoring import score
from mlops_tui.features.engine import places_of_categories
from mlops_tui.tuning.engine.families import BY_NAME
from mlops_tui.tuning.engine.families.family import Family, Part, Problem
from mlops_tui.tuning.engine.fit import Prepared, place_of_positive
from mlops_tui.tuning.engine.matrices import Fold, Matrices
from mlops_tui.tuning.engine.threads import Threads
from mlops_tui.tuning.model import Study


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a configuration came to on one fold.

    `value` is the metric's; `predicted` what it said of the scored rows: probabilities of shape (n, classes), a
    decision's values, or predictions of shape (n,). `cpu_seconds` are those of all threads, `predict_seconds` the time by
    the clock for the scored rows, `rounds` how many a family that stops early kept, `are_decisions` whether `predicted`
    are a decision function's values.
    """

    value: float
    predicted: np.ndarray
    cpu_seconds: float
    predict_seconds: float
    rounds: int | None = None
    are_decisions: bool = False


class Evaluator:
    """Scores configurations on the folds of one study. `categorical` are the columns of codes in an ordinal matrix,
    `positive` is the code of the positive of two classes.
    """

    def __init__(self, study: Study, matrices: Matrices, categorical: tuple[int, ...], positive: int = 1) -> None:
        self._study = study
        self._threads = Threads(study.workers)
        self._matrices = matrices
        self._categorical = categorical
        self._positive = positive

    @classmethod
    def of(cls, study: Study, prepared: Prepared, matrices: Matrices) -> Evaluator:
        """That of a study's rows."""
        return cls(study, matrices, places_of_categories(prepared.features), place_of_positive(study, prepared.classes))

    def on(self, matrices: Matrices) -> Evaluator:
        """The same on other folds."""
        return Evaluator(self._study, matrices, self._categorical, self._positive)

    def make_ready(self, family: str) -> None:
        """Makes what the family wants of all folds."""
        self._matrices.make_all(BY_NAME[family].wants)

    def outcome(self, family: str, params: dict[str, Any], number: int) -> Outcome:
        """The configuration, fitted on the fold's training rows and scored on its others.

        Raises:
            ArithmeticError: the metric is not defined on this fold.
            ValueError: the estimator refuses the configuration or the rows.
        """
        kind = BY_NAME[family]
        fold = self._matrices.fold(number, kind.wants)
        threads = self._threads.of(family, number)
        problem = Problem(
            self._study.task,
            self._study.seed,
            len(fold.training.y),
            self._categorical if kind.wants.encode == "ordinal" else (),
            threads,
        )
        worked, began = time.process_time(), time.perf_counter()
        with self._threads.limited(threads):
            estimator, rounds = _fitted(kind, params, problem, fold)
        cpu_seconds = time.process_time() - worked
        self._threads.note(family, number, threads, time.perf_counter() - began)
        if hasattr(estimator, "n_jobs"):  # threads add up in any order, and the last bits would not be the same twice
            estimator.n_jobs = 1
        began = time.perf_counter()
        predicted, are_decisions = self._asked(estimator, fold.validation.x)
        predict_seconds = time.perf_counter() - began
        value = self._score(fold.validation, predicted, are_decisions=are_decisions)
        return Outcome(value, predicted, cpu_seconds, predict_seconds, rounds, are_decisions)

    def _asked(self, estimator: Any, x: np.ndarray) -> tuple[np.ndarray, bool]:
        """What an estimator says of the rows, and whether that is a decision's values."""
        if self._study.task == REGRESSION:
            return np.asarray(estimator.predict(x)), False
        if hasattr(estimator, "predict_proba"):
            return np.asarray(estimator.predict_proba(x)), False
        return np.asarray(estimator.decision_function(x)), True

    def _score(self, scored: Part, predicted: np.ndarray, *, are_decisions: bool) -> float:
        value = score(
            self._study.metric,
            self._study.task,
            scored.y,
            predicted,
            weights=scored.weights,
            positive=self._positive,
            are_decisions=are_decisions,
        )
        if not np.isfinite(value):
            raise ArithmeticError(f"{self._study.metric} is not defined on every fold.")
        return value


def _fitted(kind: Family, params: dict[str, Any], problem: Problem, fold: Fold) -> tuple[Any, int | None]:
    """The estimator, fitted, and how many rounds it kept where it stops early."""
    estimator = kind.make(params, problem)
    if kind.stopping is not None and kind.stopping.parameter not in params:
        return estimator, kind.stopping.fit(estimator, *fold.parts())
    _fit(estimator, fold.training)
    return estimator, None


def _fit(estimator: Any, part: Part) -> None:
    if part.weights is not None and has_fit_parameter(estimator, "sample_weight"):
        estimator.fit(part.x, part.y, sample_weight=part.weights)
    else:
        estimator.fit(part.x, part.y)
