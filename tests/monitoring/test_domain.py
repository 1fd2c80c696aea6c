"""Rows are told apart by all columns at once, and weigh what makes them like those that were learnt from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlops_tui.monitoring.engine.domain import LEAST_ROWS, MOST_ROWS, domain, weights_of


def people(rows: int, seed: int, shift: float = 0.0, share: float = 0.3) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    age = draw.normal(40 + 10 * shift, 10, rows)
    return pd.DataFrame(
        {
            "age": np.where(draw.random(rows) < 0.1, np.nan, age),
            "plan": np.where(draw.random(rows) < share, "gold", "basic"),
            "since": pd.Timestamp("2026-01-01") + pd.to_timedelta(draw.integers(0, 100, rows), unit="D"),
            "active": draw.random(rows) < 0.5,
        }
    )


@pytest.mark.parametrize("seed", range(4))
def test_rows_of_one_kind_are_not_told_apart(seed: int) -> None:
    """And weigh nearly the same each."""
    found = domain(people(3_000, seed), people(3_000, 100 + seed))
    assert found is not None
    assert abs(found.area - 0.5) < 4 * found.error
    assert not found.tells
    assert found.inside > 0.85 * 3_000


def test_a_shift_in_one_column_is_told_and_weighs_rows_back() -> None:
    """The mean of the reference comes out again; so does the share of a category."""
    ours, theirs = people(5_000, 1), people(5_000, 2, shift=1.0, share=0.6)
    found = domain(ours, theirs)
    assert found is not None
    assert found.tells
    assert found.area > 0.75
    looked = theirs.iloc[found.places]
    known = looked["age"].notna().to_numpy()
    mean = np.average(looked["age"][known], weights=found.weights[known])
    assert theirs["age"].mean() > 49
    assert mean == pytest.approx(ours["age"].mean(), abs=1.5)
    assert np.average(looked["plan"] == "gold", weights=found.weights) == pytest.approx(0.3, abs=0.04)


def test_what_only_two_columns_together_tell_is_told() -> None:
    """Each column by itself is as it was."""
    draw = np.random.default_rng(3)
    a, b = draw.normal(size=(2, 4_000))
    ours, theirs = pd.DataFrame({"a": a, "b": b}), pd.DataFrame({"a": a, "b": 0.9 * a + np.sqrt(1 - 0.81) * b})
    found = domain(ours, theirs)
    assert found is not None
    assert found.tells


def test_texts_of_which_none_comes_again_tell_nothing() -> None:
    """Alike rare ones are not told by which side they came first in."""
    draw = np.random.default_rng(4)
    names = draw.permutation(4_000).astype(str)
    ours, theirs = (pd.DataFrame({"name": part, "x": draw.normal(size=2_000)}) for part in np.split(names, 2))
    found = domain(ours, theirs)
    assert found is not None
    assert not found.tells


def test_rows_that_were_never_learnt_from_weigh_nothing() -> None:
    ours, theirs = people(2_000, 1), people(2_000, 2)
    theirs.loc[:1_899, "plan"] = "platinum"
    found = domain(ours, theirs)
    assert found is not None
    assert 60 < found.inside < 150
    weighs = weights_of(found, np.arange(2_000))
    assert weighs[:1_900].max() < 0.1 * weighs[1_900:].mean()


def test_of_more_rows_some_are_looked_at_and_the_others_have_no_weight() -> None:
    found = domain(people(MOST_ROWS, 1), people(2 * MOST_ROWS, 2))
    assert found is not None
    weighs = weights_of(found, np.arange(2 * MOST_ROWS))
    assert np.isfinite(weighs).sum() == MOST_ROWS
    assert np.nanmean(weighs) == pytest.approx(1)


def test_too_few_rows_or_no_common_column_are_not_compared() -> None:
    assert domain(people(LEAST_ROWS - 1, 1), people(1_000, 2)) is None
    assert domain(people(1_000, 1), people(1_000, 2).add_prefix("other_")) is None


def test_a_column_that_is_all_missing_or_infinite_does_no_harm() -> None:
    ours, theirs = people(500, 1), people(500, 2)
    for frame in (ours, theirs):
        frame["nothing"] = np.nan
        frame["endless"] = np.inf
        frame["void"] = None
    found = domain(ours, theirs)
    assert found is not None
    assert not found.tells
