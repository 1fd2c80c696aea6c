"""What is drawn of a model's answers: ROC, precision and recall, calibration, confusion, lift, residuals. All of it is small."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import average_precision_score, confusion_matrix, precision_recall_curve, roc_auc_score, roc_curve

from mlops_tui.evaluation.answers import Answers, Array
from mlops_tui.evaluation.calibration import calibration
from mlops_tui.evaluation.metrics import BINARY, REGRESSION

POINTS = 200
"""So many points of a curve are kept."""
DOTS = 500
"""So many residuals are kept."""
MOST_CLASSES = 20
"""Of more classes no confusion matrix is made."""
Drawn = dict[str, Any]


def judged(answers: Answers) -> Drawn:
    """What there is to draw, by the name of the picture: `roc`, `precision_recall`, `calibration`, `lift` and `confusion` of classes,
    `residuals` of numbers. A curve is {"x", "y", "value", "told"}: `value` is what sums it up and `told` that one's name. Rows of which
    nothing was said do not count. {} where there is nothing.
    """
    rows = answers.known
    if not len(rows):
        return {}
    if answers.task == REGRESSION:
        return {"residuals": _residuals(answers.truth[rows], answers.said[rows])}
    found: Drawn = {}
    if len(answers.classes) <= MOST_CLASSES:
        found["confusion"] = _confusion(answers, rows)
    if answers.are_labels:
        return found
    weights = None if answers.weights is None else answers.weights[rows]
    shares = answers.probabilities(rows)
    if answers.task == BINARY:
        hit = answers.truth[rows] == answers.positive
        said = shares[:, answers.positive]
        if hit.all() or not hit.any():
            return found
        found |= _of_two(hit, said, weights)
    else:
        hit = answers.truth[rows] == shares.argmax(axis=1)
        said = shares.max(axis=1)
    error, bins = calibration(hit.astype(float), said, weights)
    found["calibration"] = _curve([one.said for one in bins], [one.seen for one in bins], error, "error")
    return found


def _of_two(hit: Array, said: Array, weights: Array | None) -> Drawn:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndefinedMetricWarning)
        false, true, _ = roc_curve(hit, said, sample_weight=weights)
        precision, recall, _ = precision_recall_curve(hit, said, sample_weight=weights)
        area = float(roc_auc_score(hit, said, sample_weight=weights))
        average = float(average_precision_score(hit, said, sample_weight=weights))
    order = np.argsort(-said, kind="stable")
    weighs = np.ones(len(hit)) if weights is None else weights
    taken = np.cumsum(weighs[order]) / weighs.sum()
    gained = np.cumsum((weighs * hit)[order]) / (weighs * hit).sum()
    tenth = float(np.interp(0.1, taken, gained)) / 0.1
    return {
        "roc": _curve(*_thin(false, true), area, "AUC"),
        "precision_recall": _curve(*_thin(recall[::-1], precision[::-1]), average, "average precision"),
        "lift": _curve(*_thin(np.insert(taken, 0, 0.0), np.insert(gained, 0, 0.0)), tenth, "lift of the first tenth"),
    }


def _confusion(answers: Answers, rows: Array) -> Drawn:
    places = list(range(len(answers.classes)))
    weights = None if answers.weights is None else answers.weights[rows]
    counts = confusion_matrix(answers.truth[rows], answers.labels(rows), labels=places, sample_weight=weights)
    return {"classes": list(answers.classes), "counts": counts.tolist()}


def _residuals(truth: Array, said: Array) -> Drawn:
    left = truth - said
    rows = np.linspace(0, len(left) - 1, min(DOTS, len(left))).astype(np.int64)
    rows = np.argsort(said, kind="stable")[rows]
    return _curve(said[rows], left[rows], float(math.sqrt(np.mean(left**2))), "RMSE")


def _curve(x: Any, y: Any, value: float, told: str) -> Drawn:
    return {"x": [float(one) for one in x], "y": [float(one) for one in y], "value": value, "told": told}


def _thin(x: Array, y: Array) -> tuple[Array, Array]:
    """As many points as are drawn, as far apart from each other along the curve as can be; its ends among them."""
    if len(x) <= POINTS:
        return x, y
    way = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))])
    places = np.unique(np.searchsorted(way, np.linspace(0, way[-1], POINTS)).clip(0, len(x) - 1))
    return x[places], y[places]
