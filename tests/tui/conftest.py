"""Real workspaces for the screens: made by the migrations, filled by SQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_tui.bootstrap import Services, open_services
from mlops_tui.jobs.query import get_job
from mlops_tui.monitoring.query import list_reports
from mlops_tui.store.migrate import migrate
from mlops_tui.store.workspace import create
from tests.processes import wait_for
from tests.tui.loans import make_loans


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


@pytest.fixture(scope="session")
def made_loans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with sources, profiles and drift reports, made once; tests work on copies."""
    living = make_loans(tmp_path_factory.mktemp("made") / "loans")
    living.close()
    return living.root


@pytest.fixture(scope="session")
def seen_loans(made_loans: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """One copy for all tests that only look, with one query worker, which is kept warm."""
    found = open_services(Path(shutil.copytree(made_loans, tmp_path_factory.mktemp("seen") / "loans")))
    yield found
    found.close()


@pytest.fixture
def loans(made_loans: Path, tmp_path: Path) -> Iterator[Services]:
    """A copy of that workspace."""
    root = tmp_path / "loans"
    shutil.copytree(made_loans, root)
    found = open_services(root)
    yield found
    found.close()


@pytest.fixture
def sliced_loans(loans: Services) -> Services:
    """The same with the month that drifts told by slice of a column."""
    head = next(one for one in list_reports(loans.store.reader) if one.current == "2026-02.csv")
    job_id = loans.monitoring.start_slices(head.id, "channel")
    wait_for(lambda: get_job(loans.store.reader, job_id).state == "done")
    return loans
