"""How well rows are put together again from what hangs together in a reference: reconstruction by principal components, with a band.

The figure is NannyML's: missing values are imputed by the reference's mean or most frequent value, categories stand for their share in it (0 of
one that it lacks), columns are standardised by it, as many principal components are kept as hold `KEPT` of the variance, and the mean
Euclidean distance between rows and what these make of them is told. It grows, or shrinks, as columns no longer move together as they did,
though each by itself stays as it was.

The band is not theirs. Components are learnt from one part of the reference; the distances of the other part are those of rows that
nothing was learnt from, as the current ones are. If both came from one source, any rows of the two could have been the current ones: the
band is what the figure comes to for as many rows drawn from both together (a permutation test, Pitman 1937), so that it holds however skewed
distances are. Its width grows by what files vary between each other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.decomposition import PCA

from mlops_tui.monitoring.engine.drawn import Drawn
from mlops_tui.monitoring.engine.variation import CAUTION
from mlops_tui.monitoring.model import MIN_BLOCKS
from mlops_tui.monitoring.multivariate import Reconstructed

Array = np.ndarray[Any, Any]

KEPT = 0.65
"""The share of the variance that components keep."""
LEARNT = 3
"""Components are learnt from one row of so many of the reference; few rows tell them, and many the band."""
LEVEL = 0.002
"""A clean window is outside of its band, on either side, with this chance."""
FLOOR = 0.1
"""From which effect on it matters, in standard deviations of a row's own distance."""
LEAST_ROWS = 50
DRAWS = 10_000
FURTHEST = 1e6
"""No value counts as more standard deviations than these: its square would be endless."""
LEAST_DEVIATION = 1e-3
"""Distances that vary less do not vary: what is left then is rounding."""


class CannotTell(Exception):
    """Why nothing can be told, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Coding:
    """How a column becomes a number, and what is taken off it and divided by; `shares` of a category's values, None of a number."""

    shares: Mapping[str, float] | None
    filled: Any
    scale: float
    mean: float
    deviation: float

    def standardised(self, column: pd.Series) -> Array:
        """Shape (rows,), within `FURTHEST` standard deviations of the reference; never NaN."""
        if self.shares is None:
            found = _numbers(column)
            values: Array = np.where(np.isfinite(found), found, self.filled) / self.scale
        else:
            texts = _texts(column)
            values = texts.where(texts.notna(), self.filled).map(self.shares).fillna(0.0).to_numpy(dtype=float)
        with np.errstate(over="ignore"):  # a distance that is endless is as far as any
            return np.clip((values - self.mean) / self.deviation, -FURTHEST, FURTHEST)


@dataclass(frozen=True, slots=True)
class Components:
    """What was learnt: the coding of each column that varies, the mean of the codes, and the components, shape (components, columns)."""

    codings: Mapping[str, Coding]
    mean: Array
    axes: Array

    def distances(self, frame: pd.DataFrame) -> Array:
        """How far each row is from what the components make of it, shape (rows,)."""
        codes = np.column_stack([one.standardised(frame[name]) for name, one in self.codings.items()]) - self.mean
        return np.asarray(np.linalg.norm(codes - codes @ self.axes.T @ self.axes, axis=1))


def learn(frame: pd.DataFrame) -> Components:
    """Components of rows of the reference. Raises CannotTell where nothing is left that they would have to put together."""
    codings = {str(name): one for name in frame.columns if (one := _coding(frame[name])) is not None}
    if len(codings) < 2:
        varying = "one column varies" if codings else "no column varies"
        raise CannotTell(f"{varying} in the reference, and two are needed")
    codes = np.column_stack([one.standardised(frame[name]) for name, one in codings.items()])
    found = PCA(KEPT, svd_solver="full").fit(codes)
    if found.n_components_ == len(codings):
        raise CannotTell(
            f"its {len(codings)} columns hang together too little: as many components keep {KEPT:.0%} of what varies"
        )
    return Components(codings, found.mean_, found.components_)


def reconstruction(reference: Drawn, current: Drawn, seed: int = 0) -> Reconstructed:
    """The reconstruction error of current rows beside its band; both frames have the same columns."""
    try:
        return _told(reference, current, seed)
    except CannotTell as why:
        return Reconstructed(None, f"cannot tell, because {why}")


def _told(reference: Drawn, current: Drawn, seed: int) -> Reconstructed:
    draw = np.random.default_rng(seed)
    for rows, least, side in (
        (len(reference.frame), 2 * LEAST_ROWS, "the reference"),
        (len(current.frame), LEAST_ROWS, "the window"),
    ):
        if rows < least:
            raise CannotTell(f"{side} has {rows} rows, and {least} are needed")
    order = draw.permutation(len(reference.frame))
    many = len(order) // LEARNT
    learnt, others = np.sort(order[:many]), np.sort(order[many:])
    components = learn(reference.frame.iloc[learnt])
    held = components.distances(reference.frame.iloc[others])
    now = components.distances(current.frame)
    files = Files(reference.of_file[others], reference.file_rows, current.files, current.file_rows)
    band = _band(held, now, files, draw)
    expected, error = float(held.mean()), float(now.mean())
    effect = (error - expected) / max(float(held.std()), LEAST_DEVIATION)
    low, high = max(0.0, expected + band.low), expected + band.high
    is_outside = not low <= error <= high
    return Reconstructed(
        is_outside and abs(effect) >= FLOOR,
        _why(error, expected, (low, high), effect),
        error,
        expected,
        low,
        high,
        effect,
        len(components.axes),
        len(now),
        len(held),
        band.files,
        band.inflation,
    )


def _why(error: float, expected: float, band: tuple[float, float], effect: float) -> str:
    low, high = band
    by_chance = f"{low:.3f} to {high:.3f} by chance"
    said = f"reconstruction error {error:.3f} ({expected:.3f} in the reference, {by_chance})"
    if low <= error <= high:
        return f"rows fit what hangs together in the reference, {said}"
    if abs(effect) < FLOOR:
        return f"rows fit it otherwise by less than matters, {said}: {abs(effect):.2f} sd, and the floor is {FLOOR:g}"
    return f"rows fit {'less' if error > expected else 'closer'} to what hangs together in the reference, {said}"


@dataclass(frozen=True, slots=True)
class Files:
    """Which file each row of the reference is of, and how many rows such a file has in the mean; the same of the `current` files."""

    of_row: Array
    size: float
    current: int
    current_size: float


@dataclass(frozen=True, slots=True)
class Band:
    """How far the mean distance of clean rows lies from the reference's, at the least and at the most; the rest as `Reconstructed`."""

    low: float
    high: float
    files: int | None
    inflation: float | None


def _band(held: Array, now: Array, files: Files, draw: np.random.Generator) -> Band:
    low, high = np.quantile(_by_chance(held, now, draw), [LEVEL / 2, 1 - LEVEL / 2])
    variance = float(held.var(ddof=1))
    between = _between(held, files.of_row)
    if between is None or not variance:
        return Band(float(low), float(high), None, None)
    many, excess = between
    # What rows have in common may be the file, or rows near each other, of which a smaller file has fewer.
    more = excess / variance * (max(1.0, files.size / files.current_size) / files.current + 1 / many)
    whole = 1 + more / (1 / len(held) + 1 / len(now))
    freedom = (many - 1) * (whole / (whole - 1)) ** 2 if whole > 1 else math.inf
    wider = math.sqrt(whole) * float(stats.t.isf(LEVEL / 2, freedom) / stats.norm.isf(LEVEL / 2))
    return Band(float(low) * wider, float(high) * wider, many, whole)


def _by_chance(held: Array, now: Array, draw: np.random.Generator) -> Array:
    """How far the mean of so many rows as `now` lies from that of the others, as both are drawn from all, shape (`DRAWS`,)."""
    pool, few = np.concatenate((held, now)), min(len(held), len(now))
    many, total = len(pool) - few, float(pool.sum())
    sums = np.array([pool[draw.choice(len(pool), few, replace=False, shuffle=False)].sum() for _ in range(DRAWS)])
    away = sums / few - (total - sums) / many
    return away if few == len(now) else -away


def _between(values: Array, of_file: Array) -> tuple[int, float] | None:
    """How many files there are, and the variance between their means beyond that of independent rows, with `CAUTION` standard errors on
    it (one-way analysis of variance, unbalanced); None of fewer than `MIN_BLOCKS`.
    """
    _, place, counts = np.unique(of_file, return_inverse=True, return_counts=True)
    files, rows = len(counts), len(values)
    if files < MIN_BLOCKS or rows <= files:
        return None
    means = np.bincount(place, values) / counts
    among = float((counts * (means - values.mean()) ** 2).sum()) / (files - 1)
    within = float(((values - means[place]) ** 2).sum()) / (rows - files)
    size = (rows - float((counts**2).sum()) / rows) / (files - 1)
    error = math.sqrt(2 * (among**2 / (files - 1) + within**2 / (rows - files))) / size
    return files, max(0.0, (among - within) / size) + CAUTION * error


def _coding(column: pd.Series) -> Coding | None:
    """How the column becomes a number; None of one that does not vary."""
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        found = _numbers(column)
        finite = found[np.isfinite(found)]
        scale = float(np.abs(finite).max(initial=0.0)) or 1.0
        filled = float((finite / scale).mean() * scale) if len(finite) else 0.0
        return _scaled(np.where(np.isfinite(found), found, filled) / scale, None, filled, scale)
    texts = _texts(column)
    counts = texts.value_counts()
    if not len(counts):
        return None
    filled = min(counts.index[counts == counts.max()])
    shares = texts.fillna(filled).value_counts(normalize=True)
    told = {str(text): float(share) for text, share in shares.items()}
    return _scaled(texts.fillna(filled).map(told).to_numpy(dtype=float), told, filled, 1.0)


def _scaled(values: Array, shares: Mapping[str, float] | None, filled: Any, scale: float) -> Coding | None:
    mean, deviation = float(values.mean()), float(values.std())
    # A deviation of rounding alone is none.
    if not deviation > 1e-12 * float(np.abs(values).max()):
        return None
    return Coding(shares, filled, scale, mean, deviation)


def _numbers(column: pd.Series) -> Array:
    return column.to_numpy(dtype=float, na_value=np.nan)


def _texts(column: pd.Series) -> pd.Series:
    return column.astype("object").map(lambda value: None if pd.isna(value) else str(value))
