"""Reading one data file: whole, as it is written, or not at all with one clear sentence."""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from mlops_tui.core.errors import DataError, FileUnreadable, UnknownColumn
from mlops_tui.data.engine.frame import read_frame
from mlops_tui.data.engine.reading import ReadOptions, content_hash, inspect, locked_connection, open_file

Writer = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Writer:
    def writer(content: str | bytes, name: str = "table.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return writer


def dtypes(path: Path, options: ReadOptions | None = None) -> dict[str, str]:
    return {column.name: column.dtype for column in inspect(path, options).columns}


# what is read


def test_types_delimiter_and_header_are_sniffed(write: Writer) -> None:
    path = write("id;x;on;s\n1;2.5;true;a\n2;;false;b\n")
    shape = inspect(path)
    assert dtypes(path) == {"id": "BIGINT", "x": "DOUBLE", "on": "BOOLEAN", "s": "VARCHAR"}
    assert (shape.rows, shape.options.delimiter, shape.options.header) == (2, ";", True)


def test_what_was_sniffed_reads_the_file_again_alike(write: Writer) -> None:
    path = write("a;d;v\nx;13/02/2026;1,5\ny;14/02/2026;2,25\n")
    options = ReadOptions.from_json(inspect(path).options.to_json())
    assert options.decimal == ","
    pd.testing.assert_frame_equal(read_frame(path), read_frame(path, options))
    assert read_frame(path, options)["v"].tolist() == [1.5, 2.25]
    assert read_frame(path, options)["d"].tolist() == [pd.Timestamp("2026-02-13"), pd.Timestamp("2026-02-14")]


def test_frame_dtypes_follow_the_kinds(write: Writer) -> None:
    path = write("i,j,x,b,s,t\n1,1,1.5,true,a,2026-01-01\n2,,,,,\n")
    frame = read_frame(path)
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
        "i": "int64",
        "j": "float64",
        "x": "float64",
        "b": "object",
        "s": "object",
        "t": "datetime64[us]",
    }
    assert frame["b"].tolist() == [True, None]
    assert frame["s"].tolist() == ["a", None]
    assert np.isnan(frame["j"][1])
    assert frame["t"].isna().tolist() == [False, True]


def test_quoted_newlines_and_doubled_quotes_stay_in_their_field(write: Writer) -> None:
    frame = read_frame(write('a,b\n1,"two\nlines"\n2,"a ""word"", said"\n'))
    assert frame["b"].tolist() == ["two\nlines", 'a "word", said']


def test_quotes_that_first_come_late_are_still_quotes(write: Writer) -> None:
    """The sniffed sample holds no quotation mark; the file's last row does."""
    path = write("a,b\n" + "1,x\n" * 30_000 + '2,"p,q"\n')
    assert read_frame(path)["b"].iloc[-1] == "p,q"


@pytest.mark.parametrize("content", [b"a,b\r\n1,x\r\n2,y\r\n", b"\xef\xbb\xbfa,b\n1,x\n2,y\n", b"a\tb\n1\tx\n2\ty"])
def test_line_endings_marks_and_tabs_make_no_difference(write: Writer, content: bytes) -> None:
    assert read_frame(write(content)).to_dict("list") == {"a": [1, 2], "b": ["x", "y"]}


def test_latin_1_is_known_by_letters_that_stand_alone(write: Writer) -> None:
    path = write("name;v\ncafé;1\n".encode("latin-1"))
    assert inspect(path).options.encoding == "latin-1"
    for options in (ReadOptions(), ReadOptions(encoding="latin-1")):
        assert read_frame(path, options)["name"].tolist() == ["café"]
    with pytest.raises(FileUnreadable, match=r"table\.csv.* is not text in the encoding"):
        read_frame(path, ReadOptions(encoding="utf-8"))


def test_utf_16_is_known_by_its_mark(write: Writer) -> None:
    assert read_frame(write("a,b\n1,é\n".encode("utf-16")))["b"].tolist() == ["é"]


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (["007", "012"], "VARCHAR"),
        (["0", "10"], "BIGINT"),
        (["0.5", "10"], "DOUBLE"),
        (["18446744073709551616", "1"], "VARCHAR"),
        (["1234567890123456789012345678901234567890123", "1"], "VARCHAR"),
        (["yes", "no"], "VARCHAR"),
        (["True", "false"], "BOOLEAN"),
        (["NA", "1"], "VARCHAR"),
        (["2026-01-01T10:00:00Z", "2026-01-01T12:00:00+02:00"], "TIMESTAMP WITH TIME ZONE"),
    ],
)
def test_a_column_becomes_a_number_only_where_nothing_is_lost(write: Writer, values: list[str], dtype: str) -> None:
    path = write("v,w\n" + "".join(f"{value},1\n" for value in values))
    assert dtypes(path)["v"] == dtype
    if dtype == "VARCHAR":
        assert read_frame(path)["v"].tolist() == values


def test_times_with_a_zone_become_utc(write: Writer) -> None:
    frame = read_frame(write("t\n2026-01-01T10:00:00Z\n2026-01-01T12:00:00+02:00\n"))
    assert frame["t"].tolist() == [pd.Timestamp("2026-01-01T10:00")] * 2


def test_strings_named_missing_are_missing(write: Writer) -> None:
    path = write("a,b\n1,x\nNA,NA\n")
    frame = read_frame(path, ReadOptions(missing=("", "NA")))
    assert frame["a"].isna().tolist() == [False, True]
    assert read_frame(path)["b"].tolist() == ["x", "NA"]


def test_a_type_that_changes_late_is_widened_and_no_row_lost(write: Writer) -> None:
    path = write("a,b\n" + "".join(f"{i},1\n" for i in range(30_000)) + "x,1.5\n")
    assert dtypes(path) == {"a": "VARCHAR", "b": "DOUBLE"}
    assert inspect(path).rows == 30_001


def test_a_fraction_is_never_rounded_to_a_whole_number(write: Writer) -> None:
    path = write("a\n" + "1\n" * 30_000 + "1.5\n")
    for kinds in ({}, {"a": "numeric"}):
        assert read_frame(path, kinds=kinds)["a"].iloc[-1] == 1.5
    with pytest.raises(FileUnreadable, match=r"line 30,002 has '1\.5' in column a"):
        read_frame(path, kinds={"a": "integer"})


def test_a_late_number_beyond_64_bits_stays_exact(write: Writer) -> None:
    path = write("a\n" + "1\n" * 30_000 + "18446744073709551617\n")
    assert read_frame(path)["a"].iloc[-1] == "18446744073709551617"


def test_a_late_time_of_day_and_a_late_zone_are_kept(write: Writer) -> None:
    day = write("t\n" + "2026-01-01\n" * 30_000 + "2026-01-01 10:00:00\n", "day.csv")
    zone = write("t\n" + "2026-01-01 10:00:00\n" * 30_000 + "2026-01-01 12:00:00+02\n", "zone.csv")
    for path in (day, zone):
        assert read_frame(path)["t"].iloc[-1] == pd.Timestamp("2026-01-01 10:00")


def test_given_kinds_decide_the_types(write: Writer) -> None:
    path = write("zip,n\n10115,3\n20095,4\n")
    frame = read_frame(path, kinds={"zip": "category", "n": "numeric"})
    assert frame["zip"].tolist() == ["10115", "20095"]
    assert frame["n"].dtype == "float64"


def test_a_directory_named_like_a_partition_adds_no_column(tmp_path: Path) -> None:
    folder = tmp_path / "month=3"
    folder.mkdir()
    (folder / "a.csv").write_text("x\n1\n")
    assert dtypes(folder / "a.csv") == {"x": "BIGINT"}


def test_lines_that_look_like_comments_are_rows(write: Writer) -> None:
    assert read_frame(write("a,b\n#1,2\n3,4\n"))["a"].tolist() == ["#1", "3"]


def test_compressed_files_and_parquet_read_like_csv(write: Writer, tmp_path: Path) -> None:
    plain = write("a,b,t\n1,x,2026-01-01\n2,,2026-01-02\n")
    write(gzip.compress(plain.read_bytes()), "table.csv.gz")
    for name, how in (("table.csv.zst", "format csv, compression zstd"), ("table.parquet", "format parquet")):
        duckdb.sql(f"COPY (FROM '{plain}') TO '{tmp_path / name}' ({how})")
    for name in ("table.csv.gz", "table.csv.zst", "table.parquet"):
        pd.testing.assert_frame_equal(read_frame(tmp_path / name), read_frame(plain))


def test_parquet_types_come_down_to_the_few(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    query = "SELECT 1::TINYINT i, 1.5::DECIMAL(9, 2) d, [1, 2] l, {'i': 1} s, 12345678901234567890::UBIGINT u"
    duckdb.sql(f"COPY ({query}) TO '{path}'")
    assert list(dtypes(path).values()) == ["BIGINT", "DOUBLE", "VARCHAR", "VARCHAR", "VARCHAR"]
    assert read_frame(path)["u"].tolist() == ["12345678901234567890"]


def test_columns_are_read_in_the_order_asked(write: Writer) -> None:
    path = write("a,b,c\n1,2,3\n")
    assert list(read_frame(path, columns=["c", "a"])) == ["c", "a"]
    with pytest.raises(UnknownColumn, match="no column z"):
        read_frame(path, columns=["z"])


def test_the_content_hash_is_sha256(write: Writer) -> None:
    path = write("a\n1\n")
    assert content_hash(path) == hashlib.sha256(b"a\n1\n").hexdigest()


def test_odd_options_are_refused() -> None:
    with pytest.raises(DataError, match="encoding"):
        ReadOptions(encoding="klingon")
    with pytest.raises(DataError, match="no option"):
        ReadOptions.from_json('{"colour": 1}')


# what is refused


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        ("", "e.csv", r"e\.csv is empty"),
        ("a,b\n", "h.csv", r"h\.csv has a header and no rows"),
        (bytes(range(256)) * 40, "b.csv", r"b\.csv is not a text file"),
        ("PAR1 and no more", "t.parquet", r"t\.parquet is not a whole Parquet file"),
        ("a,A,b\n1,2,3\n", "d.csv", r"two columns of one name \(a and A\)"),
        ("a,a\n1,2\n", "d.csv", r"two columns of one name \(a and a\)"),
        (b"a,b\r\n1,2\n3,4\r\n", "m.csv", r"m\.csv mixes two kinds of line ending"),
        ('a,b\n1,"2\n3,4\n', "q.csv", "line 2 has a quotation mark that is not closed in column b"),
        ("My report\na,b\n1,2\n3,4\n", "r.csv", "line 2 has 2 fields where the header has 1"),
        ("a,b\n1," + "x" * 3_000_000 + "\n", "l.csv", "line 2 is longer than 2 MB"),
    ],
)
def test_a_bad_file_is_refused_in_one_sentence(write: Writer, content: str | bytes, name: str, says: str) -> None:
    with pytest.raises(FileUnreadable, match=says) as caught:
        inspect(write(content, name))
    assert caught.value.title.endswith(".")
    assert "\n" not in str(caught.value)
    assert caught.value.remedy


def test_a_truncated_archive_and_parquet_are_refused(write: Writer, tmp_path: Path) -> None:
    archive = gzip.compress(b"a,b\n" + os.urandom(9000).hex().encode())
    with pytest.raises(FileUnreadable, match=r"t\.csv\.gz cannot be unpacked"):
        inspect(write(archive[:-2000], "t.csv.gz"))
    whole = tmp_path / "w.parquet"
    duckdb.sql(f"COPY (SELECT range FROM range(1000)) TO '{whole}'")
    with pytest.raises(FileUnreadable, match="not a whole Parquet file"):
        inspect(write(whole.read_bytes()[:-40], "t.parquet"))


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match="does not exist"):
        inspect(tmp_path / "none.csv")
    with pytest.raises(FileUnreadable, match="is not a file"):
        inspect(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(write: Writer) -> None:
    path = write("a\n1\n")
    path.chmod(0)
    with pytest.raises(FileUnreadable, match="may not be read"):
        inspect(path)


def test_ragged_rows_are_named_by_line(write: Writer) -> None:
    with pytest.raises(FileUnreadable, match=r"line 3 has 2 fields where the header has 3, and 1 more") as caught:
        inspect(write("a,b,c\n1,2,3\n4,5\n6,7,8,9\n7,8,9\n"))
    assert (caught.value.check, caught.value.row, caught.value.column) == ("readable", 3, None)


def test_lines_are_counted_as_an_editor_counts_them(write: Writer) -> None:
    """Fields that hold line breaks do not shift the line that is named."""
    with pytest.raises(FileUnreadable) as caught:
        inspect(write('a,b\n1,"x\ny\nz"\n2,"x"\n3\n'))
    assert caught.value.row == 6


def test_a_value_that_does_not_fit_its_frozen_kind_is_named(write: Writer) -> None:
    path = write("a,b\n1,2\n3,oops\n")
    with pytest.raises(FileUnreadable, match=r"line 3 has 'oops' in column b") as caught:
        read_frame(path, kinds={"a": "integer", "b": "numeric"})
    assert (caught.value.row, caught.value.column) == (3, "b")


def test_control_characters_do_not_reach_the_message(write: Writer) -> None:
    path = write("a,b\x1b[31m\n1,2\n3,x\n")
    assert "b\x1b[31m" in dtypes(path)
    with pytest.raises(FileUnreadable) as caught:
        read_frame(path, kinds={"b\x1b[31m": "numeric"})
    assert str(caught.value).isprintable()
    assert caught.value.column == "b\x1b[31m"


def test_a_file_that_changes_while_it_is_read_is_refused(write: Writer) -> None:
    path = write("a\n1\n")
    with pytest.raises(FileUnreadable, match="changed while it was read"), open_file(path):
        path.write_text("a\n1\n2\n")


# the lock


def test_a_locked_connection_reads_its_files_and_no_other(write: Writer, tmp_path: Path) -> None:
    ours, other = write("a\n1\n", "ours.csv"), write("a\n2\n", "other.csv")
    with locked_connection([ours]) as con:
        assert con.execute(f"FROM read_csv('{ours}')").fetchall() == [(1,)]
        for query in (f"FROM read_csv('{other}')", "FROM read_text('/etc/passwd')", f"FROM glob('{tmp_path}/*')"):
            with pytest.raises(duckdb.PermissionException):
                con.execute(query).fetchall()


def test_a_locked_connection_writes_nothing_and_stays_locked(write: Writer, tmp_path: Path) -> None:
    with locked_connection([write("a\n1\n")]) as con:
        for query in (f"COPY (SELECT 1) TO '{tmp_path}/out.csv'", f"ATTACH '{tmp_path}/z.db'", "INSTALL httpfs"):
            with pytest.raises(duckdb.PermissionException):
                con.execute(query)
        with pytest.raises(duckdb.InvalidInputException, match="locked"):
            con.execute("SET enable_external_access=true")
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    "content",
    [
        "name,n\n'Smith, John',1\n'Doe, Jane',2\n",
        "'name';'n'\n'Smith, John';'1'\n'Doe, Jane';'2'\n",
        "name\tn\r\n'Smith, John'\t1\r\n'Doe, Jane'\t2\r\n",
    ],
)
def test_single_quotation_marks_are_told_where_they_clearly_are_marks(write: Writer, content: str) -> None:
    path = write(content)
    shape = inspect(path)
    assert (shape.options.quote, shape.options.escape) == ("'", "'")
    assert read_frame(path, shape.options).to_dict("list") == {"name": ["Smith, John", "Doe, Jane"], "n": [1, 2]}


@pytest.mark.parametrize(
    "content",
    [
        "name,n\n'tis,1\nit's,2\n'twas,3\n",
        "name,n\n\"O'Neill, A\",1\n'x',2\n'y',3\n",
        "name,n\nrock 'n' roll,1\n'n',2\nplain,3\nplain,4\nplain,5\n",
        "say\n'a'\n'b'\n",
    ],
)
def test_apostrophes_are_no_quotation_marks(write: Writer, content: str) -> None:
    path = write(content)
    shape = inspect(path)
    assert shape.options.quote == '"'
    assert any("'" in value for value in read_frame(path, shape.options).iloc[:, 0])


def test_a_name_that_comes_twice_is_named_with_the_line_of_the_header(write: Writer) -> None:
    path = write("# made by hand\n\na,b,a\n1,2,3\n4,5,6\n", "d.csv")
    with pytest.raises(FileUnreadable, match="two columns of one name") as caught:
        inspect(path, ReadOptions(comment="#"))
    assert (caught.value.row, caught.value.column, caught.value.check) == (3, "a", "columns")
