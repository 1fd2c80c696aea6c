"""How a source's files are read is found in the first, kept for the next, and can be said; rows that cannot be read
are told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlops_tui.core.errors import DataError, UsageError
from mlops_tui.data.curation import Curation
from mlops_tui.data.engine.frame import read_version
from mlops_tui.data.options import ReadOptions
from mlops_tui.data.profile_query import blocks_of, rejects_of, summaries
from mlops_tui.data.query import (
    find_source,
    find_version,
    findings_of,
    key_of,
    list_versions,
    present_files,
    quarantined,
)
from mlops_tui.data.service import Sources
from mlops_tui.store.store import Store

Scan = Callable[..., dict[str, Any]]
GOOD = "".join(f"{i},{i / 2},city {i % 3}\n" for i in range(300))


@pytest.fixture
def curation(store: Store) -> Curation:
    return Curation(store)


def test_the_next_file_is_read_as_the_first_one_was(store: Store, sources: Sources, folder: Path, scan: Scan) -> None:
    (folder / "a.csv").write_text("day;v;s\n01.02.2026;1,5;x\n13.02.2026;2,5;y\n")
    sources.add(folder, name="s")
    scan()
    options = find_source(store.reader, "s").options
    assert {name: options[name] for name in ("delimiter", "header", "decimal", "date_format")} == {
        "delimiter": ";",
        "header": True,
        "decimal": ",",
        "date_format": "%d.%m.%Y",
    }
    # alone it would read as month before day, and v as text of a point
    (folder / "b.csv").write_text("day;v;s\n01.02.2026;7;x\n02.03.2026;8;z\n")
    scan()
    source = find_source(store.reader, "s")
    frame = read_version(store, source, None)
    assert frame["day"].dt.strftime("%d.%m").tolist() == ["01.02", "13.02", "01.02", "02.03"]
    assert frame["v"].tolist() == [1.5, 2.5, 7.0, 8.0]


def test_an_option_that_is_corrected_has_every_file_read_anew(
    store: Store, sources: Sources, curation: Curation, folder: Path, scan: Scan
) -> None:
    (folder / "a.csv").write_text("zip,n\nNA,1\n7,2\n5,3\n")
    sources.add(folder, name="s")
    scan()
    assert find_source(store.reader, "s").kinds["zip"] == "category"
    source = curation.set_options("s", {"missing": ["", "NA"]})
    assert source.options["missing"] == ["", "NA"]
    assert scan()["version"] == 2
    source = find_source(store.reader, "s")
    assert source.kinds["zip"] == "integer"
    zips = next(column for column in summaries(store.reader, source.id, 2) if column["name"] == "zip")
    assert (zips["missing"], zips["max"]) == (1, 7)
    assert scan()["version"] == 2


def test_a_version_is_read_back_as_it_was_read_whatever_is_said_since(
    store: Store, sources: Sources, curation: Curation, folder: Path, scan: Scan
) -> None:
    (folder / "a.csv").write_text("v;s\n1.500;NA\n2.500;x\n")
    sources.add(folder, name="s")
    scan()
    first = read_version(store, find_source(store.reader, "s"), 1)
    curation.set_columns("s", kinds={"v": "category"})
    scan()
    curation.set_options("s", {"missing": ["", "NA"]})
    assert read_version(store, find_source(store.reader, "s"), None)["s"].tolist() == ["NA", "x"]  # as it is taken in
    scan()
    source = find_source(store.reader, "s")
    assert [version.number for version in list_versions(store.reader, source.id)] == [3, 2, 1]
    assert read_version(store, source, 1).equals(first)
    assert first["v"].tolist() == [1.5, 2.5]
    assert read_version(store, source, 2)["v"].tolist() == ["1.500", "2.500"]
    assert read_version(store, source, 3)["s"].tolist() == [None, "x"]


def test_a_time_column_that_is_named_later_is_no_other_version(
    store: Store, sources: Sources, curation: Curation, folder: Path, scan: Scan
) -> None:
    (folder / "a.csv").write_text("day,n\n2026-01-01,1\n2026-01-02,2\n")
    sources.add(folder, name="s")
    scan()
    curation.set_columns("s", roles={"day": "time"})
    assert scan()["version"] == 1
    source = find_source(store.reader, "s")
    [file] = present_files(store.reader, source.id).values()
    [block] = blocks_of(store.reader, [key_of(find_version(store.reader, source).of(source), file)])
    assert block.period_start is not None


def test_other_rows_of_the_same_bytes_make_a_version(
    store: Store, sources: Sources, curation: Curation, folder: Path, scan: Scan
) -> None:
    (folder / "a.csv").write_text("a,b\n1,x\n2,y\n")
    sources.add(folder, name="s")
    scan()
    curation.set_options("s", {"header": False})
    told = scan()
    assert told["version"] == 2
    assert [
        (version.number, version.rows) for version in list_versions(store.reader, find_source(store.reader, "s").id)
    ] == [
        (2, 3),
        (1, 2),
    ]
    assert list(find_source(store.reader, "s").kinds) == ["column0", "column1"]
    assert scan()["version"] == 2


def test_a_file_in_another_encoding_is_taken_in_once_that_is_said(
    store: Store, sources: Sources, curation: Curation, folder: Path, scan: Scan
) -> None:
    (folder / "a.csv").write_bytes(b"s,n\n" + b"x,0\n" * 40_000 + ("é,1\nü,2\n" * 300).encode("latin-1"))
    sources.add(folder, name="s")
    assert scan()["quarantined"] == 1
    curation.set_options("s", {"encoding": "latin-1"})
    told = scan()
    assert (told["taken"], told["kept_out"]) == (1, 0)
    assert read_version(store, find_source(store.reader, "s"), None)["s"].tolist()[-2:] == ["é", "ü"]


def test_what_no_file_can_be_read_with_is_refused(sources: Sources, curation: Curation, folder: Path) -> None:
    sources.add(folder, name="s")
    for told in (
        {"encoding": "utf-7"},
        {"decimal": ";"},
        {"delimiter": ""},
        {"delimiter": ";;"},
        {"date_format": "%Q"},
        {"quote": "''"},
        {"comment": "//"},
    ):
        with pytest.raises(DataError):
            curation.set_options("s", told)
    with pytest.raises(UsageError, match="no option 'colour'"):
        curation.set_options("s", {"colour": "red"})


def test_a_kind_that_was_set_by_hand_outlives_other_options(
    store: Store, sources: Sources, curation: Curation, folder: Path, scan: Scan
) -> None:
    (folder / "a.csv").write_text("a,b\n1,x\n2,y\n")
    sources.add(folder, name="s")
    scan()
    curation.set_columns("s", kinds={"a": "category"})
    curation.set_options("s", {"missing": ["", "x"]})
    scan()
    assert find_source(store.reader, "s").kinds == {"a": "category", "b": "category"}


def test_few_bad_rows_are_left_out_kept_and_said(store: Store, sources: Sources, folder: Path, scan: Scan) -> None:
    (folder / "a.csv").write_text("n,x,city\n" + GOOD)
    sources.add(folder, name="s")
    scan()
    (folder / "b.csv").write_text("n,x,city\n" + GOOD + "1,oops,A\n2,3\n")
    told = scan()
    assert (told["taken"], told["warned"], told["quarantined"]) == (1, 1, 0)
    source = find_source(store.reader, "s")
    file = present_files(store.reader, source.id)["b.csv"]
    assert (file.rows, file.bad_rows) == (300, 2)
    rejects = rejects_of(store.reader, key_of(source, file))
    assert (rejects.count, dict(rejects.misfits)) == (2, {"x": 1})
    assert [(row.line, row.column_name, row.text) for row in rejects.first] == [
        (302, "x", "1,oops,A"),
        (303, None, "2,3"),
    ]
    [finding] = findings_of(store.reader, file.id)
    assert "2 of its 302 rows cannot be read and are left out" in finding.reason
    assert len(read_version(store, source, None)) == 600


def test_many_bad_rows_keep_a_file_out_with_the_first_of_them(
    store: Store, sources: Sources, folder: Path, scan: Scan
) -> None:
    (folder / "a.csv").write_text("n,x,city\n" + GOOD)
    sources.add(folder, name="s")
    scan()
    (folder / "b.csv").write_text("n,x,city\n" + GOOD + "2,3\n" * 4)
    assert scan()["quarantined"] == 1
    [file] = quarantined(store.reader)
    assert (file.check_name, file.row_number, file.bad_rows) == ("unreadable", 302, 4)
    assert file.reason is not None
    assert "4 of its 304 rows cannot be read: the rows have to be readable, all but 1 % of them." in file.reason


def test_a_first_file_of_many_bad_rows_says_nothing_of_the_others(
    store: Store, sources: Sources, folder: Path, scan: Scan
) -> None:
    (folder / "a.csv").write_text("n,x\n1,2\n3\n4\n")
    (folder / "b.csv").write_text("k,l,m\n1,2,3\n4,5,6\n")
    sources.add(folder, name="s")
    told = scan()
    assert (told["taken"], told["quarantined"]) == (1, 1)
    assert list(find_source(store.reader, "s").kinds) == ["k", "l", "m"]


def test_bad_rows_are_remembered_where_the_profile_is(store: Store, sources: Sources, folder: Path, scan: Scan) -> None:
    """A file that is seen again is not read again, and what of it could not be read is known all the same."""
    (folder / "a.csv").write_text("n,x,city\n" + GOOD + "2,3\n")
    sources.add(folder, name="s")
    scan()
    (folder / "a.csv").rename(folder / "b.csv")
    scan()
    source = find_source(store.reader, "s")
    file = present_files(store.reader, source.id)["b.csv"]
    assert (file.rows, file.bad_rows) == (300, 1)


@pytest.mark.parametrize(
    ("spelled", "encoding"), [("utf8", "utf-8"), ("UTF-16", "utf-16"), ("latin1", "latin-1"), ("ISO-8859-1", "latin-1")]
)
def test_an_encoding_may_be_spelled_otherwise(spelled: str, encoding: str) -> None:
    assert ReadOptions(encoding=spelled).encoding == encoding
