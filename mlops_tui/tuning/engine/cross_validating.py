"""What a recipe comes to on the folds of a study, of the study's own rows or of others: computed as the study's trials are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlops_tui.data.query import get_source
from mlops_tui.evaluation.ensembling import averaged
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.evaluating import Evaluator, Outcome
from mlops_tui.tuning.engine.families import BY_NAME
from mlops_tui.tuning.engine.fit import Prepared
from mlops_tui.tuning.engine.folds import folds_of, groups_of
from mlops_tui.tuning.engine.matrices import matrices_of
from mlops_tui.tuning.engine.predictions import Array, joined
from mlops_tui.tuning.engine.row_scorer import RowScorer
from mlops_tui.tuning.model import Study, Trial


@dataclass(frozen=True, slots=True)
class CrossValidated:
    """The study's metric, the mean over its folds, and what was said of each training row as a study keeps it of its trials: shape (n,)
    or (n, k), NaN where no fold scores the row; None of a decision function's values, which are not comparable.
    """

    value: float
    said: Array | None


def cross_validated(
    store: Store, name: str, study: Study, prepared: Prepared, members: Sequence[tuple[Trial, int]]
) -> CrossValidated:
    """Trials of the study, each counted so often, fitted and averaged on the study's folds of these rows; matrices lie meanwhile in a
    folder of that name. Of the study's own rows one trial comes to what it came to there.

    Raises:
        ArithmeticError, ValueError: the metric is not defined on every fold, or the rows are refused.
        BadTarget: there are too few rows for the folds.
    """
    groups = groups_of(study, get_source(store.reader, study.source_id), prepared)
    folds = folds_of(study, prepared, groups, study.folds, study.seed)
    with closing(matrices_of(store.workspace, name, study, prepared, groups, folds)) as matrices:
        evaluator = Evaluator.of(study, prepared, matrices)
        found = [_outcomes(study, trial, evaluator) for trial, _ in members]
    scored, rows = [scored for _, scored in folds], len(prepared.training)
    if any(one.are_decisions for outcomes in found for one in outcomes):
        return CrossValidated(_mean(found[0]), None)
    each = [joined(outcomes, scored, rows).astype(float) for outcomes in found]
    if len(found) == 1:
        return CrossValidated(_mean(found[0]), each[0])
    said = averaged(each, Counter({place: count for place, (_, count) in enumerate(members)}))
    scorer = RowScorer(study, prepared, folds)
    return CrossValidated(float(np.mean([scorer.value(said, one) for one in scored])), said)


def _outcomes(study: Study, trial: Trial, evaluator: Evaluator) -> list[Outcome]:
    params = as_tried(trial.family, trial.params)
    return [evaluator.outcome(trial.family, params, number) for number in range(study.folds)]


def _mean(found: Sequence[Outcome]) -> float:
    return float(np.mean([one.value for one in found]))


def as_tried(family: str, params: dict[str, Any]) -> dict[str, Any]:
    """The parameters that a trial was tried with: without the rounds that it kept, where its family stops early by itself."""
    kind = BY_NAME[family]
    return {
        name: value
        for name, value in params.items()
        if kind.stopping is None or name != kind.stopping.parameter or name in kind.space
    }
