"""How numeric columns vary together: sums by pair that merge over blocks, and the correlations that they give."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_COLUMNS = 64
"""Columns that are told in pairs; sums grow with their square."""


@dataclass(frozen=True, slots=True, eq=False)
class Comoments:
    """By pair (i, j) of `names`, over the rows where both have a value: how many (`count`), the mean of i (`mean`), the sum
    of squared deviations of i (`square`) and of products of deviations (`product`); arrays (k, k).
    """

    names: tuple[str, ...]
    count: Floats
    mean: Floats
    square: Floats
    product: Floats

    def correlations(self) -> Floats:
        """Pearson's correlations (k, k) over complete pairs; NaN where a column does not vary or a pair is too few."""
        with np.errstate(invalid="ignore", divide="ignore"):
            found = self.product / np.sqrt(self.square * self.square.T)
        found[self.count < 3] = np.nan
        return np.clip(found, -1.0, 1.0)


def comoments_of(columns: Mapping[str, Floats]) -> Comoments:
    """The sums of columns of one length (float64, NaN for missing; infinite values count as missing)."""
    names = tuple(columns)[:MOST_COLUMNS]
    values = np.array([columns[name] for name in names]).reshape(len(names), -1)
    known = np.isfinite(values)
    if known.all():
        count = np.full((len(names), len(names)), float(values.shape[1]))
        means = values.mean(axis=1) if values.shape[1] else np.zeros(len(names))
        away = values - means[:, None]
        product = away @ away.T
        mean = np.repeat(means[:, None], len(names), axis=1)
        return Comoments(names, count, mean, np.repeat(np.diag(product)[:, None], len(names), axis=1), product)
    gaps = np.flatnonzero(~known.all(axis=1))
    rows = known.sum(axis=1).astype(np.float64)
    away = np.where(known, values, 0.0)
    origin = np.divide(away.sum(axis=1), rows, out=np.zeros(len(names)), where=rows > 0)
    away -= origin[:, None]  # sums lose less around each column's mean
    away[gaps] *= known[gaps]
    product = away @ away.T
    # beside a column without gaps a column counts whole: its deviations add up to 0
    count = np.repeat(rows[:, None], len(names), axis=1)
    total = np.zeros_like(count)
    square = np.repeat(np.diag(product)[:, None], len(names), axis=1)
    there = known[gaps].astype(np.float64).T
    count[:, gaps] = known.astype(np.float64) @ there
    total[:, gaps], square[:, gaps] = away @ there, (away * away) @ there
    shift = np.divide(total, count, out=np.zeros_like(total), where=count > 0)
    return Comoments(names, count, origin[:, None] + shift, square - total * shift, product - count * shift * shift.T)


def merged_comoments(parts: Sequence[Comoments]) -> Comoments | None:
    """The sums of all parts together, for the columns that every part tells; None without parts."""
    if not parts:
        return None
    names = tuple(name for name in parts[0].names if all(name in part.names for part in parts))
    placed = [_chosen(part, names) for part in parts]
    count, mean, square, product = (np.array([part[place] for part in placed]) for place in range(4))
    total = count.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = np.where(total > 0, (count * mean).sum(axis=0) / total, 0.0)
    away = mean - centre
    return Comoments(
        names,
        total,
        centre,
        (square + count * away * away).sum(axis=0),
        (product + count * away * np.swapaxes(away, 1, 2)).sum(axis=0),
    )


def _chosen(part: Comoments, names: tuple[str, ...]) -> tuple[Floats, Floats, Floats, Floats]:
    sums = (part.count, part.mean, part.square, part.product)
    if names == part.names:
        return sums
    places = np.ix_(*[[part.names.index(name) for name in names]] * 2)
    count, mean, square, product = (array[places] for array in sums)
    return count, mean, square, product


def comoments_to_bytes(sums: Comoments) -> bytes:
    """The sums as a BLOB."""
    names = json.dumps(sums.names).encode()
    arrays = np.array([sums.count, sums.mean, sums.square, sums.product])
    return struct.pack("<I", len(names)) + names + arrays.tobytes()


def comoments_from_bytes(blob: bytes) -> Comoments:
    """The sums that `comoments_to_bytes` wrote."""
    (size,) = struct.unpack_from("<I", blob)
    names = tuple(json.loads(blob[4 : 4 + size]))
    count, mean, square, product = np.frombuffer(blob[4 + size :]).reshape(4, len(names), len(names))
    return Comoments(names, count, mean, square, product)
