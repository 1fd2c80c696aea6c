from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_tui.automation.service import Watching
from mlops_tui.core.settings import Settings
from mlops_tui.data.model import Source
from mlops_tui.data.service import Sources
from mlops_tui.store.migrate import migrate
from mlops_tui.store.store import Store
from mlops_tui.store.workspace import create
from tests.processes import processes_of, wait_for


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return (tmp_path / "work").resolve()


@pytest.fixture
def store(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store whose processes are all gone after the test, or the test fails."""
    monkeypatch.setenv("MLOPS_SETTLE_SECONDS", "0.5")
    workspace = create(root)
    migrate(workspace.store)
    opened = Store(workspace, actor="test")
    yield opened
    if workspace.home.exists():
        Watching(opened).switch_off()
    opened.close()
    wait_for(lambda: not processes_of(root), 30)


@pytest.fixture
def watching(store: Store) -> Watching:
    return Watching(store)


@pytest.fixture
def folder(root: Path, store: Store) -> Path:
    made = root / "data"
    made.mkdir()
    return made


@pytest.fixture
def source(store: Store, folder: Path) -> Source:
    return Sources(store, Settings()).add(folder, name="s", target="y")
