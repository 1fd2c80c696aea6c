"""What a study's chosen trial is like, by what it said of rows that it had not learnt from: no model is fitted for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd

from mlops_tui.evaluation.answers import probabilities
from mlops_tui.evaluation.calibration import calibration
from mlops_tui.evaluation.metrics import BINARY, REGRESSION
from mlops_tui.evaluation.thresholds import find_threshold, metrics_for
from mlops_tui.evaluation.told import Calibration, Threshold
from mlops_tui.features.model import FeatureColumn
from mlops_tui.jobs.context import JobContext
from mlops_tui.store.session import write_session
from mlops_tui.tuning.analysis import Analysis, Slice
from mlops_tui.tuning.engine.fit import Prepared
from mlops_tui.tuning.engine.predictions import Array, folder_of, read
from mlops_tui.tuning.engine.row_scorer import RowScorer
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.table import AnalysisRow

ROWS_OF_A_SLICE = 50
"""Fewer rows tell little."""
SLICES = 100
"""So many are kept: those that are furthest from the whole."""
MISSING = "(missing)"


def analyse(context: JobContext, study: Study, number: int, prepared: Prepared, scorer: RowScorer) -> None:
    """Writes down what is known of that trial, in place of an earlier one; nothing where what it said is not kept."""
    kept = read(folder_of(context.store.workspace, study.id), number)
    found = None
    if kept is not None and np.isfinite(kept[scorer.rows]).all():
        found = Analysis(
            number,
            _value(scorer, kept, scorer.rows),
            thresholds_of(study, scorer, kept),
            _calibration(study, scorer, kept),
            _slices(prepared, scorer, kept),
        )
    with write_session(context.store) as writing:
        writing.execute("DELETE FROM study_analysis WHERE study_id = ? AND kind = 'chosen'", (study.id,))
        if found is not None:
            writing.add(AnalysisRow(study_id=study.id, kind="chosen", payload=json.dumps(asdict(found))))
            writing.event("analysed", ("study", study.id, study.name), after={"trial": number})
        writing.changed("studies")


def thresholds_of(study: Study, scorer: RowScorer, kept: Array) -> tuple[Threshold, ...]:
    """The best thresholds of two classes for the study's metric, where it is one of decisions, and for the usual ones."""
    if study.task != BINARY:
        return ()
    truth, positive = scorer.truth, kept
    if scorer.positive == 0:
        truth, positive = 1 - truth, 1 - kept
    return tuple(
        find_threshold(metric, scorer.folds, truth, positive, scorer.weights) for metric in metrics_for(study.metric)
    )


def _calibration(study: Study, scorer: RowScorer, kept: Array) -> Calibration | None:
    """Of two classes that of the positive one, of several that of the most probable one."""
    if study.task == REGRESSION:
        return None
    asked, truth = probabilities(kept[scorer.rows]), scorer.truth[scorer.rows]
    if study.task == BINARY:
        came_true, of = (truth == scorer.positive).astype(float), asked[:, scorer.positive]
    else:
        came_true, of = (asked.argmax(axis=1) == truth).astype(float), asked.max(axis=1)
    error, bins = calibration(came_true, of, None if scorer.weights is None else scorer.weights[scorer.rows])
    return Calibration(error, scorer.value(kept, scorer.rows, "brier_score"), bins)


def _slices(prepared: Prepared, scorer: RowScorer, kept: Array) -> tuple[Slice, ...]:
    """The metric by each value of each column of categories or truths that has enough rows."""
    whole = _value(scorer, kept, scorer.rows)
    found = [
        Slice(feature.name, value, len(rows), metric)
        for feature in prepared.features
        if not feature.is_numeric
        for value, rows in _rows_by_value(prepared.training, feature, scorer.rows)
        if (metric := _value(scorer, kept, rows)) is not None
    ]
    return tuple(sorted(found, key=lambda one: -abs(one.metric - (whole or 0.0)))[:SLICES])


def _rows_by_value(training: pd.DataFrame, feature: FeatureColumn, scored: Array) -> Sequence[tuple[str, Array]]:
    values = training[feature.name].iloc[scored]
    words = values.astype(object).where(values.notna(), MISSING).astype(str).to_numpy()
    codes, names = pd.factorize(words)
    counts = np.bincount(codes, minlength=len(names))
    return [(str(names[code]), scored[codes == code]) for code in np.flatnonzero(counts >= ROWS_OF_A_SLICE)]


def _value(scorer: RowScorer, kept: Array, rows: Array) -> float | None:
    """The study's metric on these rows; None where it is not defined, of one class alone for example."""
    if scorer.weights is not None and not scorer.weights[rows].any():
        return None
    try:
        found = scorer.value(kept, rows)
    except ValueError:
        return None
    return found if np.isfinite(found) else None
