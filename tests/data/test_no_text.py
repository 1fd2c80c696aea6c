"""Files that have the ending of a text file and hold none."""

from __future__ import annotations

import gzip
import io
import sqlite3
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from mlops_tui.core.errors import FileUnreadable
from mlops_tui.data.engine.reading import inspect
from mlops_tui.data.options import ReadOptions

TEXT = "a,b\n1,2\n3,4\n"


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, TEXT)
    return file.getvalue()


def parquet() -> bytes:
    return pd.DataFrame({"a": [1, 2]}).to_parquet()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (zipped("a.csv"), "a.csv is a zip archive. Unpack it"),
        (zipped("[Content_Types].xml", "xl/a.xml"), "a.csv is an Excel workbook. End its name in .xlsx"),
        (gzip.compress(TEXT.encode()), "a.csv is packed with gzip. End its name in .gz"),
        (parquet(), "a.csv is a Parquet file. End its name in .parquet"),
    ],
    ids=["zip", "excel", "gzip", "parquet"],
)
def test_a_packed_file_is_called_what_it_is(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(FileUnreadable) as raised:
        inspect(tmp_path / "a.csv")
    assert str(raised.value).startswith(words)


def test_a_database_is_called_one(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "a.csv") as connection:
        connection.execute("CREATE TABLE t (x)")
    with pytest.raises(FileUnreadable, match=r"a\.csv is a SQLite database"):
        inspect(tmp_path / "a.csv")


@pytest.mark.parametrize("text", ["   \n\n", " ", "\n\n", "\t\r\n \r\n", "\ufeff \n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("options", [None, ReadOptions(delimiter=",", header=True)], ids=["found", "told"])
def test_a_file_of_blanks_is_empty(tmp_path: Path, text: str, encoding: str, options: ReadOptions | None) -> None:
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    with pytest.raises(FileUnreadable, match=r"a\.csv is empty: it holds nothing but blanks"):
        inspect(tmp_path / "a.csv", options)
