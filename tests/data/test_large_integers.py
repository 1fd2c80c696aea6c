"""Integers beyond what a float holds: bounds, distinct values and checks of ranges stay exact."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_tui.core.settings import Settings
from mlops_tui.data.checks import WARN, Check, ColumnFigures, FileFigures, verdict
from mlops_tui.data.engine.breaking import RowReader
from mlops_tui.data.engine.bulk import merged_payloads
from mlops_tui.data.engine.checking import column_figures
from mlops_tui.data.engine.frame import read_frame
from mlops_tui.data.engine.payload import from_bytes, to_bytes
from mlops_tui.data.engine.profiling import merge, profile_file, summarise
from mlops_tui.data.engine.reading import open_file
from mlops_tui.data.engine.sketches import distinct_count
from mlops_tui.data.engine.telling import by_file
from mlops_tui.data.profile import ColumnProfile
from mlops_tui.data.profile_query import summaries
from mlops_tui.data.proposing import propose
from mlops_tui.data.query import find_source
from mlops_tui.data.service import Sources
from mlops_tui.jobs.context import AnswerContext
from mlops_tui.store.store import Store

FIRST = 2**53 + 1
INTEGERS = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.integers(-9, 9),
    st.integers(2**53 - 3, 2**53 + 3),
)


def written(folder: Path, values: list[int], ending: str = "csv") -> Path:
    path = folder / f"t.{ending}"
    if ending == "parquet":
        pd.DataFrame({"n": values}).to_parquet(path)
    else:
        path.write_text("n,m\n" + "".join(f"{value},1\n" for value in values))
    return path


def profiled(values: list[int], block_rows: int = 10_000) -> list[ColumnProfile]:
    """The column in each block of a file, whose kind is an integer whatever it holds."""
    with tempfile.TemporaryDirectory() as folder:
        found = profile_file(
            written(Path(folder), values), kinds={"n": "integer", "m": "integer"}, block_rows=block_rows
        )
    columns = [block.profile.column("n") for block in found.blocks]
    return [column for column in columns if column is not None]


@settings(max_examples=25, deadline=None)
@given(st.lists(INTEGERS, min_size=1, max_size=12), st.integers(1, 5))
def test_bounds_are_exact_in_every_block_store_and_merge(values: list[int], size: int) -> None:
    blocks = profiled(values, size)
    payloads = [to_bytes(block) for block in blocks]
    assert [from_bytes(payload, "n", "integer") for payload in payloads] == blocks
    merged = merged_payloads(payloads, "n", "integer")
    for told, there in [(merged, values), *((b, values[i * size : (i + 1) * size]) for i, b in enumerate(blocks))]:
        assert told.moments is not None
        assert (told.moments.minimum, told.moments.maximum) == (min(there), max(there))
        assert distinct_count(told) == len(set(there))


def test_a_thousand_neighbours_are_told_apart_within_the_error_of_the_sketch() -> None:
    values = [FIRST + place for place in range(3_000)]
    whole = merged_payloads([to_bytes(block) for block in profiled([*values, *values], 1_000)], "n", "integer")
    assert distinct_count(whole) == pytest.approx(3_000, rel=0.07)  # three standard deviations


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_the_summary_of_a_file_says_them_as_they_are(tmp_path: Path, ending: str) -> None:
    values = [2**63 - 1, FIRST, FIRST - 1, -(2**63) + 1]
    (block, *_) = profile_file(written(tmp_path, values, ending)).blocks
    record = json.loads(json.dumps(summarise(block.profile)[0]))
    assert (record["kind"], record["distinct"], record["min"], record["max"]) == (
        "integer",
        4,
        min(values),
        max(values),
    )


def test_integers_that_a_float_holds_are_profiled_as_ever(tmp_path: Path) -> None:
    (small,) = profiled([1, 2, 2**53 - 1])
    assert isinstance(small.moments.maximum if small.moments else None, float)
    assert small.registers is None
    assert to_bytes(small).startswith(b"P4")


def test_profiles_of_an_earlier_revision_merge_with_them() -> None:
    (small,), (large,) = profiled([5, 7]), profiled([FIRST, 7])
    for parts in ([small, large], [large, small]):
        merged = merged_payloads([to_bytes(part) for part in parts], "n", "integer")
        assert merged.moments is not None
        assert (merged.moments.minimum, merged.moments.maximum, distinct_count(merged)) == (5, FIRST, 3)


def test_integers_of_twenty_digits_are_read_as_text_and_lose_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, [10**20 + place for place in range(3)])
    record = summarise(merge([block.profile for block in profile_file(path).blocks]))[0]
    assert record["kind"] == "category"
    assert [item["value"] for item in record["top"]] == [str(10**20 + place) for place in range(3)]  # type: ignore[attr-defined]


def test_a_range_tells_neighbours_apart_by_profile_and_by_rows(tmp_path: Path) -> None:
    check = Check("range", WARN, "n", most=FIRST)
    for most, holds in ((FIRST, True), (FIRST + 1, False), (FIRST - 1, True)):
        figures = FileFigures("t.csv", 2, {"n": ColumnFigures("integer", 2, 0, 2, 1, most)})
        assert verdict(check, figures) is holds
        path = written(tmp_path, [1, most])
        with open_file(path) as file:
            broken = RowReader(file, {"n": "integer"}, path).broken(check)
            assert (broken is None) is holds
            allowed = RowReader(file, {"n": "integer"}, path).broken(Check("allowed", WARN, "n", values=(1, FIRST)))
            assert (allowed is None) is (most == FIRST)


def test_a_proposed_range_has_room_beyond_large_bounds() -> None:
    low, high = FIRST, 2**63 - 1
    figures = FileFigures("a.csv", 9, {"n": ColumnFigures("integer", 9, 0, 9, low, high)})
    (check,) = [one for one in propose({"n": "integer"}, {}, [figures]) if one.kind == "range"]
    assert isinstance(check.most, int)
    assert check.most > high
    assert verdict(check, figures)


def test_a_source_shows_them_exactly(store: Store, sources: Sources, folder: Path, scan: Callable[..., Any]) -> None:
    written(folder, [FIRST, FIRST - 1, 3])
    sources.add(folder, name="s")
    scan()
    source = find_source(store.reader, "s")
    record = next(one for one in summaries(store.reader, source.id, 1) if one["name"] == "n")
    assert (record["min"], record["max"], record["distinct"]) == (3, FIRST, 3)
    (file,) = by_file(AnswerContext(store, Settings()), source="s", column="n")["files"]
    assert file["max"] == FIRST


def test_whole_decimals_of_up_to_18_digits_are_integers_and_exact(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    values = [10**17 + 1, 10**17 + 2, None, 5]
    decimals = {"n": pa.array(values, pa.decimal128(18, 0)), "price": pa.array([1, 2, 3, 4], pa.decimal128(18, 2))}
    pq.write_table(pa.table(decimals), path)
    (block,) = profile_file(path).blocks
    whole, price = summarise(block.profile)
    assert (whole["kind"], whole["min"], whole["max"], whole["distinct"]) == ("integer", 5, 10**17 + 2, 3)
    assert price["kind"] == "numeric"
    assert read_frame(path)["price"].tolist() == [1, 2, 3, 4]


LIMIT = 10**20 + 2


@pytest.mark.parametrize(
    ("kind", "values", "check", "count"),
    [
        (pa.decimal128(25, 0), [LIMIT - 1, LIMIT, LIMIT + 1], Check("range", WARN, "n", most=LIMIT), 1),
        (pa.decimal128(25, 0), [LIMIT - 1, LIMIT, LIMIT + 1], Check("range", WARN, "n", least=LIMIT), 1),
        (pa.decimal128(25, 0), [LIMIT, LIMIT, LIMIT], Check("range", WARN, "n", least=LIMIT, most=LIMIT), 0),
        (pa.decimal128(25, 0), [LIMIT, LIMIT + 1], Check("allowed", WARN, "n", values=(LIMIT, 7)), 1),
        (pa.decimal128(25, 0), [LIMIT, LIMIT + 1, LIMIT], Check("monotone", WARN, "n"), 1),
        (pa.decimal128(25, 0), [LIMIT, LIMIT + 1, LIMIT], Check("unique", WARN, "n"), 1),
        (pa.decimal128(25, 0), [LIMIT, LIMIT + 1], Check("relation", WARN, "n", operator="<=", other="m"), 1),
        (pa.decimal128(25, 2), [LIMIT, LIMIT + 1], Check("range", WARN, "n", most=1.5), 2),
        (pa.decimal128(38, 10), [1, 2], Check("range", WARN, "n", most=10**35), 0),
        (pa.decimal128(38, 10), [1, 2], Check("range", WARN, "n", most=1e300), 0),
        (pa.uint64(), [2**63, 2**63 + 1], Check("range", WARN, "n", most=2**63), 1),
        (pa.string(), [str(LIMIT), str(LIMIT + 1), "x", "1.5"], Check("range", WARN, "n", most=LIMIT), 1),
        (pa.string(), ["9" * 38, "9" * 60, "1"], Check("range", WARN, "n", most=1.5), 2),
    ],
)
def test_numbers_of_more_digits_than_a_float_has_are_checked_digit_by_digit(
    tmp_path: Path, kind: pa.DataType, values: list[Any], check: Check, count: int
) -> None:
    path = tmp_path / "t.parquet"
    told = [Decimal(value) for value in values] if pa.types.is_decimal(kind) else values
    others = [Decimal(LIMIT)] * len(values)
    pq.write_table(pa.table({"n": pa.array(told, kind), "m": pa.array(others, pa.decimal128(30, 0))}), path)
    with open_file(path) as file:
        kinds = {column.name: column.plain_kind for column in file.shape.columns}
        broken = RowReader(file, kinds, path).broken(check)
    assert (broken.count if broken else 0) == count
    figures = FileFigures("t", len(values), {"n": column_figures(profile_file(path).blocks[0].profile.columns[0])})
    assert verdict(check, figures) is not True or count == 0
