"""How many different values there are: HyperLogLog registers (Flajolet et al. 2007) over arrays.

Hashes do not depend on the process, the platform or a library's version, so that registers of any two files merge.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

INDEX_BITS = 11
REGISTERS = 1 << INDEX_BITS
"""A relative error of 1.04 / √2048 = 2.3 % (one standard deviation)."""

_RANK_BITS = 64 - INDEX_BITS
_RANKS = np.uint64((1 << _RANK_BITS) - 1)


def hashed_numbers(values: NDArray[np.float64]) -> Hashes:
    """64 well-mixed bits of each float64 (the finaliser of SplitMix64: Steele, Lea, Flood 2014); −0 is 0."""
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


def hashed_texts(values: Iterable[str]) -> Hashes:
    """The lower 64 bits of each text's MD5, as the engine's `md5_number_lower` gives them."""
    digests = b"".join([hashlib.md5(text.encode(), usedforsecurity=False).digest() for text in values])
    return np.frombuffer(digests, dtype="<u8").reshape(-1, 2)[:, 1].astype(np.uint64)


def registers_of(hashes: Hashes) -> bytes:
    """The registers after these hashes: of each the greatest place of the first bit that is set."""
    registers = np.zeros(REGISTERS, np.uint8)
    low = (hashes & _RANKS).astype(np.float64)  # exact: 53 bits
    ranks = (_RANK_BITS + 1 - np.frexp(low)[1]).astype(np.uint8)
    np.maximum.at(registers, (hashes >> np.uint64(_RANK_BITS)).astype(np.intp), ranks)
    return registers.tobytes()


def merged_registers(parts: Sequence[bytes]) -> bytes:
    """The registers of all parts together."""
    if len(parts) == 1:
        return parts[0]
    stacked = np.frombuffer(b"".join(parts), np.uint8).reshape(len(parts), REGISTERS)
    return np.maximum.reduce(stacked, axis=0).tobytes()


def estimate(registers: bytes) -> int:
    """The number of different values, by Ertl's estimator (2017, arXiv 1702.01284, algorithm 6), good at every size."""
    tally = np.bincount(np.frombuffer(registers, np.uint8), minlength=_RANK_BITS + 2)
    total = REGISTERS * _tau(1 - tally[_RANK_BITS + 1] / REGISTERS)
    for rank in range(_RANK_BITS, 0, -1):
        total = 0.5 * (total + tally[rank])
    total += REGISTERS * _sigma(tally[0] / REGISTERS)
    return round(REGISTERS * REGISTERS / (2 * math.log(2)) / total) if total < math.inf else 0


def _tau(x: float) -> float:
    if x in (0.0, 1.0):
        return 0.0
    y, z = 1.0, 1 - x
    while True:
        x, before, y = math.sqrt(x), z, y * 0.5
        z -= (1 - x) ** 2 * y
        if z == before:
            return z / 3


def _sigma(x: float) -> float:
    if x == 1.0:
        return math.inf
    y, z = 1.0, x
    while True:
        x, before = x * x, z
        z += x * y
        y += y
        if z == before:
            return z
