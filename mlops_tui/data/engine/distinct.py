"""How many different values there are: their hashes where they are few, else HyperLogLog registers (Flajolet et al. 2007).

Both are kept as bytes and merge with each other; which of them it is follows from the values alone, not from how they were
merged. Hashes do not depend on the process, the platform or a library's version, so that registers of any two files merge.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mlops_tui.data.profile import TOLD_APART

Hashes = NDArray[np.uint64]

INDEX_BITS = 11
REGISTERS = 1 << INDEX_BITS
"""A relative error of 1.04 / √2048 = 2.3 % (one standard deviation)."""

_SPARSE = np.array([255], "<u8").tobytes()
"""What hashes begin with, and then their number; no register begins so."""
_SPARSE_HEAD = 2 * len(_SPARSE)

_RANK_BITS = 64 - INDEX_BITS
_RANKS = np.uint64((1 << _RANK_BITS) - 1)


def registers_of(hashes: Hashes) -> bytes:
    """What is kept of these hashes: the different ones where they are few, else the registers."""
    if hashes.size <= 2 * TOLD_APART:
        return _kept(np.unique(hashes))
    registers = _registers(hashes)
    return registers if estimate(registers) > 2 * TOLD_APART else _kept(np.unique(hashes))


def _kept(different: Hashes) -> bytes:
    if len(different) > TOLD_APART:
        return _registers(different)
    return _SPARSE + np.array([len(different)], "<u8").tobytes() + different.astype("<u8").tobytes()


def _registers(hashes: Hashes) -> bytes:
    """Of each register the greatest place of the first bit that is set."""
    registers = np.zeros(REGISTERS, np.uint8)
    low = (hashes & _RANKS).astype(np.float64)  # exact: 53 bits
    ranks = (_RANK_BITS + 1 - np.frexp(low)[1]).astype(np.uint8)
    np.maximum.at(registers, (hashes >> np.uint64(_RANK_BITS)).astype(np.intp), ranks)
    return registers.tobytes()


def merged_registers(parts: Sequence[bytes]) -> bytes:
    """What is kept of the values of all parts together."""
    if len(parts) == 1:
        return parts[0]
    dense = [part for part in parts if not part.startswith(_SPARSE)]
    few = [part[_SPARSE_HEAD:] for part in parts if part.startswith(_SPARSE)]
    if few:
        hashes = np.frombuffer(b"".join(few), "<u8").astype(np.uint64)
        if not dense:
            return registers_of(hashes)
        dense.append(_registers(hashes))
    stacked = np.frombuffer(b"".join(dense), np.uint8).reshape(len(dense), REGISTERS)
    return np.maximum.reduce(stacked, axis=0).tobytes()


def size_of(blob: bytes, start: int) -> int:
    """How many of the bytes from `start` on are those that are kept of values."""
    if blob[start : start + len(_SPARSE)] != _SPARSE:
        return REGISTERS
    return _SPARSE_HEAD + 8 * int.from_bytes(blob[start + len(_SPARSE) : start + _SPARSE_HEAD], "little")


def estimate(registers: bytes) -> int:
    """The number of different values: exact where they are few, else by Ertl's estimator (2017, arXiv 1702.01284, algorithm 6),
    good at every size.
    """
    if registers.startswith(_SPARSE):
        return (len(registers) - _SPARSE_HEAD) // 8
    tally = np.bincount(np.frombuffer(registers, np.uint8), minlength=_RANK_BITS + 2)
    total = REGISTERS * _tau(1 - tally[_RANK_BITS + 1] / REGISTERS)
    for rank in range(_RANK_BITS, 0, -1):
        total = 0.5 * (total + tally[rank])
    total += REGISTERS * _sigma(tally[0] / REGISTERS)
    return max(TOLD_APART + 1, round(REGISTERS * REGISTERS / (2 * math.log(2)) / total))


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
