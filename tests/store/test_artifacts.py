"""Files under the sha256 of their content: whole, or not there."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mlops_tui.core.errors import DiskFull, ModelFileError
from mlops_tui.store.artifact import place, put, put_bytes, sha256, verified
from mlops_tui.store.store import Store

HALF = """
import sys, time
from pathlib import Path
from mlops_tui.store.artifact import put
from mlops_tui.store.workspace import Workspace

def half(path):
    path.write_bytes(b"x" * 100_000)
    print("half", flush=True)
    time.sleep(600)

put(Workspace(Path(sys.argv[1])), half)
"""


def kept(store: Store) -> list[Path]:
    """Every file that could be taken for an artifact."""
    return sorted(path for path in store.workspace.artifacts.rglob("*") if path.is_file() and path.name[0] != ".")


def test_a_file_lies_under_the_sha256_of_its_content(store: Store) -> None:
    digest = put_bytes(store.workspace, b"a model")
    assert digest == hashlib.sha256(b"a model").hexdigest()
    assert place(store.workspace, digest).read_bytes() == b"a model"
    assert place(store.workspace, digest).parent.name == digest[:2]
    assert verified(store.workspace, digest) == place(store.workspace, digest)


def test_the_same_content_is_kept_once(store: Store) -> None:
    assert put_bytes(store.workspace, b"a model") == put_bytes(store.workspace, b"a model")
    assert len(kept(store)) == 1


def test_nothing_is_left_of_a_file_whose_writing_failed(store: Store) -> None:
    def fail(path: Path) -> None:
        path.write_bytes(b"half of it")
        raise ValueError("the model cannot be written")

    with pytest.raises(ValueError, match="cannot be written"):
        put(store.workspace, fail)
    assert list(store.workspace.artifacts.rglob("*")) == []


def test_a_writer_that_is_killed_leaves_no_artifact(store: Store) -> None:
    """What it had begun has a name that no digest has, so that nobody takes it for one."""
    line = [sys.executable, "-c", HALF, str(store.workspace.root)]
    process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "half\n"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    assert kept(store) == []
    (begun,) = [path for path in store.workspace.artifacts.iterdir() if path.is_file()]
    assert begun.name.endswith(".tmp")
    digest = put_bytes(store.workspace, b"x" * 100_000)
    assert kept(store) == [place(store.workspace, digest)]


def test_a_file_that_replaces_a_damaged_one_mends_it(store: Store) -> None:
    digest = put_bytes(store.workspace, b"a model")
    place(store.workspace, digest).write_bytes(b"a medal")
    with pytest.raises(ModelFileError, match="was changed"):
        verified(store.workspace, digest)
    put_bytes(store.workspace, b"a model")
    assert verified(store.workspace, digest).read_bytes() == b"a model"


def test_a_file_that_is_gone_says_what_to_do(store: Store) -> None:
    with pytest.raises(ModelFileError, match="is gone") as caught:
        verified(store.workspace, "0" * 64)
    assert "backup" in caught.value.remedy


def test_the_hash_of_a_large_file_is_that_of_its_bytes(tmp_path: Path) -> None:
    content = b"0123456789abcdef" * 300_000
    (tmp_path / "large").write_bytes(content)
    assert sha256(tmp_path / "large") == hashlib.sha256(content).hexdigest()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_full_disk_is_said_and_leaves_nothing(store: Store) -> None:
    def write(path: Path) -> None:
        path.write_bytes(b"begun")
        with Path("/dev/full").open("wb") as full:
            full.write(b"more")

    with pytest.raises(DiskFull, match="is full") as caught:
        put(store.workspace, write)
    assert "what was stored before is intact" in caught.value.remedy
    assert list(store.workspace.artifacts.rglob("*")) == []
