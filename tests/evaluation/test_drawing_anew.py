"""Folds drawn anew are others than those that were searched on, as far as there are others."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.core.errors import BadTarget
from mlops_tui.evaluation.drawing_anew import about_few_groups, drawn_anew, ways_of
from mlops_tui.evaluation.splits import Folds, make_folds

ROWS = 120


def folds_of(groups: int, count: int, seed: int) -> Folds:
    return make_folds(np.arange(ROWS, dtype=float), "regression", count, seed, groups=np.arange(ROWS) % groups)


def same(one: Folds, other: Folds) -> int:
    scored = [{tuple(rows.tolist()) for _, rows in folds} for folds in (one, other)]
    return len(scored[0] & scored[1])


@given(st.integers(6, 40), st.integers(0, 50))
def test_of_more_groups_than_folds_none_is_the_same(groups: int, seed: int) -> None:
    searched = folds_of(groups, 4, seed)
    found, shared = drawn_anew(searched, lambda count, turn: folds_of(groups, count, seed + 99 + turn))
    assert same(searched, found) == shared == 0


@given(st.integers(12, 40), st.integers(0, 50), st.integers(2, 4))
def test_drawn_several_times_no_fold_comes_twice(groups: int, seed: int, times: int) -> None:
    """Each draw scores every row once."""
    searched = folds_of(groups, 4, seed)
    found, shared = drawn_anew(searched, lambda count, turn: folds_of(groups, count, seed + 99 + turn), times)
    assert shared == same(searched, found) == 0
    assert len(found) == 4 * times == len({tuple(rows.tolist()) for _, rows in found})
    scored = np.concatenate([rows for _, rows in found])
    assert (np.bincount(scored) == times).all()


def test_where_there_are_no_more_ways_fewer_are_drawn() -> None:
    searched = folds_of(4, 2, 0)  # there are seven ways in all, some of which no seed gives
    found, _ = drawn_anew(searched, lambda count, turn: folds_of(4, count, turn), 30)
    drawn = {tuple(rows.tolist()) for _, rows in found}
    assert 2 <= len(found) == len(drawn) <= 12
    assert same(searched, found) == 0


def test_of_as_many_groups_as_folds_fewer_folds_are_drawn_and_that_is_said() -> None:
    searched = folds_of(5, 5, 0)
    assert same(searched, folds_of(5, 5, 1)) == 5  # whatever the seed
    found, shared = drawn_anew(searched, lambda count, turn: folds_of(5, count, turn))
    assert (len(found), shared, same(searched, found)) == (2, 0, 0)
    assert about_few_groups(5, 5, 2, 0) == "there were 2 folds drawn anew, not 5: 5 groups go into 5 folds in 1 way"


def test_what_is_the_same_all_the_same_is_said() -> None:
    searched = folds_of(3, 3, 0)
    found, shared = drawn_anew(searched, lambda count, turn: folds_of(3, count, turn))
    assert (len(found), shared) == (2, 1)
    assert about_few_groups(3, 3, 2, 1) == (
        "1 of the 2 folds drawn anew is one that was searched on: 3 groups go into 3 folds in 1 way"
    )
    assert about_few_groups(40, 5, 5, 0) is None


def test_two_groups_in_two_folds_have_no_other_way() -> None:
    with pytest.raises(BadTarget, match="no other way"):
        drawn_anew(folds_of(2, 2, 0), lambda count, turn: folds_of(2, count, turn))


@pytest.mark.parametrize(
    ("groups", "folds", "ways"), [(3, 3, 1), (4, 3, 6), (4, 2, 7), (5, 3, 25), (2, 3, 0), (6, 1, 1)]
)
def test_the_ways_are_counted(groups: int, folds: int, ways: int) -> None:
    """By hand, and as the tables of Stirling's numbers have it."""
    assert ways_of(groups, folds) == ways
