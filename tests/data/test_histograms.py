"""Bins of whole numbers and of days are whole numbers of them wide, so that none is empty for its narrowness."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.data.engine.histograms import BINS, histogram_of
from mlops_tui.data.engine.moments import moments_of
from mlops_tui.data.engine.points import points_of
from mlops_tui.data.engine.profiling import profile_file, summarise
from mlops_tui.data.profile import ColumnProfile
from mlops_tui.presenters.column import picture

DAY = 86_400


def _histogram(values: list[int], kind: str = "integer") -> dict[str, list[float]]:
    array = np.asarray(values, np.float64)
    moments = moments_of(array)
    column = ColumnProfile("n", kind, len(values), 0, moments=moments, points=points_of(array))
    found = histogram_of(column, moments)
    assert found is not None
    return found  # type: ignore[return-value]


@pytest.mark.parametrize(("last", "bins", "width"), [(4, 5, 1), (19, 20, 1), (20, 11, 2), (23, 12, 2), (40, 14, 3)])
def test_every_value_of_a_range_has_its_place(last: int, bins: int, width: int) -> None:
    """As often as the others, so that each bin has as many rows as it is wide."""
    found = _histogram([*range(last + 1)] * 3)
    widths = np.diff(found["edges"])
    assert widths[:-1].tolist() == [width] * (bins - 1)
    assert 0 < widths[-1] <= width
    assert found["counts"] == (3 * widths).tolist()


@given(st.lists(st.integers(-(2**40), 2**40), min_size=2, max_size=60).filter(lambda found: len(set(found)) > 1))
def test_rows_are_in_the_bin_that_their_value_is_in(values: list[int]) -> None:
    """As NumPy counts them, with what lies below and above."""
    found = _histogram(values)
    edges, array = np.asarray(found["edges"]), np.asarray(values)
    assert len(found["counts"]) <= BINS
    assert len(set(np.diff(edges)[:-1])) <= 1
    assert all(edge == round(edge) for edge in edges)
    told = [int(np.sum((array >= low) & (array < high))) for low, high in pairwise(edges)]
    assert found["counts"] == told
    assert (found["below"], found["above"]) == (np.sum(array < edges[0]), np.sum(array >= edges[-1]))


def test_days_have_bins_of_whole_days_and_moments_do_not() -> None:
    days = [day * DAY for day in range(30)]
    assert np.diff(_histogram(days, "date-time")["edges"]).tolist() == [2.0 * DAY] * 15
    assert len(_histogram([*days, DAY // 2], "date-time")["counts"]) == BINS


def test_a_column_of_integers_has_no_gap_in_its_picture(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    pd.DataFrame({"hour": [*range(24)] * 50, "age": [*range(18, 91), *range(18, 65)] * 10}).to_csv(path, index=False)
    hour, age = summarise(profile_file(path).blocks[0].profile)
    assert picture(hour, symbols="braille") == "█" * 12
    assert picture(age, symbols="braille") == "█" * 9 + "▆" + "▅" * 5
