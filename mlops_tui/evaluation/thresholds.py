"""From which probability on a row is called positive: what makes a metric of decisions best on rows that were not learnt from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mlops_tui.evaluation.told import Threshold

Array = np.ndarray[Any, Any]
Counts = tuple[Array, Array, Array, Array]
"""The weight of true positives, false positives, true negatives and false negatives; each an array, one a threshold."""

USUAL = 0.5


def _ratio(above: Array, below: Array) -> Array:
    """0 where there is nothing to divide by, as scikit-learn has it."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def _accuracy(tp: Array, fp: Array, tn: Array, fn: Array) -> Array:
    return _ratio(tp + tn, tp + fp + tn + fn)


def _balanced(tp: Array, fp: Array, tn: Array, fn: Array) -> Array:
    return (_ratio(tp, tp + fn) + _ratio(tn, tn + fp)) / 2


def _f1(tp: Array, fp: Array, tn: Array, fn: Array) -> Array:
    return _ratio(2 * tp, 2 * tp + fp + fn)


def _jaccard(tp: Array, fp: Array, tn: Array, fn: Array) -> Array:
    return _ratio(tp, tp + fp + fn)


def _matthews(tp: Array, fp: Array, tn: Array, fn: Array) -> Array:
    return _ratio(tp * tn - fp * fn, np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)))


def _macro(of_one: Callable[..., Array]) -> Callable[..., Array]:
    return lambda tp, fp, tn, fn: (of_one(tp, fp, tn, fn) + of_one(tn, fn, tp, fp)) / 2


def _weighted_f1(tp: Array, fp: Array, tn: Array, fn: Array) -> Array:
    positive, negative = tp + fn, tn + fp
    return _ratio(positive * _f1(tp, fp, tn, fn) + negative * _f1(tn, fn, tp, fp), positive + negative)


OF_DECISIONS: dict[str, Callable[..., Array]] = {
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced,
    "f1": _f1,
    "f1_macro": _macro(_f1),
    "f1_weighted": _weighted_f1,
    "jaccard": _jaccard,
    "jaccard_macro": _macro(_jaccard),
    "matthews_corrcoef": _matthews,
}
"""Metrics that a threshold changes and that do not simply grow or fall with it."""
ALWAYS = ("balanced_accuracy", "f1")


def metrics_for(metric: str) -> list[str]:
    """The metrics for which thresholds are told where a study goes by this one: its own first."""
    return list(dict.fromkeys([*([metric] if metric in OF_DECISIONS else []), *ALWAYS]))


def find_threshold(
    metric: str, folds: Sequence[Array], truth: Array, said: Array, weights: Array | None = None
) -> Threshold:
    """The best threshold. `truth` is 1 for the positive class, else 0, `said` its probability, `folds` the rows of each fold."""
    weighs = np.ones(len(truth)) if weights is None else weights

    def best(rows: Array) -> float:
        return _best(metric, truth[rows], said[rows], weighs[rows])

    def value(rows: Array, threshold: float) -> float:
        return value_at(metric, threshold, truth[rows], said[rows], weighs[rows])

    threshold = best(np.concatenate(folds))
    across = [
        value(fold, best(np.concatenate([other for other in folds if other is not fold]))) if len(folds) > 1 else np.nan
        for fold in folds
    ]
    return Threshold(
        metric,
        threshold,
        float(np.mean([value(fold, threshold) for fold in folds])),
        float(np.mean([value(fold, USUAL) for fold in folds])),
        float(np.mean(across)),
    )


def value_at(metric: str, threshold: float, truth: Array, said: Array, weights: Array) -> float:
    """The metric where rows from that probability on are called positive."""
    called = said >= threshold
    is_ = truth == 1
    counts = [
        np.array([float(weights[mask].sum())]) for mask in (called & is_, called & ~is_, ~called & ~is_, ~called & is_)
    ]
    return float(OF_DECISIONS[metric](*counts)[0])


def _best(metric: str, truth: Array, said: Array, weights: Array) -> float:
    """Half-way between the two probabilities that it lies between; of equals the one nearest to the usual one."""
    order = np.argsort(said, kind="stable")[::-1]
    ordered, is_, weighs = said[order], truth[order] == 1, weights[order]
    ends = np.flatnonzero(ordered[:-1] > ordered[1:])  # the last row of each run of equal ones
    if not len(ends):
        return USUAL
    tp, fp = np.cumsum(weighs * is_)[ends], np.cumsum(weighs * ~is_)[ends]
    positive, negative = float((weighs * is_).sum()), float((weighs * ~is_).sum())
    values = OF_DECISIONS[metric](tp, fp, negative - fp, positive - tp)
    thresholds = (ordered[ends] + ordered[ends + 1]) / 2
    best = np.flatnonzero(values >= values.max() - 1e-12)
    found = thresholds[best[np.argmin(np.abs(thresholds[best] - USUAL))]]
    return USUAL if value_at(metric, USUAL, truth, said, weights) >= values.max() - 1e-12 else float(found)
