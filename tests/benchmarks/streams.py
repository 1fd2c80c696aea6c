"""Simulated files of twenty columns, profiled as files are, with what a whole file or neighbouring rows may have in common.

Every column is made of normal deviates: as they are, exponentiated, cut into whole numbers or into categories. An effect of a
file moves its deviates, so that what it does to a column is the same whatever the column is made into.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import signal, stats

from mlops_tui.data.engine.moments import moments_of
from mlops_tui.data.engine.points import read_points
from mlops_tui.data.engine.profiling import merge, profile_columns
from mlops_tui.data.engine.stream import Counted, Values
from mlops_tui.data.profile import ColumnProfile, Moments, Points, Profile

Floats = NDArray[np.float64]

BLOCK = 10_000
"""Rows of a block of a long file."""

SIGMA = 1.5
"""Of the logarithm of the skewed columns."""

LACKING = 0.05
"""Share of the rows without a value, in the columns that lack some."""


def _falling(classes: int) -> Floats:
    shares = 1 / np.arange(1, classes + 1)
    return shares / shares.sum()


POISSON = stats.poisson.pmf(np.arange(15), 3)
CLASSES = {
    "whole": POISSON / POISSON.sum(),
    "three": _falling(3),
    "many": _falling(200),
    "rare": np.array([0.99, 0.01]),
}
MIXED = (*["normal"] * 6, *["skewed"] * 4, *["whole"] * 3, *["lacking"] * 2, *["three"] * 2, "many", *["rare"] * 2)
NORMAL = ("normal",) * 20
KINDS = {"normal": "numeric", "skewed": "numeric", "whole": "integer", "lacking": "numeric"}


Profiled = tuple[ColumnProfile, Moments]
Drawn = dict[bool, Iterator[Profiled]]


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """Blocks of `BLOCK` normal deviates that were profiled once, with the moments of their exponentials.

    Blocks that are drawn from it without putting them back are as good as new ones.
    """

    blocks: Sequence[Profiled]
    lacking: Sequence[Profiled]
    """The same of as many deviates as are there where some are missing."""

    @classmethod
    def of(cls, size: int, seed: int) -> Bank:
        """So many blocks, profiled by the product, and a tenth of them with fewer values."""
        draw = np.random.default_rng(seed)
        return cls(
            [_profiled(draw.standard_normal(BLOCK)) for _ in range(size)],
            [_profiled(draw.standard_normal(round(BLOCK * (1 - LACKING)))) for _ in range(size // 10)],
        )

    def drawn(self, draw: np.random.Generator) -> Drawn:
        """Blocks in any order, none of them twice; True: those where some values are missing."""
        kept = {False: self.blocks, True: self.lacking}
        return {few: iter([found[place] for place in draw.permutation(len(found))]) for few, found in kept.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """Files of the columns `made`, with an effect of each file on each column (its standard deviation in those of a row) and an
    AR(1) dependence of its rows.
    """

    made: tuple[str, ...] = MIXED
    effect: float = 0.0
    chained: float = 0.0
    bank: Bank | None = None

    def files(self, draw: np.random.Generator, sizes: Sequence[int], moved: float = 0.0) -> list[list[Profile]]:
        """The blocks of each file of so many rows; the first column of all `moved` by so many standard deviations."""
        entries = {} if self.bank is None else self.bank.drawn(draw)
        found = []
        for size in sizes:
            shifts = self.effect * draw.standard_normal((2, len(self.made)))
            shifts[0, 0] += moved
            blocks = [BLOCK] * (size // BLOCK) + [size % BLOCK] * (size % BLOCK > 0)
            found.append([self._block(draw, rows, shifts, entries) for rows in blocks])
        return found

    def _block(self, draw: np.random.Generator, rows: int, shifts: Floats, entries: Drawn) -> Profile:
        if rows == BLOCK and self.bank is not None and not self.chained:
            return self._drawn(draw, shifts, entries)
        columns: dict[str, Values] = {}
        for place, made in enumerate(self.made):
            values = self._deviates(draw, rows) + shifts[0, place]
            name = f"{made} {place}"
            if made in CLASSES:
                bounds = stats.norm.ppf(np.cumsum(CLASSES[made])[:-1])
                found = np.searchsorted(bounds, values)
                columns[name] = found.astype(np.float64) if made == "whole" else _counted(found)
                continue
            if made == "skewed":
                values = np.exp(SIGMA * values)
            if made == "lacking":
                gone = self._deviates(draw, rows) + shifts[1, place]
                values[gone < stats.norm.ppf(LACKING)] = np.nan
            columns[name] = values
        return profile_columns(columns, {name: KINDS.get(name.split()[0], "category") for name in columns})

    def _deviates(self, draw: np.random.Generator, rows: int) -> Floats:
        steps = draw.standard_normal(rows)
        if not self.chained:
            return steps
        scale = np.sqrt(1 - self.chained**2)
        first = draw.standard_normal() * self.chained
        return np.asarray(signal.lfilter([scale], [1, -self.chained], steps, zi=[first])[0])

    def _drawn(self, draw: np.random.Generator, shifts: Floats, entries: Drawn) -> Profile:
        """As above, from the bank and by drawing the counts themselves."""
        columns = list[ColumnProfile]()
        for place, made in enumerate(self.made):
            name, shift = f"{made} {place}", float(shifts[0, place])
            if made in CLASSES:
                columns.append(_told(name, made, draw.multinomial(BLOCK, _moved(CLASSES[made], shift))))
                continue
            column, exponentials = next(entries[made == "lacking"])
            if made == "skewed":
                factor = math.exp(SIGMA * shift)
                column = _mapped(column, name, lambda v: np.exp(SIGMA * v), exponentials, (factor, 0.0))
            else:
                column = _mapped(column, name, lambda v: v, column.moments, (1.0, shift))
            if made == "lacking":
                share = stats.norm.cdf(stats.norm.ppf(LACKING) - shifts[1, place])
                column = _with(column, BLOCK - int(draw.binomial(BLOCK, share)))
            columns.append(column)
        return Profile(BLOCK, tuple(columns))


def _profiled(values: Floats) -> Profiled:
    (column,) = profile_columns({"x": values}, {"x": "numeric"}).columns
    return column, moments_of(np.exp(SIGMA * values))


def whole(blocks: Sequence[Profile]) -> Profile:
    """All blocks as one."""
    return blocks[0] if len(blocks) == 1 else merge(blocks)


def _counted(found: NDArray[np.intp]) -> Counted:
    counts = np.bincount(found)
    return Counted({f"v{place}": int(count) for place, count in enumerate(counts) if count}, 0)


def _moved(shares: Floats, shift: float) -> Floats:
    """The shares of classes that are cut from deviates, after these have moved."""
    bounds = stats.norm.ppf(np.cumsum(shares)[:-1])
    found = np.diff(stats.norm.cdf(bounds - shift), prepend=0.0, append=1.0)
    return np.asarray(found / found.sum())


def _told(name: str, made: str, counts: NDArray[np.int64]) -> ColumnProfile:
    if made != "whole":
        told = {f"v{place}": int(count) for place, count in enumerate(counts) if count}
        return ColumnProfile(name, "category", BLOCK, 0, counts=told)
    values = np.flatnonzero(counts).astype(np.float64)
    weights = counts[counts > 0].astype(np.float64)
    mean = float(np.average(values, weights=weights))
    sums = [float(np.dot(weights, (values - mean) ** power)) for power in (2, 3)]
    moments = Moments(BLOCK, float(values[0]), float(values[-1]), mean, *sums)
    return ColumnProfile(name, "integer", BLOCK, 0, moments, Points(values.tobytes(), weights.tobytes()))


def _with(column: ColumnProfile, present: int) -> ColumnProfile:
    """The column in a whole block where so many values are there, a few more or fewer than were drawn."""
    assert column.points is not None
    assert column.moments is not None
    more = present / column.moments.count
    points = column.points
    weights = np.frombuffer(points.weights) * more
    return replace(
        column,
        rows=BLOCK,
        missing=BLOCK - present,
        points=replace(points, weights=weights.tobytes(), bound=points.bound * more, deviation=points.deviation * more),
        moments=replace(column.moments, count=present, m2=column.moments.m2 * more, m3=column.moments.m3 * more),
    )


def _mapped(
    column: ColumnProfile, name: str, of: Callable[[Floats], Floats], moments: Moments | None, line: tuple[float, float]
) -> ColumnProfile:
    """The profile of values that were mapped by a rising function and then by (factor, summand): points keep their ranks.

    `moments` are those before the second step.
    """
    assert column.points is not None
    assert moments is not None
    (factor, summand), m = line, moments
    bounds = (factor * bound + summand for bound in (m.minimum, m.maximum, m.mean))
    moved = Moments(m.count, *bounds, factor**2 * m.m2, factor**3 * m.m3)
    values = factor * of(read_points(column.points)[0]) + summand
    return replace(column, name=name, moments=moved, points=replace(column.points, values=values.tobytes()))
