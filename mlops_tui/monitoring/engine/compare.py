"""Two windows compared column by column, from their stored profiles alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlops_tui.data.profile import NUMERIC_KINDS, ColumnProfile, Moments, Profile
from mlops_tui.monitoring.detail import Brought
from mlops_tui.monitoring.engine import description, histogram, measures
from mlops_tui.monitoring.engine.classes import Classes
from mlops_tui.monitoring.engine.homogeneity import NONE, Inflation, chi_square, location
from mlops_tui.monitoring.engine.sample import Floats, Joint, Sample
from mlops_tui.monitoring.engine.variation import MISSING, VALUES, Variation, variation
from mlops_tui.monitoring.engine.verdict import FLOOR, Evidence, Finding, judge
from mlops_tui.monitoring.model import ColumnDrift, DriftReport, Measure

MIN_REFERENCE = 30
"""Fewer values than this of the reference tell nothing."""

MIN_CURRENT = 10
"""Fewer current values than this tell nothing. Ten can: the test knows that they are ten."""

DECILES = "deciles of the reference"
CLASSES = "values, missing as one of them"


def compare(
    reference: Profile,
    current: Profile,
    *,
    ignored: Collection[str] = (),
    blocks: Sequence[Profile] | Variation = (),
    at: float | None = None,
    together: float = 1.0,
) -> DriftReport:
    """Every column of either profile, measured and judged.

    A column has drifted where an effect reaches its floor of 0.1 **and** its test stands among all tests of the report
    (Benjamini–Hochberg at 1 %): for numbers the Wasserstein distance in standard deviations of the reference with the
    Cramér–von Mises test, or the share of missing rows with chi-square; for categories the Jensen–Shannon distance or the
    greatest difference of a share, with chi-square. The tests reckon with what the reference's `blocks` vary between each other
    (their profiles in the order of the rows, or what `variation` made of them); without ten of them rows are taken for
    independent. All other measures are shown and never decide. Identifiers, date-times and `ignored` columns are not judged.
    `at` (seconds since 1970 UTC) is when dates are looked at. `together` is the share of the current rows that a row has its file in
    common with, in the mean: 1 of one file, a tenth of ten equal ones, which have less in common.
    """
    known = blocks if isinstance(blocks, Variation) else variation(blocks, ignored)
    return DriftReport(reference.rows, current.rows, judge(findings(reference, current, ignored, known, at, together)))


def findings(
    reference: Profile,
    current: Profile,
    ignored: Collection[str],
    known: Variation,
    at: float | None = None,
    together: float = 1.0,
) -> list[Finding]:
    """Every column of either profile, measured as `compare` has it and not yet judged."""
    names = dict.fromkeys(column.name for profile in (reference, current) for column in profile.columns)
    sides = [{column.name: column for column in profile.columns} for profile in (reference, current)]
    return [_find(sides[0].get(name), sides[1].get(name), name in ignored, known, at, together) for name in names]


@dataclass(frozen=True, slots=True)
class _Pair:
    """One column on both sides, with what is known of its variation."""

    reference: ColumnProfile
    current: ColumnProfile
    known: Variation
    at: float | None
    together: float

    def inflation(self, about: str, sizes: tuple[int, int], *, counted: bool) -> Inflation:
        return self.known.inflation(self.reference.name, about, sizes, counted=counted, together=self.together)


def _find(
    reference: ColumnProfile | None,
    current: ColumnProfile | None,
    ignored: bool,
    known: Variation,
    at: float | None,
    together: float,
) -> Finding:
    if reference is None or current is None:
        only = reference or current
        assert only is not None  # a name comes from one of the profiles
        side = "current" if reference is None else "reference"
        word = "new" if reference is None else "gone"
        return Finding(ColumnDrift(only.name, only.kind, None, ""), refusal=f"{word}: only the {side} rows have it")
    kind = _kind(reference, current)
    if kind == "identifier":
        return Finding(ColumnDrift(reference.name, kind, None, ""), refusal="identifier: not compared")
    finding = _values(_Pair(reference, current, known, at, together), kind)
    if ignored:
        return _refused(finding, "ignored: not compared")
    if kind == "date-time":
        return _refused(finding, "dates move by themselves: not compared")
    if few := too_few(reference.rows, current.rows, "rows"):
        return _refused(finding, few)
    return finding


def _refused(finding: Finding, why: str) -> Finding:
    return replace(finding, evidence=(), refusal=why)


def too_few(reference: int, current: int, of: str) -> str | None:
    """Why so many of either side tell nothing, in a sentence; None where they do."""
    if reference >= MIN_REFERENCE and current >= MIN_CURRENT:
        return None
    needed = f"{MIN_REFERENCE} against {MIN_CURRENT} are needed"
    return f"cannot tell: {reference:,} against {current:,} {of}, {needed}"


def _kind(reference: ColumnProfile, current: ColumnProfile) -> str:
    """The reference's kind; where it has one value or none, the current kind says more."""
    empty = reference.missing == reference.rows
    return current.kind if empty or (reference.kind == "constant" and current.kind in NUMERIC_KINDS) else reference.kind


def _values(pair: _Pair, kind: str) -> Finding:
    """Numbers or categories, whichever both sides are."""
    sides = (pair.reference, pair.current)
    blank = ColumnDrift(pair.reference.name, kind, None, "", blocks=pair.known.blocks)
    if all(side.missing == side.rows for side in sides):
        return Finding(blank, refusal="cannot tell: no values on either side")
    blank = replace(blank, distinct=description.distinct(*sides))
    if kind in NUMERIC_KINDS:
        samples = [Sample.of_kind(side, kind) for side in sides]
        if samples[0] is not None and samples[1] is not None:
            return _compare_numbers(blank, pair, samples[0], samples[1])
    elif all(side.counts is not None or side.missing == side.rows for side in sides):
        return _compare_classes(blank, pair, Classes.of(*sides))
    return Finding(blank, refusal=f"cannot tell: {pair.reference.kind} before, {pair.current.kind} now")


def _compare_numbers(blank: ColumnDrift, pair: _Pair, ours: Sample, theirs: Sample) -> Finding:
    column, missing = _compare_missing(blank, pair, (ours.n, theirs.n))
    joint = Joint.of(ours, theirs) if ours.n and theirs.n else None
    column = replace(column, histogram=histogram.of_numbers(ours, theirs, blank.kind, joint))
    if joint is None:
        side = "reference" if theirs.n else "current" if ours.n else "reference and current"
        return Finding(column, missing, f"cannot tell: no values in the {side} rows")
    moments = ours.moments_or(pair.reference.moments), theirs.moments_or(pair.current.moments)
    column = _measured(column, ours, theirs, moments, joint)
    if blank.kind == "date-time":
        fresh = None if pair.at is None else description.freshness(moments[1], pair.at)
        column = replace(column, freshness=fresh, longest_gap=description.longest_gap(ours, theirs))
    inflation = pair.inflation(VALUES, (ours.n, theirs.n), counted=False)
    named, test = location(ours, theirs, inflation, joint)
    column = replace(column, test=test, inflation=inflation.factor if pair.known.pools else None)
    if few := too_few(ours.n, theirs.n, "values"):
        return Finding(column, missing, few)
    moved = column.wasserstein
    if moved is None:
        return Finding(column, missing, "cannot tell: the values are too large to be measured")
    words = f"moved by {moved.value:.2f} standard deviations"
    brought = Brought("wasserstein", moved.value)
    shift = Evidence(moved.value, words, named, test.p, (ours.n, theirs.n), brought, inflation)
    return Finding(column, (shift, *missing))


def _measured(
    column: ColumnDrift, ours: Sample, theirs: Sample, moments: tuple[Moments, Moments], joint: Joint
) -> ColumnDrift:
    """With the measures of numbers, where both sides have some."""
    bins = measures.decile_bins(ours)
    shares = measures.shares(ours, bins), measures.shares(theirs, bins)
    errors, std = (ours.share_error, theirs.share_error), description.deviation(moments[0])
    return replace(
        column,
        psi=measures.psi(*shares, DECILES, errors),
        jensen_shannon=measures.jensen_shannon(*shares, f"{DECILES}, base 2", errors),
        hellinger=measures.hellinger(*shares, DECILES, errors),
        ks=measures.kolmogorov_smirnov(ours, theirs, joint),
        wasserstein=None if std is None else measures.wasserstein(ours, theirs, std, joint),
        mean_shift=description.mean_shift(*moments),
        sd_ratio=description.sd_ratio(*moments),
        out_of_range=description.out_of_range(*moments, theirs),
        quantiles=description.quantiles(ours, theirs, column.kind),
    )


def _compare_missing(
    column: ColumnDrift, pair: _Pair, present: tuple[int, int]
) -> tuple[ColumnDrift, tuple[Evidence, ...]]:
    """Rows without a finite value against rows with one; no evidence if none lacks."""
    sizes = pair.reference.rows, pair.current.rows
    gone = sizes[0] - present[0], sizes[1] - present[1]
    column = replace(column, missing=description.missing(pair.reference, pair.current, gone))
    if not any(gone):
        return column, ()
    table = [[lack, n] for lack, n in zip(gone, present, strict=True)]
    inflation = pair.inflation(MISSING, sizes, counted=True)
    chi2, test = _both(table[0], table[1], "missing against present", inflation)
    before, now = (lack / max(1, rows) for lack, rows in zip(gone, sizes, strict=True))
    words = f"the share without a value went from {before:.1%} to {now:.1%}"
    p, effect = None if test is None else test.p, abs(now - before)
    evidence = Evidence(effect, words, "chi-square", p, sizes, Brought("missing", effect), inflation)
    return replace(column, chi2=chi2), (evidence,)


def _both(
    reference: Sequence[float] | Floats, current: Sequence[float] | Floats, definition: str, inflation: Inflation
) -> tuple[Measure | None, Measure | None]:
    """Chi-square of independent rows, and of rows that vary so much more."""
    plain = chi_square(reference, current, definition)
    return plain, plain if inflation == NONE else chi_square(reference, current, definition, inflation)


def _compare_classes(blank: ColumnDrift, pair: _Pair, classes: Classes) -> Finding:
    sides = (pair.reference, pair.current)
    column = replace(
        blank,
        histogram=histogram.of_classes(classes),
        missing=description.missing(*sides, (sides[0].missing, sides[1].missing)),
    )
    sizes = int(classes.reference.sum()), int(classes.current.sum())
    if not all(sizes):
        return Finding(column, refusal="cannot tell: no rows on one side")
    if blank.kind == "text":
        column = replace(column, length_shift=description.length_shift(*sides), unseen=description.unseen(*sides))
    shares = classes.reference / sizes[0], classes.current / sizes[1]
    distance = measures.jensen_shannon(*shares, f"{CLASSES}, base 2")
    greatest = measures.l_infinity(*shares, CLASSES)
    inflation = pair.inflation(VALUES, sizes, counted=True)
    chi2, test = _both(classes.reference, classes.current, CLASSES, inflation)
    column = replace(
        column,
        psi=measures.psi(*shares, CLASSES),
        jensen_shannon=distance,
        hellinger=measures.hellinger(*shares, CLASSES),
        l_infinity=greatest,
        chi2=chi2,
        test=test,
        new_values=classes.new(),
        vanished_values=classes.vanished(),
        inflation=inflation.factor if pair.known.pools else None,
    )
    words = f"shares moved by a Jensen–Shannon distance of {distance.value:.2f}"
    brought = Brought("jensen_shannon", distance.value)
    if distance.value < FLOOR <= greatest.value:
        words += f", and one of them by {greatest.value:.2f}"
        brought = Brought("l_infinity", greatest.value)
    effect, p = max(distance.value, greatest.value), None if test is None else test.p
    evidence = Evidence(effect, words, "chi-square", p, sizes, brought, inflation)
    return Finding(column, (evidence,), note=_most_moved(classes, *shares) + _one_sided(column))


def _most_moved(classes: Classes, before: Floats, now: Floats) -> str:
    most = int(np.argmax(np.abs(now - before)))
    return f"; most of all ‘{classes.labels[most]}’ went from {before[most]:.1%} to {now[most]:.1%}"


def _one_sided(column: ColumnDrift) -> str:
    new = column.new_values
    if new is None or not new.count:
        return ""
    named = ", ".join(f"‘{value}’" for value in new.values[:3]) + (", …" if new.count > 3 else "")
    return f"; {new.share:.1%} of the current rows have values that the reference lacks ({named})"
