"""Each format of data files is read as it is written, whatever its ending is packed in."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pytest

from mlops_tui.core.errors import FileUnreadable
from mlops_tui.data.engine.frame import read_frame
from mlops_tui.data.engine.profiling import profile_file
from mlops_tui.data.engine.reading import inspect, locked_connection, open_file
from mlops_tui.data.options import ReadOptions

ROWS = [
    {"id": "007", "n": 12345678901234567, "x": 1.5, "on": True, "day": "2026-01-02", "at": "2026-01-02T10:00:00Z"},
    {
        "id": "010",
        "n": -3,
        "x": 2.0,
        "on": False,
        "day": "2026-01-03",
        "at": "2026-01-03T11:30:00Z",
        "more": {"k": [1]},
    },
    {"id": None, "n": 0, "x": None, "on": None, "day": None, "at": None},
]
TYPES = {
    "id": "VARCHAR",
    "n": "BIGINT",
    "x": "DOUBLE",
    "on": "BOOLEAN",
    "day": "DATE",
    "at": "TIMESTAMP WITH TIME ZONE",
}


def types(path: Path) -> dict[str, str]:
    return {column.name: column.dtype for column in inspect(path).columns}


def packed(path: Path, data: bytes) -> Path:
    if path.suffix == ".gz":
        data = gzip.compress(data)
    if path.suffix == ".zst":
        data = pa.compress(data, codec="zstd", asbytes=True)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.json", "a.jsonl.gz", "a.jsonl.zst", "A.JSONL"])
def test_json_lines_are_rows_with_the_keys_as_columns(tmp_path: Path, name: str) -> None:
    path = packed(tmp_path / name, "\n".join(map(json.dumps, ROWS)).encode())
    assert types(path) == TYPES | {"more": "VARCHAR"}
    frame = read_frame(path)
    assert frame["id"].tolist() == ["007", "010", None]
    assert frame["n"].tolist() == [12345678901234567, -3, 0]
    assert frame["x"].tolist()[:2] == [1.5, 2.0]
    assert frame["at"].tolist()[1] == pd.Timestamp("2026-01-03 11:30")
    assert frame["more"].tolist() == [None, '{"k":[1]}', None]


def test_numbers_that_json_cannot_hold_as_such_stay_text(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"n": 12345678901234567890123}\n{"n": 1}\n')
    assert read_frame(path)["n"].tolist() == ["12345678901234567890123", "1"]


def test_a_line_that_is_no_object_is_a_bad_row_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": 1}\n\nnot json\n[1, 2]\n{"a": 2}\n{"a": 3')
    with open_file(path, leave_out_bad_rows=True) as file:
        assert [(row.line, row.reason) for row in file.shape.rejects.first] == [
            (3, "is not JSON"),
            (4, "is not a JSON object"),
            (6, "is not JSON"),
        ]
        assert (file.shape.rows, file.shape.rejects.count) == (2, 3)
        assert file.lines_of([1, 2]) == [1, 5]
    with pytest.raises(FileUnreadable, match=r"a\.jsonl, line 3 is not JSON, and 2 more rows are bad\."):
        read_frame(path)


def test_json_that_is_no_lines_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(ROWS, indent=1))
    with pytest.raises(FileUnreadable, match=r"a\.json is one JSON array"):
        inspect(path)


@pytest.mark.parametrize("compression", ["uncompressed", "lz4", "zstd"])
@pytest.mark.parametrize("name", ["a.feather", "a.arrow", "a.ipc"])
def test_arrow_files_keep_their_own_types(tmp_path: Path, name: str, compression: str) -> None:
    table = pa.table(
        {
            "n": pa.array([1, None, 3], pa.int32()),
            "c": pa.array(["x", "y", "x"]).dictionary_encode(),
            "at": pa.array([datetime(2026, 1, 1, 10, tzinfo=UTC)] * 3, pa.timestamp("us", tz="UTC")),
            "day": pa.array([date(2026, 1, 1)] * 3),
        }
    )
    pyarrow.feather.write_feather(table, tmp_path / name, compression=compression)
    assert types(tmp_path / name) == {"n": "BIGINT", "c": "VARCHAR", "at": "TIMESTAMP WITH TIME ZONE", "day": "DATE"}
    frame = read_frame(tmp_path / name)
    assert frame["c"].tolist() == ["x", "y", "x"]
    assert frame["at"].tolist() == [pd.Timestamp("2026-01-01 10:00")] * 3
    profiled = profile_file(tmp_path / name)
    assert (profiled.rows, profiled.blocks[0].profile.column("n").missing) == (3, 1)


def test_an_arrow_stream_is_read_too(tmp_path: Path) -> None:
    table = pa.table({"n": [1, 2], "s": ["a", "b"]})
    with pa.OSFile(str(tmp_path / "a.arrow"), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    assert read_frame(tmp_path / "a.arrow")["n"].tolist() == [1, 2]


def workbook(path: Path, **sheets: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_a_workbook_is_read_by_its_first_sheet_or_the_one_that_is_named(tmp_path: Path) -> None:
    at = datetime(2026, 1, 1, 10, 30)
    first = [["id", "n", "x", "at", "s"], ["007", 1, 1.5, at, "a"], ["008", 2, None, at, None], ["009", 3, 2.5, at, 5]]
    path = workbook(tmp_path / "a.xlsx", first=first, second=[["z"], [1]])
    assert types(path) == {"id": "VARCHAR", "n": "BIGINT", "x": "DOUBLE", "at": "TIMESTAMP", "s": "VARCHAR"}
    frame = read_frame(path)
    assert frame["id"].tolist() == ["007", "008", "009"]
    assert frame["s"].tolist() == ["a", None, "5"]
    assert read_frame(path, ReadOptions(sheet="second"))["z"].tolist() == [1]
    with pytest.raises(FileUnreadable, match=r"has no sheet third"):
        inspect(path, ReadOptions(sheet="third"))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a.xlsx", "not a whole Excel file"),
        ("a.feather", "not a whole Arrow file"),
        ("a.parquet", "not a whole Parquet"),
    ],
)
def test_a_broken_file_of_columns_is_refused_in_a_sentence(tmp_path: Path, name: str, words: str) -> None:
    for data in (b"\x00\x01\x02garbage" * 50, b"PK\x03\x04" + b"x" * 99, b"ARROW1\x00\x00" + b"y" * 40):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(FileUnreadable, match=words):
            inspect(tmp_path / name)


@pytest.mark.parametrize("make", [lambda p: pd.DataFrame({"x": ["1", "oops", None]}).to_parquet(p)])
def test_a_value_of_a_parquet_file_that_is_not_of_its_kind_is_a_bad_row(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "a.parquet")
    profiled = profile_file(tmp_path / "a.parquet", kinds={"x": "numeric"})
    assert (profiled.rows, profiled.rejects.count, dict(profiled.rejects.misfits)) == (2, 1, {"x": 1})
    assert profiled.rejects.first[0].line == 2


@pytest.mark.parametrize(
    "ending", [".csv", ".csv.gz", ".csv.zst", ".jsonl", ".jsonl.gz", ".parquet", ".arrow", ".xlsx"]
)
@pytest.mark.parametrize("folder", [".", "d[1]*"])
def test_a_name_that_reads_as_a_pattern_is_the_name_of_one_file(tmp_path: Path, folder: str, ending: str) -> None:
    """What else fits the pattern is not read, and neither is it where SQL names it."""
    place = tmp_path / folder
    place.mkdir(exist_ok=True)
    for number, name in enumerate(["a*[1]?", "aXX1X", "aX1X"]):
        path, table = place / f"{name}{ending}", pd.DataFrame({"n": [number, number], "city": ["Rome", "Oslo"]})
        if ".csv" in ending:
            packed(path, table.to_csv(index=False).encode())
        elif ".jsonl" in ending:
            packed(path, table.to_json(orient="records", lines=True).encode())
        elif ending == ".parquet":
            table.to_parquet(path)
        elif ending == ".arrow":
            pyarrow.feather.write_feather(table, path)
        else:
            table.to_excel(path, index=False)
    path = place / f"a*[1]?{ending}"
    assert read_frame(path)["n"].tolist() == [0, 0]
    assert profile_file(path).rows == 2
    with locked_connection([path]) as con, pytest.raises(duckdb.PermissionException):
        con.execute(f"SELECT * FROM read_text('{place}/aX1X{ending}')")


def test_the_lines_of_bad_rows_are_found_in_a_file_whose_name_reads_as_a_pattern(tmp_path: Path) -> None:
    (tmp_path / "a[1].csv").write_text("n,x\n1,2\n3,4,5\n" + "6,7\n" * 300)
    with pytest.raises(FileUnreadable, match=r"a\[1\]\.csv, line 3 has 3 fields"):
        inspect(tmp_path / "a[1].csv")
