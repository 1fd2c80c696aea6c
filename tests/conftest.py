"""What tests of several rooms stand on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_tui.store.migrate import migrate
from mlops_tui.store.store import Store
from mlops_tui.store.workspace import create

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    # a shell has it ignored by what it starts in the background, and every process of a test would inherit that
    signal.signal(signal.SIGINT, signal.default_int_handler)

# what one process of a test has compiled the next ones take over: each to itself takes seconds to compile what it imports
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The empty store of a workspace in a folder of its own."""
    workspace = create(tmp_path / "work")
    migrate(workspace.store)
    opened = Store(workspace)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that `init` made; tests only look at it."""
    root = tmp_path_factory.mktemp("made") / "work"
    command = [sys.executable, "-m", "mlops_tui", "init", str(root)]
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=120)
    return root
