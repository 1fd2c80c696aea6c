"""Many stored profiles merged at once say what they say merged one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_tui.core.errors import DataError
from mlops_tui.data.engine.bulk import merged_payloads
from mlops_tui.data.engine.payload import from_bytes, to_bytes
from mlops_tui.data.engine.profiling import BlockProfile, profile_columns
from mlops_tui.data.engine.sketches import merged_columns
from mlops_tui.data.engine.stored import keep, merged
from mlops_tui.data.engine.stream import Counted
from mlops_tui.store.store import Store


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


@settings(max_examples=40, deadline=None)
@given(st.lists(st.dictionaries(st.text(max_size=3), st.integers(1, 9), max_size=5), min_size=1, max_size=150))
def test_counts_at_once_and_one_by_one_agree(parts: list[dict[str, int]]) -> None:
    columns = [profile_columns({"c": Counted(counts, 2)}, {"c": "category"}).columns[0] for counts in parts]
    payloads = [to_bytes(column) for column in columns]
    assert merged_payloads(payloads, "c", "category") == merged_columns(columns)


def test_damaged_counts_are_said() -> None:
    good, other = (to_bytes(profile_columns({"c": Counted({w: 3}, 0)}, {"c": "category"}).columns[0]) for w in "ab")
    for damaged in (good[:-2], good[:-1] + b"}", good + b"0"):
        with pytest.raises(DataError):
            merged_payloads([other, damaged], "c", "category")


def test_columns_are_read_a_few_at_a_time_and_say_the_same(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    kinds = {"x": "numeric", "c": "category", "y": "integer"}
    for key in ("k1", "k2"):
        columns = {"x": rng.normal(size=9), "c": Counted({"a": 5, key: 4}, 0), "y": rng.integers(0, 5, 9).astype(float)}
        keep(store, key, [BlockProfile(0, 9, None, None, profile_columns(columns, kinds), b"", None)])
    keys = ["k1", "k2", "k2"]
    whole = merged(store.reader, keys, [*kinds, "lacking"])
    assert [column.name for column in whole.columns] == list(kinds)
    assert whole.rows == 27
    assert whole.columns[1].counts == {"a": 15, "k1": 4, "k2": 8}
    monkeypatch.setattr("mlops_tui.data.engine.stored.PAYLOADS_AT_ONCE", 1)
    assert merged(store.reader, keys, [*kinds, "lacking"]) == whole
