"""What a run knows of where it came from: code, command, environment, usage, and the runs around it."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

import mlops_tui as mt
from mlops_tui.core.code import branch_of, code_of, diff_of
from mlops_tui.core.errors import UnknownName, UsageError
from mlops_tui.runs.query import find_artifact, find_run, get_run, page, points, runs_within, usage_keys
from mlops_tui.runs.service import Runs
from mlops_tui.runs.usage import CPU, MEMORY
from mlops_tui.store.artifact import verified
from mlops_tui.store.store import Store
from tests.api.conftest import Script

LOGS = "import mlops_tui as mt\nwith mt.start_run('from-a-script'):\n    mt.log_metric('auc', 0.9)\n"


def git(folder: Path, *words: str) -> str:
    named = [
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@b.c",
        "-c",
        "commit.gpgsign=false",
        "-c",
        "init.defaultBranch=main",
    ]
    return subprocess.run(["git", *named, *words], cwd=folder, capture_output=True, text=True, check=True).stdout


def artifact(store: Store, run: str, name: str) -> str:
    found = find_artifact(store.reader, find_run(store.reader, run), name)
    return verified(store.workspace, found.hash).read_text("utf-8")


def test_code_as_it_was_committed_is_named_by_its_commit(here: Store, script: Script) -> None:
    root = here.workspace.root
    (root / "train.py").write_text(LOGS)
    (root / ".gitignore").write_text(".mlops\n")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    assert script(LOGS).returncode == 0
    run = find_run(here.reader, "from-a-script")
    assert run.commit_hash == git(root, "rev-parse", "HEAD").strip()
    assert (run.branch, run.is_dirty, run.script) == ("main", False, "train.py")
    assert run.script_hash == hashlib.sha256(LOGS.encode()).hexdigest()
    assert run.command is not None
    assert run.command.endswith(" train.py")
    with pytest.raises(UnknownName, match=r"no artifact 'code\.diff'"):
        artifact(here, "from-a-script", "code.diff")


def test_what_was_changed_since_is_kept_so_that_it_can_be_applied(here: Store, script: Script) -> None:
    root = here.workspace.root
    (root / "train.py").write_text("x = 1\n")
    (root / ".gitignore").write_text(".mlops\n")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    (root / "new.py").write_text("y = 1\n")
    assert script(LOGS).returncode == 0
    assert find_run(here.reader, "from-a-script").is_dirty
    diff = artifact(here, "from-a-script", "code.diff")
    assert diff.splitlines()[0] == "# not tracked: new.py"
    git(root, "checkout", "-q", "train.py")
    (root / "code.diff").write_text(diff)
    git(root, "apply", "code.diff")
    assert (root / "train.py").read_text() == LOGS


def test_outside_a_repository_there_is_no_code(tmp_path: Path) -> None:
    assert (code_of(tmp_path), branch_of(tmp_path), diff_of(tmp_path)) == (None, None, "")


def test_the_environment_names_python_its_packages_and_the_machine(here: Store, script: Script) -> None:
    assert script(LOGS).returncode == 0
    found: dict[str, Any] = json.loads(artifact(here, "from-a-script", "environment.json"))
    assert found["packages"]["optuna"]
    assert found["python"].startswith("3.")
    assert found["cores"] >= 1
    assert found["memory"] > 2**20
    assert isinstance(found["gpus"], list)


def test_a_run_that_wants_none_of_that_has_none(here: Store) -> None:
    with mt.start_run("plain", captured=False) as run:
        pass
    assert get_run(here.reader, run.id).command is None


BUSY = """
import time, mlops_tui as mt
with mt.start_run("busy"):
    held, end = bytearray(80_000_000), time.time() + 2.5
    while time.time() < end:
        pass
"""


def test_what_a_run_takes_of_the_machine_is_looked_at_and_is_no_metric_of_it(here: Store, script: Script) -> None:
    assert script(BUSY).returncode == 0
    run = find_run(here.reader, "busy")
    assert {CPU, MEMORY} <= set(usage_keys(here.reader, run.id))
    assert run.metrics == {}
    assert points(here.reader, run.id, CPU)[0].value > 0.2
    assert points(here.reader, run.id, MEMORY)[0].value > 80_000_000


def test_runs_within_a_run_belong_to_it_and_to_its_experiment(here: Store) -> None:
    with mt.start_run("outer", experiment="folds", captured=False, seed=7) as outer:
        for fold in range(2):
            with mt.start_run(f"fold-{fold}", nested=True, captured=False):
                mt.log_metric("auc", fold)
        mt.log_metric("mean", 0.5)
    assert [(name, status) for _, name, status in runs_within(here.reader, outer.id)] == [
        ("fold-0", "finished"),
        ("fold-1", "finished"),
    ]
    assert {run.experiment for run in page(here.reader)} == {"folds"}
    kept = get_run(here.reader, outer.id)
    assert (kept.metrics, kept.params) == ({"mean": 0.5}, {"seed": 7})


def test_a_run_that_ends_ends_those_within_it(here: Store) -> None:
    def break_within() -> None:
        with mt.start_run("outer", captured=False):
            mt.start_run("inner", nested=True, captured=False)
            raise ValueError("broke")

    with pytest.raises(ValueError, match="broke"):
        break_within()
    assert {run.name: run.status for run in page(here.reader)} == {"outer": "failed", "inner": "failed"}
    with pytest.raises(UsageError, match="No run is active"):
        mt.active_run()


def test_a_workspace_alone_makes_no_code_dirty(here: Store) -> None:
    root = here.workspace.root
    (root / "train.py").write_text(LOGS)
    git(root, "init", "-q")
    git(root, "add", "train.py")
    git(root, "commit", "-qm", "first")
    assert (root / ".mlops" / ".gitignore").exists()
    found = code_of(root)
    assert found is not None
    assert not found["dirty"]
    (root / "other.py").write_text("")
    assert code_of(root) == found | {"dirty": True}
    assert diff_of(root) == "# not tracked: other.py\n"


def test_a_run_is_found_by_the_beginning_of_its_commit(here: Store) -> None:
    for run, commit in (("one", "59b389109c" + "0" * 30), ("two", "59b4" + "0" * 36)):
        mt.start_run(run, captured=False).end()
        with here.write() as writing:
            writing.execute("UPDATE run SET commit_hash = ? WHERE name = ?", (commit, run))
    for asked, found in (("59b389109c", ["one"]), ("59B38…", ["one"]), ("59b", ["two", "one"]), ("9", [])):
        assert [run.name for run in page(here.reader, where=f"commit = {asked}")] == found
    assert [run.name for run in page(here.reader, where="commit != 59b3")] == ["two"]


def test_a_run_that_goes_on_keeps_the_command_that_it_began_with(here: Store, script: Script) -> None:
    assert script(LOGS).returncode == 0
    began = find_run(here.reader, "from-a-script").command
    assert began is not None
    with mt.start_run(run="from-a-script"):
        mt.log_metric("auc", 0.95)
    assert find_run(here.reader, "from-a-script").command == began


def test_a_run_that_has_ended_goes_on(here: Store) -> None:
    with mt.start_run("long", captured=False):
        mt.log_metric("loss", 2.0)
    with mt.start_run(run="long", tags={"part": "two"}, captured=False) as run:
        assert find_run(here.reader, "long").status == "running"
        mt.log_metric("loss", 1.0)
    kept = get_run(here.reader, run.id)
    assert (kept.status, kept.tags) == ("finished", {"part": "two"})
    assert [point.step for point in points(here.reader, run.id, "loss")] == [0, 1]
    with pytest.raises(UnknownName, match="There is no run 'short'"):
        mt.start_run(run="short")


POOL = """
import multiprocessing, mlops_tui as mt

def work(number, run):
    with mt.start_run(run=run):
        for step in range(50):
            mt.log_metric(f"loss-{number}", step, step)
        if number == 3:
            raise SystemExit(1)

if __name__ == "__main__":
    with mt.start_run("pooled") as run:
        context = multiprocessing.get_context("spawn")
        workers = [context.Process(target=work, args=(number, run.id)) for number in range(4)]
        for worker in workers: worker.start()
        for worker in workers: worker.join()
        mt.log_metric("done", 1.0)
"""

FORKED = """
import multiprocessing, mlops_tui as mt

def work(number):
    mt.log_metric(f"loss-{number}", number)
    mt.log_text(str(number), f"{number}.txt")
    return number

if __name__ == "__main__":
    with mt.start_run("pooled"):
        with multiprocessing.get_context("fork").Pool(3) as pool:
            assert pool.map(work, range(20)) == list(range(20))
        mt.log_metric("done", 1.0)
"""


@pytest.mark.parametrize(("code", "count"), [(POOL, 4), (FORKED, 20)], ids=["spawned", "forked"])
def test_the_processes_of_a_pool_write_to_their_parents_run_and_do_not_end_it(
    here: Store, script: Script, code: str, count: int
) -> None:
    ran = script(code)
    assert ran.returncode == 0, ran.stderr
    run = find_run(here.reader, "pooled")
    assert run.status == "finished"
    assert set(run.metrics) == {"done", *(f"loss-{number}" for number in range(count))}
    assert here.reader.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_whole_curve_is_kept_at_once(here: Store) -> None:
    with mt.start_run("curve", captured=False) as run:
        mt.log_points("loss", [3.0, 2, float("nan")], steps=[5, 7, 6])
        mt.log_points("loss", [1.0, 0.5])
        with pytest.raises(UsageError, match="2 values, and not as many steps"):
            mt.log_points("loss", [1.0, 0.5], steps=[1])
        with pytest.raises(UsageError, match="is not a number"):
            mt.log_points("loss", [1.0, "low"])
        mt.log_points("loss", [])
    assert [(point.step, point.value) for point in points(here.reader, run.id, "loss")][::2] == [
        (5, 3.0),
        (7, 2),
        (9, 0.5),
    ]
    assert get_run(here.reader, run.id).metrics == {"loss": 0.5}
    assert Runs(here).find("curve").status == "finished"
