"""A block told apart by the values of a column: no row is lost, and each part is the profile of its rows."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_tui.data.engine.payload import from_bytes, to_bytes
from mlops_tui.data.engine.points import quantiles_of, rank_error, read_points, rows_below
from mlops_tui.data.engine.profiling import BlockProfile, merge, profile_file
from mlops_tui.data.engine.sketches import merged_columns
from mlops_tui.data.engine.sliced import Tally, names_of
from mlops_tui.data.engine.slicing import SliceProfile, slice_bytes, slice_payloads, slices_of
from mlops_tui.data.engine.stream import Block
from mlops_tui.data.profile import Profile
from mlops_tui.data.slices import MISSING, MOST_VALUES, OTHER, VALUE, SliceName

KINDS = {"place": "category", "x": "numeric", "n": "integer", "word": "category", "note": "text"}
PLACES = st.one_of(st.none(), st.sampled_from(["north", "south", "ost", "a=b"]))
ROW = st.tuples(
    PLACES,
    st.one_of(st.none(), st.floats(-1e3, 1e3).map(lambda value: round(value, 2))),
    st.integers(-3, 3),
    st.one_of(st.none(), st.sampled_from("abc")),
    st.sampled_from(["one note", "another note", None]),
)


Parts = list[SliceProfile]


def profiled(path: Path, slices: Mapping[str, Sequence[str]], **more: Any) -> tuple[list[BlockProfile], list[Parts]]:
    """A file's blocks, and the slices of each of them."""
    parts = dict[int, Parts]()

    def hears(number: int, block: Block, kinds: Mapping[str, str]) -> None:
        parts[number] = slices_of(block, kinds, slices)

    blocks = list(profile_file(path, hears=hears, **more).blocks)
    return blocks, [parts[number] for number in range(len(blocks))]


def told(
    path: Path, rows: list[tuple[object, ...]], block_rows: int = 10_000, by: str = "place"
) -> tuple[list[BlockProfile], list[Parts]]:
    pd.DataFrame(rows, columns=list(KINDS), dtype=object).to_csv(path, index=False)
    return profiled(path, {by: []}, kinds=KINDS, block_rows=block_rows)


def merged(blocks: list[Parts], name: SliceName) -> Profile:
    """The rows of a slice over the blocks of a file."""
    parts = [one.profile for slices in blocks for one in slices if one.name == name]
    columns = (
        merged_columns([part.columns[place] for part in parts], with_registers=False) for place in range(len(KINDS))
    )
    return Profile(sum(part.rows for part in parts), tuple(columns))


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=60))
def test_slices_rows_add_up_and_each_is_the_profile_of_its_rows_alone(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[object, ...]]
) -> None:
    """Merged over the blocks of a file a slice says what a file of nothing but its rows would."""
    folder = tmp_path_factory.mktemp("sliced")
    blocks, slices = told(folder / "all.csv", rows, block_rows=7)
    for block, parts in zip(blocks, slices, strict=True):
        assert sum(one.profile.rows for one in parts) == block.rows
        assert len({one.name for one in parts}) == len(parts)
    for place, count in Counter(row[0] for row in rows).items():
        name = SliceName(MISSING) if place is None else SliceName(VALUE, str(place))
        blocks, _ = told(folder / "some.csv", [row for row in rows if row[0] == place])
        alone = merge([block.profile for block in blocks])
        found = merged(slices, name)
        assert found.rows == count
        for ours, theirs in zip(found.columns, alone.columns, strict=True):
            assert (ours.name, ours.kind, ours.rows) == (theirs.name, theirs.kind, theirs.rows)
            assert (ours.missing, ours.counts, ours.other) == (theirs.missing, theirs.counts, theirs.other)
            assert (ours.points is None) == (theirs.points is None)
            if ours.points is not None and theirs.points is not None and theirs.moments is not None:
                for mine, other in zip(read_points(ours.points), read_points(theirs.points), strict=True):
                    assert mine.tolist() == other.tolist()
                assert ours.points.bound == 0.0
                assert ours.moments is not None
                assert (ours.moments.minimum, ours.moments.maximum) == (theirs.moments.minimum, theirs.moments.maximum)
                assert ours.moments.mean == pytest.approx(theirs.moments.mean, abs=1e-9)
                assert ours.moments.m2 == pytest.approx(theirs.moments.m2, abs=1e-5)


def test_many_numbers_of_a_slice_are_told_within_the_error_that_is_said(tmp_path: Path) -> None:
    """Of continuous values a sketch is kept, whose ranks are within its bound of those of the rows themselves."""
    draw = np.random.default_rng(4)
    rows = [(("north", "south")[i % 2], float(v), 1, "a", None) for i, v in enumerate(draw.normal(0, 1, 12_000))]
    _, blocks = told(tmp_path / "a.csv", rows, block_rows=3_000)
    assert len(blocks) == 4
    values = np.sort([row[1] for row in rows if row[0] == "north"])
    points = merged(blocks, SliceName(VALUE, "north")).columns[1].points
    assert points is not None
    assert 0 < rank_error(points) < 0.02
    grid = np.linspace(-2, 2, 41)
    off = np.abs(rows_below(points, grid) - np.searchsorted(values, grid)) / len(values)
    assert off.max() <= rank_error(points)
    assert off.max() < 0.01
    assert quantiles_of(points, 0.5) == pytest.approx(np.median(values), abs=0.02)


def test_a_file_is_profiled_alike_with_slices_and_without(tmp_path: Path) -> None:
    draw = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "place": draw.choice(["n", "s", None], 5_000),
            "x": draw.normal(0, 1, 5_000),
            "big": draw.integers(1 << 60, (1 << 60) + 9, 5_000),
            "word": draw.choice(list("abcdef"), 5_000),
        }
    )
    frame.to_csv(tmp_path / "a.csv", index=False)
    plain = profile_file(tmp_path / "a.csv", block_rows=2_000).blocks
    blocks, slices = profiled(tmp_path / "a.csv", {"place": [], "word": ["f"]}, block_rows=2_000)
    assert tuple(block.profile for block in blocks) == tuple(block.profile for block in plain)
    for one, other, parts in zip(plain, blocks, slices, strict=True):
        assert (one.first_row, one.rows, one.row_hashes) == (other.first_row, other.rows, other.row_hashes)
        assert sum(part.profile.rows for part in parts) == 2 * other.rows


def test_the_most_frequent_values_have_a_slice_and_the_rest_are_together(tmp_path: Path) -> None:
    """Those that are asked for come before more frequent ones."""
    values = [f"v{i:02d}" for i in range(30) for _ in range(40 - i)]
    frame = pd.DataFrame({"place": [*values, None], "x": range(len(values) + 1)})
    frame.to_csv(tmp_path / "a.csv", index=False)
    _, (block,) = profiled(tmp_path / "a.csv", {"place": []})
    names = [one.name for one in block]
    assert names == [*(SliceName(VALUE, f"v{i:02d}") for i in range(MOST_VALUES)), SliceName(OTHER), SliceName(MISSING)]
    assert {one.name: one.profile.rows for one in block}[SliceName(OTHER)] == sum(40 - i for i in range(20, 30))
    _, (block,) = profiled(tmp_path / "a.csv", {"place": ["v29", "not there"]})
    found = {one.name.value for one in block if one.name.sort == VALUE}
    assert found == {*(f"v{i:02d}" for i in range(19)), "v29"}


@pytest.mark.parametrize(
    ("kind", "names"), [("integer", ["1", "2"]), ("numeric", ["1", "2"]), ("boolean", ["false", "true"])]
)
def test_numbers_and_truths_make_slices_by_their_value(tmp_path: Path, kind: str, names: list[str]) -> None:
    values = [1, 2, 2] if kind != "boolean" else ["false", "true", "true"]
    pd.DataFrame({"g": values, "x": [1.5, 2.5, 3.5]}).to_csv(tmp_path / "a.csv", index=False)
    _, (block,) = profiled(tmp_path / "a.csv", {"g": []}, kinds={"g": kind, "x": "numeric"})
    assert sorted((one.name.value, one.profile.rows) for one in block) == [(names[0], 1), (names[1], 2)]


def test_a_file_without_the_column_has_all_rows_in_the_slice_without_a_value(tmp_path: Path) -> None:
    pd.DataFrame({"x": [1.5, 2.5]}).to_csv(tmp_path / "a.csv", index=False)
    _, (block,) = profiled(tmp_path / "a.csv", {"place": []})
    (one,) = block
    assert (one.name, one.profile.rows) == (SliceName(MISSING), 2)


def test_kinds_whose_values_do_not_come_again_make_no_slices(tmp_path: Path) -> None:
    _, blocks = told(tmp_path / "a.csv", [("n", 1.0, 1, "a", f"note {i}") for i in range(40)], by="note")
    assert blocks == [[]]


def test_what_is_stored_of_a_slice_comes_back(tmp_path: Path) -> None:
    rows = [("n", float(i), i % 3, "abc"[i % 3], "a note") for i in range(500)]
    _, (block,) = told(tmp_path / "a.csv", rows)
    (one,) = block
    blob = slice_bytes(one.profile)
    parts = slice_payloads(blob, len(KINDS))
    back = [from_bytes(part, name, kind) for part, (name, kind) in zip(parts, KINDS.items(), strict=True)]
    assert tuple(back) == one.profile.columns


def test_the_slices_of_a_block_take_a_bounded_place(tmp_path: Path) -> None:
    """However many rows a block has, a continuous column takes a few kilobytes in all of its slices together."""
    draw = np.random.default_rng(2)
    sizes = []
    for rows in (10_000, 40_000):
        frame = pd.DataFrame({"place": draw.integers(0, 40, rows), "x": draw.normal(0, 1, rows)})
        frame.to_parquet(tmp_path / f"{rows}.parquet")
        _, (block,) = profiled(tmp_path / f"{rows}.parquet", {"place": []}, block_rows=rows)
        assert len(block) == MOST_VALUES + 1
        sizes.append(sum(len(to_bytes(one.profile.columns[1])) for one in block))
    assert sizes[0] < 12_000
    assert sizes[1] < 2 * sizes[0]


def tally(*blocks: dict[str, int]) -> Tally:
    """Of blocks of rows by value; `*` are other values, `-` are none."""
    sorts = {"*": SliceName(OTHER), "-": SliceName(MISSING)}
    found = Tally()
    for block in blocks:
        found.add([(sorts.get(value, SliceName(VALUE, value)), rows) for value, rows in block.items()])
    return found


def test_a_value_that_may_be_among_the_others_of_a_block_has_no_slice_of_its_own() -> None:
    """Else some of its rows would be told of as another slice's; the rows of all slices still add up."""
    first, second = tally({"a": 5, "b": 4, "*": 3}, {"a": 6, "c": 2}), tally({"a": 1, "b": 9, "-": 2})
    names = names_of([first, second])
    assert names == [SliceName(VALUE, "b"), SliceName(VALUE, "a"), SliceName(OTHER), SliceName(MISSING)]
    assert first.among(names) == {names[0]: 4, names[1]: 11, names[2]: 5, names[3]: 0}
    assert sum(first.among(names).values()) == 20
    assert second.among(names) == {names[0]: 9, names[1]: 1, names[2]: 0, names[3]: 2}


@given(
    st.lists(
        st.lists(st.dictionaries(st.sampled_from("abcdefgh*-"), st.integers(1, 9), min_size=1), max_size=4), max_size=3
    )
)
def test_no_row_is_lost_whatever_values_the_blocks_put_together(windows: list[list[dict[str, int]]]) -> None:
    tallies = [tally(*blocks) for blocks in windows]
    names = names_of(tallies)
    for one, blocks in zip(tallies, windows, strict=True):
        assert sum(one.among(names).values()) == sum(map(sum, (block.values() for block in blocks)))
        assert set(one.among(names)) == set(names)
    assert all(math.isfinite(rows) for one in tallies for rows in one.among(names).values())
