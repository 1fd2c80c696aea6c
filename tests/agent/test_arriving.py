"""The agent has files of a live source predicted as they come, also those that came while it was not there."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pandas as pd
import pytest

from mlops_tui.automation.service import Watching
from mlops_tui.core.settings import Settings
from mlops_tui.data.service import Sources
from mlops_tui.jobs.query import list_jobs
from mlops_tui.jobs.service import Jobs
from mlops_tui.registry.engine.keep import Origin, add_version, keep
from mlops_tui.serving.arriving import Arriving
from mlops_tui.serving.query import list_batches
from mlops_tui.store.session import write_session
from mlops_tui.store.store import Store
from tests.processes import wait_for
from tests.serving.conftest import fitted, training_frame

HEAD = "age,visits,plan\n"


@pytest.mark.slow
def test_a_file_that_comes_is_predicted_once_also_over_a_restart_of_the_agent(
    store: Store, folder: Path, root: Path, watching: Watching
) -> None:
    model = fitted(root, ("stays", "leaves"), "leaves")
    sources, out = Sources(store, Settings()), root / "out"
    out.mkdir()
    source = sources.add(folder, name="live", role="live")
    kept = keep(store, model.pipeline, model.version.signature, training_frame())
    with write_session(store) as writing:
        add_version(writing, "churn", kept, Origin("R", None, source.id, 1, "forest", {}, {}))
    Arriving(store, Jobs(store)).set(sources, "live", "churn:1", out)
    watching.switch_on()
    (folder / "first.csv").write_text(HEAD + "40,1,gold\n41,2,basic\n" * 10)
    wait_for(lambda: (out / "first-predictions.csv").exists(), 60)
    assert len(pd.read_csv(out / "first-predictions.csv")) == 20
    wait_for(lambda: not [job for job in list_jobs(store.reader) if job.is_open], 60)
    pid = watching.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not watching.status().running, 30)
    (folder / "second.csv").write_text(HEAD + "42,1,gold\n43,2,basic\n" * 10)
    watching.switch_on()
    wait_for(lambda: (out / "second-predictions.csv").exists(), 60)
    wait_for(lambda: not [job for job in list_jobs(store.reader) if job.is_open], 60)
    assert sorted(batch.file for batch in list_batches(store.reader)) == ["data/first.csv", "data/second.csv"]
    assert [job.kind for job in list_jobs(store.reader)].count("predict") == 2
