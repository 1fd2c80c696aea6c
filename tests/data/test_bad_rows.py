"""Bad rows as they are kept: the line, why, and what stands there in the file."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mlops_tui.core.errors import FileUnreadable
from mlops_tui.data.checks import WARN, Check
from mlops_tui.data.engine.breaking import RowReader
from mlops_tui.data.engine.frame import read_frame, read_version
from mlops_tui.data.engine.kinds import guess_kinds
from mlops_tui.data.engine.late_words import late_words
from mlops_tui.data.engine.profiling import profile_file
from mlops_tui.data.engine.reading import inspect, open_file
from mlops_tui.data.engine.sql import sql
from mlops_tui.data.engine.verdicts import verdicts
from mlops_tui.data.options import ReadOptions
from mlops_tui.data.profile_query import rejects_of
from mlops_tui.data.query import find_source, findings_of, key_of, list_files
from mlops_tui.data.service import Sources
from mlops_tui.jobs.context import AnswerContext, JobContext
from mlops_tui.store.store import Store
from tests.data.conftest import SETTINGS

Scan = Callable[..., dict[str, Any]]
KINDS = {"a": "category", "n": "numeric", "b": "category"}


def texts(path: Path, options: ReadOptions | None = None) -> list[tuple[int, str]]:
    return [(row.line, row.text) for row in profile_file(path, options, KINDS).rejects.first]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1"])
def test_the_text_of_a_bad_row_is_that_of_the_file(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    rows = ["a,n,b", "x,1,y", ",oops,", '"two\nlines, é",bad,""', "x,2", ' x ,"3 ", y', "ü,four,"]
    path.write_bytes("\r\n".join([*rows, ""]).encode(encoding))
    options = ReadOptions(encoding=encoding, delimiter=",", header=True)
    assert texts(path, options) == [(3, rows[2]), (4, rows[3]), (6, rows[4]), (8, rows[6])]


def test_a_bad_row_of_json_lines_is_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    lines = ['{"a": "x", "n": 1}', '{"n": "oops", "b": null}', "[1]", '{"n": 2.5}', '{"b": "y", "n": "no"}']
    path.write_text("\n".join(lines))
    assert texts(path) == [(2, lines[1]), (3, lines[2]), (5, lines[4])]


def test_a_bad_row_of_a_file_without_lines_keeps_the_place_of_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pd.DataFrame({"a": ["x", None], "n": ["1", "oops"], "b": [None, None]}).astype("string").to_parquet(path)
    assert texts(path) == [(2, ", oops, ")]


def test_a_check_says_the_line_of_a_bad_row_and_leaves_the_row_to_the_list_of_them(
    store: Store, sources: Sources, folder: Path, scan: Scan, queue_scan: Callable[[], str]
) -> None:
    (folder / "a.csv").write_text("a,n,b\n" + "".join(f"x,{place}.5,y\n" for place in range(200)))
    sources.add(folder, name="s")
    scan()
    (folder / "b.csv").write_text("a,n,b\n" + "".join(f"x,{place}.5,y\n" for place in range(200)) + ",oops,\n")
    scan()
    source = find_source(store.reader, "s")
    (kept,) = findings_of(store.reader, list_files(store.reader, source.id)[1].id)
    assert (kept.row_number, kept.column_name) == (202, "n")
    told = verdicts(JobContext(store, SETTINGS, queue_scan(), 1), source, "b.csv")["files"][0]
    assert [(row["line"], row["text"]) for row in told["bad_rows"]] == [(202, ",oops,")]
    (folder / "c.csv").write_text("a,n,b\nx,1.5,y\n,oops,\n")
    scan()
    told = verdicts(JobContext(store, SETTINGS, queue_scan(), 1), source, "c.csv")["files"][0]
    assert [(item["row"], item["examples"]) for item in told["found"]] == [(3, [])]


def test_a_number_that_is_too_large_for_a_float_is_a_bad_row_and_an_infinite_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("n,b\n" + "1.5,x\n" * 50 + "1e400,x\ninf,x\n-Infinity,x\n,x\nnan,x\n-2e309,y\n")
    found = profile_file(path, None, {"n": "numeric", "b": "category"})
    assert [(row.line, row.text) for row in found.rejects.first] == [(52, "1e400,x"), (57, "-2e309,y")]
    assert found.rejects.first[0].reason == "has '1e400' in column n, which is too large for a number of 64 bits"
    assert found.rows == 54
    with open_file(path) as file:  # of a column whose kind is not known yet the reason says it
        late = late_words(file, ["n"])["n"]
    assert "all values but 2, the first of them '1e400' in line 52, are numbers" in late
    assert "would leave those rows out" in late


@pytest.mark.parametrize("is_first", [True, False])
def test_a_byte_of_another_encoding_makes_one_bad_row_in_the_first_file_as_in_a_later_one(
    store: Store, sources: Sources, folder: Path, scan: Scan, is_first: bool
) -> None:
    good = "n,name\n" + "".join(f"{place},Zoë{place % 7}\n" for place in range(500))
    broken = good.encode() + b"500,caf\xe9\n"
    (folder / "a.csv").write_bytes(broken if is_first else good.encode())
    sources.add(folder, name="s")
    scan()
    (folder / "b.csv").write_bytes(good.replace("Zoë", "Zoé").encode() if is_first else broken)
    scan()
    source = find_source(store.reader, "s")
    told = sorted((file.rows, file.bad_rows, file.state) for file in list_files(store.reader, source.id))
    assert told == [(500, 0, "taken_in"), (500, 1, "taken_in")]
    assert len(read_version(store, source, None)) == 1000


@pytest.mark.parametrize("told", [None, "utf-16"])
@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_utf_16_is_read_in_either_order_of_bytes_with_or_without_a_mark(
    tmp_path: Path, told: str | None, codec: str, mark: str
) -> None:
    text = "n,name\n1,añ\n\noops\n2,b\n"
    path = tmp_path / "a.csv"
    path.write_bytes((mark + text).encode(codec))
    options = ReadOptions(encoding=told)
    assert read_frame(path, options, leave_out_bad_rows=True)["name"].tolist() == ["añ", "b"]
    (bad,) = profile_file(path, options).rejects.first
    assert (bad.line, bad.text) == (4, "oops")
    assert inspect_some(path, options) == [("n", "BIGINT"), ("name", "VARCHAR")]


def inspect_some(path: Path, options: ReadOptions) -> list[tuple[str, str]]:
    with open_file(path, options, leave_out_bad_rows=True) as file:
        return [(column.name, column.dtype) for column in file.shape.columns]


@pytest.mark.parametrize("ending", ["csv", "csv.gz"])
def test_a_source_of_utf_16_with_its_bytes_turned_round_is_one_as_any_other(
    store: Store, sources: Sources, folder: Path, scan: Scan, ending: str
) -> None:
    """Read, profiled, checked by its rows, shown as a table, and read back."""
    rows = "".join(f'{place};"é\n{place}";2026-03-{place % 28 + 1:02}\r\n' for place in range(300))
    data = f"n;name;day\r\n{rows}7;x\r\n301;;2026-03-01".encode("utf-16-be")
    (folder / f"a.{ending}").write_bytes(gzip.compress(data) if ending.endswith("gz") else data)
    sources.add(folder, name="s")
    assert scan()["taken"] == 1
    source = find_source(store.reader, "s")
    assert source.kinds == {"n": "integer", "name": "identifier", "day": "date-time"}
    (file,) = list_files(store.reader, source.id)
    assert (file.rows, file.bad_rows) == (301, 1)
    (bad,) = rejects_of(store.reader, key_of(source, file)).first
    assert (bad.line, bad.reason, bad.text) == (602, "has 2 fields where the header has 3", "7;x")
    frame = read_version(store, source, None)
    assert frame["name"].tolist()[-2:] == ["é\n299", None]
    context = AnswerContext(store, SETTINGS)
    page = sql(context, query="SELECT max(n) AS most, count(*) AS rows FROM s")
    assert page["rows"] == [[301, 301]]
    with open_file(
        folder / file.path, ReadOptions.from_json(json.dumps(source.options)), leave_out_bad_rows=True
    ) as read:
        broken = RowReader(read, source.kinds, folder / file.path).broken(Check("range", WARN, "n", most=298))
    assert broken is not None
    assert [example.line for example in broken.examples] == [600, 603]


def test_the_bad_rows_of_a_file_that_is_not_read_at_all_are_kept_until_it_is(
    store: Store, sources: Sources, folder: Path, scan: Scan, queue_scan: Callable[[], str]
) -> None:
    good = "".join(f"{place},b\n" for place in range(20))
    (folder / "f.csv").write_text("n,s\n" + good + "1,2,3\n" * 10)
    sources.add(folder, name="s")
    scan()
    (folder / "g.csv").write_text("n,s\n" + good)
    scan()  # which freezes how files are read
    source = find_source(store.reader, "s")
    (file, _) = list_files(store.reader, source.id)
    assert (file.path, file.rows, file.state) == ("f.csv", None, "quarantined")
    kept = rejects_of(store.reader, key_of(source, file))
    assert kept.count == 10
    assert [(row.line, row.reason, row.text) for row in kept.first][:2] == [
        (22, "has 3 fields where the header has 2", "1,2,3"),
        (23, "has 3 fields where the header has 2", "1,2,3"),
    ]
    told = verdicts(JobContext(store, SETTINGS, queue_scan(), 1), source, "f.csv")["files"][0]
    assert told["bad_rows"][0]["line"] == 22
    assert told["left_out"] == 10
    (folder / "f.csv").write_text("n,s\n" + good)
    scan()
    assert [file.state for file in list_files(store.reader, source.id)] == ["taken_in", "taken_in"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("quoted.csv", "n,s,t\n1,'a,b',x\n2,'c,d',y\n", r"\(data options --delimiter, --quote\)"),
        ("other.csv", "n;s;t\n1;a;2026-01-01\n2;b;2026-01-02\n", r"\(data options --delimiter ';'\)"),
        ("dates.csv", "n,s,t\n1,a,13.02.2026\n2,b,14.02.2026\n", "data options --date-format"),
        ("comma.csv", 'n,s,t\n"1,5",a,2026-01-01\n"2,5",b,2026-01-02\n', r"data options --decimal"),
        ("array.json", '[{"n": 1},\n{"n": 2}]', "is one JSON array"),
    ],
)
def test_a_refusal_names_the_option_that_may_mend_it(
    store: Store, sources: Sources, folder: Path, scan: Scan, name: str, content: str, words: str
) -> None:
    (folder / "a.csv").write_text("n,s,t\n" + "".join(f"{n}.5,{'ab'[n % 2]},2026-01-0{n + 1}\n" for n in range(9)))
    sources.add(folder, name="s", pattern="*")
    scan()
    (folder / name).write_text(content)
    scan()
    (file,) = [file for file in list_files(store.reader, find_source(store.reader, "s").id) if file.path == name]
    assert file.state == "quarantined"
    assert re.search(words, file.reason or "")


def test_a_parquet_file_without_rows_has_no_header(tmp_path: Path) -> None:
    pd.DataFrame({"a": []}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(FileUnreadable, match=r"a\.parquet has columns and no rows"):
        inspect(tmp_path / "a.parquet")


@pytest.mark.parametrize("options", [None, ReadOptions(missing=("", "NA"))])
def test_an_empty_field_too_many_makes_a_bad_row(tmp_path: Path, options: ReadOptions | None) -> None:
    """The engine would take it for no field, and a missing value's sign too."""
    path = tmp_path / "t.csv"
    path.write_text("x,y\n1,2\n3,4,\n5,\n6,7,,\n,8\n" + ("9,10,NA\n" if options else "9,10,\n"))
    found = profile_file(path, options)
    assert found.rows == 3
    assert found.rejects.count == 3
    assert [(row.line, row.text) for row in found.rejects.first[:2]] == [(3, "3,4,"), (5, "6,7,,")]
    assert found.rejects.first[0].reason == "has 3 fields where the header has 2"
    frame = read_frame(path, options, leave_out_bad_rows=True)
    assert frame.fillna(0).to_numpy().tolist() == [[1, 2], [5, 0], [0, 8]]


@pytest.mark.parametrize("names", ["x,y", "x"])
def test_a_delimiter_at_each_rows_end_that_the_header_lacks_is_a_column_without_values(
    tmp_path: Path, names: str
) -> None:
    """As some programs write tables: nothing is lost, and the column says what it is."""
    columns = [*names.split(","), f"column{len(names.split(','))}"]
    path = tmp_path / "t.csv"
    path.write_text(f"{names}\n" + "".join(",".join([str(i)] * (len(columns) - 1)) + ",\n" for i in range(9)))
    with open_file(path) as file:
        assert [column.name for column in file.shape.columns] == columns
        types = {column.name: column.dtype for column in file.shape.columns}
        assert guess_kinds(file.con, file.sql_of, types)[columns[-1]] == ("constant", "every value is missing")
    assert read_frame(path)["x"].tolist() == list(range(9))


def test_an_empty_field_too_many_is_found_in_a_row_of_very_many(tmp_path: Path) -> None:
    path, width = tmp_path / "t.csv", 600
    rows = [["1"] * width, [*["2"] * width, ""], [*["3"] * (width - 1), ""]]
    path.write_text("\n".join(",".join(row) for row in [[f"c{i}" for i in range(width)], *rows]))
    found = profile_file(path, kinds=dict.fromkeys((f"c{i}" for i in range(width)), "integer"))
    assert found.rows == 2
    assert [(row.line, row.reason) for row in found.rejects.first] == [(3, "has 601 fields where the header has 600")]


def test_a_source_may_have_no_field_that_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("x,y\n1,a\n2,\n")
    assert read_frame(path, ReadOptions(missing=()))["y"].tolist() == ["a", ""]


@pytest.mark.parametrize("value", ["yes", "no", "T", "1", "0", "on"])
def test_a_word_that_is_not_true_or_false_is_a_bad_row_of_a_boolean_column(tmp_path: Path, value: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"x,flag\n1,true\n2,False\n3,{value}\n4,\n")
    profiled = profile_file(path, None, {"x": "integer", "flag": "boolean"})
    assert profiled.rows == 3
    [row] = profiled.rejects.first
    assert (row.line, row.column_name) == (4, "flag")
    assert row.reason == f"has '{value}' in column flag, which does not fit the column's kind (boolean)"
