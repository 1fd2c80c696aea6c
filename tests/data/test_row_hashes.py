"""How much two files share, told by the smallest hashes of their rows."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlops_tui.data.engine.profiling import profile_file
from mlops_tui.data.engine.row_hashes import RowSketch, shared, sketch_of, smallest


def sketch(*blocks: np.ndarray) -> RowSketch:
    found = sketch_of([smallest(block) for block in blocks])
    assert found is not None
    return found


def hashes(start: int, end: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 2**64, 50_000, dtype=np.uint64)[start:end]


@pytest.mark.parametrize(("start", "share"), [(0, 1.0), (5_000, 0.5), (9_000, 0.1), (10_000, 0.0)])
def test_the_share_of_common_rows_is_told_within_its_error(start: int, share: float) -> None:
    found, common = shared(sketch(hashes(0, 10_000)), sketch(hashes(start, start + 10_000)))
    assert found == pytest.approx(share, abs=0.09)
    assert common == pytest.approx(512 * share, abs=50)


def test_a_small_file_that_lies_in_a_large_one_shares_all_of_its_rows() -> None:
    small, large = sketch(hashes(0, 3_000)), sketch(hashes(0, 30_000))
    assert shared(small, large)[0] == 1.0
    assert shared(large, small)[0] == pytest.approx(0.1, abs=0.05)


def test_a_small_file_is_found_in_a_large_one_of_many_blocks() -> None:
    large = sketch(*(hashes(start, start + 5_000) for start in range(0, 50_000, 5_000)))
    share, common = shared(sketch(hashes(20_000, 20_500)), large)
    assert share == 1.0
    assert common >= 10


def test_blocks_have_the_rows_of_the_file_and_tell_how_many_differ() -> None:
    whole = np.unique(hashes(0, 9_000))
    found = sketch(hashes(0, 4_000), hashes(4_000, 9_000))
    assert found.hashes.tolist() == whole[: len(found.hashes)].tolist()
    assert found.different == pytest.approx(9_000, rel=0.12)
    few = sketch(hashes(0, 300), hashes(200, 400))
    assert few.is_whole
    assert few.different == 400


def test_rows_that_repeat_count_once() -> None:
    assert smallest(np.repeat(hashes(0, 2_000), 30)) == smallest(hashes(0, 2_000))


def test_sketches_of_another_engine_are_not_compared() -> None:
    assert sketch_of([b"another engine".ljust(32) + smallest(hashes(0, 100))[32:]]) is None


def rows_of(path: Path, kinds: dict[str, str]) -> RowSketch:
    found = sketch_of([block.row_hashes for block in profile_file(path, kinds=kinds).blocks])
    assert found is not None
    return found


def test_the_rows_of_two_files_are_told_apart_by_every_column(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n" + "".join(f"{i},{i % 7}\n" for i in range(300)))
    (tmp_path / "b.csv").write_text("x,y\n" + "".join(f"{i},{i % 7 if i < 100 else 9}\n" for i in range(300)))
    kinds = {"x": "integer", "y": "integer"}
    assert shared(rows_of(tmp_path / "a.csv", kinds), rows_of(tmp_path / "b.csv", kinds))[0] == pytest.approx(1 / 3)


def test_integers_beyond_2_to_the_53_tell_rows_apart(tmp_path: Path) -> None:
    for name, start in (("a.csv", 0), ("b.csv", 1)):
        (tmp_path / name).write_text("x,y\n" + "".join(f"{2**60 + 2 * i + start},1\n" for i in range(50)) + "7,1\n")
    (tmp_path / "c.csv").write_text("x,y\n7,1\n8,1\n")
    a, b, c = (rows_of(tmp_path / name, {"x": "integer", "y": "integer"}) for name in ("a.csv", "b.csv", "c.csv"))
    assert shared(a, b)[1] == 1
    assert shared(c, a) == (0.5, 1)


ROWS = pd.DataFrame(
    {
        "id": [f"{i:05}" for i in range(200)],
        "x": [None if i % 11 == 0 else i / 8 for i in range(200)],
        "n": range(200),
        "at": pd.date_range("2026-01-01", periods=200, freq="h"),
        "flag": [i % 3 == 0 for i in range(200)],
        "c": [None if i % 7 == 0 else f"value {i % 4}" for i in range(200)],
    }
)
KINDS = {"id": "identifier", "x": "numeric", "n": "integer", "at": "date-time", "flag": "boolean", "c": "category"}


@pytest.mark.parametrize(
    "ending", ["parquet", "arrow", "jsonl", "tsv", "reordered.csv", "german.csv", "floats.parquet"]
)
def test_the_same_rows_are_known_again_in_any_format(tmp_path: Path, ending: str) -> None:
    """Whatever the order of the columns, and however a format writes numbers, times and what is missing."""
    first, other = tmp_path / "a.csv", tmp_path / f"b.{ending}"
    ROWS.to_csv(first, index=False)
    if ending == "parquet":
        ROWS.to_parquet(other)
    elif ending == "floats.parquet":  # as pandas reads integers with gaps, and missing numbers as NaN
        table = pa.Table.from_pandas(ROWS.astype({"n": float}))
        pq.write_table(table.set_column(1, "x", pa.array(ROWS["x"].to_numpy(), from_pandas=False)), other)
    elif ending == "arrow":
        ROWS.to_feather(other)
    elif ending == "jsonl":
        ROWS.to_json(other, orient="records", lines=True, date_format="iso")
    elif ending == "tsv":
        ROWS.to_csv(other, index=False, sep="\t", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    elif ending == "reordered.csv":
        ROWS[reversed(ROWS.columns)].to_csv(other, index=False)
    else:
        ROWS.to_csv(other, index=False, sep=";", decimal=",", date_format="%d.%m.%Y %H:%M:%S")
    ours, theirs = rows_of(first, KINDS), rows_of(other, KINDS)
    assert ours.hashes.tolist() == theirs.hashes.tolist()
    assert ours.different == 200
