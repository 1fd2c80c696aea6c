"""Pieces of work that several processes share."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from mlops_tui.tuning.engine.together import Together

PIECES = [f"piece-{number}" for number in range(12)]

SCRIPT = """
import os, sys, time
from pathlib import Path
from mlops_tui.tuning.engine.together import Together
folder, seconds = Path(sys.argv[1]), float(sys.argv[2])

def work(piece, path):
    with (folder / "log").open("a") as log:
        log.write(f"{os.getpid()} {piece}\\n")
    time.sleep(seconds)
    path.write_text(piece.upper())

print("ready", flush=True)
sys.stdin.readline()
pieces = [f"piece-{number}" for number in range(12)]
print(",".join(path.read_text() for path in Together(folder).do(pieces, work, lambda done: None)), flush=True)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "log").touch()
    return tmp_path


def begin(folder: Path, seconds: float) -> subprocess.Popen[str]:
    """A process that is ready to take part."""
    command = [sys.executable, "-c", SCRIPT, str(folder), str(seconds)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def go(*processes: subprocess.Popen[str]) -> None:
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()


def done(folder: Path) -> list[tuple[str, str]]:
    """Who began which piece."""
    return [(pid, piece) for pid, piece in map(str.split, (folder / "log").read_text().splitlines())]


def test_each_piece_is_done_by_one_process_and_read_by_all(folder: Path) -> None:
    processes = [begin(folder, 0.05) for _ in range(3)]
    go(*processes)
    said = [process.communicate(timeout=60)[0] for process in processes]
    assert said == [",".join(piece.upper() for piece in PIECES) + "\n"] * 3
    assert Counter(piece for _, piece in done(folder)) == Counter(PIECES)
    assert {pid for pid, _ in done(folder)} == {str(process.pid) for process in processes}


def test_what_a_killed_process_was_at_is_done_by_another(folder: Path) -> None:
    killed, other = begin(folder, 3600), begin(folder, 0.0)
    go(killed)
    while not done(folder):
        time.sleep(0.01)
    go(other)
    while len(done(folder)) < len(PIECES):  # the other waits for the last one
        time.sleep(0.01)
    assert other.poll() is None
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert other.communicate(timeout=60)[0] == ",".join(piece.upper() for piece in PIECES) + "\n"
    assert done(folder)[0][1] == done(folder)[-1][1] == PIECES[0]


def test_what_is_to_be_done_once_is_done_again_where_it_failed(folder: Path) -> None:
    turns: list[str] = []

    def fail() -> None:
        raise ValueError("not this time")

    with pytest.raises(ValueError, match="not this time"):
        Together(folder).once("choice", fail)
    for name in ("first", "second"):
        Together(folder).once("choice", lambda name=name: turns.append(name))  # type: ignore[misc]
    assert turns == ["first"]
