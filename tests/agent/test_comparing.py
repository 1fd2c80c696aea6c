"""The agent has a champion compared with the one before as labels come, and the alert ends with the rollback: nobody asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from mlops_tui.automation.service import Watching
from mlops_tui.jobs.query import list_jobs
from mlops_tui.monitoring.alert import WORSE
from mlops_tui.monitoring.alert_query import list_alerts
from mlops_tui.monitoring.quality_query import outcome_of
from mlops_tui.registry.query import find_model
from mlops_tui.serving.query import list_batches
from tests.processes import processes_of, wait_for
from tests.promoted import Promoted, customers


@pytest.fixture
def churn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Promoted]:
    monkeypatch.setenv("MLOPS_SETTLE_SECONDS", "0.5")
    made = Promoted((tmp_path / "work").resolve())
    yield made
    Watching(made.store).switch_off()
    made.close()
    wait_for(lambda: not processes_of(made.root), 30)


@pytest.mark.slow
def test_three_files_and_their_labels_raise_the_alert_that_the_rollback_ends(churn: Promoted) -> None:
    """The worse version was promoted against its gates; while nothing new comes, nothing is compared again."""
    reader = churn.store.reader
    churn.services.models.rollback("churn")
    model = find_model(reader, "churn")
    forced = {"model": model.id, "version": 2, "alias": "champion", "force": True, "why": "to see"}
    assert churn.do("promote", forced)["promoted"]
    churn.services.arriving.set(churn.services.sources, "live", "churn", churn.root / "out")
    Watching(churn.store).switch_on()
    files = [customers(120, place, 1_000 * place) for place in range(3)]
    for place, rows in enumerate(files):
        rows.drop(columns="y").to_csv(churn.root / "live" / f"f{place}.csv", index=False)
    wait_for(lambda: len(list_batches(reader)) == 3, 90)
    assert {(batch.shadow or {})["version"] for batch in list_batches(reader)} == {1}
    assert outcome_of(reader, churn.version(2).id) is None
    pd.concat(files)[["code", "y"]].to_csv(churn.root / "outcomes" / "all.csv", index=False)
    wait_for(lambda: [one.kind for one in list_alerts(reader)] == [WORSE], 90)
    outcome = outcome_of(reader, churn.version(2).id)
    assert outcome is not None
    assert (outcome.files, outcome.labelled, outcome.verdict) == (3, 360, "fail")
    wait_for(lambda: not [job for job in list_jobs(reader) if job.is_open], 30)
    assert [job.kind for job in list_jobs(reader)].count("outcomes") == 1
    churn.services.models.rollback("churn")
    assert list_alerts(reader) == []
    wait_for(lambda: reader.execute("SELECT ended FROM alert").fetchone()[0] is not None, 30)
    assert [job.kind for job in list_jobs(reader)].count("outcomes") == 1
