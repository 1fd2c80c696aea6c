"""How much the blocks of a reference vary between each other, beside what independent rows would."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from scipy import stats

from mlops_tui.data.engine.points import merged_points, quantiles_of
from mlops_tui.data.profile import ColumnProfile, Points, Profile
from mlops_tui.monitoring.engine.homogeneity import MIN_EXPECTED, NONE, Inflation
from mlops_tui.monitoring.engine.sample import Floats
from mlops_tui.monitoring.model import MIN_BLOCKS

VALUES, MISSING = "values", "missing"
"""What of a column varies."""

CAUTION = 1.0
"""So many standard errors are added to an estimated excess, which is at least 0: a little of it in small blocks is much in a
large file.
"""

APART = 2.5
"""A column so many standard deviations above all others has a variation of its own."""

UNASKED = frozenset({"date-time", "identifier"})
"""Kinds that move by themselves, or never come back."""

UNLIKE = 0.02
"""Columns that vary each in its own way are told by a test at this level; then each is judged by its own variation where
that is greater.
"""

LONGEST = 0.95
"""What successive files have in common is taken to fade by this from file to file at least: a trend never does."""

Key = tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """How the blocks of one column vary in one respect.

    The unit is the variance that independent rows would give a block in the direction in which they vary most. `excess` is
    what there is beyond it, in all directions together: n·V/σ² − 1 where V is the variance of the means of blocks of n rows
    and σ² that of rows. `directions` is how many it spreads over at least. `parts` are the blocks' own shares of the whole
    (NaN of a block without rows), of `rows` rows each in the mean; `others` is what independent rows vary in the other
    directions, as a sum of squares. `successive` is what a block and the next one have in common, as `excess` is what the rows of one
    have.
    """

    excess: float
    directions: float
    parts: Floats
    rows: float
    others: float
    successive: float
    counted: bool = False

    @property
    def freedom(self) -> int:
        """Blocks with rows, less one."""
        return int(np.isfinite(self.parts).sum()) - 1

    def deviation(self, excess: float) -> float:
        """The standard deviation of the estimated excess if that were the true one (of a sum of weighted chi-squares)."""
        return math.sqrt(2 * (self.others + (1 + max(0.0, excess)) ** 2) / self.freedom)


@dataclass(frozen=True, slots=True)
class Pool:
    """The excess over columns of a sort, with its standard `error`; whether they are `alike` in it, as far as can be seen."""

    excess: float
    error: float
    successive: float
    alike: bool
    """Of shares never: rare classes feel an effect less than frequent ones."""

    @property
    def most(self) -> float:
        """What is reckoned with."""
        return max(0.0, self.excess) + CAUTION * self.error

    @property
    def most_successive(self) -> float:
        """What is reckoned with of successive blocks."""
        return self.successive + CAUTION * self.error / math.sqrt(2)


@dataclass(frozen=True, slots=True, eq=False)
class Variation:
    """The variation between `blocks` blocks of `rows` rows each in the mean: of each column, and pooled over columns of
    numbers and over shares that are counted. Without pools nothing is known.
    """

    blocks: int = 0
    rows: float = 0.0
    spreads: Mapping[Key, Spread] = field(default_factory=dict)
    pools: Mapping[bool, Pool] = field(default_factory=dict)

    def inflation(
        self, name: str, about: str, sizes: tuple[float, float], *, counted: bool, together: float = 1.0
    ) -> Inflation:
        """How much more a difference of that column varies between (reference, current) rows than if they were independent.

        The excess e of a block of b rows may come of rows that hang together, then that of m rows is e too; or of what
        a whole file has in common, then it is e·m/b, m being the rows that are `together` in a file where these are of several.
        They cannot be told apart from blocks of one size, so the greater one is taken. Successive files may have something in common
        too: as much as successive blocks have, and less by the same share from file to file. The degrees of freedom are those of the blocks, more where most of the variance is that of
        independent rows, which is known (Satterthwaite 1946).
        """
        if not self.pools or not all(sizes):
            return NONE
        own = self.spreads.get((name, about))
        pool = self.pools.get(counted) or next(iter(self.pools.values()))
        excess, directions, freedom = pool.most, 1.0, self.blocks - 1
        successive = pool.most_successive
        if own is not None and not (pool.alike and own.excess <= pool.excess + APART * own.deviation(pool.excess)):
            alone = own.excess + CAUTION * own.deviation(own.excess)
            if alone > excess:
                excess, directions = alone, own.directions
                successive = own.successive + CAUTION * own.deviation(own.excess) / math.sqrt(2)
            freedom = own.freedom
        reference, current = sizes
        share = successive / excess if excess and together < 1 else 0.0  # beside one file its own effect outweighs that
        files, ours = _in_common(share, 1 / together), excess * _in_common(share, self.blocks)
        blocks = current / (self.rows if own is None else own.rows)
        theirs = excess * min(max(1.0, together * blocks) * files, max(1.0, blocks))
        whole = (theirs / current + ours / reference) / (1 / current + 1 / reference)
        return Inflation(whole, directions, freedom * ((1 + whole) / whole) ** 2) if whole else NONE


def _in_common(share: float, files: float) -> float:
    """How many times the variance of a mean of so many successive files is that of files that have nothing in common, where two of
    them k apart have the k-th power of the share (an autoregressive process of the first order).
    """
    share, steps = min(max(share, 0.0), LONGEST), np.arange(1, max(1, round(files)))
    return 1 + 2 * float(((1 - steps / files) * share**steps).sum())


def variation(blocks: Sequence[Profile], ignored: Collection[str] = ()) -> Variation:
    """How the columns that are judged vary between blocks; of fewer than `MIN_BLOCKS` only their number is told."""
    if len(blocks) < MIN_BLOCKS:
        return Variation(len(blocks))
    by_name = [{column.name: column for column in block.columns if column.kind not in UNASKED} for block in blocks]
    spreads = dict[Key, Spread]()
    for name in dict.fromkeys(chain.from_iterable(by_name)):
        columns = [] if name in ignored else [columns.get(name) for columns in by_name]
        for about, found in zip((VALUES, MISSING), _spreads(columns), strict=True):
            if found is not None and found.freedom >= MIN_BLOCKS - 1:
                spreads[name, about] = found
    sorts = {counted: [one for one in spreads.values() if one.counted == counted] for counted in (False, True)}
    pools = {counted: _pooled(found) for counted, found in sorts.items() if found}
    return Variation(len(blocks), sum(block.rows for block in blocks) / len(blocks), spreads, pools)


def _spreads(columns: Sequence[ColumnProfile | None]) -> tuple[Spread | None, Spread | None]:
    """Of the values and of the missing ones (which are one of the values where these are counted)."""
    there = [column for column in columns if column is not None]
    if there and all(column.points is not None for column in there):
        present = [0 if c is None or c.moments is None else c.moments.count for c in columns]
        lacking = [0 if c is None else c.rows - n for c, n in zip(columns, present, strict=True)]
        return _of_numbers(columns), _of_counts(np.array([lacking, present], dtype=np.float64).T)
    if there and all(column.counts is not None for column in there):
        return _of_counts(_table(columns)), None
    return None, None


def _of_numbers(columns: Sequence[ColumnProfile | None]) -> Spread | None:
    """Of the shares of rows up to each decile of all blocks together."""
    held = [None if c is None or c.points is None or not c.points.values else c.points for c in columns]
    points = [part for part in held if part is not None]
    if len(points) < 2:
        return None
    whole = merged_points(points)
    grid = np.unique(quantiles_of(whole, np.arange(1, 10) / 10))
    grid = grid[grid < np.frombuffer(whole.values)[-1]]
    if not len(grid):
        return None
    shares, rows, noise = np.full((len(held), len(grid)), np.nan), np.full(len(held), np.nan), np.zeros(len(held))
    for place, part in enumerate(held):
        if part is not None:
            below = np.searchsorted(np.frombuffer(part.values), grid, side="right")
            heaped = _heaped(part)
            rows[place] = heaped[-1]
            shares[place] = heaped[below] / heaped[-1]
            noise[place] = (part.deviation / heaped[-1]) ** 2
    centre = np.nansum(rows[:, None] * shares, axis=0) / np.nansum(rows)
    bridge = np.minimum.outer(centre, centre) - np.outer(centre, centre)
    most = float(np.linalg.eigvalsh(bridge)[-1])
    # What a sketch adds to the variance of a share is no variation of the rows.
    parts = rows * (((shares - centre) ** 2).sum(axis=1) - len(grid) * noise) / most
    excess = np.nansum(parts) / (len(points) - 1) - np.trace(bridge) / most
    successive = _successive(np.sqrt(rows / most)[:, None] * (shares - centre))
    others = float((bridge**2).sum() / most**2 - 1)
    return Spread(float(excess), 1.0, parts, float(np.nanmean(rows)), others, successive)


def _heaped(part: Points) -> Floats:
    """The rows below each of its values, and last all of them."""
    weights, size = np.frombuffer(part.weights), len(part.values) // 8
    if len(weights) < size:  # all weigh alike
        return weights[0] * np.arange(size + 1)
    return np.concatenate(([0.0], np.cumsum(weights)))


def _successive(away: Floats) -> float:
    """What each block and the next have in common of how far they are `away` from the whole (blocks × places), NaN where there is
    nothing: the products' mean, which the whole's own error would make too small.
    """
    products, squares = (away[:-1] * away[1:]).sum(axis=1), np.square(away).sum(axis=1)
    if not np.isfinite(products).any():
        return 0.0
    return float(np.nanmean(products) + np.nanmean(squares) / np.isfinite(squares).sum())


def _table(columns: Sequence[ColumnProfile | None]) -> Floats:
    """Rows by block and class: each value, then those not counted, then the missing ones."""
    names = dict.fromkeys(chain.from_iterable(c.counts or () for c in columns if c is not None))
    lines = []
    for column in columns:
        counts = {} if column is None else column.counts or {}
        rest = [0, 0] if column is None else [column.other, column.missing]
        lines.append([*map(counts.get, names, [0] * len(names)), *rest])
    return np.array(lines, dtype=np.float64)


def _of_counts(table: Floats) -> Spread | None:
    """Of the shares of the classes (blocks × classes); those too rare in a block to be tested are one."""
    sizes = table.sum(axis=1)
    table, blocks = table[sizes > 0], int((sizes > 0).sum())
    if blocks < 2:
        return None
    rows = float(sizes.sum() / blocks)
    rare = table.sum(axis=0) / blocks < MIN_EXPECTED
    pool, table = table[:, rare].sum(axis=1), table[:, ~rare]
    if pool.sum() / blocks >= MIN_EXPECTED:
        table = np.column_stack((table, pool))
    elif table.shape[1]:
        table[:, np.argmin(table.sum(axis=0))] += pool
    classes = table.shape[1]
    if classes < 2:
        return None
    sums, shares = table.sum(axis=1, keepdims=True), table.sum(axis=0) / table.sum()
    away = np.sqrt(sums) * (table / sums - shares) / np.sqrt(shares)
    parts = np.full(len(sizes), np.nan)
    parts[sizes > 0] = (away**2).sum(axis=1)
    excess = float(np.nansum(parts)) / (blocks - 1) - (classes - 1)
    gram = away.T @ away if classes < blocks else away @ away.T
    # The greatest of the blocks' own directions is greater than the true one, so there are at least so many of them.
    most = float(np.linalg.eigvalsh(gram)[-1]) / (blocks - 1) - 1
    skewed = (float((1 / shares).sum()) - classes**2 - 2 * classes + 2) / (2 * rows)
    directions = max(1.0, excess / most) if most > 0 else 1.0
    in_order = np.full((len(sizes), classes), np.nan)
    in_order[sizes > 0] = away
    others = classes - 2 + max(0.0, skewed)
    return Spread(excess, directions, parts, rows, others, _successive(in_order), counted=True)


def _pooled(spreads: Sequence[Spread]) -> Pool:
    """The excess over columns, its standard error, and whether they are alike in it.

    Weighted by their errors, those far from the others drawn in to `APART` deviations (winsorised), so that one column
    with a trend does not make all others uncertain. The error is the greater of that of independent columns and that
    which the blocks tell by themselves, since a bad week moves many columns at once.
    """
    found = np.array([spread.excess for spread in spreads])
    weights = np.array([spread.deviation(0.0) ** -2 for spread in spreads])
    order = np.argsort(found)
    heaped = np.cumsum(weights[order])
    centre = float(found[order][np.searchsorted(heaped, heaped[-1] / 2)])
    deviations = weights**-0.5
    for _ in range(3):
        deviations = np.array([spread.deviation(centre) for spread in spreads])
        near = np.clip(found, centre - APART * deviations, centre + APART * deviations)
        centre = float(np.average(near, weights=deviations**-2))
    usual = np.abs(found - centre) <= APART * deviations
    if not usual.any():
        usual[:] = True
    successive = float(np.average([one.successive for one in spreads], weights=deviations**-2 * usual))
    weights = deviations[usual] ** -2
    parts = np.array([spread.parts for spread, kept in zip(spreads, usual, strict=True) if kept])
    told = np.isfinite(parts)
    by_block = np.nansum(parts * weights[:, None], axis=0) / np.maximum((told * weights[:, None]).sum(axis=0), 1e-300)
    by_block = by_block[told.any(axis=0)]
    error = max(float(weights.sum() ** -0.5), float(np.std(by_block, ddof=1)) / math.sqrt(len(by_block)))
    differ = float((((found - centre) / deviations)[usual] ** 2).sum())
    alike = not spreads[0].counted
    return Pool(
        centre, error, successive, alike and differ <= float(stats.chi2.isf(UNLIKE, max(1, int(usual.sum()) - 1)))
    )
