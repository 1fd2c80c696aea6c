"""Profiles: what a block says, and that parts together say what the whole says."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer

from mlops_tui.core.errors import DataError, UnknownColumn
from mlops_tui.data.engine.payload import from_bytes, to_bytes
from mlops_tui.data.engine.points import quantiles_of
from mlops_tui.data.engine.profiling import merge, profile_columns, profile_file, summarise
from mlops_tui.data.engine.sketches import capped, distinct_count
from mlops_tui.data.engine.stream import Counted
from mlops_tui.data.profile import CATEGORY_CAP, Profile

KINDS = {"x": "numeric", "s": "category"}
NUMBERS = st.one_of(st.just(float("nan")), st.floats(-1e3, 1e3).map(lambda value: round(value, 3)))
WORDS = st.one_of(st.none(), st.sampled_from(["a", "b", "ü", "", "long word"]))
ROWS = st.lists(st.tuples(NUMBERS, WORDS), max_size=40)


def profiled(rows: list[tuple[float, str | None]]) -> Profile:
    numbers = np.array([number for number, _ in rows], dtype=np.float64)
    words = np.array([word for _, word in rows] + [None], dtype=object)[:-1]
    return profile_columns({"x": numbers, "s": Counted.of(words)}, KINDS)


@settings(max_examples=60, deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=5))
def test_parts_merged_are_the_profile_of_the_whole(parts: list[list[tuple[float, str | None]]]) -> None:
    merged, whole = merge([profiled(rows) for rows in parts]), profiled([row for rows in parts for row in rows])
    assert merged.rows == whole.rows
    for ours, theirs in zip(merged.columns, whole.columns, strict=True):
        assert (ours.rows, ours.missing, ours.counts, ours.other) == (
            theirs.rows,
            theirs.missing,
            theirs.counts,
            theirs.other,
        )
        assert distinct_count(ours) == distinct_count(theirs)
    a, b = merged.columns[0].moments, whole.columns[0].moments
    assert a is not None
    assert b is not None
    assert (a.count, a.minimum, a.maximum) == (b.count, b.minimum, b.maximum)
    # each sum's rounding is measured against the size of its terms, which cancel in the third
    scale = max(abs(b.minimum), abs(b.maximum), 1.0)
    assert a.mean == pytest.approx(b.mean, rel=1e-12, abs=1e-12 * scale)
    assert a.m2 == pytest.approx(b.m2, rel=1e-12, abs=1e-12 * scale**2)
    assert a.m3 == pytest.approx(b.m3, rel=1e-12, abs=1e-12 * scale**3 * max(b.count, 1))


def test_moments_of_many_parts_agree_to_twelve_digits() -> None:
    values = np.random.default_rng(5).gamma(2.0, 3.0, 100_000) + 50
    parts = [profile_columns({"x": part}, KINDS) for part in np.array_split(values, 37)]
    merged = merge(parts).columns[0].moments
    assert merged is not None
    deviations = values - values.mean()
    assert merged.mean == pytest.approx(values.mean(), rel=1e-12)
    assert merged.m2 == pytest.approx((deviations**2).sum(), rel=1e-12)
    assert merged.m3 == pytest.approx((deviations**3).sum(), rel=1e-12)


def test_merged_quantiles_stay_within_their_error() -> None:
    values = np.random.default_rng(6).normal(size=200_000)
    merged = merge([profile_columns({"x": part}, KINDS) for part in np.array_split(values, 20)])
    points = merged.columns[0].points
    assert points is not None
    ordered = np.sort(values)
    for share in (0.01, 0.25, 0.5, 0.99):
        found = np.searchsorted(ordered, quantiles_of(points, share)) / len(values)
        assert found == pytest.approx(share, abs=0.005)


def test_a_column_that_one_part_lacks_is_missing_in_its_rows() -> None:
    both = profiled([(1.0, "a"), (2.0, None)])
    alone = profile_columns({"x": np.array([3.0, 4.0, 5.0])}, KINDS)
    column = merge([both, alone]).column("s")
    assert column is not None
    assert (column.rows, column.missing, column.counts) == (5, 4, {"a": 1})


def test_kinds_that_differ_do_not_merge() -> None:
    a = profile_columns({"x": np.array([1.0])}, {"x": "numeric"})
    b = profile_columns({"x": Counted({"1": 1}, 0)}, {"x": "category"})
    with pytest.raises(DataError, match="'x' is numeric in one file and category in another"):
        merge([a, b])


def test_values_beyond_the_cap_are_other_and_the_frequent_stay() -> None:
    counts = {f"v{i}": 1 for i in range(CATEGORY_CAP + 5)} | {"often": 7}
    kept, other = capped(counts, 2)
    assert len(kept) == CATEGORY_CAP
    assert kept["often"] == 7
    assert sum(kept.values()) + other == sum(counts.values()) + 2


@given(ROWS)
def test_a_profile_survives_its_bytes(rows: list[tuple[float, str | None]]) -> None:
    for column in profiled(rows).columns:
        assert from_bytes(to_bytes(column), column.name, column.kind) == column


def test_bytes_that_are_no_profile_are_refused() -> None:
    blob = to_bytes(profiled([(1.0, "a")]).columns[0])
    for damaged in (b"", b"XX" + blob[2:], blob + b"0", blob[:-3]):
        with pytest.raises(DataError):
            from_bytes(damaged, "x", "numeric")


def test_infinite_values_are_values_and_leave_the_moments_alone() -> None:
    profile = profile_columns({"x": np.array([1.0, np.inf, np.nan, 3.0])}, KINDS)
    (record,) = summarise(profile)
    assert (record["count"], record["missing"], record["max"], record["mean"]) == (3, 1, 3.0, 2.0)
    assert record["infinite"] == 1


def test_infinite_values_are_counted_and_merge() -> None:
    kinds = {"x": "numeric", "s": "category"}
    parts = [np.array([1.0, np.inf, -np.inf]), np.array([np.nan, 2.0]), np.array([np.inf])]
    profiles = [profile_columns({"x": part, "s": Counted({"a": len(part)}, 0)}, kinds) for part in parts]
    assert [profile.columns[0].infinite for profile in profiles] == [2, 0, 1]
    numbers, words = merge(profiles).columns
    assert (numbers.infinite, words.infinite) == (3, None)
    assert from_bytes(to_bytes(numbers), "x", "numeric").infinite == 3


def test_a_summary_is_json_without_nan() -> None:
    columns = {"x": np.array([np.nan, np.nan]), "y": np.array([1e200, -1e200]), "z": np.array([4.0, 4.0])}
    summary = summarise(profile_columns(columns, dict.fromkeys(columns, "numeric")))
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary
    assert (summary[0]["count"], summary[0]["mean"], summary[0]["histogram"]) == (0, None, None)


def test_the_summary_of_the_breast_cancer_table_is_pandas_own(tmp_path: Path) -> None:
    table = load_breast_cancer(as_frame=True).frame
    path = tmp_path / "cancer.csv"
    table.to_csv(path, index=False)
    blocks = profile_file(path, block_rows=100).blocks
    assert [block.first_row for block in blocks] == [0, 100, 200, 300, 400, 500]
    summary = {str(record["name"]): record for record in summarise(merge([block.profile for block in blocks]))}
    assert list(summary) == list(table)
    assert summary["target"]["kind"] == "integer"
    for name, column in table.items():
        found = summary[str(name)]
        assert (found["count"], found["min"], found["max"]) == (569, column.min(), column.max())
        assert found["mean"] == pytest.approx(column.mean(), rel=1e-12)
        assert found["std"] == pytest.approx(column.std(), rel=1e-12)
        assert found["distinct"] == pytest.approx(column.nunique(), rel=0.05)
        quantiles = found["quantiles"]
        assert isinstance(quantiles, dict)
        for share, value in quantiles.items():  # so few values are all kept: exact
            assert value == np.quantile(column, float(share), method="inverted_cdf")
        histogram = found["histogram"]
        assert isinstance(histogram, dict)
        assert sum(histogram["counts"]) + histogram["below"] + histogram["above"] == 569


def test_category_counts_are_pandas_own(tmp_path: Path) -> None:
    words = pd.Series(np.random.default_rng(7).choice(["a", "b", "NA", "ü"], 5_000))
    path = tmp_path / "t.csv"
    words.to_frame("w").assign(i=range(5_000)).to_csv(path, index=False)
    (record, _) = summarise(merge([block.profile for block in profile_file(path, block_rows=999).blocks]))
    top = record["top"]
    assert isinstance(top, list)
    assert {item["value"]: item["count"] for item in top} == words.value_counts().to_dict()
    assert record["distinct"] == 4


def test_blocks_share_kinds_and_tell_their_period(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    days = pd.date_range("2026-01-01", periods=40, freq="D")
    pd.DataFrame({"day": days, "v": [7] * 30 + list(range(10))}).to_csv(path, index=False)
    blocks = profile_file(path, block_rows=15, time_column="day").blocks
    assert [(block.rows, block.start, block.end) for block in blocks] == [
        (15, "2026-01-01T00:00:00Z", "2026-01-15T00:00:00Z"),
        (15, "2026-01-16T00:00:00Z", "2026-01-30T00:00:00Z"),
        (10, "2026-01-31T00:00:00Z", "2026-02-09T00:00:00Z"),
    ]
    assert {column.kind for block in blocks for column in block.profile.columns if column.name == "v"} == {"integer"}
    assert summarise(blocks[0].profile)[0]["min"] == "2026-01-01T00:00:00Z"
    with pytest.raises(UnknownColumn):
        profile_file(path, time_column="hour")


def test_a_long_file_has_no_more_than_the_blocks_allowed(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a\n" + "".join(f"{i}\n" for i in range(1_001)))
    blocks = profile_file(path, block_rows=10, max_blocks=7).blocks
    assert len(blocks) == 7
    assert sum(block.rows for block in blocks) == 1_001


def test_truth_values_are_counted_in_one_spelling(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("b\nTrue\ntrue\nFALSE\n")
    (block,) = profile_file(path).blocks
    assert block.profile.columns[0].counts == {"true": 2, "false": 1}


def test_frozen_kinds_are_kept_whatever_the_file_holds(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("code,x\n1,5\n2,5\n")
    (block,) = profile_file(path, kinds={"code": "category", "x": "numeric"}).blocks
    assert [column.kind for column in block.profile.columns] == ["category", "numeric"]
    assert block.profile.columns[0].counts == {"1": 1, "2": 1}


def test_values_of_identifiers_are_not_stored(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("mail\n" + "".join(f"person{i}@example.org\n" for i in range(50)))
    (block,) = profile_file(path).blocks
    (column,) = block.profile.columns
    assert (column.kind, column.counts, column.other) == ("identifier", {}, 50)
    assert distinct_count(column) == 50
    assert b"person" not in to_bytes(column)


KINDS_OF_FEW = {"id": "identifier", "note": "text", "x": "numeric", "n": "integer", "at": "date-time", "c": "category"}


@pytest.mark.parametrize("different", [50, 700])
def test_few_different_values_are_counted_exactly_whatever_the_kind(tmp_path: Path, different: int) -> None:
    """Also over blocks, with infinite numbers, and with integers that no float holds."""
    rows = [number % different for number in range(2_000)]
    frame = pd.DataFrame(
        {
            "id": [f"U{number:05}" for number in rows],
            "note": [f"a text with the number {number}" for number in rows],
            "x": [float("inf") if number == 0 else number / 8 for number in rows],
            "n": [2**60 + number for number in rows],
            "at": pd.Timestamp("2026-01-01") + pd.to_timedelta(rows, unit="h"),
            "c": [f"value {number}" for number in rows],
        }
    )
    frame.to_csv(tmp_path / "t.csv", index=False)
    blocks = [block.profile for block in profile_file(tmp_path / "t.csv", kinds=KINDS_OF_FEW, block_rows=300).blocks]
    stored = [Profile(b.rows, tuple(from_bytes(to_bytes(c), c.name, c.kind) for c in b.columns)) for b in blocks]
    found = {record["name"]: record["distinct"] for record in summarise(merge(stored))}
    assert found == dict.fromkeys(KINDS_OF_FEW, different)
