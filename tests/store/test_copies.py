"""A live store is copied whole, whatever is written meanwhile."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mlops_tui.overview.backup import backup
from mlops_tui.store.artifact import put_bytes, sha256
from mlops_tui.store.copy import copy_store
from mlops_tui.store.store import Store
from tests.processes import wait_for

PAIRS = """
import sys
from pathlib import Path
from mlops_tui.store.store import Store
from mlops_tui.store.workspace import Workspace
store, number = Store(Workspace(Path(sys.argv[1]))), 0
while True:
    with store.write() as writing:
        for half in ("left", "right"):
            writing.execute("INSERT INTO setting (key, value) VALUES (?, ?)", (f"{half}-{number}", "x" * 500))
        writing.event("set", ("setting", str(number), str(number)))
    number += 1
"""


@pytest.fixture
def written_to(store: Store) -> Iterator[Store]:
    """A store into which a process writes pairs of rows, each pair with an event, as fast as it can."""
    process = subprocess.Popen([sys.executable, "-c", PAIRS, str(store.workspace.root)], stdin=subprocess.DEVNULL)
    wait_for(lambda: pairs(store.reader) > 100)
    yield store
    assert process.poll() is None, "the writer did not live through it"
    process.kill()
    process.wait(timeout=30)


def pairs(connection: sqlite3.Connection) -> int:
    return connection.execute("SELECT count(*) FROM setting WHERE key LIKE 'left-%'").fetchone()[0]


def assert_whole(path: Path) -> int:
    """The copy holds whole transactions alone; returns how many."""
    with closing(sqlite3.connect(path)) as copy:
        found = pairs(copy)
        assert copy.execute("SELECT count(*) FROM setting").fetchone() == (2 * found,)
        assert copy.execute("SELECT count(*) FROM event").fetchone() == (found,)
        assert copy.execute("SELECT n FROM change WHERE topic = 'events'").fetchone() == (found,)
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    return found


def test_a_copy_holds_whole_transactions_while_another_process_writes(written_to: Store, tmp_path: Path) -> None:
    before = pairs(written_to.reader)
    copies = []
    for number in range(3):
        copy = tmp_path / f"copy{number}.db"
        copy_store(written_to.workspace.store, copy)
        copies.append(assert_whole(copy))
    assert before <= copies[0]
    assert copies == sorted(copies)


def test_a_backup_while_a_process_writes_holds_store_and_artifacts(written_to: Store, tmp_path: Path) -> None:
    digest = put_bytes(written_to.workspace, b"a model")
    before = pairs(written_to.reader)
    backup(written_to.workspace, tmp_path / "kept.tar.gz")
    with tarfile.open(tmp_path / "kept.tar.gz") as archive:
        archive.extractall(tmp_path / "again", filter="data")
    home = tmp_path / "again" / ".mlops"
    assert assert_whole(home / "store.db") >= before
    assert sha256(home / "artifacts" / digest[:2] / digest) == digest
