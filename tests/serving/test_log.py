"""Each batch leaves what was said of every row, compactly, for as long as the workspace keeps it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from mlops_tui.core.errors import SchemaMismatch
from mlops_tui.core.settings import Settings
from mlops_tui.data.engine.reading import content_hash
from mlops_tui.serving.engine.batch import Given, Wanted, predict_files
from mlops_tui.serving.engine.log import Logs
from mlops_tui.serving.engine.rows import Keys
from mlops_tui.serving.policy import policies
from mlops_tui.store.artifact import place, sha256
from mlops_tui.store.workspace import Workspace, create

TEXT = (
    "customer,seen,age,visits,plan,region\n"
    "007,2026-03-01 10:00:00,40.5,1,gold,north\n"
    "008,2026-03-02 11:30:00,,2,basic,\n"
    "009,,41,3,gold,south\n"
)
KEYS = Keys("customer", "seen", ("plan", "region", "absent"))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return create(tmp_path / "work")


def logged(fitted: Any, workspace: Workspace, path: Path, keys: Keys = KEYS, **wanted: Any) -> tuple[Any, Path]:
    asked = Wanted(fitted.folder / "out.csv", policies(Settings()), **wanted)
    (found,) = predict_files(fitted.loaded, [Given(path, keys=keys)], asked, logs=Logs(workspace))
    return found, place(workspace, found.log)


def test_a_log_has_keys_times_labels_scores_and_slices_of_each_row(binary: Any, workspace: Workspace) -> None:
    """A slice that the file does not have is missing in all rows; the file's own name is its content's."""
    path = binary.file(TEXT)
    found, kept = logged(binary, workspace, path)
    assert sha256(kept) == found.log
    read = pq.read_table(kept)
    assert read.column_names == [*("row", "id", "time", "label", "score", "slice_plan", "slice_region", "slice_absent")]
    expected = binary.expected(path)[:, 1]
    told = read.to_pydict()
    assert told["row"] == [1, 2, 3]
    assert told["id"] == ["007", "008", "009"]
    assert [None if at is None else at.isoformat() for at in told["time"]] == [
        *("2026-03-01T10:00:00", "2026-03-02T11:30:00", None)
    ]
    assert told["score"] == expected.tolist()
    assert told["label"] == pd.read_csv(binary.folder / "out.csv")["prediction"].tolist()
    assert told["slice_plan"] == ["gold", "basic", "gold"]
    assert told["slice_region"] == ["north", None, "south"]
    assert told["slice_absent"] == [None, None, None]
    assert pq.read_metadata(kept).metadata[b"file_hash"].decode() == content_hash(path)
    assert pq.ParquetFile(kept).metadata.row_group(0).column(4).compression == "ZSTD"


def test_a_log_of_a_file_without_keys_tells_rows_by_their_numbers(three: Any, workspace: Workspace, many: str) -> None:
    path = three.file(many)
    _, kept = logged(three, workspace, path, Keys())
    read = pq.read_table(kept)
    assert read.column_names == ["row", "label", "score_0", "score_1", "score_2"]
    assert read["row"].to_pylist() == list(range(1, 12_001))
    assert np.array_equal(read.select([2, 3, 4]).to_pandas().to_numpy(), three.expected(path))
    assert kept.stat().st_size < 12_000 * 8 * 3


def test_rows_without_a_finite_prediction_are_in_no_log(number: Any, workspace: Workspace) -> None:
    class Undecided:
        def predict(self, frame: pd.DataFrame) -> np.ndarray:
            return np.where(frame["age"] > 40, np.nan, 1.5)

    number.pipeline = Undecided()
    _, kept = logged(number, workspace, number.file("age,visits,plan\n30,1,gold\n50,2,basic\n20,3,gold\n"), Keys())
    assert pq.read_table(kept).to_pydict() == {"row": [1, 3], "score": [1.5, 1.5]}


def test_a_refused_file_leaves_no_log(binary: Any, workspace: Workspace) -> None:
    with pytest.raises(SchemaMismatch, match="lacks the column"):
        logged(binary, workspace, binary.file("age,plan\n40,gold\n"))
    assert [path for path in workspace.artifacts.rglob("*") if path.is_file()] == []


def test_the_logs_of_a_result_are_kept_once_all_of_its_files_are_predicted(binary: Any, workspace: Workspace) -> None:
    """One file that does not fit leaves neither a result nor a log of those before it."""
    good = binary.file(TEXT)
    bad = binary.file("customer,age,plan\n1,40,gold\n", "bad.csv")
    asked = Wanted(binary.folder / "out.csv", policies(Settings()))
    with pytest.raises(SchemaMismatch, match="lacks the column 'visits'"):
        predict_files(binary.loaded, [Given(good, keys=KEYS), Given(bad)], asked, logs=Logs(workspace))
    assert not asked.out.exists()
    assert [path for path in workspace.artifacts.rglob("*") if path.is_file()] == []
