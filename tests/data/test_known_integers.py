"""A column that is known to hold integers: it stays one of exact integers whatever a later file has in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mlops_tui.core.settings import Settings
from mlops_tui.data.curation import Curation
from mlops_tui.data.engine.frame import read_frame, read_version
from mlops_tui.data.engine.profiling import profile_file, summarise
from mlops_tui.data.engine.sql import sql
from mlops_tui.data.options import ReadOptions
from mlops_tui.data.query import find_source, findings_of, list_files
from mlops_tui.data.service import Sources
from mlops_tui.jobs.context import AnswerContext
from mlops_tui.store.store import Store

Scan = Callable[..., dict[str, Any]]
LARGE = 2**62
KINDS = {"n": "integer", "x": "numeric"}


def csv(values: list[object]) -> str:
    return "n,x\n" + "".join(f"{value},{place}.5\n" for place, value in enumerate(values))


def first_rejects(path: Path, options: ReadOptions | None = None) -> list[tuple[int, str | None, str]]:
    rejects = profile_file(path, options, KINDS).rejects
    return [(row.line, row.column_name, row.reason) for row in rejects.first]


@pytest.mark.parametrize("release", [False, True])
def test_one_word_in_a_later_file_does_not_round_the_integers_of_the_others(
    store: Store, sources: Sources, folder: Path, scan: Scan, release: bool
) -> None:
    (folder / "a.csv").write_text(csv([LARGE + place for place in range(500)]))
    sources.add(folder, name="s")
    scan()
    words: list[object] = ["lots"] * (9 if release else 1)
    (folder / "d.csv").write_text(csv([*[LARGE + place for place in range(500)], *words]))
    scan()
    if release:
        Curation(store).release("d.csv", "Known.", source="s")
        scan()
    answer = sql(AnswerContext(store, Settings()), query="SELECT typeof(min(n)), min(n), max(n), count(*) FROM s")
    assert answer["rows"] == [["BIGINT", LARGE, LARGE + 499, 1000]]
    frame = read_version(store, find_source(store.reader, "s"), None)
    assert frame["n"].dtype == "int64"
    assert frame["n"].max() == LARGE + 499


def test_a_fraction_where_integers_are_known_is_a_bad_row(
    store: Store, sources: Sources, folder: Path, scan: Scan
) -> None:
    (folder / "a.csv").write_text(csv(list(range(300))))
    sources.add(folder, name="s")
    scan()
    (folder / "few.csv").write_text(csv([*range(300), "1.5"]))
    (folder / "half.csv").write_text(csv([place + 0.5 for place in range(300)]))
    scan()
    _, few, half = list_files(store.reader, find_source(store.reader, "s").id)
    assert (few.rows, few.bad_rows, few.state, half.state) == (300, 1, "taken_in", "quarantined")
    said = findings_of(store.reader, few.id)[0].reason
    assert said.startswith("few.csv, line 302 has '1.5' in column n, which does not fit the column's kind (integer)")
    assert half.reason == (
        "half.csv, line 2 has '0.5' in column n, which does not fit the column's kind (integer), and 299 more rows are bad."
        " Mend the file, or give the column another kind (data schema --kind); no row of it was used."
    )


@pytest.mark.parametrize(
    "text", ["1.5", "lots", "inf", "nan", "9223372036854775808", "9007199254740993.5", "1e30", "-0.1"]
)
def test_what_is_no_whole_number_of_64_bits_does_not_fit(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(csv([1, text, 3]))
    assert [(line, column) for line, column, _ in first_rejects(path)] == [(3, "n")]
    frame = read_frame(path, kinds=KINDS, leave_out_bad_rows=True)
    assert frame["n"].tolist() == [1, 3]


@pytest.mark.parametrize(
    ("text", "number"),
    [("2.0", 2), ("1e3", 1000), ("9223372036854775807", 2**63 - 1), ("-9223372036854775808", -(2**63)), ("+7", 7)],
)
def test_a_whole_number_fits_however_it_is_written(tmp_path: Path, text: str, number: int) -> None:
    path = tmp_path / "a.csv"
    path.write_text(csv([1, text, 3]))
    assert first_rejects(path) == []
    assert read_frame(path, kinds=KINDS)["n"].tolist() == [1, number, 3]


def test_a_decimal_comma_stands_in_whole_numbers_too(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("n;x\n1,0;1,5\n2,5;2,5\n3;1\n")
    options = ReadOptions(delimiter=";", decimal=",")
    assert [line for line, _, _ in first_rejects(path, options)] == [3]
    assert read_frame(path, options, KINDS, leave_out_bad_rows=True)["n"].tolist() == [1, 3]


def test_floats_of_a_parquet_file_fit_where_they_are_whole_or_missing(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pd.DataFrame({"n": [1.0, None, float("nan"), 4.0], "x": 1.5}).to_parquet(path)
    assert first_rejects(path) == []
    assert read_frame(path, kinds=KINDS)["n"].fillna(-1).tolist() == [1, -1, -1, 4]
    pd.DataFrame({"n": [1.0, 2.5, 1e300, 4.0], "x": 1.5}).to_parquet(path)
    assert [line for line, _, _ in first_rejects(path)] == [2, 3]
    (block,) = profile_file(path, kinds=KINDS).blocks
    assert summarise(block.profile)[0]["max"] == 4
