"""The whole life cycle by one command, with real processes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

KEYS = {"workspace", "sources", "study", "best", "model", "promotion", "predictions", "drift"}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_demo_goes_from_files_to_drift_and_leaves_no_process(tmp_path: Path) -> None:
    """The stream's shifts are known: in 2026-05 three columns move, in the other months none."""
    command = [sys.executable, "-m", "mlops_tui", "demo", "--headless", "--json", str(tmp_path / "demo")]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=550)
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert set(shown) == KEYS
    assert {source["version"] for source in shown["sources"]} == {1}
    assert shown["study"]["state"] == "done"
    assert 0.75 < shown["best"]["value"] < 0.9
    assert shown["promotion"]["gates"]
    assert [batch["rows"] for batch in shown["predictions"]] == [5000] * 8
    moved = {
        report["current"]: {column["name"] for column in report["columns"] if column["drift"]}
        for report in shown["drift"]
    }
    assert len(moved) == 8
    may = next(name for name in moved if "2026-05" in name)
    assert moved.pop(may) == {"channel", "age", "income"}
    assert set(map(frozenset, moved.values())) == {frozenset()}
    root = str((tmp_path / "demo").resolve())
    left = [one for one in psutil.process_iter(["cmdline"]) if root in (one.info["cmdline"] or [])]
    psutil.wait_procs(left, timeout=2)
    assert not [one for one in left if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


def test_the_demo_refuses_a_folder_that_is_a_workspace(tmp_path: Path) -> None:
    (tmp_path / ".mlops").mkdir()
    command = [sys.executable, "-m", "mlops_tui", "demo", "--headless", str(tmp_path)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert list((tmp_path / ".mlops").iterdir()) == []
