"""Optuna's tables in our store's file: transactions on them, and what this process knows and has not written yet.

What has ended is kept in memory, and the file is asked for the rest only where another connection has written. What is
set on a trial that runs here is kept back until the trial's state changes, unless other workers have to see it at once;
that is what Optuna's own cached storage promises too. Nothing is written to a trial that another process has ended
meanwhile, nor to a study that has taken the id of a deleted one.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from optuna.distributions import BaseDistribution, check_distribution_compatibility
from optuna.exceptions import UpdateFinishedTrialError
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial

from mlops_tui.core.errors import JobError
from mlops_tui.store.connection import open_writer
from mlops_tui.store.store import Writing
from mlops_tui.store.translate import translated
from mlops_tui.tuning.engine.kept_study import KeptStudy, with_writes, without
from mlops_tui.tuning.engine.trial_rows import CHILDREN, Writes, read_trials, write
from mlops_tui.tuning.queue import UID

CLAIM, RUN = "mlops:claim", "mlops:run"
"""A trial's place and owner; its run in our tables."""
AT_ONCE = (CLAIM, RUN, "tpe:relative_params")
"""Attributes that begin so are written at once: who has a trial, what the others' samplers should keep away from."""
HELD_BACK_SECONDS = 0.5
"""So long other processes may have to wait for what a running trial reports."""

Follower = Callable[[Writing, FrozenTrial], None]
"""Told of each trial that a transaction has written, inside that transaction."""


class StudyMoved(JobError):
    """Another program has copied the study under another name, and deleted it: that is how optuna-dashboard renames."""


class TrialFile:
    """One process's hold on the file, on a connection of its own that any of its threads may use."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._opened: sqlite3.Connection | None = None
        self._studies: dict[int, KeptStudy] = {}
        self._uids: dict[int, str] = {}
        self._study_of: dict[int, int] = {}
        self._own: dict[int, Unwritten] = {}
        self._followers: dict[int, Follower] = {}
        self._writing: Writing | None = None
        self._seen_here: set[int] = set()
        self._touched: dict[int, None] = {}
        self._holds = 0
        self.keeps_parameters_back = True
        """Off where a trial draws as it goes: it may be killed at any moment, and what it has drawn is to be known then."""
        self._gone = False

    @property
    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            self._opened = open_writer(self._path)
        return self._opened

    def remove_session(self) -> None:
        """Writes what was kept back and closes the connection; the next call opens another."""
        with self._lock:
            self.flush()
            if self._gone:
                self.sweep()
            if self._opened is not None:
                self._opened.close()
                self._opened = None
            for study in self._studies.values():
                study.seen = None

    @contextmanager
    def transaction(self) -> Iterator[Writing]:
        """One transaction, begun IMMEDIATE, around all that is done in the block; those inside it join it."""
        with self._lock:
            if self._writing is not None:
                yield self._writing
                return
            connection = self._connection
            with translated(self._path):
                connection.execute("BEGIN IMMEDIATE")
                before = connection.total_changes
                self._writing = writing = Writing(connection, "worker")
                try:
                    yield writing
                    self._tell_followers(writing)
                    writing.notify()
                    connection.execute("COMMIT")
                except BaseException:
                    if connection.total_changes != before:  # what is kept in memory is not what the file has
                        self._studies.clear()
                        self._study_of.clear()
                        self._own.clear()
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                    raise
                finally:
                    self._writing = None
                    self._seen_here.clear()
                    self._touched.clear()

    def _tell_followers(self, writing: Writing) -> None:
        for trial_id in self._touched:
            study_id = self._study_of[trial_id]
            if study_id in self._followers:
                self._followers[study_id](writing, self._studies[study_id].trials[trial_id])

    def follow(self, study_id: int, follower: Follower) -> None:
        """Tells `follower` of each trial of the study that is written here, in the transaction that writes it."""
        self._followers[study_id] = follower

    @contextmanager
    def held(self) -> Iterator[None]:
        """What is set on trials in the block is written in one transaction at its end."""
        with self._lock:
            self._holds += 1
            try:
                yield
            finally:
                self._holds -= 1
            self.flush()

    def flush(self) -> None:
        """Writes what was kept back."""
        with self._lock:
            waiting = [trial_id for trial_id, unwritten in self._own.items() if unwritten.writes]
            if not waiting or self._holds:
                return
            with self.transaction():
                for trial_id in waiting:
                    self._write(trial_id)

    def sweep(self) -> None:
        """Deletes what has no study or no trial any more; it would be part of the next one that is given the same id.

        Optuna deletes a study by what it has read of it before: a trial that is begun in between stays behind.
        """
        with self.transaction() as writing:
            for table in CHILDREN:
                writing.execute(
                    f"DELETE FROM {table} WHERE trial_id NOT IN (SELECT trial_id FROM trials JOIN studies USING (study_id))"
                )
            writing.execute("DELETE FROM trials WHERE study_id NOT IN (SELECT study_id FROM studies)")
        self._gone = False

    def _fresh(self, study_id: int) -> KeptStudy:
        """The study as the file has it now.

        Raises:
            KeyError: there is none.
            StudyMoved: it was ours, and has another id and name now.
            JobError: it was ours, and has been deleted.
        """
        kept = self._studies.get(study_id)
        if kept is not None and study_id in self._seen_here:
            return kept
        if self._writing is not None:
            self._seen_here.add(study_id)  # and nobody else writes until this transaction ends
        if kept is not None and kept.seen == self._version():
            return kept
        if self._writing is not None:
            return self._read(study_id, kept)
        with translated(self._path):
            self._connection.execute("BEGIN")
            try:
                return self._read(study_id, kept)
            finally:
                self._connection.execute("COMMIT")

    def _version(self) -> int:
        """Moves when another connection has written to the file."""
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def _read(self, study_id: int, kept: KeptStudy | None) -> KeptStudy:
        version = self._version()
        name = self._known(study_id)
        if kept is None or kept.name != name:
            kept = self._studies[study_id] = KeptStudy(name, self._directions(study_id))
        newer = self._connection.execute(
            "SELECT trial_id FROM trials WHERE study_id = ? AND trial_id > ?", (study_id, kept.last_id)
        )
        for trial in read_trials(self._connection, [*kept.open, *(row[0] for row in newer)]):
            self._put(study_id, kept, trial)
        kept.seen = version
        return kept

    def _put(self, study_id: int, kept: KeptStudy, trial: FrozenTrial) -> None:
        self._study_of[trial._trial_id] = study_id
        for name in trial.distributions.keys() - kept.written:  # whatever this process has taken for it
            kept.kinds[name] = trial.distributions[name]
        kept.written |= trial.distributions.keys()
        unwritten = self._own.get(trial._trial_id)
        if unwritten is not None and trial.state.is_finished():  # by another process
            del self._own[trial._trial_id]
        elif unwritten is not None:
            trial = with_writes(trial, unwritten.writes)
        kept.put(trial)

    def _known(self, study_id: int) -> str:
        """The study's name, where it still is the one that it was."""
        row = self._connection.execute("SELECT study_name FROM studies WHERE study_id = ?", (study_id,)).fetchone()
        expected = self._uids.get(study_id)
        if expected is not None and (row is None or self._uid(study_id) != expected):
            self._gone = True
            for trial_id in [one for one in self._own if self._study_of[one] == study_id]:
                del self._own[trial_id]  # what was kept back of it has no place any more
            if (moved := self.name_of(expected)) is not None:
                raise StudyMoved(f"The study is called '{moved}' in Optuna's tables now.", "Start it again.")
            raise JobError(
                "Another program, such as optuna-dashboard, has deleted the study from Optuna's tables.",
                "Its runs are still there: mlops-tui runs list",
            )
        if row is None:
            raise KeyError(f"There is no study {study_id}.")
        return str(row[0])

    def name_of(self, uid: str) -> str | None:
        """The name, in Optuna's tables, of the study that has this uid; None where there is none."""
        with self._lock:
            row = self._connection.execute(
                "SELECT study_name FROM study_user_attributes JOIN studies USING (study_id)"
                " WHERE key = ? AND value_json = ? ORDER BY study_id",
                (UID, json.dumps(uid)),
            ).fetchone()
        return str(row[0]) if row else None

    def guard(self, study_id: int, uid: str) -> None:
        """From now on nothing is read from or written to the study of this id where it no longer has this uid."""
        self._uids[study_id] = uid

    def _uid(self, study_id: int) -> Any:
        row = self._connection.execute(
            "SELECT value_json FROM study_user_attributes WHERE study_id = ? AND key = ?", (study_id, UID)
        ).fetchone()
        return json.loads(row[0]) if row else None

    def _directions(self, study_id: int) -> list[StudyDirection]:
        rows = self._connection.execute(
            "SELECT direction FROM study_directions WHERE study_id = ? ORDER BY objective", (study_id,)
        )
        return [StudyDirection[row[0]] for row in rows]

    def _trial(self, trial_id: int) -> tuple[KeptStudy, FrozenTrial]:
        """A trial and its study, as the file has them now; outside a transaction what runs here as it is known here.

        Raises:
            KeyError: there is no such trial.
        """
        study_id = self._study_of.get(trial_id)
        if study_id is not None and trial_id in self._own and self._writing is None:
            kept = self._studies[study_id]
            return kept, kept.trials[trial_id]
        if study_id is None:
            row = self._connection.execute("SELECT study_id FROM trials WHERE trial_id = ?", (trial_id,)).fetchone()
            if row is None:
                raise KeyError(f"There is no trial with the id {trial_id}.")
            study_id = int(row[0])
        kept = self._fresh(study_id)
        return kept, kept.trials[trial_id]

    def _updatable(self, trial_id: int) -> tuple[KeptStudy, FrozenTrial]:
        """A trial and its study. Raises UpdateFinishedTrialError where it has ended."""
        kept, trial = self._trial(trial_id)
        if trial.state.is_finished():
            raise UpdateFinishedTrialError(f"Trial {trial.number} has ended already.")
        return kept, trial

    def _add(self, kept: KeptStudy, trial: FrozenTrial, added: Writes, *, at_once: bool = False) -> None:
        """Takes in what is to be written of a trial, and writes it where it cannot wait."""
        trial_id = trial._trial_id
        is_ours = trial_id in self._own
        unwritten = self._own.setdefault(trial_id, Unwritten())
        unwritten.add(added)
        kept.put(with_writes(trial, added))
        if at_once or not is_ours or unwritten.is_old():
            self._write_unless_held(trial_id, is_ours=is_ours)

    def _write_unless_held(self, trial_id: int, *, is_ours: bool) -> None:
        if self._holds and is_ours:
            return
        try:
            with self.transaction():
                self._write(trial_id)
        finally:
            if not is_ours:
                self._own.pop(trial_id, None)

    def _write(self, trial_id: int) -> None:
        """Writes what was kept back of a trial, inside the open transaction."""
        kept, trial = self._updatable(trial_id)
        unwritten = self._own[trial_id]
        if unwritten.writes:
            self._refuse_other_kinds(kept, trial, unwritten.writes)
            write(self._connection, trial_id, unwritten.writes)
            unwritten.clear()
            self._touched[trial_id] = None

    def _refuse_other_kinds(self, kept: KeptStudy, trial: FrozenTrial, writes: Writes) -> None:
        """Raises ValueError where another process has given a new parameter another distribution meanwhile."""
        for name, (_, kind) in list(writes.params.items()):
            try:
                refuse_other_kind(kept.kinds.get(name), kind)
            except ValueError:
                del writes.params[name]
                kept.put(without(trial, name))
                raise
            kept.written.add(name)


class Unwritten:
    """What was set on a trial that runs here and is not in the file yet."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.writes = Writes()
        self._since: float | None = None

    def add(self, added: Writes) -> None:
        self.writes.params |= added.params
        self.writes.reports |= added.reports
        for kind, attributes in added.attributes.items():
            self.writes.attributes[kind] |= attributes
        self._since = self._since or time.monotonic()

    def is_old(self) -> bool:
        """Whether others have waited for it long enough."""
        return self._since is not None and time.monotonic() - self._since > HELD_BACK_SECONDS


def refuse_other_kind(known: BaseDistribution | None, distribution: BaseDistribution) -> None:
    """Raises ValueError where a parameter of the study would have two distributions that do not go together."""
    if known is not None:
        check_distribution_compatibility(known, distribution)
