"""Many stored profiles merged at once say what they say merged one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_tui.core.errors import DataError
from mlops_tui.data.engine.bulk import merged_payloads
from mlops_tui.data.engine.payload import from_bytes, to_bytes
from mlops_tui.data.engine.profiling import profile_columns
from mlops_tui.data.engine.sketches import merged_columns


def payload(values: np.ndarray) -> bytes:
    (column,) = profile_columns({"x": values}, {"x": "numeric"}).columns
    return to_bytes(column)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    parts=st.lists(
        st.tuples(
            st.sampled_from([1, 2, 40, 900, 1500, 4000]), st.sampled_from(["normal", "few", "gaps", "none", "inf"])
        ),
        min_size=1,
        max_size=7,
    ),
)
def test_at_once_and_one_by_one_agree(seed: int, parts: list[tuple[int, str]]) -> None:
    rng = np.random.default_rng(seed)
    makes = {
        "normal": lambda n: rng.normal(size=n),
        "few": lambda n: rng.integers(0, 5, n).astype(float),
        "gaps": lambda n: np.where(rng.random(n) < 0.3, np.nan, rng.normal(size=n)),
        "none": lambda n: np.full(n, np.nan),
        "inf": lambda n: np.where(rng.random(n) < 0.1, np.inf, rng.normal(size=n)),
    }
    payloads = [payload(makes[what](rows)) for rows, what in parts]
    assert merged_payloads(payloads, "x", "numeric") == merged_columns(
        [from_bytes(p, "x", "numeric") for p in payloads]
    )


def test_damaged_bytes_are_said(rng_payloads: list[bytes]) -> None:
    for damaged in (rng_payloads[0][:50], rng_payloads[0][:-3], b"P1" + rng_payloads[0][2:]):
        with pytest.raises(DataError):
            merged_payloads([rng_payloads[1], damaged], "x", "numeric")
        with pytest.raises(DataError):
            merged_payloads([damaged, rng_payloads[1]], "x", "numeric")


@pytest.fixture
def rng_payloads() -> list[bytes]:
    rng = np.random.default_rng(1)
    return [payload(rng.normal(size=3000)) for _ in range(2)]
