"""Where nothing more can be written: one sentence, and what was stored before is all there."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from mlops_tui.core.errors import DiskFull
from mlops_tui.store.session import write_session
from mlops_tui.store.store import Store
from mlops_tui.store.table import Setting
from tests.limited import limited

TOO_MUCH = "x" * 1_000_000
INDEX = 32_768
"""Bytes of the index of SQLite's log."""


def everything(store: Store) -> list[tuple[object, ...]]:
    tables = ("SELECT key, value FROM setting", "SELECT id, verb FROM event", "SELECT topic, n FROM change")
    return [row for table in tables for row in store.reader.execute(table)]


def write(store: Store, key: str, value: str) -> None:
    with store.write() as writing:
        writing.execute("INSERT INTO setting (key, value) VALUES (?, ?)", (key, value))
        writing.event("set", ("setting", key, key))


def limit_pages(store: Store, more: int) -> None:
    """Lets the file grow by so many pages at the most: SQLite answers beyond it as it does on a full disk."""
    pages = store.writer.execute("PRAGMA page_count").fetchone()[0]
    store.writer.execute(f"PRAGMA max_page_count={pages + more}")


def test_a_store_that_cannot_grow_refuses_the_transaction_whole(store: Store) -> None:
    write(store, "before", "it was full")
    before = everything(store)
    limit_pages(store, 10)
    with pytest.raises(DiskFull, match="is full") as caught:
        write(store, "large", TOO_MUCH)
    assert "what was stored before is intact" in caught.value.remedy
    assert everything(store) == before
    limit_pages(store, 1_000)
    write(store, "large", TOO_MUCH)
    assert len(everything(store)) == len(before) + 2


def test_a_session_on_a_full_disk_is_refused_in_the_same_words(store: Store) -> None:
    before = everything(store)

    def attempt() -> None:
        with write_session(store) as writing:
            pages = writing.execute("PRAGMA page_count").fetchone()[0]
            writing.execute(f"PRAGMA max_page_count={pages + 10}")
            writing.add(Setting(key="large", value=TOO_MUCH))

    with pytest.raises(DiskFull, match="is full"):
        attempt()
    assert everything(store) == before


def test_a_command_on_a_full_disk_says_so_and_loses_nothing(store: Store, tmp_path: Path) -> None:
    """Its process may let no file grow beyond what SQLite's index of the log takes: the log itself needs more than that."""
    write(store, "before", "it was full")
    before = everything(store)
    store.close()
    (tmp_path / "a.csv").write_text("x\n1\n", "utf-8")
    add = ("data", "add", str(tmp_path / "a.csv"), "--name", "a")
    line = [*limited(f"files={INDEX}"), "-m", "mlops_tui", "--workspace", str(store.workspace.root), *add]
    done = subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    title, remedy = done.stderr.splitlines()
    assert title == f"mlops-tui: The disk with {store.workspace.store} is full or failing."
    assert remedy.strip() == "Free some space and try again; what was stored before is intact."
    assert everything(store) == before


def test_with_json_a_full_disk_has_its_code(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n1\n", "utf-8")
    add = ("data", "add", str(tmp_path / "a.csv"), "--name", "a", "--json")
    line = [*limited("files=1000"), "-m", "mlops_tui", "--workspace", str(store.workspace.root), *add]
    done = subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (1, "")
    assert json.loads(done.stdout)["error"]["code"] == "disk_full"
