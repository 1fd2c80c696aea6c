"""Estimates of how many different values there are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.data.engine.distinct import (
    REGISTERS,
    estimate,
    merged_registers,
    registers_of,
    size_of,
)
from mlops_tui.data.engine.hashing import hashed_numbers
from mlops_tui.data.profile import TOLD_APART


@pytest.mark.parametrize("different", [5_000, 30_000, 400_000])
def test_an_estimate_is_within_its_error(different: int) -> None:
    """In 20 draws of numbers: without bias, and none beyond 4 standard deviations."""
    rng = np.random.default_rng(different)
    errors = [estimate(registers_of(hashed_numbers(rng.normal(size=different)))) / different for _ in range(20)]
    deviation = 1.04 / REGISTERS**0.5
    assert np.abs(np.array(errors) - 1).max() < 4 * deviation
    assert abs(np.mean(errors) - 1) < deviation


PARTS = st.lists(st.tuples(st.integers(0, 1_500), st.integers(0, 1_500)), min_size=1, max_size=5)


@given(PARTS)
def test_parts_merge_to_what_the_whole_is_in_whatever_order(parts: list[tuple[int, int]]) -> None:
    """Few and many different values, in parts that overlap; as far as they are few their number is exact."""
    arrays = [np.arange(start, start + count, dtype=np.float64) for start, count in parts]
    kept = [registers_of(hashed_numbers(array)) for array in arrays]
    whole = np.concatenate(arrays)
    merged = merged_registers(kept)
    assert merged == registers_of(hashed_numbers(whole))
    assert merged == merged_registers([kept[-1], merged_registers([*kept[:-1], kept[-1]])])
    different = len(np.unique(whole))
    if different <= TOLD_APART:
        assert estimate(merged) == different
    else:
        assert estimate(merged) > TOLD_APART
    assert size_of(b"12" + merged + b"3", 2) == len(merged)


@pytest.mark.parametrize("different", [0, 1, 50, 1_024])
def test_few_values_are_told_exactly_however_often_they_come(different: int) -> None:
    hashes = hashed_numbers(np.repeat(np.random.default_rng(1).normal(size=different), 30))
    assert estimate(registers_of(hashes)) == different


def test_minus_nought_is_nought() -> None:
    assert hashed_numbers(np.array([-0.0])).tolist() == hashed_numbers(np.array([0.0])).tolist()
