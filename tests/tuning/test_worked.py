"""How long a study was at work, whatever lay between."""

from __future__ import annotations

import json
from collections.abc import Callable

import pandas as pd
import pytest

from mlops_tui.core.clock import from_seconds, to_seconds
from mlops_tui.core.ids import new_id
from mlops_tui.data.model import Source
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store
from mlops_tui.tuning.model import WORKER_DIED
from mlops_tui.tuning.query import get_study
from mlops_tui.tuning.service import Studies
from mlops_tui.tuning.settle import settle
from mlops_tui.tuning.worked import Worked, worked

BEGAN = 1_800_000_000.0


def at(seconds: float) -> str:
    return from_seconds(BEGAN + seconds)


def launched(store: Store, start: float, end: float | None, state: str = "done") -> str:
    """A job of the study."""
    job_id = new_id()
    with store.write() as writing:
        writing.execute(
            "INSERT INTO job (id, kind, title, spec, state, workers, host, home, done, log, created, started, ended)"
            " VALUES (?, 'tune', 't', '{}', ?, 1, 'h', 'h', 0, 'log', ?, ?, ?)",
            (job_id, state, at(start), at(start), None if end is None else at(end)),
        )
    tell(store, "S", "launched", start, {"job": job_id})
    return job_id


def tell(store: Store, subject: str, verb: str, moment: float, after: dict[str, str] | None = None) -> None:
    with store.write() as writing:
        writing.execute(
            "INSERT INTO event (id, at, actor, verb, subject_kind, subject_id, subject_name, after)"
            " VALUES (?, ?, 'person', ?, 'x', ?, 'x', ?)",
            (new_id(), at(moment), verb, subject, json.dumps(after)),
        )


def test_of_a_study_that_has_not_begun_nothing_is_known(store: Store) -> None:
    assert worked(store.reader, "S") is None


def test_pauses_and_the_time_between_two_jobs_do_not_count(store: Store) -> None:
    first = launched(store, 10, 100)
    tell(store, first, "pause", 20)
    tell(store, first, "resume", 80)
    launched(store, 1_000, None, "running")
    found = worked(store.reader, "S")
    assert found == Worked(pytest.approx(10 + 20), at(1_000))
    assert found.until(BEGAN + 1_005) == pytest.approx(35)


def test_while_it_is_paused_the_time_stands_still(store: Store) -> None:
    job = launched(store, 0, None, "paused")
    tell(store, job, "pause", 7)
    found = worked(store.reader, "S")
    assert found is not None
    assert found.until(BEGAN + 10_000) == pytest.approx(7)


def test_a_job_whose_end_nobody_saw_was_at_work_until_its_last_trial(store: Store) -> None:
    """The machine was switched off, and on again days later: only then somebody noticed."""
    launched(store, 0, 300_000, "lost")
    with store.write() as writing:
        for number, (start, end, reason) in enumerate([(1, 30, None), (31, 300_000, WORKER_DIED)]):
            writing.execute(
                "INSERT INTO study_trial (study_id, number, run_id, state, family, params, reason, started, ended)"
                " VALUES ('S', ?, 'r', 'fail', 'hgb', '{}', ?, ?, ?)",
                (number, reason, at(start), at(end)),
            )
    assert worked(store.reader, "S") == Worked(pytest.approx(31))
    assert to_seconds(at(31)) == BEGAN + 31


def test_a_study_that_was_cancelled_reads_so_and_one_whose_end_nobody_saw_was_interrupted(
    store: Store, studies: Studies, take_in: Callable[..., Source], people: pd.DataFrame
) -> None:
    take_in(people[["age", "left"]], target="left")
    study = studies.create("s", families=["logistic"], trials=2)
    for state, word in (("cancelled", "cancelled"), ("lost", "interrupted")):
        job_id = launched(store, 0, len(state), state)
        with store.write() as writing:
            writing.execute("UPDATE study SET job_id = ? WHERE id = ?", (job_id, study.id))
        settle(store)
        assert get_study(store.reader, study.id).state == word
        assert read_events(store.reader, of=study.name)[0].verb == word
