"""The level follows from what was done, by rule."""

from __future__ import annotations

from itertools import pairwise

import pytest

from mlops_tui.core.clock import now
from mlops_tui.core.ids import new_id
from mlops_tui.overview.service import Overview
from mlops_tui.overview.status import STEPS, TOP, count, level, next_step
from mlops_tui.store.store import Store

NOTHING = {
    "sources": {"versions": 0},
    "studies": {"finished": 0},
    "models": {"versions": 0, "champions": 0, "judged": 0, "predictions": 0, "drift_reports": 0},
}
LEVEL_1 = {
    "sources": {"versions": 1},
    "studies": {"finished": 1},
    "models": {**NOTHING["models"], "versions": 1, "champions": 1, "judged": 1},
}
LEVEL_2 = {**LEVEL_1, "models": {"versions": 2, "champions": 1, "judged": 2, "predictions": 8, "drift_reports": 8}}


@pytest.mark.parametrize(
    ("counts", "watching", "expected"),
    [(NOTHING, False, 0), (NOTHING, True, 0), (LEVEL_1, False, 1), (LEVEL_2, False, 1), (LEVEL_2, True, 2)],
)
def test_a_level_asks_for_all_its_steps(counts: dict[str, dict[str, int]], watching: bool, expected: int) -> None:
    assert level(counts, watching) == expected


def test_doing_the_next_step_leads_to_the_one_after_it() -> None:
    assert next_step(NOTHING, False) == STEPS[0]
    assert next_step({**NOTHING, "sources": {"versions": 1}}, False) == STEPS[1]
    assert next_step(LEVEL_2, True) is None
    assert all(before.level <= after.level for before, after in pairwise(STEPS))
    assert STEPS[-1].level == TOP


def test_a_stopped_study_counts_only_where_it_found_a_run(store: Store) -> None:
    with store.write() as writing:
        for state, best in (("done", "R1"), ("stopped", "R2"), ("stopped", None), ("failed", None), ("running", None)):
            identifier = new_id()
            writing.execute(
                "INSERT INTO study (id, name, source_id, version, target, task, metric, direction, families, sampler,"
                " seed, trials, workers, folds, state, features, notices, best_run, created)"
                " VALUES (?, ?, 'S', 1, 'y', 'binary', 'roc_auc', 'maximize', '[]', 'tpe', 0, 1, 1, 3, ?, '[]', '[]', ?, ?)",
                (identifier, identifier, state, best, now()),
            )
    assert count(store.reader)["studies"] == {"total": 5, "open": 1, "finished": 2, "trials": 0}


def test_every_count_of_a_new_store_is_zero(store: Store) -> None:
    shown = Overview(store).status()
    counts = [shown[room] for room in ("sources", "studies", "runs", "models", "jobs")]
    assert {number for room in counts for number in room.values()} == {0}
    assert shown["level"] == 0


def test_a_study_counts_by_its_job_before_anybody_has_written_its_own_end_down(store: Store) -> None:
    with store.write() as writing:
        for state in ("queued", "paused", "done", "failed"):
            writing.execute(
                "INSERT INTO job (id, kind, title, spec, state, workers, host, home, done, log, created)"
                " VALUES (?, 'tune', 'tune', '{}', ?, 1, 'here', 'here', 0, 'log', ?)",
                (state, state, now()),
            )
            writing.execute(
                "INSERT INTO study (id, name, source_id, version, target, task, metric, direction, families, sampler,"
                " seed, trials, workers, folds, state, features, notices, job_id, created)"
                " VALUES (?, ?, 'S', 1, 'y', 'binary', 'roc_auc', 'maximize', '[]', 'tpe', 0, 1, 1, 3, 'running', '[]', '[]', ?, ?)",
                (state, state, state, now()),
            )
    assert count(store.reader)["studies"] == {"total": 4, "open": 2, "finished": 1, "trials": 0}
