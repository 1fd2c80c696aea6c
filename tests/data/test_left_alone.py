"""What is never opened in a source's folder is said: pipes, sockets, links out of it, files that are not finished."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

import mlops_tui.data.left_alone as module
from mlops_tui.data.left_alone import LeftAlone, left_alone
from mlops_tui.data.service import Sources
from mlops_tui.store.store import Store


@pytest.fixture
def strange(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (folder / "a.csv").write_text("x\n1\n")
    (folder / "inside.csv").symlink_to("a.csv")
    os.mkfifo(folder / "pipe.csv")
    (folder / "out.csv").symlink_to(tmp_path / "other.csv")
    (folder / "nothing.csv").symlink_to("gone.csv")
    (folder / "b.csv.part").touch()
    (folder / "c.csv~").touch()
    (folder / ".d.csv").touch()
    (folder / ".DS_Store").touch()
    (folder / "notes.md").touch()
    (folder / "old").mkdir()
    (folder / "old" / "e.tmp").touch()
    monkeypatch.chdir(folder)  # the path of a socket may not be long
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("s.csv")
    return folder


def test_each_is_told_with_why_and_regular_files_are_not(
    store: Store, sources: Sources, strange: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = sources.add(strange, name="s")
    found = left_alone(source, store.workspace)
    assert dict(found.found) == {
        "pipe.csv": "a pipe",
        "s.csv": "a socket",
        "out.csv": "a link out of the folder",
        "nothing.csv": "a link to nothing",
        "b.csv.part": "still being written",
        "c.csv~": "still being written",
        ".d.csv": "hidden",
    }
    assert found.words == (
        "7 left alone: .d.csv (hidden), b.csv.part (still being written), c.csv~ (still being written),"
        " nothing.csv (a link to nothing), out.csv (a link out of the folder), 2 more"
    )
    monkeypatch.setattr(module, "LOOKED_AT", 3)
    assert not left_alone(source, store.workspace).is_whole


def test_folders_below_and_patterns_that_leave_out_are_heeded(store: Store, sources: Sources, strange: Path) -> None:
    source = sources.add(strange, name="s", recursive=True, exclude=["*.csv*"])
    assert left_alone(source, store.workspace).found == (("old/e.tmp", "still being written"),)
    assert LeftAlone().words == ""


def test_a_json_file_that_only_a_pattern_of_ones_own_reads_is_said(
    store: Store, sources: Sources, folder: Path
) -> None:
    (folder / "a.csv").write_text("x\n1\n")
    (folder / "b.json").write_text('{"x": 2}\n')
    source = sources.add(folder, name="s")
    assert left_alone(source, store.workspace).words == "1 left alone: b.json (read where --pattern names it)"
    (folder / "c").mkdir()
    (folder / "c" / "d.json").write_text('{"x": 2}\n')
    named = sources.add(folder / "c", name="t", pattern="*.json")
    assert left_alone(named, store.workspace).words == ""
