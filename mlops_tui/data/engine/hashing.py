"""64 well-mixed bits of each value: the same on every platform and with every version of a library, and many at once.

The finaliser is SplitMix64's (Steele, Lea, Flood 2014). Of texts eight bytes of UTF-8 at a time are multiplied in, as FNV-1a
does it with one (Fowler, Noll and Vo 1991); those of more than `LONG` bytes, of which there are few, are hashed by MD5.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

LONG = 256
"""Bytes of a text that are worked through for all texts together."""
_WORD = 8
_SEED = np.uint64(0x9E3779B97F4A7C15)
_FACTOR = np.uint64(0xD6E8FEB86659FD93)
_SHIFT = np.uint64(32)


def hashed_numbers(values: NDArray[np.float64]) -> Hashes:
    """The hash of each float64; −0 is 0."""
    return _mixed((values + 0.0).view(np.uint64))


def hashed_wholes(nearest: NDArray[np.float64], rest: NDArray[np.float64]) -> Hashes:
    """The same of integers, each the sum of the nearest float64 and a rest; without a rest the hash of the float64."""
    found = hashed_numbers(nearest)
    long = rest != 0
    found[long] = _mixed(found[long] ^ rest[long].view(np.uint64))
    return found


def _mixed(bits: Hashes) -> Hashes:
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def hashed_texts(texts: Iterable[str]) -> Hashes:
    """The hashes of texts."""
    parts = [text.encode() for text in texts]
    ends = np.cumsum([0, *map(len, parts)])
    return _hashed(np.frombuffer(b"".join(parts), np.uint8), ends)


def hashed_array(texts: pa.Array) -> Hashes:
    """The hashes of an Arrow array of strings; what is missing has that of the empty text."""
    texts = texts.fill_null("")
    wide = pa.types.is_large_string(texts.type)
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int64 if wide else np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return _hashed(np.frombuffer(data, np.uint8) if data else np.zeros(0, np.uint8), ends.astype(np.intp))


def _hashed(data: NDArray[np.uint8], ends: NDArray[np.intp]) -> Hashes:
    """Of the texts that lie between these ends in the bytes."""
    if len(ends) < 2:
        return np.zeros(0, np.uint64)
    starts, sizes = ends[:-1], np.diff(ends)
    found = sizes.astype(np.uint64) * _FACTOR ^ _SEED
    words = _words(data[: ends[-1]])
    left = np.arange(len(sizes))
    for begun in range(0, LONG, _WORD):
        left = left[sizes[left] > begun]
        if not len(left):
            break
        taken = words[starts[left] + begun]
        beyond = np.maximum(0, begun + _WORD - sizes[left]).astype(np.uint64) * np.uint64(_WORD)
        taken = taken << beyond  # the bytes of the next text fall out
        bits = (found[left] ^ taken) * _FACTOR
        found[left] = bits ^ (bits >> _SHIFT)
    for place in np.flatnonzero(sizes > LONG):
        digest = hashlib.md5(data[ends[place] : ends[place + 1]].tobytes(), usedforsecurity=False).digest()
        found[place] = int.from_bytes(digest[8:], "little")
    return _mixed(found)


def _words(data: NDArray[np.uint8]) -> Hashes:
    """The eight bytes from each place on as a number, the first the lowest."""
    padded = np.concatenate((data, np.zeros(_WORD, np.uint8)))
    return np.ndarray((len(data) + 1,), "<u8", padded, strides=(1,))
