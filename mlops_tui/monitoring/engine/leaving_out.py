"""What each file of a window brings of an effect: its own against the reference, and the window's without it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from mlops_tui.data.profile import ColumnProfile
from mlops_tui.monitoring.detail import Brought, FileEffect
from mlops_tui.monitoring.engine import measures
from mlops_tui.monitoring.engine.classes import Classes
from mlops_tui.monitoring.engine.description import deviation
from mlops_tui.monitoring.engine.sample import Floats, Sample

CELLS, FEWEST = 1 << 17, 2048
"""Areas are told between so many of all different values, of all files together, and of each file. Where there are no more
different values nothing is lost by that.
"""

Effects = tuple[Floats, Floats, float]
"""Of each file alone, of the window without each, and of the whole window; NaN where there is nothing to tell it from."""


def by_file(
    found: Brought, kind: str, windows: tuple[ColumnProfile, ColumnProfile], files: Sequence[tuple[str, ColumnProfile]]
) -> Brought:
    """The effect with the files of the current window (two at least), what it falls most without first.

    `windows` are the column in the reference and in the current rows, `kind` what it was compared as, `files` paths and the
    column in the rows of each, which together are the current ones.
    """
    parts = [part for _, part in files]
    if found.measure == "wasserstein":
        own, without, whole = _of_numbers(*_samples(windows[0], parts, kind), windows[0])
    elif found.measure == "missing":
        ours, theirs = _samples(windows[0], parts, kind)
        own, without, whole = _of_counts(_present(ours, windows[0]), list(map(_present, theirs, parts)), _greatest)
    else:
        distance = _greatest if found.measure == "l_infinity" else _jensen_shannon
        classes = Classes.of(*windows)
        own, without, whole = _of_counts(classes.reference, [classes.rows_of(part) for part in parts], distance)
    told = []
    for (path, part), alone, rest in zip(files, own.tolist(), without.tolist(), strict=True):
        # of an effect that a sketch tells the fall is surer than what is left
        falls = whole - rest if math.isfinite(whole - rest) else None
        left = None if falls is None else max(0.0, found.effect - falls)
        told.append(FileEffect(path, part.rows, alone if math.isfinite(alone) else None, left, falls))
    return replace(found, files=tuple(sorted(told, key=_rank)))


def _rank(file: FileEffect) -> tuple[float, float]:
    """Of the only file that has values nothing is left without it: it comes first."""
    return (-math.inf if file.falls is None else -file.falls), -(file.effect or 0.0)


# ── counts ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _present(sample: Sample, column: ColumnProfile) -> Floats:
    return np.array([column.rows - sample.n, sample.n], dtype=np.float64)


def _jensen_shannon(ours: Floats, theirs: Floats) -> float:
    return measures.jensen_shannon(ours, theirs, "").value


def _greatest(ours: Floats, theirs: Floats) -> float:
    return measures.l_infinity(ours, theirs, "").value


def _of_counts(ours: Floats, files: Sequence[Floats], distance: Callable[[Floats, Floats], float]) -> Effects:
    """By rows of each class, shape (k,)."""
    total, before = np.sum(files, axis=0), ours / ours.sum()

    def effect(rows: Floats) -> float:
        return distance(before, rows / rows.sum()) if rows.sum() else math.nan

    own, without = np.array([effect(rows) for rows in files]), np.array([effect(total - rows) for rows in files])
    return own, without, effect(total)


# ── numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _samples(reference: ColumnProfile, parts: Sequence[ColumnProfile], kind: str) -> tuple[Sample, list[Sample]]:
    """What cannot be read as numbers counts as no values; it was compared, so that it can."""
    ours, *theirs = (Sample.of_kind(column, kind) or Sample.of([], []) for column in (reference, *parts))
    return ours, theirs


@np.errstate(divide="ignore", invalid="ignore", over="ignore")
def _of_numbers(ours: Sample, files: Sequence[Sample], reference: ColumnProfile) -> Effects:
    """The normed Wasserstein distance ∫ |F − G| dx, with ∫ G dx over each cell between neighbouring values told of every file.

    Without a file the rest is what all have less what it has. A cell in which F and G cross is the only one whose area is told
    as less than it is, and there is none where the cells are as many as the values.
    """
    points = np.unique(np.concatenate([ours.values, *(file.values for file in files)]))
    most = max(FEWEST, CELLS // len(files))
    if len(points) > most:
        points = points[np.linspace(0, len(points) - 1, most).astype(np.intp)]
    before = _areas(ours, points) / ours.n
    areas = np.array([_areas(file, points) for file in files])
    sizes = np.array([file.weights.sum() for file in files])
    units = _units(ours, files, reference)

    def effects(area: Floats, rows: Floats, unit: Floats) -> Floats:
        found: Floats = np.abs(before - area / rows[:, None]).sum(axis=1)
        # without a deviation all values of both sides are the same
        return np.where(np.isfinite(found) & (unit == 0), 0.0, found / unit)

    own = effects(areas, sizes, units[0])
    all_areas, all_rows = areas.sum(axis=0), np.array([sizes.sum()])
    without = effects(all_areas - areas, all_rows - sizes, units[1])
    whole = effects(all_areas[None], all_rows, units[2])
    left = np.round(all_rows - sizes) > 0
    return own, np.where(left, without, math.nan), float(whole[0])


def _areas(sample: Sample, points: Floats) -> Floats:
    """∫ of the rows up to x over each cell between neighbouring points: those below it all along, those inside as far as they reach."""
    if not len(sample.values):
        return np.zeros(len(points) - 1)
    away, heaped = sample.values - points[0], np.cumsum(sample.weights)
    # it bends at the values alone, and rises by all rows beyond the last of them
    reach = points[-1] - points[0]
    bends = np.append(
        heaped * away - np.cumsum(sample.weights * away), heaped[-1] * reach - (sample.weights * away).sum()
    )
    return np.diff(np.interp(points - points[0], np.append(away, reach), bends, left=0.0))


def _units(ours: Sample, files: Sequence[Sample], reference: ColumnProfile) -> tuple[Floats, Floats, Floats]:
    """The standard deviations that the effect of each file, of the rest without it, and of the window are told in: the reference's;
    where that has one value, of both sides together, as `measures.wasserstein` has it.
    """
    count = len(files)
    if len(ours.values) > 1:
        std = deviation(ours.moments_or(reference.moments)) or math.nan
        return np.full(count, std), np.full(count, std), np.array([std])
    away = [file.values - ours.values[0] for file in files]
    sums = [
        np.array([(file.weights * gap**power).sum() for file, gap in zip(files, away, strict=True)])
        for power in range(3)
    ]

    def both(rows: Floats, first: Floats, second: Floats) -> Floats:
        known = rows + ours.n
        found: Floats = np.sqrt(np.maximum(second / known - (first / known) ** 2, 0.0))
        return found

    rest = [one.sum() - one for one in sums]
    return both(*sums), both(*rest), both(*(np.array([one.sum()]) for one in sums))
