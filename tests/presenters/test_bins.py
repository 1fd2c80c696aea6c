"""Bins of two windows: no share is lost, whatever room there is for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.monitoring.model import Histogram
from mlops_tui.presenters.bins import bins

INCOME = Histogram(
    ("< 1.544e+04", "1.544e+04 – 2.124e+04", "2.124e+04 – 2.704e+04", "≥ 2.704e+04"),
    (0.1, 0.2, 0.3, 0.4),
    (0.4, 0.3, 0.2, 0.1),
    (15_440.0, 21_240.0, 27_040.0),
)
AGE = Histogram(("< 24", "24 – 26", "27", "≥ 28"), (0.1, 0.2, 0.3, 0.4), (0.4, 0.3, 0.2, 0.1), (24.0, 27.0, 28.0))


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=25), st.integers(1, 30))
def test_merging_neighbours_keeps_every_share(shares: list[tuple[float, float]], most: int) -> None:
    """Both sides add up to what they did, in at most so many bins."""
    edges = tuple(float(place) for place in range(len(shares) - 1))
    labels = tuple(str(place) for place in range(len(shares)))
    reference, current = zip(*shares, strict=True)
    shown = bins(Histogram(labels, reference, current, edges), "numeric", most)
    assert len(shown.labels) == len(shown.reference) == len(shown.current) <= most
    assert sum(shown.reference) == pytest.approx(sum(reference))
    assert sum(shown.current) == pytest.approx(sum(current))
    assert shown.contribution is None
    told = bins(Histogram(labels, reference, current, edges, current), "numeric", most)
    assert told.contribution == pytest.approx(shown.current)


def test_numbers_are_written_with_the_digits_that_tell_bins_apart() -> None:
    """No powers of ten where thousands can be read."""
    assert bins(INCOME, "numeric", 9).labels == ["< 15,440", "15,440 – 21,240", "21,240 – 27,040", "≥ 27,040"]


def test_merged_bins_are_named_by_where_they_begin_and_end() -> None:
    """The open ones at both ends stay open; whole numbers are the first and last that a bin holds."""
    assert bins(INCOME, "numeric", 2).labels == ["≤ 21,240", "≥ 21,240"]
    assert bins(AGE, "integer", 2).labels == ["≤ 26", "≥ 27"]
    assert bins(AGE, "integer", 4).labels == list(AGE.labels)


def test_categories_are_never_merged() -> None:
    """Each value keeps its bar."""
    channel = Histogram(("online", "branch", "phone"), (0.5, 0.3, 0.2), (0.2, 0.3, 0.5))
    assert bins(channel, "category", 2).labels == ["online", "branch", "phone"]
