"""How far studies are, read on from what was known before."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_tui.bootstrap import Services, open_services
from mlops_tui.store.migrate import migrate
from mlops_tui.store.workspace import create
from mlops_tui.tuning.listing import LOOKED_BACK, progress_of
from mlops_tui.tuning.model import WORKER_DIED
from tests.tui.tuned import add_source, add_study, insert


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    workspace = create(tmp_path / "loans")
    migrate(workspace.store)
    found = open_services(workspace.root)
    yield found
    found.close()


def put(services: Services, study_id: str, number: int, state: str, value: float | None, reason: str = "") -> None:
    """A trial as it is now, whatever it was before."""
    row = (study_id, number, f"R{number}", state, value, "hgb", json.dumps({}), reason or None, "2099")
    with services.store.write() as writing:
        writing.execute(
            "INSERT OR REPLACE INTO study_trial (study_id, number, run_id, state, value, family, params, reason, started)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )


def test_what_is_read_on_equals_what_is_read_anew(services: Services) -> None:
    """Trials that run for long, end, come late with a lower number, or die with their worker."""
    add_source(services)
    study_id, reader = add_study(services, trials=()), services.store.reader
    known = progress_of(reader, study_id)
    for number in range(3 * LOOKED_BACK):
        put(services, study_id, number, "running", None)
        if number % 7:
            put(services, study_id, number, "complete", number / 100)
        known = progress_of(reader, study_id, known)
    put(services, study_id, 7, "complete", 0.9)
    put(services, study_id, 14, "fail", None, WORKER_DIED)
    put(services, study_id, 500, "complete", 0.1)
    put(services, study_id, 499, "running", None)
    known = progress_of(reader, study_id, known)
    put(services, study_id, 498, "complete", 0.2)
    known = progress_of(reader, study_id, known)
    assert known == progress_of(reader, study_id)
    assert known.ended == sum(bool(number % 7) for number in range(3 * LOOKED_BACK)) + 3


def test_ended_trials_are_not_read_again(services: Services) -> None:
    """What changes behind the mark stays unseen, and nothing is made anew."""
    add_source(services)
    study_id = add_study(services, trials=())
    for number in range(5 * LOOKED_BACK):
        put(services, study_id, number, "complete", 0.5)
    known = progress_of(services.store.reader, study_id)
    with services.store.write() as writing:
        writing.execute("UPDATE study_trial SET value = 0.7 WHERE number < 10")
    assert progress_of(services.store.reader, study_id, known).points is known.points


def test_workers_count_for_as_long_as_they_live_and_their_job_is_open(services: Services) -> None:
    add_source(services)
    study_id, reader = add_study(services, trials=()), services.store.reader
    job_id = progress_of(reader, study_id).study.job_id
    for number, ended in enumerate((None, None, "2099")):
        row = {"job_id": job_id, "number": number, "pid": number, "pid_started": 0.0, "started": "2099", "ended": ended}
        insert(services, "job_worker", "jobs", row)
    assert progress_of(reader, study_id).workers == 2
    with services.store.write() as writing:
        writing.execute("UPDATE job SET state = 'lost' WHERE id = ?", (job_id,))
    assert progress_of(reader, study_id).workers == 0
