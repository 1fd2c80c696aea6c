"""An empty field too many in a file of one column is a bad row, as in one of several."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_tui.core.errors import FileUnreadable
from mlops_tui.data.engine.frame import read_frame
from mlops_tui.data.engine.profiling import profile_file
from mlops_tui.data.options import ReadOptions

MANY = "4\n" * 300
TOLD = ReadOptions(delimiter=",", header=True, missing=("", "NA"))


@pytest.mark.parametrize("options", [ReadOptions(), TOLD])
@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_late_delimiter_behind_the_only_column_is_a_bad_row(tmp_path: Path, options: ReadOptions, end: str) -> None:
    path = tmp_path / "a.csv"
    text = f"a\n{MANY}1,\n{MANY}2,"
    path.write_bytes((text.replace("\n", end or "\n") + end).encode())
    found = profile_file(path, options)
    assert (found.rows, [(row.line, row.reason) for row in found.rejects.first]) == (
        600,
        [(302, "has 2 fields where the header has 1"), (603, "has 2 fields where the header has 1")],
    )


def test_empty_lines_of_one_column_stay_missing_values(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"a\n{MANY}\n5\n")
    found = profile_file(path)
    assert (found.rows, found.rejects.count, found.blocks[0].profile.columns[0].missing) == (302, 0, 1)


def test_both_in_one_file_are_refused_since_one_of_them_would_be_lost(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"a\n{MANY}\n1,\n")
    with pytest.raises(FileUnreadable, match="line 303 has a field too many, and line 302 is empty"):
        profile_file(path)


def test_a_delimiter_behind_each_row_is_a_column_without_values(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a\n1,\n2,\n")
    assert read_frame(path)["a"].tolist() == [1, 2]
