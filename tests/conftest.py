"""What tests of several rooms stand on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_tui.store.migrate import migrate
from mlops_tui.store.store import Store
from mlops_tui.store.workspace import create


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The empty store of a workspace in a folder of its own."""
    workspace = create(tmp_path / "work")
    migrate(workspace.store)
    opened = Store(workspace)
    yield opened
    opened.close()
