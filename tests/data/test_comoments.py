"""How columns vary together, against pandas."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from mlops_tui.data.engine.comoments import (
    MOST_COLUMNS,
    Comoments,
    comoments_from_bytes,
    comoments_of,
    comoments_to_bytes,
    merged_comoments,
)


@pytest.fixture
def frame() -> pd.DataFrame:
    """Columns with and without gaps, far from 0, one that does not vary and one that is hardly there."""
    rng = np.random.default_rng(11)
    a, b = rng.normal(1e6, 3, 900), rng.gamma(2, 2, 900)
    made = pd.DataFrame({"a": a, "b": b, "c": a - 2 * b + rng.normal(size=900), "d": b**2, "same": 4.0, "rare": np.nan})
    made.loc[rng.random(900) < 0.2, "b"] = np.nan
    made.loc[rng.random(900) < 0.4, "d"] = np.nan
    made.loc[:1, "rare"] = 1.0
    return made


def summed(frame: pd.DataFrame) -> Comoments:
    return comoments_of({str(name): column.to_numpy() for name, column in frame.items()})


@pytest.mark.parametrize("parts", [1, 2, 13])
def test_correlations_are_pandas_own(frame: pd.DataFrame, parts: int) -> None:
    cuts = np.linspace(0, len(frame), parts + 1).astype(int)
    merged = merged_comoments([summed(frame.iloc[a:b]) for a, b in pairwise(cuts)])
    assert merged is not None
    expected = frame.corr(min_periods=3).to_numpy()
    np.testing.assert_allclose(merged.correlations(), expected, atol=1e-9)


def test_parts_tell_the_columns_that_all_have(frame: pd.DataFrame) -> None:
    merged = merged_comoments([summed(frame[:400]), summed(frame[400:][["c", "a"]])])
    assert merged is not None
    assert merged.names == ("a", "c")
    np.testing.assert_allclose(merged.correlations(), frame[["a", "c"]].corr().to_numpy(), atol=1e-9)


def test_sums_survive_their_bytes(frame: pd.DataFrame) -> None:
    sums = summed(frame)
    read = comoments_from_bytes(comoments_to_bytes(sums))
    assert read.names == sums.names
    np.testing.assert_array_equal(read.product, sums.product)


def test_a_wide_table_tells_its_first_columns_only() -> None:
    wide = comoments_of({f"c{i}": np.arange(5.0) for i in range(MOST_COLUMNS + 9)})
    assert wide.product.shape == (MOST_COLUMNS, MOST_COLUMNS)
