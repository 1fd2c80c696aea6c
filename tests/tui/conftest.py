"""Real workspaces for the screens: made by the migrations, filled by SQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_tui.bootstrap import Services, open_services
from mlops_tui.store.migrate import migrate
from mlops_tui.store.workspace import create


@pytest.fixture(autouse=True)
def calm_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same terminal everywhere: colours, Unicode, no tmux."""
    for name in ("NO_COLOR", "TMUX", "SSH_CONNECTION", "MLOPS_WORKSPACE", "MLOPS_SYMBOLS", "MLOPS_THEME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """An empty workspace."""
    workspace = create(tmp_path / "loans")
    migrate(workspace.store)
    found = open_services(workspace.root)
    yield found
    found.close()
