"""A workspace that may be looked at and not changed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_tui.core.errors import ReadOnlyStore
from mlops_tui.store.session import write_session
from mlops_tui.store.store import Store
from tests.limited import limited


@pytest.fixture
def locked(store: Store) -> Iterator[Path]:
    """The workspace's folder, with one event in its store, none of whose files may be written."""
    with store.write() as writing:
        writing.event("set", ("setting", "k", "k"), why="before it was locked")
    home = store.workspace.home
    store.close()
    for path in (*home.rglob("*"), home):
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield store.workspace.root
    for path in (home, *home.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def mlops(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    line = [*limited("ordinary"), "-m", "mlops_tui", "--workspace", str(root), *arguments]
    return subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60)


def contents(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("command", [("status",), ("runs", "list"), ("jobs", "list"), ("data", "list")])
def test_a_workspace_that_cannot_be_written_opens_for_looking(locked: Path, command: tuple[str, ...]) -> None:
    before = contents(locked)
    done = mlops(locked, *command, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) is not None
    assert contents(locked) == before


def test_what_was_stored_is_seen(locked: Path) -> None:
    (event,) = json.loads(mlops(locked, "events", "--json").stdout)
    assert event["why"] == "before it was locked"


def test_a_change_is_refused_with_the_reason(locked: Path, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n1\n", "utf-8")
    before = contents(locked)
    done = mlops(locked, "data", "add", str(tmp_path / "a.csv"), "--name", "a")
    assert done.returncode == 1
    title, remedy = done.stderr.splitlines()
    assert title == f"mlops-tui: {locked} is open for looking only: its folder cannot be written."
    assert remedy.strip() == "Work on a copy, or change its permissions."
    assert contents(locked) == before


def test_what_only_the_log_holds_is_seen_too(store: Store) -> None:
    """As on a medium that was taken from a machine while it wrote."""
    with store.write() as writing:
        writing.execute("INSERT INTO setting (key, value) VALUES ('k', 'in the log')")
    looking = Store(store.workspace, read_only=True, why_read_only="its folder cannot be written")
    try:
        assert looking.reader.execute("SELECT value FROM setting").fetchall() == [("in the log",)]
    finally:
        looking.close()


def test_neither_way_of_writing_is_open(store: Store) -> None:
    looking = Store(store.workspace, read_only=True, why_read_only="it lies on a disc")
    for write in (looking.write, lambda: write_session(looking)):
        with pytest.raises(ReadOnlyStore, match="it lies on a disc"), write():
            pass
