"""What each file of a window brings of a drift: by itself, and what is left without it, as if the others had been merged alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_tui.data.engine.sketches import merged_columns
from mlops_tui.data.profile import ColumnProfile
from mlops_tui.monitoring.detail import Brought, FileEffect
from mlops_tui.monitoring.engine.leaving_out import FEWEST, by_file
from tests.monitoring.test_verdict import categories, numbers, only

Files = dict[str, ColumnProfile]


def told(reference: ColumnProfile, files: Files, measure: str = "wasserstein") -> Brought:
    """The files of a window, and what they bring of that measure of it."""
    parts = list(files.values())
    return by_file(
        Brought(measure, effect_of(reference, parts, measure) or 0.0),
        only(reference, merged_columns(parts)).kind,
        (reference, merged_columns(parts)),
        list(files.items()),
    )


def effect_of(reference: ColumnProfile, parts: Sequence[ColumnProfile], measure: str) -> float | None:
    """The measure of these files together, by the comparison itself."""
    column = only(reference, merged_columns(parts))
    if measure == "missing":
        return abs(gone(merged_columns(parts)) - gone(reference))
    found = getattr(column, measure)
    return None if found is None else found.value


def gone(column: ColumnProfile) -> float:
    """The share without a finite value."""
    return 1 - (column.moments.count if column.moments is not None else 0) / column.rows


def assert_left_out(reference: ColumnProfile, files: Files, measure: str) -> None:
    """Each figure is what comparing these rows says."""
    found = told(reference, files, measure)
    assert {file.file for file in found.files} == set(files)
    for file in found.files:
        others = [part for name, part in files.items() if name != file.file]
        assert file.rows == files[file.file].rows
        assert file.effect == pytest.approx(effect_of(reference, [files[file.file]], measure), abs=1e-9)
        assert file.without == pytest.approx(effect_of(reference, others, measure), abs=1e-9)
        if file.falls is not None:
            assert file.without is not None
            assert file.falls == pytest.approx(found.effect - file.without, abs=1e-9)
    falls = [np.inf if file.falls is None else file.falls for file in found.files]
    assert falls == sorted(falls, reverse=True)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(-20, 20), min_size=2, max_size=40),
    st.lists(st.lists(st.integers(-20, 40), min_size=1, max_size=25), min_size=2, max_size=5),
)
def test_without_a_file_is_the_window_merged_without_it(reference: list[int], files: list[list[int]]) -> None:
    """Of numbers, also where the reference has one value alone, whose deviation cannot be the unit."""
    parts = {f"{place}.csv": numbers(values, missing=place) for place, values in enumerate(files)}
    assert_left_out(numbers(reference), parts, "wasserstein")
    assert_left_out(numbers(reference, missing=3), parts, "missing")
    assert_left_out(numbers(reference[:1] * 3), parts, "wasserstein")


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from("abcdef"), min_size=1, max_size=40),
    st.lists(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=25), min_size=2, max_size=5),
)
def test_the_same_of_categories(reference: list[str], files: list[list[str]]) -> None:
    """By the distance of the shares and by the greatest difference, missing values a class as everywhere."""
    parts = {f"{place}.csv": categories(values, missing=place) for place, values in enumerate(files)}
    for measure in ("jensen_shannon", "l_infinity"):
        assert_left_out(categories(reference), parts, measure)


def test_the_file_that_brought_it_comes_first_and_the_rest_is_steady() -> None:
    rng = np.random.default_rng(5)
    files = {f"{month}.csv": numbers(rng.normal(2.0 * (month == 2), size=400)) for month in range(1, 5)}
    found = told(numbers(rng.normal(size=900)), files)
    first, *others = found.files
    assert first.file == "2.csv"
    assert first.effect == pytest.approx(2, abs=0.2)
    assert first.without is not None
    assert first.without < 0.1 < 0.3 < found.effect
    assert all(file.falls is not None and file.falls < 0 for file in others)  # each held it back


def test_of_many_values_the_area_is_told_within_a_thousandth() -> None:
    """Where there are more different values than cells only those in which both cross lose anything."""
    rng = np.random.default_rng(6)
    reference = numbers(rng.lognormal(0, 1.5, size=1_000))
    files = {f"{place}.csv": numbers(rng.lognormal(0.005 * place, 1.5, size=40)) for place in range(200)}
    assert sum(len(part.points.values) // 8 for part in files.values() if part.points) > 3 * FEWEST
    found = told(reference, files)
    for file in (*found.files[:5], *found.files[-5:]):
        others = [part for name, part in files.items() if name != file.file]
        assert file.without == pytest.approx(effect_of(reference, others, "wasserstein"), abs=1e-3)
        assert file.effect == pytest.approx(effect_of(reference, [files[file.file]], "wasserstein"), abs=1e-3)


def test_a_file_without_values_brings_nothing_and_without_the_only_one_nothing_is_left() -> None:
    files = {"empty.csv": numbers([], missing=30), "full.csv": numbers(np.arange(50.0) + 40)}
    found = told(numbers(np.arange(60.0)), files)
    assert [file.file for file in found.files] == ["full.csv", "empty.csv"]
    full, empty = found.files
    assert (full.without, full.falls) == (None, None)
    assert full.effect == pytest.approx(found.effect)
    assert (empty.effect, empty.falls) == (None, pytest.approx(0, abs=1e-12))
    assert empty.without == pytest.approx(found.effect)


def test_a_window_has_the_effects_that_made_it_a_drift() -> None:
    """By values, by missing ones, or by both; by none where it is steady."""
    rng = np.random.default_rng(1)
    values = rng.normal(size=900)
    reference = numbers(values)
    cases = {
        "wasserstein": numbers(values + 1),
        "missing": numbers(values[:600], missing=300),
        "wasserstein missing": numbers(values[:600] + 1, missing=300),
        "": numbers(values + 0.01),
    }
    for measures, current in cases.items():
        column = only(reference, current)
        assert " ".join(found.measure for found in column.brought_by) == measures
        assert all(found.files == () for found in column.brought_by)
    missing = only(reference, cases["missing"]).brought_by[0]
    assert missing.effect == pytest.approx(1 / 3)
    far = only(categories("a" * 500 + "b" * 500), categories("a" * 150 + "b" * 350))
    assert far.jensen_shannon is not None
    assert far.brought_by == (Brought("jensen_shannon", far.jensen_shannon.value),)
    near = only(categories("a" * 5_000 + "b" * 5_000), categories("a" * 3_900 + "b" * 6_100))
    assert near.brought_by == (Brought("l_infinity", pytest.approx(0.11)),)


def test_what_is_too_large_to_be_told_is_not_told() -> None:
    """No figure is infinite, and no other is lost by it."""
    far = {"far.csv": numbers([1.7e308] * 20), "near.csv": numbers(np.arange(20.0))}
    found = by_file(
        Brought("wasserstein", 1.0),
        "numeric",
        (numbers([-1.7e308, 0.0, 1.0] * 20), merged_columns(list(far.values()))),
        list(far.items()),
    )
    figures = [(file.effect, file.without, file.falls) for file in found.files]
    assert all(figure is None or np.isfinite(figure) for file in figures for figure in file)


def test_files_come_back_from_json() -> None:
    found = Brought("missing", 0.5, (FileEffect("a.csv", 9, 0.25, 0.125, 0.375), FileEffect("b.csv", 9, None)))
    record = {"measure": "missing", "effect": 0.5, "files": [
        {"file": "a.csv", "rows": 9, "effect": 0.25, "without": 0.125, "falls": 0.375},
        {"file": "b.csv", "rows": 9, "effect": None, "without": None, "falls": None},
    ]}  # fmt: skip
    assert Brought.from_json(record) == found
    assert replace(found, files=()).files == ()
