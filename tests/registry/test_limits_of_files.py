"""A worker that opens a file from elsewhere is ended where that takes too long or too much; commands say it in one sentence."""

from __future__ import annotations

import json
import operator
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlops_tui.jobs.query import list_jobs
from mlops_tui.registry.query import find_version, list_models
from mlops_tui.store.store import Store
from tests.processes import end_processes_of, processes_of, wait_for
from tests.registry.elsewhere import forest, sample, write


@pytest.fixture
def here(store: Store) -> Iterator[Store]:
    yield store
    end_processes_of(store.workspace.root)


def mlops(store: Store, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "mlops_tui", "--workspace", str(store.workspace.root), *words]
    return subprocess.run(
        line,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


class Calling:
    """What calls a function when it is unpickled."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


@pytest.mark.slow
@pytest.mark.parametrize(
    ("inside", "limit", "sentence"),
    [
        ([Calling(time.sleep, 100)], {"MLOPS_MODEL_FILE_SECONDS": "1"}, "took longer than its limit of 1 s"),
        (
            [Calling(operator.mul, b"x", 900_000_000), Calling(time.sleep, 100)],
            {"MLOPS_MODEL_FILE_MEMORY": "800"},
            "more than its limit of 800 MB",
        ),
    ],
    ids=["time", "memory"],
)
def test_a_file_that_takes_too_much_ends_its_worker_once_and_registers_nothing(
    here: Store, tmp_path: Path, inside: list[Any], limit: dict[str, str], sentence: str
) -> None:
    path, rows = tmp_path / "model.pkl", sample(tmp_path)
    path.write_bytes(pickle.dumps(inside))
    words = ("--file", str(path), "--name", "churn", "--sample", str(rows), "--target", "left", "--trust")
    done = mlops(here, "models", "register", *words, **limit)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert list_models(here.reader) == []
    [job] = list_jobs(here.reader)
    assert job.state == "failed"
    assert here.reader.execute("SELECT fault FROM job_worker").fetchall() == [("limit",)]
    wait_for(lambda: not processes_of(here.workspace.root), 10)


@pytest.mark.slow
def test_the_whole_way_by_commands(here: Store, tmp_path: Path) -> None:
    """Registered, shown, exported; refused with the exit code of what is wrong."""
    rows = sample(tmp_path)
    path = write(forest(rows), tmp_path / "model.joblib")
    given = ("--file", str(path), "--name", "churn", "--sample", str(rows), "--target", "left")
    refused = mlops(here, "models", "register", *given)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "model.joblib is a pickle" in refused.stderr
    assert list_jobs(here.reader) == []
    done = mlops(here, "models", "register", *given, "--trust", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["model"], told["version"], told["format"]) == ("churn", 1, "skops")
    words = mlops(here, "models", "register", *given, "--trust")
    assert words.stdout.startswith(
        "churn version 2 registered and kept as skops.\nIt may hold 2 types that you vouched for"
    )
    shown = mlops(here, "models", "show", "churn")
    assert "RandomForestClassifier  skops" in shown.stdout
    version = json.loads(mlops(here, "models", "show", "churn", "--json").stdout)["versions"][0]
    assert (version["format"], version["run"], version["data_version"]) == ("skops", None, None)
    out = tmp_path / "out"
    exported = mlops(here, "models", "export", "churn", "1", str(out))
    assert exported.returncode == 0, exported.stderr
    assert exported.stdout.startswith(f"churn version 1 is in {out}: card.md, check.json, model.skops")
    again = mlops(here, "models", "export", "churn", "1", str(out))
    assert again.returncode == 2
    assert "is not empty" in again.stderr
    predicted = mlops(here, "predict", "churn:1", "--in", str(rows), "--out", str(tmp_path / "predicted.csv"))
    assert predicted.returncode == 0, predicted.stderr
    drift = mlops(here, "drift", "nosuch", "--model", "churn:1")
    assert drift.returncode == 2
    assert find_version(here.reader, "churn:1").file == str(path)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("R", "--file", "x", "--name", "m"), "a run, or a file"),
        (("--name", "m"), "a run, or a file"),
        (("R", "--name", "m", "--trust"), "say something of a file"),
        (("--file", "x", "--name", "m"), "needs a signature"),
        (("--file", "x", "--name", "a/b", "--like", "m:1"), "has '/' in it"),
        (("--file", "x", "--name", "..", "--like", "m:1"), "has '..' in it"),
    ],
)
def test_what_cannot_be_meant_exits_2(here: Store, words: tuple[str, ...], sentence: str) -> None:
    done = mlops(here, "models", "register", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert list_jobs(here.reader) == []
