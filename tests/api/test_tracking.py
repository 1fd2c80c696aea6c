"""What a script of one's own calls."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import mlops_tui as mt
from mlops_tui.core.errors import NoWorkspace, UsageError, WorkspaceError
from mlops_tui.runs.query import find_run, page
from mlops_tui.runs.service import Runs
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store
from mlops_tui.store.workspace import create

HEAVY = ("numpy", "pandas", "sklearn", "scipy", "optuna", "duckdb", "pyarrow", "sqlalchemy", "alembic", "textual")


def script(store: Store, code: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "MLOPS_WORKSPACE"}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=store.workspace.root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_logging_a_metric_loads_no_engine(store: Store) -> None:
    code = (
        "import sys, json, mlops_tui as mt\n"
        "first = [name for name in sys.modules if name.startswith('mlops_tui')]\n"
        "with mt.start_run(name='light'):\n"
        "    mt.log_metric('auc', 0.9)\n"
        f"print(json.dumps([first, [name for name in {HEAVY!r} if name in sys.modules]]))"
    )
    ran = script(store, code)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == [["mlops_tui"], []]
    assert find_run(store.reader, "light").metrics == {"auc": 0.9}


def test_a_run_as_a_context_keeps_what_it_was_told(here: Store) -> None:
    with mt.start_run("first", experiment="loans", params={"depth": 3}, tags={"by": "me"}) as run:
        mt.log_param("lr", 0.1)
        mt.log_params({"model": "hgb"})
        mt.log_metric("auc", 0.8)
        mt.log_metrics({"loss": 0.4, "f1": 0.7}, step=2)
        mt.set_tag("stage", "try")
        assert find_run(here.reader, "first").status == "running"
    kept = find_run(here.reader, run.id)
    assert (kept.status, kept.experiment, kept.origin) == ("finished", "loans", "script")
    assert kept.ended is not None
    assert kept.params == {"depth": 3, "lr": 0.1, "model": "hgb"}
    assert kept.metrics == {"auc": 0.8, "f1": 0.7, "loss": 0.4}
    assert kept.tags == {"by": "me", "stage": "try"}


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ValueError("no"), "failed"),
        (KeyboardInterrupt(), "cancelled"),
        (SystemExit(3), "failed"),
        (SystemExit(0), "finished"),
    ],
)
def test_a_block_that_is_left_by_an_error_says_how(here: Store, error: BaseException, status: str) -> None:
    with pytest.raises(type(error)), mt.start_run("broken"):
        raise error
    assert find_run(here.reader, "broken").status == status


def test_the_error_is_told_in_the_event(here: Store) -> None:
    with pytest.raises(ValueError), mt.start_run("broken"):
        raise ValueError("too few rows")
    why = {event.verb: event.why for event in read_events(here.reader, of="broken")}
    assert why == {"started": None, "failed": "ValueError: too few rows"}


def test_a_plain_start_and_end(here: Store) -> None:
    run = mt.start_run()
    run.log_metric("auc", 0.5)
    mt.end_run("cancelled")
    assert find_run(here.reader, run.name).status == "cancelled"
    with pytest.raises(UsageError, match="cannot end as 'great'"), mt.start_run():
        mt.end_run("great")


def test_a_run_ended_inside_its_block_stays_as_it_ended(here: Store) -> None:
    with mt.start_run("early"):
        mt.end_run("cancelled")
    assert find_run(here.reader, "early").status == "cancelled"


def test_a_second_run_needs_the_first_to_end(here: Store) -> None:
    mt.start_run("first")
    with pytest.raises(UsageError, match="first is still active"):
        mt.start_run("second")
    assert [run.name for run in page(here.reader)] == ["first"]


def test_logging_without_a_run_says_what_to_do(here: Store) -> None:
    with pytest.raises(UsageError, match=r"No run is active\. Start one"):
        mt.log_metric("auc", 0.5)


def test_a_folder_without_a_workspace_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLOPS_WORKSPACE", str(tmp_path))
    with pytest.raises(NoWorkspace):
        mt.start_run()


def test_a_store_that_is_not_up_to_date_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create(tmp_path)
    monkeypatch.setenv("MLOPS_WORKSPACE", str(tmp_path))
    with pytest.raises(WorkspaceError, match="Open it once with: mlops-tui status"):
        mt.start_run()


@pytest.mark.parametrize(
    ("last_line", "status"),
    [
        ("pass", "finished"),
        ("raise ValueError('no')", "failed"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "lost"),
        ("import os; os._exit(0)", "lost"),
    ],
)
def test_a_script_that_forgets_to_end_its_run(store: Store, last_line: str, status: str) -> None:
    script(store, f"import mlops_tui as mt\nmt.start_run('left')\nmt.log_metric('auc', 0.5)\n{last_line}")
    run = Runs(store).find("left")
    assert (run.status, run.metrics) == (status, {"auc": 0.5})


def test_the_public_names_are_all_there() -> None:
    assert all(getattr(mt, name) is not None for name in mt.__all__)
    assert set(mt.__all__) <= set(dir(mt))
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = mt.no_such_name


def test_the_stub_tells_of_every_public_name() -> None:
    """The stub is what editors and type checkers read in place of the lazy names."""
    stub = Path(str(mt.__file__)).with_suffix(".pyi").read_text("utf-8")
    told = {line.rsplit(" ", 1)[1] for line in stub.splitlines() if line.startswith("from ")} | {"__version__"}
    assert told == set(mt.__all__)
