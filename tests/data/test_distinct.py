"""Estimates of how many different values there are."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.data.engine.distinct import (
    REGISTERS,
    estimate,
    hashed_numbers,
    hashed_texts,
    merged_registers,
    registers_of,
)


@pytest.mark.parametrize("different", [0, 1, 40, 900, 5_000, 30_000, 400_000])
def test_an_estimate_is_within_its_error(different: int) -> None:
    """In 20 draws of numbers: without bias, and none beyond 4 standard deviations."""
    rng = np.random.default_rng(different)
    errors = [estimate(registers_of(hashed_numbers(rng.normal(size=different)))) / max(different, 1) for _ in range(20)]
    deviation = 1.04 / REGISTERS**0.5
    assert np.abs(np.array(errors) - (different > 0)).max() < 4 * deviation
    assert abs(np.mean(errors) - (different > 0)) < deviation


@given(st.lists(st.lists(st.integers(0, 500), max_size=50), min_size=1, max_size=5))
def test_parts_merge_to_the_registers_of_the_whole(parts: list[list[int]]) -> None:
    arrays = [np.array(part, dtype=np.float64) for part in parts]
    merged = merged_registers([registers_of(hashed_numbers(array)) for array in arrays])
    assert merged == registers_of(hashed_numbers(np.concatenate(arrays)))


def test_texts_hash_alike_here_and_in_the_engine() -> None:
    """One column may be hashed by the engine in one file and counted in another."""
    texts = ["", "abc", "Zürich", "a\nb", "0" * 500]
    with duckdb.connect() as con:
        rows = con.execute("SELECT md5_number_lower(t) FROM (SELECT unnest(?) AS t)", [texts]).fetchall()
    assert hashed_texts(texts).tolist() == [row[0] for row in rows]


def test_minus_nought_is_nought() -> None:
    assert hashed_numbers(np.array([-0.0])).tolist() == hashed_numbers(np.array([0.0])).tolist()
