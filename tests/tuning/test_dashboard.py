"""Another program on the store while a study runs: optuna-dashboard, and Optuna's own functions."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pandas as pd
import pytest

from mlops_tui.core.errors import JobError
from mlops_tui.data.model import Source
from mlops_tui.jobs.service import Jobs
from mlops_tui.store.store import Store
from mlops_tui.tuning.query import count_trials, get_study
from mlops_tui.tuning.service import Studies
from tests.processes import wait_for

Names = Callable[[], dict[str, int]]
Ask = Callable[..., Any]
FUNCTIONS = """
import json, sys, optuna
optuna.logging.set_verbosity(optuna.logging.ERROR)
storage = optuna.storages.RDBStorage("sqlite:///" + sys.argv[1], engine_kwargs={"connect_args": {"timeout": 30}})
verb, *names = sys.argv[2:]
if verb == "rename":
    optuna.copy_study(from_study_name=names[0], from_storage=storage, to_storage=storage, to_study_name=names[1])
if verb in ("rename", "delete"):
    optuna.delete_study(study_name=names[0], storage=storage)
found = optuna.load_study(study_name=names[0], storage=storage).trials if verb == "trials" else []
print(json.dumps({"names": optuna.get_all_study_names(storage), "trials": len(found)}))
"""


class Functions:
    """Optuna's own functions, each in a process of its own."""

    def __init__(self, store: Path) -> None:
        self._store = store

    def _ask(self, *words: str) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-c", FUNCTIONS, str(self._store), *words], check=True, capture_output=True, text=True
        )
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def names(self) -> list[str]:
        return list(self._ask("names")["names"])

    def trials(self, name: str) -> int:
        return int(self._ask("trials", name)["trials"])

    def rename(self, name: str, new: str) -> None:
        self._ask("rename", name, new)

    def delete(self, name: str) -> None:
        self._ask("delete", name)

    def close(self) -> None:
        """Nothing is open."""


class Dashboard:
    """optuna-dashboard in a process of its own, asked as its page asks it."""

    def __init__(self, store: Path) -> None:
        script = Path(__file__).with_name("dashing.py")
        self._process = subprocess.Popen(
            [sys.executable, str(script), str(store)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._process.stdout is not None
        self._port = int(self._process.stdout.readline())

    def _ask(self, path: str, verb: str = "GET", **told: str) -> dict[str, Any]:
        body = json.dumps(told).encode() if verb != "GET" else None
        headers = {"Content-Type": "application/json"}
        with urlopen(
            Request(f"http://127.0.0.1:{self._port}/api/{path}", body, headers, method=verb), timeout=60
        ) as got:
            return dict(json.loads(got.read() or b"{}"))

    def _studies(self) -> dict[str, int]:
        return {one["study_name"]: one["study_id"] for one in self._ask("studies")["study_summaries"]}

    def names(self) -> list[str]:
        return list(self._studies())

    def trials(self, name: str) -> int:
        return len(self._ask(f"studies/{self._studies()[name]}?after=0")["trials"])

    def rename(self, name: str, new: str) -> None:
        self._ask(f"studies/{self._studies()[name]}/rename", "POST", study_name=new)

    def delete(self, name: str) -> None:
        self._ask(f"studies/{self._studies()[name]}", "DELETE")

    def close(self) -> None:
        """Ends it."""
        self._process.terminate()
        self._process.communicate()


@pytest.fixture(params=[Functions, Dashboard])
def other(request: pytest.FixtureRequest, store: Store) -> Iterator[Functions | Dashboard]:
    """The other program, on the same file."""
    found = request.param(store.workspace.store)
    yield found
    found.close()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_another_program_reads_renames_and_deletes_a_study_while_it_runs(
    store: Store,
    studies: Studies,
    jobs: Jobs,
    take_in: Callable[..., Source],
    people: pd.DataFrame,
    other: Functions | Dashboard,
) -> None:
    """It goes on under its new name, and ends with the reason where it is deleted; its runs stay."""
    take_in(people[["age", "visits", "spent"]], target="spent")
    study = studies.create("s", families=["ridge"], trials=100_000, workers=2)
    job_id = studies.launch(study)

    def ended() -> int:
        return count_trials(store.reader, study.id).get("complete", 0)

    wait_for(lambda: ended() >= 5, 90)
    assert other.names() == [study.name]
    assert other.trials(study.name) >= 5
    other.rename(study.name, "theirs")
    renamed = ended()
    wait_for(lambda: ended() >= renamed + 5, 90)
    assert other.names() == ["theirs"]
    assert other.trials("theirs") >= renamed
    assert get_study(store.reader, study.id).name == study.name
    other.delete("theirs")
    with pytest.raises(JobError, match=r"has deleted the study from Optuna.s tables"):
        jobs.wait(job_id)
    assert other.names() == []
    assert ended() >= renamed + 5
