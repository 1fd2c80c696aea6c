"""Lines above the table are no rows: found where they are clear, said otherwise, and lines are counted as an editor does."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_tui.core.errors import DataError, FileUnreadable
from mlops_tui.data.curation import Curation
from mlops_tui.data.engine.frame import read_frame
from mlops_tui.data.engine.profiling import profile_file
from mlops_tui.data.engine.reading import inspect
from mlops_tui.data.options import ReadOptions
from mlops_tui.data.profile_query import rejects_of
from mlops_tui.data.query import find_source, key_of, present_files
from mlops_tui.data.service import Sources
from mlops_tui.store.store import Store

Scan = Callable[..., dict[str, Any]]
TABLE = "id,amount,region\n" + "".join(f"{i},{i / 2},north\n" for i in range(300))


@pytest.mark.parametrize(
    ("above", "lines"),
    [
        ("Monthly report\n\n", 2),
        ("Monthly report\nof January\n", 2),
        ("Report,January\nMade by,Ann\n\n", 3),
        ("Monthly report,,\n,,\n", 2),
        ('"Report, of January"\n\n', 2),
        ("\n\n", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1"])
def test_lines_that_stand_clearly_above_the_table_are_passed_over(
    tmp_path: Path, above: str, lines: int | None, encoding: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes((above + TABLE).encode(encoding))
    shape = inspect(path)
    assert (shape.options.skip, shape.rows, [column.name for column in shape.columns]) == (
        lines,
        300,
        ["id", "amount", "region"],
    )
    assert read_frame(path, shape.options)["id"].tolist() == list(range(300))


@pytest.mark.parametrize(
    "text",
    [
        "a\nx\ny\n",
        "name,,\nbob,x,y\nann,z,w\n",
        "x,y,z\np,q,r\n\ns,t,u\n",
        "1,x\n2,y\n",
        "# made by x\n# and y\na,b,c\n1,2,3\n",
    ],
)
def test_a_first_line_that_may_be_the_header_is_not_passed_over(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text)
    assert inspect(path).options.skip is None


def test_the_next_file_is_read_with_the_lines_above_and_its_bad_row_has_an_editors_line(
    store: Store, sources: Sources, folder: Path, scan: Scan
) -> None:
    (folder / "a.csv").write_text("Report\n\n" + TABLE)
    sources.add(folder, name="s")
    scan()
    assert find_source(store.reader, "s").options["skip"] == 2
    (folder / "b.csv").write_text("Report,x\nmore\n" + TABLE + "1,2\n7,8,south\n")
    scan()
    source = find_source(store.reader, "s")
    file = present_files(store.reader, source.id)["b.csv"]
    assert (file.state, file.rows, file.bad_rows) == ("taken_in", 301, 1)
    assert [row.line for row in rejects_of(store.reader, key_of(source, file)).first] == [304]


def test_how_many_lines_stand_above_can_be_said(store: Store, sources: Sources, folder: Path, scan: Scan) -> None:
    (folder / "a.csv").write_text("Report,of,January\n" + TABLE)  # as good a header as the one below
    sources.add(folder, name="s")
    scan()
    assert "Report" in find_source(store.reader, "s").kinds
    Curation(store).set_options("s", {"skip": 1})
    scan()
    assert list(find_source(store.reader, "s").kinds) == ["id", "amount", "region"]
    Curation(store).set_options("s", {}, ["skip"])
    scan()
    assert "Report" in find_source(store.reader, "s").kinds


def test_more_lines_than_there_are_and_marks_that_would_lose_rows_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    told = ReadOptions(delimiter=",", header=True, skip=2)
    path.write_text("a,b\n")
    with pytest.raises(FileUnreadable, match="has 1 lines, and 2 are skipped"):
        inspect(path, told)
    path.write_text('x\n"not closed\na,b\n1,2\n')
    with pytest.raises(FileUnreadable, match="line 2, which is skipped, has a quotation mark"):
        inspect(path, told)
    for wrong in (-1, 1_000_000, True, "3"):
        with pytest.raises(DataError, match="cannot be skipped"):
            ReadOptions(skip=wrong)  # type: ignore[arg-type]


@pytest.mark.slow
@given(
    st.lists(st.text("ab,;\"# \t'é1", max_size=8), max_size=5),
    st.lists(st.sampled_from(["1,2", "3", "4,5", "", '6,"x\ny"', "7,8,9"]), min_size=1, max_size=6),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["", "#"]),
    st.sampled_from(["utf-8", "utf-16", "utf-16-be"]),
    st.integers(0, 2),
)
@settings(max_examples=100, deadline=None)
def test_whatever_stands_above_no_row_is_lost(
    tmp_path_factory: pytest.TempPathFactory,
    above: list[str],
    rows: list[str],
    end: str,
    comment: str,
    encoding: str,
    blanks: int,
) -> None:
    """Rows read and rows rejected are those there, each of the latter with its line; or the file is refused whole."""
    rows = [row.replace("\n", end) for row in rows]
    body = end.join([*above, *[""] * blanks, "a,b", *rows]) + end
    path = tmp_path_factory.getbasetemp() / "above.csv"
    path.write_bytes((b"\xfe\xff" if encoding == "utf-16-be" else b"") + body.encode(encoding))
    error: FileUnreadable | None = None
    good = [row for row in rows if row.count(",") == 1]
    try:
        found = profile_file(path, ReadOptions(delimiter=",", header=True, skip=len(above), comment=comment))
    except FileUnreadable as refused:
        error = refused
    if error is not None:
        assert not good or "which is skipped" in error.title or "above its table" in error.title
        return
    assert (found.rows, found.rejects.count) == (len(good), len([row for row in rows if row]) - len(good))
    lines = [line.rstrip("\r\n") for line in io.StringIO(body, newline="")]
    assert {lines[row.line - 1] for row in found.rejects.first} <= {"3", "7,8,9"}
