"""What a dead worker left behind: trials and runs that still say they run."""

from __future__ import annotations

from mlops_tui.core.clock import now
from mlops_tui.store.store import Store

REASON = "Its worker died."


def settle(store: Store) -> int:
    """Writes the running trials of studies whose job has ended as failed, once; returns how many there were."""
    dead = (
        "SELECT t.study_id, t.number, t.run_id FROM study_trial t JOIN study s ON s.id = t.study_id"
        " JOIN job j ON j.id = s.job_id"
        " WHERE t.state = 'running' AND j.state IN ('stopped', 'done', 'failed', 'cancelled', 'lost')"
    )
    if store.read_only or not store.reader.execute(f"{dead} LIMIT 1").fetchone():
        return 0
    with store.write() as writing:
        rows = writing.execute(dead).fetchall()
        for study_id, number, run_id in rows:
            writing.execute(
                "UPDATE study_trial SET state = 'fail', reason = ?, ended = ? WHERE study_id = ? AND number = ?",
                (REASON, now(), study_id, number),
            )
            writing.execute(
                "UPDATE run SET status = 'lost', ended = ? WHERE id = ? AND status = 'running'", (now(), run_id)
            )
        writing.changed("trials", "runs")
    return len(rows)
