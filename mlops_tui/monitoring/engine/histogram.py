"""Common bins of both windows, ready for a mirrored histogram."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from mlops_tui.monitoring.engine import measures
from mlops_tui.monitoring.engine.classes import MISSING, OTHER, Classes
from mlops_tui.monitoring.engine.sample import Floats, Joint, Sample
from mlops_tui.monitoring.model import Histogram

BINS = 20
"""At most so many bins of a number."""

TOP = 15
"""So many values of a category have a bar of their own."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def of_numbers(reference: Sample, current: Sample, kind: str, joint: Joint | None) -> Histogram | None:
    """Equal-width bins [a, b) from the 0.5 % to the 99.5 % quantile of both sides, half of the weight each.

    `joint` is both together, None where one has no values. The outer bins are open and take the tails; bins of an integer hold whole numbers. None without values.
    """
    alone = reference if reference.n else current
    if not alone.n:
        return None
    values = alone.values if joint is None else joint.points
    edges = _edges(values, (joint or alone).quantiles([0.005, 0.995]), whole=kind == "integer")
    rows = [_binned(sample, edges) for sample in (reference, current)]
    brings = None if joint is None else contribution(joint, edges)
    return Histogram(_labels(edges, values, kind), rows[0], rows[1], tuple(map(float, edges)), brings)


def contribution(joint: Joint, edges: Floats) -> tuple[float, ...] | None:
    """The share that each bin brings of the Wasserstein distance: ∫ |F − G| dx over the bin, divided by that over all values.

    A bin that rows moved across brings something too, though as many are in it as were. All 0 where nothing moved, None where the
    area is beyond a float.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        heaped = np.cumsum(np.abs(joint.gaps[:-1]) * np.diff(joint.points), dtype=np.float64)
    total = float(heaped[-1]) if len(heaped) else 0.0
    if not math.isfinite(total):
        return None
    if not total:
        return (0.0,) * (len(edges) + 1)
    upto = np.interp(edges, joint.points, np.concatenate(([0.0], heaped / total)))
    return tuple(np.maximum(np.diff(upto, prepend=0.0, append=1.0), 0.0).tolist())


def of_classes(classes: Classes) -> Histogram | None:
    """The `TOP` most frequent values of both sides (half of the weight each), then `other` and `missing` where any.

    A class brings its term of the Jensen–Shannon divergence, (r log r/m + c log c/m) / 2 with m = (r + c) / 2, divided by the sum of
    all; `other` the terms of all that are in it.
    """
    sizes = [side.sum() for side in (classes.reference, classes.current)]
    if not any(sizes):
        return None
    rows = [side / max(size, 1.0) for side, size in zip((classes.reference, classes.current), sizes, strict=True)]
    order = np.argsort(-(rows[0] + rows[1])[:-2], kind="stable")
    top, rest = order[:TOP], order[TOP:]
    terms = np.maximum(measures.js_terms(*rows), 0.0) if all(sizes) else None
    sides, brings = [_shown(row, top, rest) for row in rows], None if terms is None else _shown(terms, top, rest)
    labels = [*(classes.values[place] for place in top), OTHER, MISSING]
    kept = [place for place in range(len(labels)) if place < len(top) or sides[0][place] or sides[1][place]]
    bars = [tuple(float(side[place]) for place in kept) for side in sides]
    told = None if brings is None else tuple(float(brings[place]) / (sum(brings) or 1.0) for place in kept)
    return Histogram(tuple(labels[place] for place in kept), bars[0], bars[1], contribution=told)


def _shown(row: Floats, top: NDArray[np.intp], rest: NDArray[np.intp]) -> list[float]:
    return [*row[top], row[rest].sum() + row[-2], row[-1]]


def _edges(values: Floats, within: Floats, *, whole: bool) -> Floats:
    """Inner bounds of the bins within those quantiles, none where all values are the same."""
    low, high = within
    if low == high:
        low, high = values[0], values[-1]
    if whole and high - low < 2**52:
        width = max(1.0, math.ceil((high - low + 1) / BINS))
        return np.arange(low + width, high + 1, width)
    # Halved first: the whole range of doubles does not fit into a double.
    return np.unique(2 * np.linspace(low / 2, high / 2, BINS + 1)[1:-1]) if low < high else np.array([])


def _binned(sample: Sample, edges: Floats) -> tuple[float, ...]:
    if not sample.n:
        return (0.0,) * (len(edges) + 1)
    below = sample.share_below(edges, inclusive=False)
    return tuple(map(float, np.diff(below, prepend=0.0, append=1.0)))


def _labels(edges: Floats, values: Floats, kind: str) -> tuple[str, ...]:
    """`< a`, `a – b`, …, `≥ z`; of whole numbers the first and last that a bin holds."""
    if not len(edges):
        return (_words(values[:1], kind)[0],)
    words = _words(edges, kind)
    last = _words(edges - 1, kind) if kind == "integer" else words
    inner = [low if low == high else f"{low} – {high}" for low, high in zip(words[:-1], last[1:], strict=True)]
    return (f"< {words[0]}", *inner, f"≥ {words[-1]}")


def _words(points: Floats, kind: str) -> list[str]:
    """The points in as few digits as tell them apart; date-times as days, or with minutes where bins are shorter."""
    step = float(np.min(np.diff(points))) if len(points) > 1 else math.inf
    if kind == "date-time":
        form = "%Y-%m-%d" if step >= 86_400 else "%Y-%m-%d %H:%M" if step >= 60 else "%Y-%m-%d %H:%M:%S"
        try:
            return [(_EPOCH + timedelta(seconds=float(point))).strftime(form) for point in points]
        except OverflowError:
            pass  # before year 1 or after 9999: the seconds then
    if kind == "integer":
        return [f"{point:.0f}" if abs(point) < 1e15 else f"{point:g}" for point in points]
    scale = float(np.max(np.abs(points)))
    digits = 4 if math.isinf(step) or not scale else max(3, 2 + math.ceil(math.log10(scale) - math.log10(step)))
    return [f"{point:.{min(digits, 17)}g}" for point in points]
