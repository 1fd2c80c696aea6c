"""The agent compares what comes to a live source by itself: the alert begins with the file that drifts, and is told."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_tui.automation.service import Watching
from mlops_tui.bootstrap import Services, create_workspace
from mlops_tui.jobs.query import list_jobs
from mlops_tui.monitoring.alert_query import list_alerts
from mlops_tui.monitoring.query import list_reports
from tests.processes import processes_of, wait_for

LOANS = Path(__file__).parents[2] / "sample_data" / "loan_applications"


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """Loans that were learnt from, and a folder for the months that come; alerts are told by a command."""
    monkeypatch.setenv("MLOPS_SETTLE_SECONDS", "0.5")
    made = create_workspace((tmp_path / "work").resolve())
    with made.workspace.config.open("a") as config:
        config.write(f"alert_command = \"cat >> '{tmp_path / 'told'}'; echo >> '{tmp_path / 'told'}'\"\n")
    for name in ("training", "live"):
        (made.workspace.root / name).mkdir()
    shutil.copy(LOANS / "training.csv", made.workspace.root / "training")
    told = {"id_column": "application_id", "time_column": "applied_at"}
    made.sources.add(made.workspace.root / "training", name="loans", target="defaulted", **told)
    made.sources.add(made.workspace.root / "live", name="live", role="live", **told)
    yield made
    Watching(made.store).switch_off()
    made.close()
    wait_for(lambda: not processes_of(made.workspace.root), 30)


@pytest.mark.slow
def test_a_month_that_drifts_raises_the_alert_and_the_next_one_ends_it(services: Services, tmp_path: Path) -> None:
    """Each month is compared once, when it comes; while nothing new comes, nothing is compared again."""
    reader = services.store.reader

    def come(month: str) -> None:
        shutil.copy(LOANS / f"{month}.csv", services.workspace.root / "live")
        wait_for(lambda: month in [head.current.removesuffix(".csv") for head in list_reports(reader)], 60)

    def told() -> list[str]:
        path = tmp_path / "told"
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        return [json.loads(line)["moment"] for line in lines if line]

    Watching(services.store).switch_on()
    come("2026-04")
    come("2026-05")
    wait_for(lambda: told() == ["began"], 60)
    (alert,) = list_alerts(reader)
    assert alert.sentence == "3 of 11 columns of live drift in 2026-05.csv: channel, age, income."
    come("2026-06")
    wait_for(lambda: told() == ["began", "ended"], 60)
    assert list_alerts(reader) == []
    wait_for(lambda: not [job for job in list_jobs(reader) if job.is_open], 30)
    assert [job.kind for job in list_jobs(reader)].count("drift") == 3
