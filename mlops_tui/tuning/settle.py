"""What ended while nobody wrote it down: studies whose job has ended, and the trials and runs of dead workers."""

from __future__ import annotations

from mlops_tui.core.clock import now
from mlops_tui.store.store import Store
from mlops_tui.tuning.model import FROM_JOB, WORKER_DIED


def settle(store: Store) -> int:
    """Gives studies the state of their ended job, and fails the trials it left running, once; returns how many."""
    if store.read_only:
        return 0
    _end_studies(store)
    return _fail_trials(store)


def _end_studies(store: Store) -> None:
    ended = (
        "SELECT s.id, s.name, s.state, j.state, j.ended, j.reason FROM study s JOIN job j ON j.id = s.job_id"
        " WHERE j.state IN ('stopped', 'done', 'failed', 'cancelled', 'lost') AND j.ended IS NOT s.ended"
    )
    if not store.reader.execute(f"{ended} LIMIT 1").fetchone():
        return
    with store.write() as writing:
        writing.actor = "supervisor"  # which saw the job's end; whoever reads this first only writes it down
        for study_id, name, before, job_state, at, reason in writing.execute(ended).fetchall():
            after = FROM_JOB[job_state]
            writing.execute(
                "UPDATE study SET state = ?, ended = ?, reason = ? WHERE id = ?", (after, at, reason, study_id)
            )
            writing.event(after, ("study", study_id, name), before={"state": before}, after={"state": after})
        writing.changed("studies")


def _fail_trials(store: Store) -> int:
    dead = (
        "SELECT t.study_id, t.number, t.run_id, (SELECT w.reason FROM job_worker w JOIN run r ON r.pid = w.pid"
        " WHERE r.id = t.run_id AND w.job_id = j.id AND w.fault = 'limit'), (SELECT w.ended FROM job_worker w JOIN run r"
        " ON r.pid = w.pid WHERE r.id = t.run_id AND w.job_id = j.id) FROM study_trial t JOIN study s ON s.id = t.study_id"
        " JOIN job j ON j.id = s.job_id"
        " WHERE t.state = 'running' AND j.state IN ('stopped', 'done', 'failed', 'cancelled', 'lost')"
    )
    if not store.reader.execute(f"{dead} LIMIT 1").fetchone():
        return 0
    with store.write() as writing:
        rows = writing.execute(dead).fetchall()
        noticed = now()
        for study_id, number, run_id, why, at in rows:
            writing.execute(
                "UPDATE study_trial SET state = 'fail', reason = ?, ended = ? WHERE study_id = ? AND number = ?",
                (why or WORKER_DIED, at or noticed, study_id, number),
            )
            writing.execute(  # it may be told lost already by its process alone
                "UPDATE run SET status = 'lost', ended = coalesce(ended, ?) WHERE id = ? AND status IN ('running', 'lost')",
                (at or noticed, run_id),
            )
        writing.changed("trials", "runs")
    return len(rows)
