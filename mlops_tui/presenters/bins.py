"""Bins of two windows made readable: round digits, and no more of them than there are lines."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

from mlops_tui.monitoring.model import Histogram
from mlops_tui.presenters.words import one_line

BETWEEN, BELOW, FROM = " – ", "< ", "≥ "
LARGEST, FINEST = 1e7, 1e-4
"""Beyond these the labels stay as they were made, in powers of ten."""


class Bins(NamedTuple):
    """A label and both shares for each bin, and what it brings of the measure, where that is known."""

    labels: list[str]
    reference: list[float]
    current: list[float]
    contribution: list[float] | None = None


def bins(histogram: Histogram, kind: str, most: int) -> Bins:
    """At most `most` bins of a number (neighbours are merged, equally many to a bin); categories as they are."""
    labels, brings = _digits(histogram, kind), histogram.contribution
    if histogram.edges is None or most < 1:
        return Bins(
            labels, list(histogram.reference), list(histogram.current), None if brings is None else list(brings)
        )
    step = math.ceil(len(labels) / most)
    groups = [slice(start, start + step) for start in range(0, len(labels), step)]
    return Bins(
        [_joined(labels[group]) for group in groups],
        [sum(histogram.reference[group]) for group in groups],
        [sum(histogram.current[group]) for group in groups],
        None if brings is None else [sum(brings[group]) for group in groups],
    )


def _digits(histogram: Histogram, kind: str) -> list[str]:
    """The labels with as many digits as tell the bins apart."""
    edges = histogram.edges
    labels = [one_line(label, 60) for label in histogram.labels]
    if kind != "numeric" or edges is None or len(edges) < 2:
        return labels
    step = min(high - low for low, high in pairwise(edges))
    if step <= FINEST or max(map(abs, edges)) >= LARGEST:
        return labels
    digits = max(0, 1 - math.floor(math.log10(step)))
    shown = [f"{edge:,.{digits}f}" for edge in edges]
    inner = [f"{low}{BETWEEN}{high}" for low, high in pairwise(shown)]
    return [BELOW + shown[0], *inner, FROM + shown[-1]]


def _joined(labels: list[str]) -> str:
    """One label for neighbouring bins."""
    first, last = labels[0], labels[-1]
    if len(labels) == 1:
        return first
    if first.startswith(BELOW):
        return f"≤ {last.split(BETWEEN)[-1]}"
    if last.startswith(FROM):
        return FROM + first.split(BETWEEN)[0]
    return f"{first.split(BETWEEN)[0]}{BETWEEN}{last.split(BETWEEN)[-1]}"
