"""Writing a run down as it happens, over the standard library's sqlite3 alone.

A metric is one statement on a temporary view, whose trigger writes the point, the run's last value and the notice of
change: one transaction, and no more calls than a bare insert makes.
"""

from __future__ import annotations

import numbers
import operator
import os
import sqlite3
import threading
import time
from collections.abc import Mapping
from typing import Any

from mlops_tui.core.clock import now
from mlops_tui.core.errors import UsageError
from mlops_tui.core.ids import new_id
from mlops_tui.core.printable import printable
from mlops_tui.jobs.liveness import this_process
from mlops_tui.runs.model import ENDINGS, FINISHED, RUNNING, stored
from mlops_tui.runs.naming import readable_name
from mlops_tui.store.connection import open_writer
from mlops_tui.store.store import Store, Writing
from mlops_tui.store.translate import translated, translation

VIEW = (
    "CREATE TEMP VIEW logged AS SELECT run_id, key, step, at, value, special FROM main.run_point",
    """
    CREATE TEMP TRIGGER log_point INSTEAD OF INSERT ON logged BEGIN
        INSERT INTO run_point (run_id, key, step, at, value, special)
            VALUES (NEW.run_id, NEW.key, NEW.step, NEW.at, NEW.value, NEW.special)
            ON CONFLICT DO UPDATE SET at = excluded.at, value = excluded.value, special = excluded.special;
        INSERT INTO run_metric (run_id, key, step, at, value, special)
            VALUES (NEW.run_id, NEW.key, NEW.step, NEW.at, NEW.value, NEW.special)
            ON CONFLICT DO UPDATE SET
                step = excluded.step, at = excluded.at, value = excluded.value, special = excluded.special
            WHERE excluded.step >= run_metric.step;
        INSERT INTO change (topic, n) VALUES ('metrics', 1) ON CONFLICT (topic) DO UPDATE SET n = n + 1;
    END
    """,
)
AT_STEP = "INSERT INTO logged VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
AT_NEXT_STEP = (
    "INSERT INTO logged VALUES (?1, ?2, coalesce(?3,"
    " (SELECT max(step) + 1 FROM run_point WHERE run_id = ?1 AND key = ?2), 0), ?4, ?5, ?6)"
)


class RunLog:
    """What is written of one run. May be used from several threads, and from processes forked after the start."""

    def __init__(self, store: Store, run_id: str, name: str) -> None:
        self.id = run_id
        self.name = name
        self._store = store
        self._left_behind: list[Any] = []
        self._open()

    def _open(self) -> None:
        path = self._store.workspace.store
        self.process = os.getpid()
        self._lock = threading.Lock()
        self._ended = False
        self._connection = open_writer(path)
        with translated(path):
            for statement in VIEW:
                self._connection.execute(statement)

    def _reopen(self) -> None:
        """After a fork: SQLite's connections must not be used, nor closed, on the other side."""
        self._left_behind += [self._store, self._connection]
        self._store = Store(self._store.workspace, actor=self._store.actor)
        self._open()

    def log_metric(self, key: str, value: Any, step: int | None = None) -> None:
        """Keeps one number, safe from the death of this process when the call returns.

        Without a step it is the one after the key's highest, from 0. The same step twice: the last value wins. The
        run's value of the key is that of its highest step. NaN and the infinities are kept as what they are.

        Raises:
            UsageError: a value that is not a number, a step that is not an integer, a key that is not a text.
        """
        row = self._row(key, value, step)
        if os.getpid() != self.process:
            self._reopen()
        try:
            with self._lock:
                self._connection.execute(AT_NEXT_STEP if step is None else AT_STEP, row)
        except (sqlite3.Error, ValueError, OverflowError) as error:
            raise self._ours(error) from error

    def log_metrics(self, metrics: Mapping[str, Any], step: int | None = None) -> None:
        """Keeps several numbers in one transaction: all of them, or none where one is refused."""
        rows = [self._row(key, value, step) for key, value in metrics.items()]
        if os.getpid() != self.process:
            self._reopen()
        try:
            with self._lock:
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    self._connection.executemany(AT_NEXT_STEP, rows)
                    self._connection.execute("COMMIT")
                except BaseException:
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
                    raise
        except (sqlite3.Error, ValueError, OverflowError) as error:
            raise self._ours(error) from error

    def _row(self, key: str, value: Any, step: int | None) -> tuple[Any, ...]:
        if type(value) is not float:
            value = _number(key, value)
        if type(key) is not str or not key:
            key = _key(key)
        if step is not None and type(step) is not int:
            step = _step(key, step)
        return (self.id, key, step, time.time(), *stored(value))

    def _ours(self, error: Exception) -> Exception:
        if self._ended:
            return UsageError(f"The run {self.name} has ended.", "Start another with mlops_tui.start_run().")
        if isinstance(error, UnicodeEncodeError):
            return UsageError("A name or value is not valid Unicode.", "Leave out lone surrogates.")
        if isinstance(error, OverflowError):
            return UsageError("A step does not fit into 64 bits.", "Count steps from 0.")
        return translation(error, self._store.workspace.store) or error

    def log_param(self, key: str, value: Any) -> None:
        """Keeps what the run was given; a key given again is overwritten."""
        self.log_params({key: value})

    def log_params(self, params: Mapping[str, Any]) -> None:
        """Keeps several parameters in one transaction."""
        self._write(lambda writing: _write_params(writing, self.id, params))

    def set_tag(self, key: str, value: Any) -> None:
        """Marks the run; a tag set again is overwritten."""
        self._write(lambda writing: write_tags(writing, self.id, {key: value}))

    def end(self, status: str = FINISHED, why: str | None = None) -> None:
        """Says how the run ended: `finished`, `failed` or `cancelled`; nothing can be logged afterwards."""
        if status not in ENDINGS:
            raise UsageError(f"A run cannot end as {status!r}.", f"Choose one of: {', '.join(ENDINGS)}.")
        self._write(lambda writing: _write_end(writing, (self.id, self.name), status, why))
        with self._lock:
            self._ended = True
            self._connection.close()
            self._store.close()

    def _write(self, work: Any) -> None:
        if os.getpid() != self.process:
            self._reopen()
        if self._ended:
            raise self._ours(ValueError())
        try:
            with self._store.write() as writing:
                work(writing)
                writing.changed("runs")
        except UnicodeEncodeError as error:
            raise self._ours(error) from error


def start_run(
    store: Store,
    *,
    name: str | None = None,
    experiment: str = "default",
    origin: str = "script",
    study_id: str | None = None,
    params: Mapping[str, Any] | None = None,
    tags: Mapping[str, Any] | None = None,
) -> tuple[str, str]:
    """Writes down that a run of this process has begun; returns its id and its name, for a RunLog.

    Raises:
        UsageError: a name or an experiment that is not a text.
    """
    run_id = new_id()
    pid, pid_started, host = this_process()
    home = store.workspace.identity()
    with store.write() as writing:
        named = _new_name(writing) if name is None else _text(name, "The name of a run")
        group = _text(experiment, "The name of an experiment")
        writing.execute(
            "INSERT INTO run (id, name, experiment, status, origin, study_id, started, pid, pid_started, host, home)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (run_id, named, group, RUNNING, origin, study_id, now(), pid, pid_started, host, home),
        )
        _write_params(writing, run_id, params or {})
        write_tags(writing, run_id, tags or {})
        writing.event("started", ("run", run_id, named), after={"status": RUNNING, "experiment": group})
        writing.changed("runs")
    return run_id, named


def _new_name(writing: Writing) -> str:
    return readable_name(writing.execute("SELECT coalesce(max(rowid), 0) + 1 FROM run").fetchone()[0])


def write_tags(writing: Writing, run_id: str, tags: Mapping[str, Any]) -> None:
    """Sets tags inside the open transaction."""
    writing.connection.executemany(
        "INSERT INTO run_tag (run_id, key, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
        [(run_id, _key(key), str(value)) for key, value in tags.items()],
    )


def _write_params(writing: Writing, run_id: str, params: Mapping[str, Any]) -> None:
    writing.connection.executemany(
        "INSERT INTO run_param (run_id, key, value, number) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET value = excluded.value, number = excluded.number",
        [(run_id, _key(key), str(value), _number_or_none(value)) for key, value in params.items()],
    )


def _write_end(writing: Writing, run: tuple[str, str], status: str, why: str | None) -> None:
    before = writing.execute("SELECT status FROM run WHERE id = ?", (run[0],)).fetchone()
    writing.execute("UPDATE run SET status = ?, ended = ? WHERE id = ?", (status, now(), run[0]))
    writing.event(
        status, ("run", *run), why=why, before={"status": before[0] if before else None}, after={"status": status}
    )


def _number(key: Any, value: Any) -> float:
    if not isinstance(value, str | bytes | bytearray):
        try:
            return float(value)
        except (TypeError, ValueError, OverflowError):
            pass
    raise UsageError(
        f"The metric '{printable(str(key))}' was given {printable(repr(value)[:60])}, which is not a number.",
        "Log a number; a text belongs into log_param or set_tag.",
    )


def _number_or_none(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return None
    try:
        return stored(float(value))[0]
    except OverflowError:
        return None


def _step(key: str, step: Any) -> int:
    try:
        return operator.index(step)
    except TypeError:
        raise UsageError(
            f"The step of '{printable(key)}' is {printable(repr(step)[:60])}, which is not an integer.",
            "Count steps from 0.",
        ) from None


def _key(key: Any) -> str:
    return _text(key, "The name of a metric, a parameter or a tag")


def _text(text: Any, what: str) -> str:
    if not isinstance(text, str) or not text:
        raise UsageError(f"{what} is {printable(repr(text)[:60])}.", "It has to be a text that is not empty.")
    return str(text)
