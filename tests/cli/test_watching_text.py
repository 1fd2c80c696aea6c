"""What `watch` tells of jobs."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_tui.bootstrap import open_services
from mlops_tui.cli.commands.watch import Follower
from mlops_tui.jobs.model import FAILED, RUNNING
from mlops_tui.jobs.query import get_job
from mlops_tui.jobs.service import end_job
from mlops_tui.store.migrate import migrate
from mlops_tui.store.workspace import create
from tests.tui.filling import add_job


def test_a_scan_that_fails_is_told_and_the_check_of_another_terminal_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever typed the check is told there."""
    workspace = create(tmp_path / "loans")
    migrate(workspace.store)
    services = open_services(workspace.root)
    follower = Follower(services.store, as_json=False)
    for kind, title in (("scan", "scan loans"), ("check", "check loans"), ("check", "propose checks of loans")):
        job = get_job(services.store.reader, add_job(services, title, RUNNING, kind=kind))
        with services.store.write() as writing:
            end_job(writing, job, FAILED, "The checks file is broken.")
    follower._tell_events()
    [told] = capsys.readouterr().out.splitlines()
    assert told.endswith("failed: The checks file is broken.")
    assert "scan loans" in told
    services.close()
