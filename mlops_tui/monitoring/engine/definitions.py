"""The figures of two windows by the definitions of Evidently and NannyML, from the rows themselves.

Both cut numbers into equal bins, of which a sketch knows too little: Evidently by Sturges' rule over both windows together, NannyML by
Doane's over the reference, with one more bin for what lies outside. Evidently takes natural logarithms, NannyML binary ones.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import stats

Array = np.ndarray[Any, Any]
Told = dict[str, float | None]

EVIDENTLY, NANNYML = "evidently", "nannyml"
FEW_VALUES = 20
"""Evidently takes a number of no more different values for a category."""
LEAST_SHARE = 1e-4
"""What stands for no rows in Evidently's population stability."""
LEAST_DEVIATION = 1e-3
"""The least standard deviation that Evidently divides a Wasserstein distance by."""


def of_numbers(reference: Array, current: Array) -> dict[str, Told]:
    """By either tool's definitions, of the finite values of both windows, shapes (n,) and (m,); none where either has no value."""
    ours, theirs = (side[np.isfinite(side)].astype(np.float64) for side in (reference, current))
    if not len(ours) or not len(theirs):
        return {}
    found = stats.ks_2samp(ours, theirs)
    distance = float(stats.wasserstein_distance(ours, theirs))
    both = np.concatenate([ours, theirs])
    if len(np.unique(ours)) > FEW_VALUES:
        edges = np.histogram_bin_edges(both, bins="sturges")
        before, now = (np.histogram(side, edges)[0] / len(side) for side in (ours, theirs))
    else:
        before, now = _counted(_counts(ours), _counts(theirs))
    evidently: Told = {
        "psi": _psi(before, now),
        "jensen_shannon": _jensen_shannon(before, now, base=math.e),
        "wasserstein": distance / max(float(np.std(ours)), LEAST_DEVIATION),
        "hellinger": _overlap(both, ours, theirs),
        "ks_p": float(found.pvalue),
    }
    edges = np.histogram_bin_edges(ours, bins="doane")
    within = [np.histogram(side, edges)[0] / len(side) for side in (ours, theirs)]
    outside = max(0.0, 1.0 - float(within[1].sum()))
    before, now = np.append(within[0], 0.0), np.append(within[1], outside)
    nannyml: Told = {
        "jensen_shannon": _jensen_shannon(before, now, base=2.0),
        "wasserstein": distance,
        "hellinger": _hellinger(before, now),
        "ks": float(found.statistic),
    }
    return {EVIDENTLY: evidently, NANNYML: nannyml}


def of_categories(reference: Mapping[str, int], current: Mapping[str, int]) -> dict[str, Told]:
    """By either tool's definitions, of how many rows of both windows have each value; none where either has no value."""
    if not sum(reference.values()) or not sum(current.values()):
        return {}
    before, now = _counted(reference, current)
    names = list(dict.fromkeys([*reference, *current]))
    counts = np.array([[side.get(name, 0) for name in names] for side in (reference, current)], dtype=np.float64)
    expected = counts[0] * counts[1].sum() / counts[0].sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = float(np.sum(np.where(counts[1] == expected, 0.0, (counts[1] - expected) ** 2 / expected)))
    evidently: Told = {
        "psi": _psi(before, now),
        "jensen_shannon": _jensen_shannon(before, now, base=math.e),
        "hellinger": math.sqrt(max(0.0, 1.0 - min(1.0, float(np.sqrt(before * now).sum())))),
        "chi2_p": float(stats.chi2.sf(statistic, len(names) - 1)) if len(names) > 1 else 1.0,
    }
    known = [name for name in names if reference.get(name)]
    ours = np.array([reference[name] for name in known]) / counts[0].sum()
    theirs = np.array([current.get(name, 0) for name in known]) / counts[1].sum()
    ours, theirs = np.append(ours, 0.0), np.append(theirs, max(0.0, 1.0 - float(theirs.sum())))
    nannyml: Told = {
        "jensen_shannon": _jensen_shannon(ours, theirs, base=2.0),
        "hellinger": _hellinger(ours, theirs),
        "l_infinity": float(np.abs(before - now).max()),
        "chi2": float(stats.chi2_contingency(counts).statistic) if len(names) > 1 else 0.0,
    }
    return {EVIDENTLY: evidently, NANNYML: nannyml}


def _counts(values: Array) -> dict[Any, int]:
    return dict(zip(*np.unique(values, return_counts=True), strict=True))


def _counted(reference: Mapping[Any, int], current: Mapping[Any, int]) -> tuple[Array, Array]:
    """The shares of every value of either side."""
    names = list(dict.fromkeys([*reference, *current]))
    before, now = (np.array([side.get(name, 0) for name in names], dtype=np.float64) for side in (reference, current))
    return before / before.sum(), now / now.sum()


def _psi(before: Array, now: Array) -> float:
    """Σ (a − b) ln(a / b); a share of none is `LEAST_SHARE`, or far less than the least one where that is smaller."""
    ours, theirs = _filled(before), _filled(now)
    return float(np.sum((ours - theirs) * np.log(ours / theirs)))


def _filled(shares: Array) -> Array:
    least = float(shares[shares > 0].min())
    return np.where(shares > 0, shares, least / 1e6 if least <= LEAST_SHARE else LEAST_SHARE)


def _jensen_shannon(before: Array, now: Array, base: float) -> float:
    """The square root of the divergence (Lin 1991; a distance by Endres and Schindelin 2003)."""
    ours, theirs = before / before.sum(), now / now.sum()
    middle = (ours + theirs) / 2
    halves = (np.sum(side[side > 0] * np.log(side[side > 0] / middle[side > 0])) for side in (ours, theirs))
    return math.sqrt(max(0.0, float(sum(halves)) / 2 / math.log(base)))


def _hellinger(before: Array, now: Array) -> float:
    return float(np.sqrt(np.square(np.sqrt(before) - np.sqrt(now)).sum() / 2))


def _overlap(both: Array, ours: Array, theirs: Array) -> float:
    """Evidently's Hellinger distance of numbers, whose bins are those of the different values of both windows."""
    edges = np.histogram_bin_edges(np.unique(both), bins="sturges")
    heights = [np.histogram(side, edges, density=True)[0] for side in (ours, theirs)]
    shared = float(np.sqrt(heights[0] * heights[1]).sum()) * float(edges[-1] - edges[0]) / (len(edges) - 1)
    return math.sqrt(max(0.0, 1.0 - min(1.0, shared)))
