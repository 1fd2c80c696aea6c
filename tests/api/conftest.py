from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import mlops_tui as mt
from mlops_tui.core.errors import UsageError
from mlops_tui.store.store import Store

Script = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def here(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The store of the workspace that one stands in; a run that a test leaves open is ended."""
    monkeypatch.delenv("MLOPS_WORKSPACE", raising=False)
    monkeypatch.delenv("MLOPS_RUN", raising=False)
    monkeypatch.chdir(store.workspace.root)
    yield store
    with suppress(UsageError):
        while True:
            mt.end_run()


@pytest.fixture
def script(store: Store) -> Script:
    """Runs a script of a person's own in a process of its own, where the workspace is."""

    def run(code: str, name: str = "train.py", folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        path = (folder or store.workspace.root) / name
        path.write_text(code, "utf-8")
        environment = {key: value for key, value in os.environ.items() if not key.startswith("MLOPS_")}
        return subprocess.run(
            [sys.executable, name],
            cwd=path.parent,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run
