"""The kind of a column is guessed from what it holds, and the reason is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlops_tui.data.engine import kinds
from mlops_tui.data.engine.kinds import ColumnFacts, guess_kind, guess_kinds, named_like_id
from mlops_tui.data.engine.profiling import profile_file
from mlops_tui.data.engine.reading import open_file
from mlops_tui.data.options import ReadOptions
from mlops_tui.data.query import find_source
from mlops_tui.data.service import Sources
from mlops_tui.store.store import Store


def facts(name: str = "v", dtype: str = "VARCHAR", rows: int = 100, missing: int = 0, **rest: object) -> ColumnFacts:
    told = {"distinct": 10, "length": 5.0, "spaced": False, "constant": False, **rest}
    return ColumnFacts(name, dtype, rows, missing, **told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "kind", "because"),
    [
        (facts(missing=100), "constant", "every value is missing"),
        (facts(constant=True, missing=3, distinct=1), "constant", "all 97 values are alike, and 3 are missing"),
        (facts(dtype="DOUBLE", distinct=100), "numeric", "number"),
        (facts(dtype="BIGINT", distinct=2), "integer", "whole number"),
        (facts(name="customer_id", dtype="BIGINT", distinct=100), "identifier", "like an id"),
        (facts(name="count", dtype="BIGINT", distinct=100), "integer", "whole number"),
        (facts(name="shop_id", dtype="BIGINT", distinct=4), "integer", "whole number"),
        (facts(dtype="BOOLEAN", distinct=2), "boolean", "true or false"),
        (facts(dtype="DATE", distinct=50), "date-time", "date or time"),
        (facts(dtype="DATE", distinct=1, constant=True), "date-time", "date or time"),
        (facts(distinct=10), "category", "10 different strings in 100 values"),
        (facts(distinct=99), "identifier", "nearly all different"),
        (facts(distinct=99, length=36.0), "identifier", "nearly all different"),
        (facts(distinct=90, length=80.0, spaced=True), "text", "80 characters"),
        (facts(rows=5, distinct=5), "category", "5 different"),
        (facts(name="uuid", rows=5, distinct=5), "identifier", "like an id"),
    ],
)
def test_a_kind_is_guessed_with_its_reason(given: ColumnFacts, kind: str, because: str) -> None:
    found, why = guess_kind(given)
    assert found == kind
    assert because in why


@pytest.mark.parametrize("name", ["id", "ID", "customer_id", "orderId", "uuid", "row.id", "USER_ID"])
def test_names_of_ids_are_known(name: str) -> None:
    assert named_like_id(name)


@pytest.mark.parametrize("name", ["paid", "humid", "idea", "v", "key", "grid"])
def test_words_that_end_like_ids_are_not_ids(name: str) -> None:
    assert not named_like_id(name)


def test_the_facts_are_read_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    header = "order_id,amount,city,note,day,paid,same,empty,target\n"
    notes = (f"a rather long remark about order number {i}" for i in range(200))
    rows = (
        f"{i},{i / 7},{'AB'[i % 2]},{note},2026-01-{i % 28 + 1:02},{['true', 'false'][i % 2]},x,,{i % 2}\n"
        for i, note in enumerate(notes)
    )
    path.write_text(header + "".join(rows))
    with open_file(path) as file:
        kinds = {
            name: kind
            for name, (kind, _) in guess_kinds(
                file.con, file.sql_of, {c.name: c.dtype for c in file.shape.columns}
            ).items()
        }
    assert kinds == {
        "order_id": "identifier",
        "amount": "numeric",
        "city": "category",
        "note": "text",
        "day": "date-time",
        "paid": "boolean",
        "same": "constant",
        "empty": "constant",
        "target": "integer",
    }


@pytest.mark.parametrize(
    ("values", "kind", "because"),
    [
        ([f"{i % 9 + 1},{i:03}.5" for i in range(100, 200)], "text", "numbers with thousands separators, read as text"),
        ([f"1.{i:03},5" for i in range(100, 102)] * 50, "category", "numbers with thousands separators, read as text"),
        ([f"2026.01.{i % 28 + 1:02}" for i in range(50)] + ["31/01/2026"] * 50, "category", "not all of one format"),
        ([f"1.2.{i}" for i in range(100)], "identifier", "nearly all different"),
        ([f"{i:05}" for i in range(100)], "identifier", "nearly all different"),
        ([f"{i % 98:05}" for i in range(100)], "category", "98 different strings in 100 values, codes of digits"),
    ],
)
def test_what_looks_like_numbers_or_dates_and_is_read_as_text_is_said(
    tmp_path: Path, values: list[str], kind: str, because: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_text("v;x\n" + "".join(f"{value};1\n" for value in values))
    with open_file(path, ReadOptions(decimal=".")) as file:
        types = {column.name: column.dtype for column in file.shape.columns}
        assert types["v"] == "VARCHAR"
        found, why = guess_kinds(file.con, file.sql_of, types)["v"]
    assert (found, because in why) == (kind, True)


def numbers(count: int) -> list[str]:
    return [f"{place}.5" for place in range(count)]


@pytest.mark.parametrize(
    ("values", "because"),
    [
        (
            [*numbers(25_000), "oops", "1.5"],
            "nearly all different; all values but one, 'oops' in line 25,002, are numbers"
            " (data schema --kind v=numeric would leave that row out)",
        ),
        (["7", "n/a", "8", "9", "n/a", "10", "11"], "all values but 2, the first of them 'n/a' in line 3, are numbers"),
        (
            ["12", "13", "012", "14"],
            "'012' in line 4, are numbers (data schema --kind v=numeric would change that value)",
        ),
        (["12", "13", "012", "x", "14", "15"], "would change 1 of those values and leave the rows of the others out)"),
        ([f"2026-01-{i % 28 + 1:02}" for i in range(50)] + ["soon"], "but one, 'soon' in line 52, are dates or times"),
    ],
)
def test_the_value_that_makes_numbers_or_times_texts_is_named_with_its_line(
    store: Store, sources: Sources, folder: Path, scan: Callable[..., Any], values: list[str], because: str
) -> None:
    """Whether the engine's first look meets it or not."""
    (folder / "t.csv").write_text("v,x\n" + "".join(f"{value},1\n" for value in values))
    sources.add(folder, name="s")
    scan()
    assert because in find_source(store.reader, "s").reasons["v"]


def test_of_texts_that_are_mostly_no_numbers_none_is_named(
    store: Store, sources: Sources, folder: Path, scan: Callable[..., Any]
) -> None:
    (folder / "t.csv").write_text("v,x\n" + "".join(f"{'ABC'[i % 3]},1\n" for i in range(30)) + "7,1\n")
    sources.add(folder, name="s")
    scan()
    assert find_source(store.reader, "s").reasons["v"].endswith("4 different strings in 31 values")


def test_columns_of_types_that_are_read_as_text_have_a_kind(
    store: Store, sources: Sources, folder: Path, scan: Callable[..., Any]
) -> None:
    """Integers without a sign, bytes, times of day, lists."""
    columns = {
        "long": pa.array([2**64 - 1, 5, 6], pa.uint64()),
        "bytes": pa.array([b"a", b"\x00", None], pa.binary()),
        "clock": pa.array([1, 2, 3], pa.time64("us")),
        "list": pa.array([[1], [2, 3], []], pa.list_(pa.int64())),
    }
    pq.write_table(pa.table(columns), folder / "t.parquet")
    sources.add(folder, name="s")
    assert scan()["taken"] == 1
    assert find_source(store.reader, "s").kinds == dict.fromkeys(columns, "category")


@pytest.mark.parametrize("first", ["inf", "-inf", "Infinity", "nan", ""])
def test_an_infinite_number_may_come_first(tmp_path: Path, first: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        f"v,w,x,y\n{first},inf,Infinity,infinity\n" + "".join(f"{i}.5,inf,Nothing,2026-03-01\n" for i in range(50))
    )
    with open_file(path) as file:
        assert {column.name: column.dtype for column in file.shape.columns} == {
            "v": "DOUBLE",
            "w": "DOUBLE",
            "x": "VARCHAR",
            "y": "DATE",
        }


def test_a_date_in_another_format_than_the_source_s_is_read_as_iso_or_a_bad_row(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("d\n31/01/2026\n2026-02-01\n2026.02.03\n")
    profiled = profile_file(path, ReadOptions(delimiter=",", header=True, date_format="%d/%m/%Y"), {"d": "date-time"})
    assert profiled.rows == 2
    assert [(row.line, row.column_name) for row in profiled.rejects.first] == [(4, "d")]


@pytest.mark.parametrize("count", [45, 50, 1_000, 20_000])
def test_how_many_strings_differ_is_counted_and_not_estimated(tmp_path: Path, count: int) -> None:
    path = tmp_path / "a.csv"
    path.write_text("s,n\n" + "".join(f"w{place},{place}\n" for place in range(count)))
    with open_file(path) as file:
        guessed = guess_kinds(file.con, file.sql_of, {column.name: column.dtype for column in file.shape.columns})
    assert guessed["s"][1].startswith(f"{count:,} different strings in {count:,} values")


def test_of_a_large_file_the_number_is_called_an_estimate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "COUNTED_UP_TO", 100)
    path = tmp_path / "a.csv"
    path.write_text("s,n\n" + "".join(f"w{place % 3},{place}\n" for place in range(101)))
    with open_file(path) as file:
        guessed = guess_kinds(file.con, file.sql_of, {column.name: column.dtype for column in file.shape.columns})
    assert guessed["s"][1].startswith("about 3 different strings in 101 values")
