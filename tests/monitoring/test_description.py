"""What a column's figures beside the distances are: each by its formula, written out."""

from __future__ import annotations

import numpy as np
import pytest

from mlops_tui.data.engine.hashing import hashed_texts
from mlops_tui.data.engine.moments import moments_of
from mlops_tui.data.engine.profiling import merge, profile_columns
from mlops_tui.data.engine.stream import Counted, Hashed
from mlops_tui.data.profile import ColumnProfile, Profile
from mlops_tui.monitoring.engine import compare
from mlops_tui.monitoring.model import ColumnDrift


def of(values: np.ndarray, kind: str = "numeric") -> Profile:
    return profile_columns({"x": values}, {"x": kind})


def texts(values: list[str]) -> Profile:
    return profile_columns(
        {"x": Hashed(hashed_texts(values), np.array([float(len(v)) for v in values]))}, {"x": "text"}
    )


def only(reference: Profile, current: Profile, **options: float) -> ColumnDrift:
    (column,) = compare(reference, current, **options).columns
    return column


def test_the_mean_moves_by_standard_deviations_of_the_reference() -> None:
    draw = np.random.default_rng(1)
    ours, theirs = draw.normal(5, 2, 30_000), draw.normal(6, 3, 12_000)
    column = only(merge([of(part) for part in np.array_split(ours, 3)]), of(theirs))
    assert column.mean_shift is not None
    assert column.mean_shift.value == pytest.approx((theirs.mean() - ours.mean()) / ours.std(), rel=1e-9)
    assert column.mean_shift.exact
    assert column.sd_ratio is not None
    assert column.sd_ratio.value == pytest.approx(theirs.std() / ours.std(), rel=1e-9)


def test_a_reference_of_one_value_has_no_deviation_to_measure_in() -> None:
    column = only(of(np.full(60, 5.0)), of(np.arange(60.0)))
    assert column.mean_shift is None
    assert column.sd_ratio is None
    assert column.wasserstein is not None


@pytest.mark.parametrize("rows", [500, 20_000])
def test_what_lies_outside_the_references_range_is_told_within_its_error(rows: int) -> None:
    draw = np.random.default_rng(rows)
    ours, theirs = draw.uniform(0, 1, rows), draw.uniform(-0.1, 1.3, rows)
    found = only(of(ours), of(theirs)).out_of_range
    assert found is not None
    assert found.exact == (rows <= 1_024)
    truth = np.mean((theirs < ours.min()) | (theirs > ours.max()))
    assert abs(found.value - truth) <= found.error + 1e-12
    assert found.error < 0.01


def test_a_single_value_beyond_the_range_is_seen_though_the_sketch_dropped_it() -> None:
    values = np.random.default_rng(4).uniform(0, 1, 20_000)
    found = only(of(values), of(np.append(values[:19_999], 7.0))).out_of_range
    assert found is not None
    assert found.value == pytest.approx(1 / 20_000)
    inside = only(of(values), of(values[:5_000])).out_of_range
    assert inside is not None
    assert (inside.value, inside.exact, inside.error) == (0.0, True, 0.0)


def test_missing_shares_are_those_of_the_current_rows() -> None:
    values = np.arange(100.0)
    values[:7] = np.nan
    values[7] = np.inf
    found = only(of(np.arange(50.0)), of(values)).missing
    assert found is not None
    assert found.value == 0.08
    assert found.definition == "share of the current rows without a finite value; 0.00% in the reference"
    counted = [profile_columns({"x": Counted({"a": n}, 100 - n)}, {"x": "category"}) for n in (90, 60)]
    found = only(*counted).missing
    assert found is not None
    assert found.value == 0.4
    assert found.definition == "share of the current rows without a value; 10.00% in the reference"


def test_different_values_are_counted_or_estimated_and_the_error_said() -> None:
    draw = np.random.default_rng(2)
    few = only(of(draw.integers(0, 9, 500).astype(float)), of(draw.integers(0, 7, 500).astype(float))).distinct
    assert few is not None
    assert (few.value, few.exact, few.error) == (7, True, 0)
    assert few.definition == "different values in the current rows; 9 in the reference"
    many = only(of(draw.normal(size=9_000)), of(draw.normal(size=5_000))).distinct
    assert many is not None
    assert not many.exact
    assert abs(many.value - 5_000) <= many.error < 400


@pytest.mark.parametrize(("shared", "new"), [(300, 100), (3_000, 1_000)])
def test_texts_never_seen_are_told_from_the_hashes(shared: int, new: int) -> None:
    known = [f"a sentence about {n}" for n in range(shared)]
    column = only(texts(known), texts([*known, *(f"another word on {n}" for n in range(new))]))
    assert column.unseen is not None
    assert column.unseen.exact == (shared + new <= 1_024)
    assert abs(column.unseen.value - 0.25) <= column.unseen.error + 1e-12


def test_the_length_of_texts_moves_in_its_own_deviations() -> None:
    short, long = ["x" * n for n in range(40, 100)], ["y" * n for n in range(60, 120)]
    column = only(texts(short), texts(long))
    assert column.length_shift is not None
    assert column.length_shift.value == pytest.approx(20 / np.std(np.arange(60)))


def test_dates_have_an_age_and_a_longest_gap() -> None:
    day = 86_400.0
    ours = np.arange(100) * day
    theirs = np.concatenate((np.arange(100, 130), np.arange(140, 160))) * day
    column = only(of(ours, "date-time"), of(theirs, "date-time"), at=170 * day)
    assert column.drift is None
    assert column.freshness is not None
    assert column.freshness.value == pytest.approx(11)
    assert column.longest_gap is not None
    assert column.longest_gap.value == pytest.approx(11)
    assert column.longest_gap.definition == "days of the longest stretch without a value; 1 in the reference"
    assert only(of(ours, "date-time"), of(theirs, "date-time")).freshness is None


def test_a_sketch_of_dates_says_the_most_that_a_gap_can_be() -> None:
    seconds = np.arange(5_000.0)
    found = only(of(seconds, "date-time"), of(seconds, "date-time")).longest_gap
    assert found is not None
    assert not found.exact
    assert found.value >= 1 / 86_400
    assert found.error == found.value


def test_moments_of_a_constant_are_its_value() -> None:
    constant = ColumnProfile("x", "constant", 400, 0, counts={"5": 400})
    varying = of(np.random.default_rng(3).normal(5, 1, 300))
    column = only(varying, Profile(400, (constant,)))
    assert column.mean_shift is not None
    truth = moments_of(np.full(400, 5.0)).mean
    moments = varying.columns[0].moments
    assert moments is not None
    assert column.mean_shift.value == pytest.approx((truth - moments.mean) / (moments.m2 / 300) ** 0.5)
