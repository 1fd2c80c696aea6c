"""Which rows a block holds, as a sketch: the smallest hashes of them, so that two files tell how much they share.

Bottom-k sketches (Bar-Yossef et al. 2002; Beyer et al. 2007). A row's hash is that of its values by their kinds and by the
columns' names, so that it is the same in every format. The hashes are the engine's, which another version of it may make
otherwise: they are kept with its name, and only those of one name are compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
from numpy.typing import NDArray

KEPT = 512
"""Hashes that a block keeps: a share of 50 % is told within ± 4.4 % (two standard deviations)."""

COMPARED = 8 * KEPT
"""So many hashes of a file are compared: a small file that lies in a large one needs more than one block's."""

_ENGINE = f"values, duckdb {duckdb.__version__}".encode()[:32].ljust(32)
_ALL = int(np.iinfo(np.uint64).max)

Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class RowSketch:
    """The hashes of a file's different rows up to a `limit`, ascending; all of them where the limit is the greatest hash."""

    hashes: Hashes
    limit: int

    @property
    def is_whole(self) -> bool:
        """Whether it has every row."""
        return self.limit == _ALL

    @property
    def different(self) -> float:
        """About how many different rows there are."""
        return len(self.hashes) if self.is_whole else (len(self.hashes) - 1) * _ALL / self.limit


def smallest(hashes: Hashes) -> bytes:
    """The sketch of rows with these hashes."""
    few = np.partition(hashes, 4 * KEPT)[: 4 * KEPT] if hashes.size > 4 * KEPT else hashes
    different = np.unique(few)
    if len(different) < KEPT:  # rows that come many times over
        different = np.unique(hashes)
    return _ENGINE + different[:KEPT].tobytes()


def sketch_of(blocks: Sequence[bytes]) -> RowSketch | None:
    """The sketch of the rows of all blocks; None where there is none, or one of another engine's version."""
    if not blocks or not all(block.startswith(_ENGINE) for block in blocks):
        return None
    parts = [np.frombuffer(block[len(_ENGINE) :], np.uint64) for block in blocks]
    limit = min(int(part[-1]) if len(part) == KEPT else _ALL for part in parts)
    found = np.unique(np.concatenate(parts))
    found = found[: np.searchsorted(found, np.uint64(limit), side="right")]
    if len(found) > COMPARED:
        found, limit = found[:COMPARED], int(found[COMPARED - 1])
    return RowSketch(found, limit)


def shared(ours: RowSketch, theirs: RowSketch) -> tuple[float | None, int]:
    """The share of our different rows that are theirs too, 0 to 1 (None where it cannot be told), and by how many."""
    limit = np.uint64(min(ours.limit, theirs.limit))  # below that both are complete
    a, b = (one.hashes[: np.searchsorted(one.hashes, limit, side="right")] for one in (ours, theirs))
    if not len(a):
        return None, 0
    common = len(np.intersect1d(a, b, assume_unique=True))
    return common / len(a), common
