"""Commands that are runs: their output, their end, and what they log themselves."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mlops_tui.cli.log_tail import LogTail
from mlops_tui.core.errors import JobError
from mlops_tui.jobs.query import get_job
from mlops_tui.jobs.service import Jobs
from mlops_tui.runs.model import Run
from mlops_tui.runs.query import artifacts_of, find_run, log_of_run, runs_within, why_ended
from mlops_tui.runs.service import Runs
from mlops_tui.store.store import Store
from tests.cli.conftest import Command, mlops_in

ENDLESS = "import time\nprint('begun', flush=True)\nwhile True: time.sleep(0.1)\n"


@pytest.fixture
def jobs(store: Store) -> Jobs:
    return Jobs(store)


@pytest.fixture
def start(store: Store, jobs: Jobs) -> Callable[..., str]:
    def started(code: str, **spec: str) -> str:
        (store.workspace.root / "train.py").write_text(code)
        given = {"command": [sys.executable, "train.py"], "folder": str(store.workspace.root), **spec}
        return jobs.start("command", "run python train.py", given)

    return started


def run_of(store: Store, job_id: str, *, wait_for: str = "") -> Run:
    """The run of a job, once it is there and its log has those words."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        row = store.reader.execute("SELECT id FROM run WHERE job_id = ?", (job_id,)).fetchone()
        log = store.workspace.logs / f"{job_id}.log"
        if row is not None and log.exists() and wait_for in log.read_text():
            return find_run(store.reader, row[0])
        time.sleep(0.02)
    raise AssertionError("the run never came")


def test_its_output_is_the_runs_log_and_its_end_the_runs(store: Store, jobs: Jobs, start: Callable[..., str]) -> None:
    job = jobs.wait(start("import sys\nprint('out')\nprint('err', file=sys.stderr)\n", name="plain", experiment="e"))
    run = find_run(store.reader, "plain")
    assert (run.status, run.origin, run.experiment, run.job_id) == ("finished", "command", "e", job.id)
    assert run.script == "train.py"
    name = log_of_run(store.reader, run)
    assert name is not None
    assert sorted((store.workspace.logs / name).read_text().split()) == ["err", "out"]
    assert job.result == {"run": run.id, "exit_code": 0}


def test_what_the_script_logs_itself_is_the_same_runs(store: Store, jobs: Jobs, start: Callable[..., str]) -> None:
    """What it starts after that is within it."""
    code = (
        "import mlops_tui as mt\n"
        "with mt.start_run('ignored', params={'depth': 3}):\n    mt.log_metric('auc', 0.9)\n"
        "with mt.start_run('second'):\n    mt.log_metric('auc', 0.8)\n"
    )
    jobs.wait(start(code, name="whole"))
    run = find_run(store.reader, "whole")
    assert (run.status, run.metrics, run.params) == ("finished", {"auc": 0.9}, {"depth": 3})
    assert [name for _, name, _ in runs_within(store.reader, run.id)] == ["second"]
    found = next(one for one in artifacts_of(store.reader, run.id) if one.name == "environment.json")
    kept = (store.workspace.artifacts / found.hash[:2] / found.hash).read_text()
    assert "numpy" in json.loads(kept)["packages"]  # the script's own word


def test_a_command_without_a_name_takes_that_of_its_script(store: Store, jobs: Jobs, start: Callable[..., str]) -> None:
    code = "import mlops_tui as mt\nwith mt.start_run('mine'):\n    raise ValueError('boom')\n"
    with pytest.raises(JobError, match="mine: It ended with exit code 1"):
        jobs.wait(start(code))
    run = find_run(store.reader, "mine")
    assert (run.origin, run.status) == ("command", "failed")
    assert why_ended(store.reader, run) == "It ended with exit code 1."


def test_a_progress_bar_is_written_over_in_a_terminal_and_ends_as_one_line_elsewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.log").write_bytes(b"1%\r50%\r100%\nwindows\r\n\x1b[2Jend")
    LogTail(tmp_path / "a.log").copy()
    assert capsys.readouterr().out == "100%\nwindows\n\\x1b[2Jend"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    LogTail(tmp_path / "a.log").copy()
    assert capsys.readouterr().out == "1%\r50%\r100%\nwindows\r\n\\x1b[2Jend"


def test_one_that_fails_says_with_which_code(store: Store, jobs: Jobs, start: Callable[..., str]) -> None:
    with pytest.raises(JobError, match="It ended with exit code 3"):
        jobs.wait(start("raise SystemExit(3)\n", name="bad"))
    assert find_run(store.reader, "bad").status == "failed"


def test_one_that_is_stopped_is_cancelled_and_its_processes_end(
    store: Store, jobs: Jobs, start: Callable[..., str]
) -> None:
    job_id = start(ENDLESS, name="endless")
    run_of(store, job_id, wait_for="begun")
    jobs.stop(job_id)
    assert jobs.wait(job_id).state == "stopped"
    assert find_run(store.reader, "endless").status == "cancelled"


def test_one_whose_job_is_cancelled_is_cancelled_not_lost(store: Store, jobs: Jobs, start: Callable[..., str]) -> None:
    job_id = start(ENDLESS, name="endless")
    run_of(store, job_id, wait_for="begun")
    jobs.cancel(job_id)
    with pytest.raises(JobError):
        jobs.wait(job_id)
    assert Runs(store).find("endless").status == "cancelled"
    assert get_job(store.reader, job_id).state == "cancelled"


def test_from_the_command_line_it_prints_as_it_goes_and_ends_as_it_should(store: Store) -> None:
    mlops: Command = mlops_in(store.workspace.root)
    (store.workspace.root / "train.py").write_text("import sys\nprint('given', sys.argv[1:])\n")
    done = mlops("run", "--name", "cli", "--", sys.executable, "train.py", "--depth", "3")
    assert (done.returncode, done.stdout) == (0, "given ['--depth', '3']\n"), done.stderr
    again = mlops("runs", "log", "cli")
    assert again.stdout == done.stdout
    shown = json.loads(mlops("runs", "show", "cli", "--json").stdout)
    assert (shown["status"], shown["script"]) == ("finished", "train.py")
    bad = mlops("run", "--", sys.executable, "-c", "raise SystemExit(4)")
    assert bad.returncode == 4
    assert "Traceback" not in bad.stdout + bad.stderr
    killed = mlops("run", "--", sys.executable, "-c", "import os; os.kill(os.getpid(), 9)")
    assert killed.returncode == 128 + 9
    nameless = mlops("run", "--name", "", "--", sys.executable, "-c", "1")
    assert (nameless.returncode, nameless.stdout) == (2, "")
    assert "It ended with exit code 4." in bad.stderr
    none = mlops("run", "--", "no-such-program")
    assert (none.returncode, none.stderr.splitlines()[0]) == (
        2,
        "mlops-tui: There is no command 'no-such-program' here.",
    )


def test_an_artifact_is_printed_or_written_where_it_is_wanted(store: Store, tmp_path: Path) -> None:
    mlops: Command = mlops_in(store.workspace.root)
    code = "import mlops_tui as mt\nwith mt.start_run('a'):\n    mt.log_text('hello', 'x/notes.txt')\n"
    (store.workspace.root / "train.py").write_text(code)
    assert mlops("run", "--name", "kept", "--", sys.executable, "train.py").returncode == 0
    assert mlops("runs", "artifacts", "kept", "x/notes.txt").stdout == "hello"
    names = {one["name"] for one in json.loads(mlops("runs", "artifacts", "kept", "--json").stdout)}
    assert names == {"environment.json", "x/notes.txt"}
    assert mlops("runs", "artifacts", "kept", "--out", str(tmp_path / "all")).returncode == 0
    assert (tmp_path / "all" / "x" / "notes.txt").read_text() == "hello"
    missing = mlops("runs", "artifacts", "kept", "y.txt")
    assert (missing.returncode, "has no artifact 'y.txt'" in missing.stderr) == (2, True)
    assert os.listdir(tmp_path / "all")
