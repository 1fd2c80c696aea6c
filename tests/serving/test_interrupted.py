"""Whatever happens in the middle, a result is there whole or not at all."""

from __future__ import annotations

import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from mlops_tui.core.errors import DiskFull, FileUnreadable
from mlops_tui.core.settings import Settings
from mlops_tui.serving.engine.ahead import ahead
from mlops_tui.serving.engine.batch import Given, Wanted, predict_files
from mlops_tui.serving.engine.writing import Form, full_disk, output
from mlops_tui.serving.policy import policies
from tests.processes import wait_for

KILLED = """
import pickle, sys, time
from pathlib import Path
from mlops_tui.core.settings import Settings
from mlops_tui.serving.engine import batch
from mlops_tui.serving.engine.said import Loaded
from mlops_tui.serving.policy import policies

batch.BATCH_ROWS = 2_048
folder = Path(sys.argv[1])
version, pipeline = pickle.loads((folder / "model.pickle").read_bytes())

def slowly(at, done, total):
    (folder / "rows").write_text(str(done))
    time.sleep(0.3)

wanted = batch.Wanted(folder / "out.csv", policies(Settings()), folder / "bad.csv")
batch.predict_files(Loaded(version, pipeline, None), [batch.Given(folder / "new.csv")], wanted, on_rows=slowly)
"""


def test_killed_in_the_middle_it_leaves_no_half_file_and_the_next_one_clears_up(binary: Any, many: str) -> None:
    folder = binary.folder
    binary.file(many)
    (folder / "out.csv").write_text("earlier\n")
    (folder / "model.pickle").write_bytes(pickle.dumps((binary.version, binary.pipeline)))
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(folder)])
    wait_for(lambda: (folder / "rows").exists() and (folder / "rows").read_text() not in ("", "2048"), 60)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (folder / "out.csv").read_text() == "earlier\n"
    assert not (folder / "bad.csv").exists()
    assert any(path.suffix == ".tmp" for path in folder.iterdir())
    assert binary.predict(folder / "new.csv", rejects=folder / "bad.csv").rows == 12_000
    assert [path.name for path in folder.iterdir() if path.suffix == ".tmp"] == []


def test_a_file_that_is_written_to_while_it_is_read_is_refused(
    binary: Any, many: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlops_tui.serving.engine.batch.BATCH_ROWS", 2_048)
    path = binary.file(many)

    def on_rows(at: int, done: int, total: int) -> None:
        with path.open("a") as file:
            file.write("x,40,1,gold\n")

    with pytest.raises(FileUnreadable, match=r"new\.csv changed while it was read"):
        predict_files(
            binary.loaded, [Given(path)], Wanted(binary.folder / "out.csv", policies(Settings())), on_rows=on_rows
        )
    assert [found.name for found in binary.folder.iterdir()] == ["new.csv"]


def test_a_file_that_is_not_the_one_that_was_taken_in_is_refused(binary: Any) -> None:
    path = binary.file("age,visits,plan\n40,1,gold\n")
    with pytest.raises(FileUnreadable, match="changed since it was taken in"):
        predict_files(
            binary.loaded, [Given(path, hash="0" * 64)], Wanted(binary.folder / "out.csv", policies(Settings()))
        )
    assert not (binary.folder / "out.csv").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("form", ["csv", "parquet", "json"])
def test_a_full_disk_is_said_in_one_sentence(form: str) -> None:
    with pytest.raises(DiskFull, match=r"The disk with .* is full"):
        fill(Path("/dev/full"), Form(form))


def fill(path: Path, form: Form) -> None:
    """Writes more than any buffer holds."""
    schema = pa.schema([("x", pa.float64())])
    batch = pa.RecordBatch.from_arrays([pa.array(range(100_000), pa.float64())], schema=schema)
    with full_disk(path), output(path, schema, form, ()) as out:
        for _ in range(50):
            out.add(batch)


def test_work_ahead_is_given_in_order_and_its_failure_where_it_happened() -> None:
    def failing() -> Any:
        yield 1
        yield 2
        raise KeyError("three")

    found = ahead(failing())
    assert [next(found), next(found)] == [1, 2]
    with pytest.raises(KeyError, match="three"):
        next(found)


def test_work_ahead_ends_with_the_one_that_wanted_it() -> None:
    made: list[int] = []

    def endless() -> Any:
        while True:
            made.append(len(made))
            yield made[-1]

    found = ahead(endless(), 2)
    assert next(found) == 0
    found.close()
    there = len(made)
    assert there <= 5
    time.sleep(0.2)
    assert len(made) == there
