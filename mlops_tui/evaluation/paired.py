"""Is a model worse than a baseline on the same rows? A difference, its interval, and one of three answers.

The answer is non-inferiority: `pass` where the worst bound of the one-sided 95 % interval still lies within the margin,
`fail` where even the best bound lies beyond it, else `cannot_tell`, with the rows that would be needed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlops_tui.evaluation.metrics import BINARY, MAXIMIZE, METRICS, MULTICLASS, REGRESSION
from mlops_tui.evaluation.power import CONFIDENCE, Z, rows_needed
from mlops_tui.evaluation.scoring import score

PASS, FAIL, CANNOT_TELL = "pass", "fail", "cannot_tell"

DRAWS = 2_000
DRAWS_OF_ANY = 400
"""Draws for a metric that has to be computed anew from the rows of each."""
MINIMUM_ROWS = 20
"""Below so many rows an interval says nothing."""

RANKING = frozenset({"roc_auc", "roc_auc_ovo", "average_precision"})
MINIMUM_OF_A_CLASS = 5
"""A metric of the ranking needs so many rows of a class and so many of the others."""

OF_MEANS = frozenset({"log_loss", "rmse", "mae", "r2", "f1_macro"})
"""Metrics that are a function of means over rows, which are resampled quickly."""

_CELLS = 4_000_000

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`difference` is model − baseline on the metric's own scale; `low` and `high` are its one-sided 95 % bounds.

    All three are None where nothing can be estimated, and so is the standard `error`; `n_needed` is None where no variance is seen.
    """

    metric: str
    difference: float | None
    low: float | None
    high: float | None
    margin: float
    n: int
    n_needed: int | None
    verdict: str
    why: str
    error: float | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A difference with its one-sided 95 % bounds and its standard error."""

    difference: float
    low: float
    high: float
    error: float


def compare(
    metric: str,
    truth: Array,
    model: Array,
    baseline: Array,
    *,
    margin: float,
    against: str,
    seed: int = 0,
    weights: Array | None = None,
    task: str | None = None,
    positive: int = 1,
    kind: str = "held-out",
) -> Comparison:
    """Compares two models on the same rows.

    Classification: `truth` holds class codes 0…k−1, shape (n,); `model` and `baseline` probabilities, shape (n, k).
    Regression: all three hold numbers, shape (n,). `margin` is absolute, but for metrics that come in the target's
    units, as `rmse` does, it is a share of the baseline's own. `against` names the baseline in sentences. `weights`, shape
    (n,), say what each row weighs; one that weighs nothing does not count. `task` is told by the shape where it is not given;
    `positive` is the code of the positive of two classes, and `kind` what
    sentences call the rows.

    Area under the curve: DeLong's covariance (DeLong et al. 1988; mid-ranks, Sun and Xu 2014). Accuracy: the adjusted
    Wald interval for matched pairs (Agresti and Min 2005). The rest: paired percentile bootstrap, seeded, of 2,000
    draws where the metric is made of means, of 400 where it is not. Raises KeyError for a metric that is not known.
    """
    if weights is not None:
        counts = weights > 0
        truth, model, baseline, weights = truth[counts], model[counts], baseline[counts], weights[counts]
    n = len(truth)
    asked = _Asked(metric, task or _task_of(model), positive)
    limit = margin * abs(asked.value(truth, baseline, weights)) if METRICS[metric].in_units else margin
    if np.array_equal(model, baseline):
        why = f"the same predictions as {against} on {n:,} {kind} rows, so no worse; margin {_number(limit)}"
        return Comparison(metric, 0.0, 0.0, 0.0, limit, n, None, PASS, why)
    if reason := _too_little(metric, truth, model, kind):
        return Comparison(metric, None, None, None, limit, n, None, CANNOT_TELL, reason)
    estimate = _estimate(asked, truth, model, baseline, seed, weights)
    return judge(metric, estimate, n, limit, against, kind)


def judge(metric: str, estimate: Estimate, n: int, margin: float, against: str, kind: str = "held-out") -> Comparison:
    """The answer for an estimated difference on `n` rows; bounds and margin on the metric's own scale."""
    sign = 1.0 if METRICS[metric].direction == MAXIMIZE else -1.0
    worst, best = sorted((sign * estimate.low, sign * estimate.high))
    verdict = PASS if worst >= -margin else FAIL if best < -margin else CANNOT_TELL
    needed = rows_needed(estimate.error * math.sqrt(n), margin)
    gain = sign * estimate.difference
    why = f"{_head(metric, gain, n, against, kind)}, {_bound(verdict, worst, best)}; margin {_number(margin)}"
    if verdict == CANNOT_TELL and needed is not None and needed > n:
        why += f"; about {needed:,} rows needed, {n:,} there"
    bounds = (estimate.difference, estimate.low, estimate.high)
    return Comparison(metric, *bounds, margin, n, needed, verdict, why, estimate.error)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A metric of a task, as it is asked of rows."""

    metric: str
    task: str
    positive: int

    def value(self, truth: Array, said: Array, weights: Array | None) -> float:
        return score(self.metric, self.task, truth, said, weights=weights, positive=self.positive)


def _task_of(said: Array) -> str:
    if said.ndim == 1:
        return REGRESSION
    return BINARY if said.shape[1] == 2 else MULTICLASS


def _too_little(metric: str, truth: Array, scores: Array, kind: str) -> str | None:
    n = len(truth)
    if n < MINIMUM_ROWS:
        return f"{n} {kind} rows are too few for an interval; at least {MINIMUM_ROWS} needed"
    if metric in RANKING:
        counts = np.bincount(truth, minlength=scores.shape[1])
        scarcest = int(min(counts.min(), (n - counts).min()))
        if scarcest < MINIMUM_OF_A_CLASS:
            return f"{scarcest} {kind} rows of the rarest class; at least {MINIMUM_OF_A_CLASS} needed"
    return None


def _estimate(
    asked: _Asked, truth: Array, model: Array, baseline: Array, seed: int, weights: Array | None = None
) -> Estimate:
    metric = asked.metric
    if metric == "roc_auc":
        return delong(truth, model, baseline, weights)
    if metric == "accuracy":
        return matched_pairs(model.argmax(axis=1) == truth, baseline.argmax(axis=1) == truth, weights)
    if metric not in OF_MEANS:
        return resampled(asked.value, truth, model, baseline, seed, weights)
    ours, theirs = (_row_statistics(metric, truth, predicted) for predicted in (model, baseline))
    if weights is None:
        return bootstrap(lambda means: _value(metric, means), ours, theirs, seed)
    # a weighted mean is the mean of weight times statistic over that of the weight
    ours, theirs = (np.column_stack([found * weights[:, None], weights]) for found in (ours, theirs))
    return bootstrap(lambda means: _value(metric, means[..., :-1] / means[..., -1:]), ours, theirs, seed)


def delong(truth: Array, model: Array, baseline: Array, weights: Array | None = None) -> Estimate:
    """Difference of two correlated areas under the curve; O(n log n).

    `truth` holds codes 0…k−1, shape (n,); the scores have shape (n, k). With two classes it is the area for the second;
    with more, the mean over the areas of each class against the rest, whose components add up row by row. With `weights`,
    shape (n,), the components are weighted means, and so is the area.
    """
    weight = np.ones(len(truth)) if weights is None else weights
    classes = [1] if model.shape[1] == 2 else list(range(model.shape[1]))
    difference, influence = 0.0, np.zeros(len(truth))
    for code in classes:
        positive = truth == code
        gained = _components(positive, model[:, code], weight) - _components(positive, baseline[:, code], weight)
        difference += float(np.average(gained[positive], weights=weight[positive])) / len(classes)
        for side in (positive, ~positive):
            rows, share = int(side.sum()), weight[side] / weight[side].sum()
            spread = gained[side] - float(share @ gained[side])
            influence[side] += share * spread * math.sqrt(rows / (rows - 1)) / len(classes)
    error = math.sqrt(float(influence @ influence))
    return Estimate(difference, difference - Z * error, difference + Z * error, error)


def _components(positive: Array, scores: Array, weight: Array) -> Array:
    """Each row's share of the other side's weight that it is ranked rightly against; ties count half."""
    found = np.empty(len(scores))
    found[positive] = _share_below(scores[~positive], weight[~positive], scores[positive])
    found[~positive] = 1.0 - _share_below(scores[positive], weight[positive], scores[~positive])
    return found


def _share_below(scores: Array, weight: Array, at: Array) -> Array:
    """The share of the weight whose scores lie below each of those; that of equal ones counts half."""
    order = np.argsort(scores, kind="stable")
    below = np.concatenate([[0.0], np.cumsum(weight[order])])
    ranked = scores[order]
    left, right = (below[np.searchsorted(ranked, at, side=side)] for side in ("left", "right"))
    return np.asarray((left + right) / (2 * below[-1]))


def matched_pairs(model_right: Array, baseline_right: Array, weights: Array | None = None) -> Estimate:
    """Difference of two accuracies on the same rows; half a row is added to each of the four cells.

    So rows on which the two never disagree still leave some doubt, which shrinks with their number. Rows of different
    weight count as so many alike ones as say as much: (Σw)² / Σw² (Kish 1965).
    """
    weight = np.ones(len(model_right)) if weights is None else weights
    n = float(weight.sum() ** 2 / (weight @ weight))
    gains = n * float(weight[model_right & ~baseline_right].sum() / weight.sum())
    losses = n * float(weight[~model_right & baseline_right].sum() / weight.sum())
    center, error = error_of_pairs(gains, losses, n)
    return Estimate((gains - losses) / n, center - Z * error, center + Z * error, error)


def error_of_pairs(gains: float, losses: float, n: float) -> tuple[float, float]:
    """The middle of the interval of a difference of two shares of the same n rows, and its standard error; half a row is added to
    each of the four cells. `gains` are the rows that the first has alone, `losses` those that the other has.
    """
    center = (gains - losses) / (n + 2)
    return center, math.sqrt((gains + losses + 1) - (gains - losses) ** 2 / (n + 2)) / (n + 2)


def bootstrap(value: Callable[[Array], Array], model: Array, baseline: Array, seed: int) -> Estimate:
    """Difference of a metric that is a function of means over rows, by resampling the rows of both alike.

    `model` and `baseline` have shape (n, statistics); `value` maps means of shape (…, statistics) to shape (…).
    """
    n, width = model.shape
    generator = np.random.default_rng(seed)
    step = max(1, _CELLS // (n * width))
    parts = []
    for start in range(0, DRAWS, step):
        rows = generator.integers(0, n, size=(min(step, DRAWS - start), n))
        parts.append(value(model[rows].mean(axis=1)) - value(baseline[rows].mean(axis=1)))
    draws = np.concatenate(parts)
    low, high = np.nanquantile(draws, (1 - CONFIDENCE, CONFIDENCE))
    difference = float(value(model.mean(axis=0)) - value(baseline.mean(axis=0)))
    return Estimate(difference, float(low), float(high), float(np.nanstd(draws, ddof=1)))


def drawn_fast(metric: str, truth: Array, said: Array, draws: Array) -> Array | None:
    """A metric on many draws of the same n rows at once: `draws` says how often each row was drawn, shape (draws, n), and `said` is
    as in `scoring.score`. Shape (draws,), NaN where a draw has one class alone; None where the metric is not of this kind.
    """
    if metric == "roc_auc":
        return _areas(truth, said[:, 1] if said.ndim == 2 else said, draws)
    try:
        statistics = _row_statistics(metric, truth, said)
    except ValueError:
        return None
    return np.asarray(_value(metric, draws @ statistics / draws.sum(axis=1, keepdims=True)), dtype=float)


def _areas(truth: Array, scores: Array, draws: Array) -> Array:
    """The share of pairs of the two classes that the scores have in order, ties half (Hanley and McNeil 1982)."""
    order = np.argsort(scores, kind="stable")
    ranked, hit = scores[order], truth[order].astype(bool)
    starts = np.flatnonzero(np.diff(ranked, prepend=np.nan) != 0)
    found = np.empty(len(draws))
    step = max(1, _CELLS // len(truth))
    for first in range(0, len(draws), step):
        weights = draws[first : first + step][:, order].astype(float)
        hits, others = (np.add.reduceat(weights * some, starts, axis=1) for some in (hit, ~hit))
        below = np.cumsum(others, axis=1) - others / 2
        with np.errstate(divide="ignore", invalid="ignore"):
            found[first : first + step] = (hits * below).sum(axis=1) / (hits.sum(axis=1) * others.sum(axis=1))
    return found


def resampled(
    value: Callable[[Array, Array, Array | None], float],
    truth: Array,
    model: Array,
    baseline: Array,
    seed: int,
    weights: Array | None = None,
) -> Estimate:
    """Difference of any metric, `value(truth, said, weights)`, by resampling the rows of both models alike.

    A draw that the metric is not defined on, of one class alone for example, does not count.
    """
    generator = np.random.default_rng(seed)
    n, draws = len(truth), []
    for _ in range(DRAWS_OF_ANY):
        rows = generator.integers(0, n, size=n)
        drawn = None if weights is None else weights[rows]
        try:
            draws.append(value(truth[rows], model[rows], drawn) - value(truth[rows], baseline[rows], drawn))
        except ValueError:
            continue
    found = np.array([draw for draw in draws if math.isfinite(draw)] or [math.nan])
    low, high = np.nanquantile(found, (1 - CONFIDENCE, CONFIDENCE))
    difference = value(truth, model, weights) - value(truth, baseline, weights)
    return Estimate(difference, float(low), float(high), float(np.nanstd(found, ddof=1)))


def _row_statistics(metric: str, truth: Array, predicted: Array) -> Array:
    """What a row adds to the metric, shape (n, statistics)."""
    if metric == "log_loss":
        chance = predicted[np.arange(len(truth)), truth] / predicted.sum(axis=1)
        return -np.log(np.clip(chance, np.finfo(float).eps, None))[:, None]
    if metric == "mae":
        return np.abs(truth - predicted)[:, None]
    if metric == "rmse":
        return np.square(truth - predicted)[:, None]
    if metric == "r2":
        centered = truth - truth.mean()  # squares of large numbers would cancel badly
        return np.column_stack([np.square(truth - predicted), centered, np.square(centered)])
    if metric == "f1_macro":
        codes = np.arange(predicted.shape[1])
        is_class, called = truth[:, None] == codes, predicted.argmax(axis=1)[:, None] == codes
        return np.concatenate([is_class & called, is_class ^ called], axis=1).astype(float)
    raise ValueError(f"There is no paired comparison for {metric}.")


def _value(metric: str, means: Array) -> Array:
    if metric in ("log_loss", "mae"):
        return means[..., 0]
    if metric == "rmse":
        return np.sqrt(means[..., 0])
    with np.errstate(divide="ignore", invalid="ignore"):
        if metric == "r2":
            return 1.0 - means[..., 0] / (means[..., 2] - np.square(means[..., 1]))
        hits, misses = np.split(means, 2, axis=-1)
        scores = 2 * hits / (2 * hits + misses)
    present = np.isfinite(scores)  # a class that is neither there nor predicted does not count
    return np.where(present, scores, 0.0).sum(axis=-1) / present.sum(axis=-1)


def _head(metric: str, gain: float, n: int, against: str, kind: str) -> str:
    rows = f"on {n:,} {kind} rows"
    if gain == 0:
        return f"level with {against} in {metric} {rows}"
    return f"{'better' if gain > 0 else 'worse'} than {against} by {_number(abs(gain))} {metric} {rows}"


def _bound(verdict: str, worst: float, best: float) -> str:
    if verdict == FAIL:
        return f"95 % at least {_number(-best)} worse"
    if worst >= 0:
        return f"95 % above {_number(worst)}"
    return f"95 % at most {_number(-worst)} worse"


def _number(value: float) -> str:
    return f"{value:,.3f}" if abs(value) >= 0.001 or value == 0 else f"{value:.1g}"
