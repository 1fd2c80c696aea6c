"""The reason of a file that is written otherwise than its source's others names the option that would read it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlops_tui.data.query import find_source, quarantined
from mlops_tui.data.service import Sources
from mlops_tui.store.store import Store

Scan = Callable[..., dict[str, Any]]
TABLE = "day,amount,city\n" + "".join(f"2026-01-{i + 1:02},{i / 2},Köln\n" for i in range(30))
OTHERS = {
    "semicolons.csv": (TABLE.replace(",", ";"), "utf-8", "data options --delimiter ';'"),
    "tabs.csv": (TABLE.replace(",", "\t"), "utf-8", "data options --delimiter tab"),
    "old.csv": (TABLE, "latin-1", "data options --encoding latin-1"),
    "titled.csv": ("Report\nof,January\n\n" + TABLE, "utf-8", "data options --skip 3"),
    "commented.csv": ("# made by x\n# and y\n" + TABLE, "utf-8", "below comments (data options --comment '#')"),
    "renamed.csv": (TABLE.replace("city", "ci\x1bty", 1), "utf-8", "It has ci\\x1bty, which the source has not"),
    "headless.csv": (TABLE.split("\n", 1)[1], "utf-8", "to have no header"),
    "words.csv": (TABLE.replace("0.5", "N/A").replace("1.5", "N/A"), "utf-8", "--missing '' --missing 'N/A'"),
    "na.csv": (TABLE.replace("0.5", "NA").replace("1.5", "NA"), "utf-8", "--missing '' --missing NA)"),
}


@pytest.mark.parametrize("time", [None, "day"])
def test_the_reason_names_the_option(
    store: Store, sources: Sources, folder: Path, scan: Scan, time: str | None
) -> None:
    (folder / "a.csv").write_text(TABLE)
    sources.add(folder, name="s", time_column=time)
    scan()
    for name, (text, encoding, _) in OTHERS.items():
        (folder / name).write_text(text, encoding=encoding)
    scan()
    source = find_source(store.reader, "s")
    told = {file.path: file.reason or "" for file in quarantined(store.reader, source.id)}
    assert {name: says for name, (_, _, says) in OTHERS.items() if says not in told.get(name, "")} == {}


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (2, "Its header is line 3, and 3 lines stand above it in the source's others: write as many into this one."),
        (5, "Its header is line 6; 3 lines stand above it in the source's others: take out what is more"),
    ],
)
def test_a_file_with_fewer_or_more_lines_above_its_table_than_the_others_is_to_be_mended(
    store: Store, sources: Sources, folder: Path, scan: Scan, lines: int, says: str
) -> None:
    (folder / "a.csv").write_text("Report\nof\n\n" + TABLE)
    sources.add(folder, name="s")
    scan()
    (folder / "b.csv").write_text("Report\n" + "of\n" * (lines - 2) + "\n" + TABLE)
    scan()
    (file,) = quarantined(store.reader, find_source(store.reader, "s").id)
    assert says in (file.reason or "")


@pytest.mark.parametrize("target", [None, "amount"])
def test_a_file_may_lack_a_column_that_is_no_target(
    store: Store, sources: Sources, folder: Path, scan: Scan, target: str | None
) -> None:
    (folder / "a.csv").write_text(TABLE)
    sources.add(folder, name="s", target=target)
    scan()
    (folder / "b.csv").write_text("day,city\n2026-02-01,Bonn\n")
    scan()
    (file,) = quarantined(store.reader, find_source(store.reader, "s").id)
    assert ("data schema --optional" in (file.reason or "")) == (target is None)


def test_columns_of_another_table_get_no_such_hint(store: Store, sources: Sources, folder: Path, scan: Scan) -> None:
    (folder / "a.csv").write_text(TABLE)
    sources.add(folder, name="s")
    scan()
    (folder / "b.csv").write_text("x,y\n1,2\n")
    scan()
    (file,) = quarantined(store.reader, find_source(store.reader, "s").id)
    assert (file.reason or "").endswith("the columns of the source have to be there.")
