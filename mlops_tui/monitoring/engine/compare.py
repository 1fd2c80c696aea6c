"""Two windows compared column by column, from their stored profiles alone."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import replace

import numpy as np

from mlops_tui.data.profile import NUMERIC_KINDS, ColumnProfile, Profile
from mlops_tui.monitoring.engine import histogram, measures
from mlops_tui.monitoring.engine.classes import Classes
from mlops_tui.monitoring.engine.sample import Floats, Sample
from mlops_tui.monitoring.engine.verdict import Evidence, Finding, judge
from mlops_tui.monitoring.model import ColumnDrift, DriftReport, Measure

MIN_ROWS = 30
"""Fewer values than this on either side tell nothing."""

DECILES = "deciles of the reference"
VALUES = "values, missing as one of them"


def compare(reference: Profile, current: Profile, *, ignored: Collection[str] = ()) -> DriftReport:
    """Every column of either profile, measured and judged.

    A column has drifted where an effect reaches its floor of 0.1 **and** its test stands among all tests of the report
    (Benjamini–Hochberg at 1 %): for numbers the Wasserstein distance in standard deviations of the reference with the
    Kolmogorov–Smirnov test, or the share of missing rows with chi-square; for categories the Jensen–Shannon distance
    with chi-square. The population stability index is shown and never decides. Identifiers, date-times and `ignored`
    columns are not judged. Rows are taken for independent.
    """
    names = dict.fromkeys(column.name for profile in (reference, current) for column in profile.columns)
    findings = [_find(reference.column(name), current.column(name), name in ignored) for name in names]
    return DriftReport(reference.rows, current.rows, judge(findings))


def _find(reference: ColumnProfile | None, current: ColumnProfile | None, ignored: bool) -> Finding:
    if reference is None or current is None:
        only = reference or current
        assert only is not None  # a name comes from one of the profiles
        side = "current" if reference is None else "reference"
        word = "new" if reference is None else "gone"
        return Finding(ColumnDrift(only.name, only.kind, None, ""), refusal=f"{word}: only the {side} rows have it")
    kind = _kind(reference, current)
    if kind == "identifier":
        return Finding(ColumnDrift(reference.name, kind, None, ""), refusal="identifier: not compared")
    finding = _values(reference, current, kind)
    if ignored:
        return replace(finding, evidence=(), refusal="ignored: not compared")
    if kind == "date-time":
        return replace(finding, evidence=(), refusal="dates move by themselves: not compared")
    if min(reference.rows, current.rows) < MIN_ROWS:
        few = f"cannot tell: {reference.rows:,} against {current.rows:,} rows, {MIN_ROWS} are needed on either side"
        return replace(finding, evidence=(), refusal=few)
    return finding


def _kind(reference: ColumnProfile, current: ColumnProfile) -> str:
    """The reference's kind; where it has one value or none, the current kind says more."""
    empty = reference.missing == reference.rows
    return current.kind if empty or (reference.kind == "constant" and current.kind in NUMERIC_KINDS) else reference.kind


def _values(reference: ColumnProfile, current: ColumnProfile, kind: str) -> Finding:
    """Numbers or categories, whichever both sides are."""
    sides = (reference, current)
    blank = ColumnDrift(reference.name, kind, None, "")
    if all(side.missing == side.rows for side in sides):
        return Finding(blank, refusal="cannot tell: no values on either side")
    if kind in NUMERIC_KINDS:
        samples = [_numbers(side, kind) for side in sides]
        if samples[0] is not None and samples[1] is not None:
            return _compare_numbers(blank, reference, samples[0], current, samples[1])
    elif all(side.counts is not None or side.missing == side.rows for side in sides):
        return _compare_classes(blank, Classes.of(reference, current))
    return Finding(blank, refusal=f"cannot tell: {reference.kind} before, {current.kind} now")


def _numbers(column: ColumnProfile, kind: str) -> Sample | None:
    """The column's numbers, None where it holds something else (dates among numbers are something else)."""
    if column.missing == column.rows:
        return Sample.of([], [])
    alike = (kind == "date-time") == (column.kind == "date-time")
    readable = column.kind == "constant" or (column.kind in NUMERIC_KINDS and alike)
    return Sample.read(column) if readable else None


def _compare_numbers(
    blank: ColumnDrift, reference: ColumnProfile, ours: Sample, current: ColumnProfile, theirs: Sample
) -> Finding:
    lacking, missing = _compare_missing((reference.rows, ours.n), (current.rows, theirs.n))
    column = replace(blank, chi2=lacking, histogram=histogram.of_numbers(ours, theirs, blank.kind))
    if not ours.n or not theirs.n:
        side = "reference" if theirs.n else "current" if ours.n else "reference and current"
        return Finding(column, missing, f"cannot tell: no values in the {side} rows")
    bins = measures.decile_bins(ours)
    shares = measures.shares(ours, bins), measures.shares(theirs, bins)
    errors = ours.share_error, theirs.share_error
    ks = measures.kolmogorov_smirnov(ours, theirs)
    moments = reference.moments
    std = ours.std if moments is None else math.sqrt(max(0.0, moments.m2) / max(1, moments.count))
    moved = measures.wasserstein(ours, theirs, std)
    column = replace(
        column,
        psi=measures.psi(*shares, DECILES, errors),
        jensen_shannon=measures.jensen_shannon(*shares, f"{DECILES}, base 2", errors),
        ks=ks,
        wasserstein=moved,
    )
    if min(ours.n, theirs.n) < MIN_ROWS:
        few = f"cannot tell: {ours.n:,} against {theirs.n:,} values, {MIN_ROWS} are needed on either side"
        return Finding(column, missing, few)
    if moved is None:
        return Finding(column, missing, "cannot tell: the values are too large to be measured")
    words = f"moved by {moved.value:.2f} standard deviations"
    shift = Evidence(moved.value, words, "Kolmogorov–Smirnov", ks.p, (ours.n, theirs.n))
    return Finding(column, (shift, *missing))


def _compare_missing(
    reference: tuple[int, int], current: tuple[int, int]
) -> tuple[Measure | None, tuple[Evidence, ...]]:
    """Rows without a finite value against rows with one, from (rows, values) of either side; nothing if none lacks."""
    gone = [rows - n for rows, n in (reference, current)]
    if not any(gone):
        return None, ()
    table = [[lack, n] for lack, (_, n) in zip(gone, (reference, current), strict=True)]
    chi2 = measures.chi_square(table[0], table[1], "missing against present")
    before, now = (lack / max(1, rows) for lack, (rows, _) in zip(gone, (reference, current), strict=True))
    words = f"the share without a value went from {before:.1%} to {now:.1%}"
    p = None if chi2 is None else chi2.p
    return chi2, (Evidence(abs(now - before), words, "chi-square", p, (reference[0], current[0])),)


def _compare_classes(blank: ColumnDrift, classes: Classes) -> Finding:
    sizes = classes.reference.sum(), classes.current.sum()
    column = replace(blank, histogram=histogram.of_classes(classes))
    if not all(sizes):
        return Finding(column, refusal="cannot tell: no rows on one side")
    shares = classes.reference / sizes[0], classes.current / sizes[1]
    distance = measures.jensen_shannon(*shares, f"{VALUES}, base 2")
    chi2 = measures.chi_square(classes.reference, classes.current, VALUES)
    column = replace(column, psi=measures.psi(*shares, VALUES), jensen_shannon=distance, chi2=chi2)
    words = f"shares moved by a Jensen–Shannon distance of {distance.value:.2f}"
    evidence = Evidence(
        distance.value, words, "chi-square", None if chi2 is None else chi2.p, (int(sizes[0]), int(sizes[1]))
    )
    return Finding(column, (evidence,), note=_most_moved(classes, *shares) + _new_values(classes))


def _most_moved(classes: Classes, before: Floats, now: Floats) -> str:
    most = int(np.argmax(np.abs(now - before)))
    return f"; most of all ‘{classes.labels[most]}’ went from {before[most]:.1%} to {now[most]:.1%}"


def _new_values(classes: Classes) -> str:
    values, share = classes.new_values()
    if not values:
        return ""
    named = ", ".join(f"‘{value}’" for value in values[:3]) + (", …" if len(values) > 3 else "")
    return f"; {share:.1%} of the current rows have values that the reference lacks ({named})"
