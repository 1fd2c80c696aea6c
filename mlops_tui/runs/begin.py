"""How a run begins, goes on and ends, and what is written of its parameters, its tags and its origin."""

from __future__ import annotations

import numbers
from collections.abc import Mapping, Sequence
from typing import Any

from mlops_tui.core.clock import now
from mlops_tui.core.errors import UsageError
from mlops_tui.core.ids import new_id
from mlops_tui.core.printable import printable
from mlops_tui.jobs.liveness import this_process
from mlops_tui.runs.captured import Captured
from mlops_tui.runs.model import RUNNING, Run, stored
from mlops_tui.runs.naming import readable_name
from mlops_tui.store.store import Store, Writing


def start_run(
    store: Store,
    *,
    name: str | None = None,
    experiment: str = "default",
    origin: str = "script",
    params: Mapping[str, Any] | None = None,
    tags: Mapping[str, Any] | None = None,
    parent: str | None = None,
    job_id: str | None = None,
) -> tuple[str, str]:
    """Writes down that a run of this process has begun; returns its id and its name, for a RunLog.

    Raises:
        UsageError: a name or an experiment that is not a text.
    """
    run_id = new_id()
    pid, pid_started, host = this_process()
    home = store.workspace.identity()
    with store.write() as writing:
        named = _new_name(writing) if name is None else text_of(name, "The name of a run")
        group = text_of(experiment, "The name of an experiment")
        writing.execute(
            "INSERT INTO run (id, name, experiment, status, origin, started, pid, pid_started, host, home, parent, job_id)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (run_id, named, group, RUNNING, origin, now(), pid, pid_started, host, home, parent, job_id),
        )
        write_params(writing, run_id, params or {})
        write_tags(writing, run_id, tags or {})
        writing.event("started", ("run", run_id, named), after={"status": RUNNING, "experiment": group})
        writing.changed("runs")
    return run_id, named


def _new_name(writing: Writing) -> str:
    return readable_name(writing.execute("SELECT coalesce(max(rowid), 0) + 1 FROM run").fetchone()[0])


def resume_run(store: Store, run: Run) -> None:
    """Writes down that a run that has ended, or is lost, goes on in this process."""
    pid, pid_started, host = this_process()
    with store.write() as writing:
        writing.execute(
            "UPDATE run SET status = ?, ended = NULL, pid = ?, pid_started = ?, host = ?, home = ? WHERE id = ?",
            (RUNNING, pid, pid_started, host, store.workspace.identity(), run.id),
        )
        before = {"status": run.status, "ended": run.ended}
        writing.event("resumed", ("run", run.id, run.name), before=before, after={"status": RUNNING})
        writing.changed("runs")


def write_tags(writing: Writing, run_id: str, tags: Mapping[str, Any]) -> None:
    """Sets tags inside the open transaction."""
    writing.connection.executemany(
        "INSERT INTO run_tag (run_id, key, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
        [(run_id, key_of(key), str(value)) for key, value in tags.items()],
    )


def remove_tags(writing: Writing, run_id: str, keys: Sequence[str]) -> None:
    """Takes tags away inside the open transaction."""
    writing.connection.executemany("DELETE FROM run_tag WHERE run_id = ? AND key = ?", [(run_id, key) for key in keys])


def write_params(writing: Writing, run_id: str, params: Mapping[str, Any]) -> None:
    """Keeps parameters inside the open transaction; one that is there is overwritten."""
    writing.connection.executemany(
        "INSERT INTO run_param (run_id, key, value, number) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET value = excluded.value, number = excluded.number",
        [(run_id, key_of(key), str(value), _number_or_none(value)) for key, value in params.items()],
    )


def write_origin(writing: Writing, run_id: str, found: Captured, script: str | None) -> None:
    """Keeps where the run's code is from, inside the open transaction; `script` is the path as the store keeps it."""
    writing.execute(
        "UPDATE run SET command = ?, script = ?, script_hash = ?, commit_hash = ?, branch = ?, is_dirty = ? WHERE id = ?",
        (found.command, script, found.script_hash, found.commit, found.branch, found.is_dirty, run_id),
    )


def write_end(writing: Writing, run: tuple[str, str], status: str, why: str | None) -> None:
    """Writes down, inside the open transaction, how a run (its id and name) has ended."""
    before = writing.execute("SELECT status FROM run WHERE id = ?", (run[0],)).fetchone()
    writing.execute("UPDATE run SET status = ?, ended = ? WHERE id = ?", (status, now(), run[0]))
    writing.event(
        status, ("run", *run), why=why, before={"status": before[0] if before else None}, after={"status": status}
    )


def _number_or_none(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return None
    try:
        return stored(float(value))[0]
    except OverflowError:
        return None


def key_of(key: Any) -> str:
    """The name of a metric, a parameter or a tag. Raises UsageError where it is no text, or an empty one."""
    return text_of(key, "The name of a metric, a parameter or a tag")


def text_of(text: Any, what: str) -> str:
    """A text that is not empty. Raises UsageError, which says what it would have been."""
    if not isinstance(text, str) or not text:
        raise UsageError(f"{what} is {printable(repr(text)[:60])}.", "It has to be a text that is not empty.")
    return str(text)
