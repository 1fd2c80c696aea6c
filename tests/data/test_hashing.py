"""The hash of a value does not depend on what lies beside it, on the platform or on the form that it comes in."""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_tui.data.engine.hashing import LONG, hashed_array, hashed_texts

FULL = (1 << 64) - 1
texts = st.lists(st.text(max_size=40) | st.text(alphabet="ab", min_size=LONG - 4, max_size=LONG + 4), max_size=30)


def one(text: str) -> int:
    """The same, byte by byte in plain integers."""
    data, factor = text.encode(), 0xD6E8FEB86659FD93
    bits = (len(data) * factor & FULL) ^ 0x9E3779B97F4A7C15
    if len(data) > LONG:
        bits = int.from_bytes(hashlib.md5(data).digest()[8:], "little")
    else:
        for start in range(0, len(data), 8):
            word = data[start : start + 8]
            bits = ((bits ^ int.from_bytes(word, "little") << 8 * (8 - len(word))) * factor) & FULL
            bits ^= bits >> 32
    for shift, times in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        bits = (bits ^ bits >> shift) * times & FULL
    return bits ^ bits >> 31


@given(texts)
def test_many_at_once_are_hashed_as_each_by_itself(found: list[str]) -> None:
    assert hashed_texts(found).tolist() == [one(text) for text in found]


@settings(deadline=None)
@given(texts, st.integers(0, 5), st.sampled_from([pa.string(), pa.large_string()]))
def test_an_array_and_a_slice_of_it_are_hashed_as_their_texts(found: list[str], start: int, kind: pa.DataType) -> None:
    array = pa.array(found, kind)[start:]
    assert hashed_array(array).tolist() == hashed_texts(found[start:]).tolist()


def test_what_is_missing_is_hashed_as_the_empty_text_wherever_its_bytes_lie() -> None:
    assert hashed_array(pa.array(["a", None, "b"])).tolist() == hashed_texts(["a", "", "b"]).tolist()


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("", 16294208416658607535),
        ("a", 3939184670477705323),
        ("customer-000017", 8252829696868035453),
        ("ä€", 4465633296930822565),
        ("x" * 300, 2448844240421497376),
    ],
)
def test_hashes_that_are_kept_in_stores_stay_what_they_are(text: str, known: int) -> None:
    assert int(hashed_texts([text])[0]) == known


def test_names_that_differ_by_little_are_spread_evenly() -> None:
    """No two of a million alike; each of the upper eleven bits' values about as often as any other."""
    found = hashed_texts(f"id-{number:07d}" for number in range(1_000_000))
    assert len(np.unique(found)) == len(found)
    counts = np.bincount((found >> np.uint64(53)).astype(np.intp), minlength=2048)
    expected = len(found) / 2048
    squares = float(((counts - expected) ** 2 / expected).sum())
    assert abs(squares - 2047) < 5 * np.sqrt(2 * 2047)
