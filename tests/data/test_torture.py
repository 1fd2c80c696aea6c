"""Files that break parsers: each is read right or refused in a sentence, and no row is lost unsaid."""

from __future__ import annotations

import csv
import gzip
import io
import os
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlops_tui.core.errors import DataError, FileUnreadable
from mlops_tui.data.engine.frame import read_frame
from mlops_tui.data.engine.locked import sharing
from mlops_tui.data.engine.profiling import profile_file
from mlops_tui.data.engine.reading import open_file, raw_file
from mlops_tui.data.options import ReadOptions

Rows = list[list[str | None]]

READ: dict[str, tuple[str | bytes, ReadOptions, Rows]] = {
    "comma in quotes": ('a,b\n"x, y",1\nz,2\n', ReadOptions(), [["x, y", "1"], ["z", "2"]]),
    "doubled quotes": ('a,b\n"say ""hi""",1\n', ReadOptions(), [['say "hi"', "1"]]),
    "escaped quotes": ('a,b\n"say \\"hi\\"",1\n', ReadOptions(escape="\\"), [['say "hi"', "1"]]),
    "newlines in quotes": ('a,b\n"one\ntwo",1\nz,2\n', ReadOptions(), [["one\ntwo", "1"], ["z", "2"]]),
    "newlines and CRLF": ('a,b\r\n"one\r\ntwo",1\r\nz,2\r\n', ReadOptions(), [["one\r\ntwo", "1"], ["z", "2"]]),
    "no newline at the end": ("a,b\n1,2\n3,4", ReadOptions(), [["1", "2"], ["3", "4"]]),
    "old line ends": ("a,b\r1,2\r3,4\r", ReadOptions(), [["1", "2"], ["3", "4"]]),
    "empty fields": ("a,b,c\n1,,3\n,,6\n", ReadOptions(), [["1", None, "3"], [None, None, "6"]]),
    "blank lines": ("a,b\n1,2\n\n3,4\n\n", ReadOptions(), [["1", "2"], ["3", "4"]]),
    "semicolons": ("a;b\n1,5;x\n2,5;y\n", ReadOptions(), [["1.5", "x"], ["2.5", "y"]]),
    "tabs": ("a\tb\n1\tx\n2\ty\n", ReadOptions(), [["1", "x"], ["2", "y"]]),
    "pipes": ("a|b\n1|x\n2|y\n", ReadOptions(), [["1", "x"], ["2", "y"]]),
    "mark of UTF-8": (b"\xef\xbb\xbfa,b\n1,x\n", ReadOptions(), [["1", "x"]]),
    "UTF-16 little": ("a,b\n1,é\n".encode("utf-16"), ReadOptions(), [["1", "é"]]),
    "UTF-16 big": (b"\xfe\xff" + "a;b\n1;é\n".encode("utf-16-be"), ReadOptions(), [["1", "é"]]),
    "UTF-16 with quoted newline": ('a,b\n1,"é\nü"\n2,x\n'.encode("utf-16"), ReadOptions(), [["1", "é\nü"], ["2", "x"]]),
    "latin-1, unsaid": ("a,b\n1,é\n2,Köln\n".encode("latin-1"), ReadOptions(), [["1", "é"], ["2", "Köln"]]),
    "latin-1, with comments": (
        "# größe, und\na;b\n1;é\n".encode("latin-1"),
        ReadOptions(encoding="latin-1"),
        [["1", "é"]],
    ),
    "latin-1": ("a,b\n1,é\n".encode("latin-1"), ReadOptions(encoding="latin-1"), [["1", "é"]]),
    "emoji and right to left": ("a,b\n🙂,שלום\n", ReadOptions(), [["🙂", "שלום"]]),
    "leading zeros": ("zip,n\n00501,1\n10001,2\n", ReadOptions(), [["00501", "1"], ["10001", "2"]]),
    "a late leading zero": (
        "z,n\n" + "7,1\n" * 30_000 + "07,1\n",
        ReadOptions(),
        [["7", "1"]] * 30_000 + [["07", "1"]],
    ),
    "NA is a name": (
        "s,n\nNA,1\nNone,2\nnull,3\nnan,4\n",
        ReadOptions(),
        [["NA", "1"], ["None", "2"], ["null", "3"], ["nan", "4"]],
    ),
    "NA is missing where told": ("s,n\nNA,1\nx,2\n", ReadOptions(missing=("", "NA")), [[None, "1"], ["x", "2"]]),
    "beyond 64 bits": ("n\n1\n99999999999999999999999\n", ReadOptions(), [["1"], ["99999999999999999999999"]]),
    "comment lines before": ("# made by x\n# on, monday\na,b\n1,2\n", ReadOptions(), [["1", "2"]]),
    "comment lines between": ('a,b\n1,2\n# "not, closed\n3,4\n', ReadOptions(comment="#"), [["1", "2"], ["3", "4"]]),
    "a header that begins with #": ("#id,v\n1,2\n3,4\n", ReadOptions(), [["1", "2"], ["3", "4"]]),
    "# in values": ("a,b\n1,item #5\n2,#x\n", ReadOptions(), [["1", "item #5"], ["2", "#x"]]),
    "one column": ("a\nx\ny\n", ReadOptions(), [["x"], ["y"]]),
    "a header of spaces": ("a b, c\n1,2\n", ReadOptions(), [["1", "2"]]),
    "an empty name": ("a,,c\n1,2,3\n4,5,6\n", ReadOptions(), [["1", "2", "3"], ["4", "5", "6"]]),
    "control characters in names": ("a\x1b[31m,b\x07\n1,2\n", ReadOptions(), [["1", "2"]]),
    "no header": ("1,x\n2,y\n", ReadOptions(header=False), [["1", "x"], ["2", "y"]]),
    "spaces around": ("a,b\n 1 , x \n", ReadOptions(), [["1", " x "]]),
    "single quotes": ("a;b\n'x;y';1\n'z';2\n", ReadOptions(quote="'"), [["x;y", "1"], ["z", "2"]]),
    "only quotes": ('a,b\n"",""\n"x",""\n', ReadOptions(), [[None, None], ["x", None]]),
}
"""What is written, how it is read, and its rows; a number as it is shown."""


def shown(value: object) -> str | None:
    if value is None or value != value:
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


@pytest.mark.parametrize("packing", ["", ".gz", ".zst"])
@pytest.mark.parametrize("name", READ)
def test_it_is_read_as_it_is_written(tmp_path: Path, name: str, packing: str) -> None:
    content, options, rows = READ[name]
    data = content.encode() if isinstance(content, str) else content
    if packing == ".gz":
        data = gzip.compress(data)
    elif packing == ".zst":
        data = pa.compress(data, codec="zstd", asbytes=True)
    path = tmp_path / f"a.csv{packing}"
    path.write_bytes(data)
    frame = read_frame(path, options)
    assert [[shown(value) for value in row] for row in frame.to_numpy(dtype=object).tolist()] == rows
    profiled = profile_file(path, options)
    assert (profiled.rows, profiled.rejects.count) == (len(rows), 0)


REFUSED: dict[str, tuple[str, bytes, str]] = {
    "nothing": ("a.csv", b"", "is empty"),
    "a header alone": ("a.csv", b"a,b\n", "a header and no rows"),
    "a header without an end": ("a.csv", b"a,b", "a header and no rows"),
    "two columns of one name": ("a.csv", b"a,b,a\n1,2,3\n", "two columns of one name"),
    "names that differ in case": ("a.csv", b"a,A\n1,2\n", "two columns of one name"),
    "a program": ("a.csv", b"\x7fELF" + bytes(range(256)) * 40, "not a text file"),
    "zeros": ("a.csv", b"\0" * 5000, "not a text file"),
    "a picture": ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(random.Random(1).randbytes(4000)), "not a text file|encoding"),
    "half an archive": (
        "a.csv.gz",
        gzip.compress(b"a,b\n" + os.urandom(9000).hex().encode())[:-2000],
        "cannot be unpacked",
    ),
    "no archive": ("a.csv.zst", b"a,b\n1,2\n", "cannot be unpacked"),
    "half a Parquet file": ("a.parquet", b"PAR1" + b"x" * 400, "not a whole Parquet file"),
    "nothing but broken letters": ("a.csv", "a,é\n".encode() + b"3,\xff\n", "line 2 is not text in the encoding"),
    "an encoding of Windows": ("a.csv", "a,b\n1,“x”\n".encode("cp1252"), "encoding of Windows"),
    "UTF-16 turned round, a mark that stays open": (
        "a.csv",
        b"\xfe\xff" + 'a,b\n1,"x\n2,y\n'.encode("utf-16-be"),
        "line 2 has a quotation mark that is not closed in column b",
    ),
    "UTF-16 turned round, without a last byte": (
        "a.csv",
        b"\xfe\xff" + "a,b\n1,x".encode("utf-16-be")[:-1],
        "is not text in the encoding",
    ),
    "UTF-16 turned round, only a header": (
        "a.csv",
        b"\xfe\xff" + "a,b\n".encode("utf-16-be"),
        "has a header and no rows",
    ),
    "a quotation mark that stays open": ("a.csv", b'a,b\n1,"x\n2,y\n3,z\n', "quotation mark"),
}
"""The file's name, its bytes, and words of the sentence."""


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_a_sentence(tmp_path: Path, name: str) -> None:
    file, data, words = REFUSED[name]
    path = tmp_path / file
    path.write_bytes(data)
    with pytest.raises(FileUnreadable, match=words) as found:
        profile_file(path)
    said = str(found.value)
    assert said.startswith(file)
    assert "\n" not in said
    assert all(letter.isprintable() for letter in said)


@pytest.mark.slow
def test_ten_thousand_columns_are_read(tmp_path: Path) -> None:
    names = [f"c{i}" for i in range(10_000)]
    path = tmp_path / "wide.csv"
    path.write_text("\n".join(",".join(row) for row in [names, *[[str(i % 7) for i in range(10_000)]] * 20]) + "\n")
    profiled = profile_file(path, kinds=dict.fromkeys(names, "integer"))
    assert (profiled.rows, len(profiled.blocks[0].profile.columns)) == (20, 10_000)


@pytest.mark.parametrize("size", [1_900_000, 3_000_000])
def test_a_line_longer_than_the_engine_takes_is_a_bad_row(tmp_path: Path, size: int) -> None:
    path = tmp_path / "long.csv"
    path.write_text("a,b\n" + "1,x\n" * 400 + "2," + "y" * size + "\n" + "3,z\n" * 400)
    profiled = profile_file(path, kinds={"a": "integer", "b": "text"})
    assert profiled.rows + profiled.rejects.count == 801
    if size > 2_000_000:
        [row] = profiled.rejects.first
        assert (row.line, row.reason) == (402, "is longer than 2 MB")


@pytest.mark.parametrize("packing", ["", ".gz"])
def test_a_line_beyond_all_bounds_is_refused_by_its_number(tmp_path: Path, packing: str) -> None:
    data = b"a,b\n" + b"1,x\n" * 400 + b"2," + b"y" * 40_000_000 + b"\n" + b"3,z\n" * 400
    path = tmp_path / f"long.csv{packing}"
    path.write_bytes(gzip.compress(data, 1) if packing else data)
    with pytest.raises(FileUnreadable, match=r"line 402 is longer than 16 MB"):
        profile_file(path, kinds={"a": "integer", "b": "text"})


def test_a_file_that_is_cut_while_it_is_read_is_said_to_change(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "1,x\n" * 400_000)
    cut = threading.Timer(0.01, lambda: os.truncate(path, 1000))
    cut.start()
    with pytest.raises(FileUnreadable, match=r"changed while it was read|went away"):
        _read_on(path)
    cut.join()


def _read_on(path: Path) -> None:
    while True:
        profile_file(path)


def test_bad_rows_are_left_out_alike_by_every_reader(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b,c\n1,x,1.5\n2,"one\ntwo",2.5\n3\n4,x,oops\n5,y,6,7\n"6"x,y,1\n7,z,\n8,z,3.5\n')
    kinds = {"a": "integer", "b": "text", "c": "numeric"}
    profiled = profile_file(path, kinds=kinds)
    assert [(row.line, row.column_name) for row in profiled.rejects.first] == [
        (5, None),
        (6, "c"),
        (7, None),
        (8, None),
    ]
    assert (profiled.rejects.count, dict(profiled.rejects.misfits)) == (4, {"c": 1})
    frame = read_frame(path, kinds=kinds, leave_out_bad_rows=True)
    assert frame["a"].tolist() == [1, 2, 7, 8]
    with open_file(path, kinds=kinds, leave_out_bad_rows=True) as file:
        for column in ("a", "b", "c", "a, c", "*"):
            assert len(file.con.execute(f"SELECT {column} FROM {file.sql}").fetchall()) == 4
        assert file.con.execute(f"SELECT count(*) FROM {file.sql}").fetchall() == [(4,)]
        assert file.lines_of([1, 2, 3, 4]) == [2, 3, 9, 10]
    with pytest.raises(
        FileUnreadable, match=r"a\.csv, line 5 has 1 field where the header has 3, and 3 more rows are bad"
    ):
        read_frame(path, kinds=kinds)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1"])
@pytest.mark.parametrize("packing", ["", ".gz", ".zst"])
def test_lines_of_bad_rows_are_those_of_an_editor(tmp_path: Path, packing: str, encoding: str, end: str) -> None:
    text = 'a,b\n1,"é\nü"\n\n2,"é\nü"\n\n\n3\n4,x\n# here\n\noops,y\n'.replace("\n", end)
    data = text.encode(encoding)
    data = {"": lambda d: d, ".gz": gzip.compress, ".zst": lambda d: pa.compress(d, codec="zstd", asbytes=True)}[
        packing
    ](data)
    path = tmp_path / f"a.csv{packing}"
    path.write_bytes(data)
    profiled = profile_file(path, ReadOptions(encoding=encoding, comment="#"), kinds={"a": "integer", "b": "text"})
    assert [row.line for row in profiled.rejects.first] == [9, 13]
    assert (profiled.rows, profiled.rejects.count) == (3, 2)


FIELD = st.text(st.sampled_from("ab1. ,\"\n'é#0"), max_size=6)


@pytest.fixture
def _shared(tmp_path: Path) -> Iterator[None]:
    """One connection for all that a test writes into its file."""
    with sharing([tmp_path / "a.csv"]):
        yield


@pytest.mark.usefixtures("_shared")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(FIELD, min_size=1, max_size=4), min_size=1, max_size=30))
def test_rows_that_are_read_and_rows_that_are_not_are_all_that_there_are(tmp_path: Path, rows: list[list[str]]) -> None:
    """Every row is written whole by a CSV writer; those with another number of fields than the header are bad."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(["a", "b"])
    writer.writerows(rows)
    path = tmp_path / "a.csv"
    path.write_text(text.getvalue(), newline="")
    options = ReadOptions(delimiter=",", header=True, encoding="utf-8", decimal=".", comment="")
    width = 3 if all(len(row) == 3 and not row[2] for row in rows) else 2  # each row ends with a delimiter
    fitting = [row for row in rows if len(row) == width]
    try:
        profiled = profile_file(path, options, kinds={"a": "text", "b": "text"})
    except DataError:
        assert not fitting
        return
    assert (profiled.rows, profiled.rejects.count) == (len(fitting), len(rows) - len(fitting))
    frame = read_frame(path, options, {"a": "text", "b": "text"}, leave_out_bad_rows=True)
    assert [[value or "" for value in row] for row in frame.to_numpy().tolist()] == fitting


SOME = "".join(f"{place},x{place % 3},{place * 2}\n" for place in range(200))
KINDS = {"a": "integer", "b": "category", "c": "integer"}


@pytest.mark.parametrize("packing", ["", ".gz"])
@pytest.mark.parametrize(
    ("rows", "line", "column", "what"),
    [
        (SOME.replace("\n50,x2", '\n50,"x2'), 52, "b", "has a quotation mark that is not closed in column b"),
        (SOME + '50,x2,"3\n', 202, "c", "has a quotation mark that is not closed in column c"),
        (SOME.replace(",x1,", ',"x\n""1",') + '"50,x2,3\n' + SOME, 269, "a", "not closed in column a"),
        (SOME.replace("\n50,x2", '\n50,"x"2'), 52, "b", "has text behind a value in quotation marks in column b"),
        (SOME.replace("\n50,x2", '\n50,"x2').replace("150,x0", '150,"x0'), 52, "b", "text behind a value"),
        (SOME * 300 + '50,"x2,3\n' + SOME * 300, 60_002, "b", "has a quotation mark that is not closed in column b"),
        (SOME * 300 + '50,"x,3\n' + SOME + '51,"x,3\n' + SOME, 60_002, "b", "text behind a value"),
        (SOME.replace("\n50,x2", "\n50,x\x002"), 52, None, "is not a text file: line 52 has a NUL character"),
        (SOME * 300 + "50,x\x002,3\n" + SOME, 60_002, None, "is not a text file: line 60,002 has a NUL character"),
        (SOME * 900 + "50,\x00\n", 180_002, None, "is not a text file: line 180,002 has a NUL character"),
    ],
)
def test_a_wrong_quotation_mark_and_a_nul_are_named_by_line_and_no_row_is_lost_in_silence(
    tmp_path: Path, rows: str, line: int, column: str | None, what: str, packing: str
) -> None:
    path = tmp_path / f"t.csv{packing}"
    data = f"a,b,c\n{rows}".encode()
    path.write_bytes(gzip.compress(data, 1) if packing else data)
    with pytest.raises(FileUnreadable, match=what) as refused:
        profile_file(path, kinds=KINDS)
    assert (refused.value.row, refused.value.column) == (line, column)


def test_a_wrong_quotation_mark_within_its_line_costs_that_row_alone(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b,c\n" + SOME * 300 + '50,"x"2,3\n' + SOME)
    profiled = profile_file(path, kinds=KINDS)
    assert (profiled.rows, profiled.rejects.count) == (60_200, 1)
    assert profiled.rejects.first[0].line == 60_002


def test_a_file_whose_profile_is_kept_is_not_looked_through_again(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"1,x\n" * 400 + b"2," + b"y" * 40_000_000 + b"\n", 1))
    with pytest.raises(FileUnreadable, match="longer than 16 MB"), raw_file(path):
        pass
    with raw_file(path, is_known=True) as (_, raw):
        assert list(raw.stored) == ["a", "b"]
