from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def mlops(tmp_path: Path) -> Command:
    """Runs the command line in a process of its own, without a terminal, in a folder of its own."""
    return mlops_in(tmp_path)


def mlops_in(folder: Path) -> Command:
    """The same in that folder."""

    def run(*arguments: str, cwd: Path = folder) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MLOPS_")}
        return subprocess.run(
            [sys.executable, "-m", "mlops_tui", *arguments],
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run
