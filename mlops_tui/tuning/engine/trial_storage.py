"""Optuna's storage on our store's file, by plain SQL: a trial costs two or three short transactions, not twenty.

It keeps in memory what has ended and asks the file for the rest only where another connection has written. What is set
on a trial that runs here is kept back until the trial's state changes, unless other workers have to see it at once; that
is what Optuna's own cached storage promises too. Nothing is written to a trial that another process has ended meanwhile,
nor to a study that has taken the id of a deleted one.
"""

from __future__ import annotations

import copy
import json
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from optuna.distributions import BaseDistribution, check_distribution_compatibility, json_to_distribution
from optuna.exceptions import DuplicatedStudyError
from optuna.storages import BaseStorage
from optuna.study import StudyDirection
from optuna.study._frozen import FrozenStudy
from optuna.trial import FrozenTrial, TrialState

from mlops_tui.core.errors import JobError
from mlops_tui.store.connection import open_writer
from mlops_tui.store.store import Writing
from mlops_tui.store.translate import translated
from mlops_tui.tuning.engine.kept_study import KeptStudy, changed, with_writes
from mlops_tui.tuning.engine.trial_rows import (
    CHILDREN,
    Writes,
    insert_trial,
    read_trials,
    write,
    write_state,
    write_values,
)

UID, CLAIM, RUN = "mlops:uid", "mlops:claim", "mlops:run"
"""The study's id in our tables, which Optuna's may be given again; a trial's place and owner; its run in our tables."""
AT_ONCE = (CLAIM, RUN, "tpe:relative_params")
"""Attributes that begin so are written at once: who has a trial, what the others' samplers should keep away from."""
HELD_BACK_SECONDS = 0.5
"""So long other processes may have to wait for what a running trial reports."""

Follower = Callable[[Writing, FrozenTrial], None]
"""Told of each trial that a transaction has written, inside that transaction."""


class TrialStorage(BaseStorage):
    """One process's storage, on a connection of its own that any of its threads may use."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._opened: sqlite3.Connection | None = None
        self._studies: dict[int, KeptStudy] = {}
        self._uids: dict[int, str] = {}
        self._study_of: dict[int, int] = {}
        self._own: dict[int, _Unwritten] = {}
        self._followers: dict[int, Follower] = {}
        self._writing: Writing | None = None
        self._seen_here: set[int] = set()
        self._touched: dict[int, None] = {}
        self._holds = 0

    def __getstate__(self) -> dict[str, Any]:
        self.flush()
        return {"path": self._path}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["path"])  # type: ignore[misc]

    # the connection and its transactions

    @property
    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            self._opened = open_writer(self._path)
        return self._opened

    def remove_session(self) -> None:
        """Writes what was kept back and closes the connection; the next call opens another."""
        with self._lock:
            self.flush()
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

    # what the file has

    def _fresh(self, study_id: int) -> KeptStudy:
        """The study as the file has it now.

        Raises:
            KeyError: there is none.
            JobError: it was ours, and has been deleted, or another has its id now.
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
        kept.written.update(trial.distributions)
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
            raise JobError(
                "Another program, such as optuna-dashboard, has renamed or deleted this study while it ran.",
                "Nothing was written to any other. A renamed one goes on with: mlops-tui studies resume STUDY",
            )
        if row is None:
            raise KeyError(f"There is no study {study_id}.")
        return str(row[0])

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

    # studies

    def create_new_study(self, directions: Sequence[StudyDirection], study_name: str | None = None) -> int:
        """Makes a study, under a name that nobody has where none is given."""
        name = f"no-name-{uuid.uuid4()}" if study_name is None else study_name
        with self.transaction() as writing:
            if writing.execute("SELECT 1 FROM studies WHERE study_name = ?", (name,)).fetchone():
                raise DuplicatedStudyError(f"There is a study '{name}' already.")
            study_id = int(writing.execute("INSERT INTO studies (study_name) VALUES (?)", (name,)).lastrowid or 0)
            for objective, direction in enumerate(directions):
                writing.execute(
                    "INSERT INTO study_directions (direction, study_id, objective) VALUES (?, ?, ?)",
                    (direction.name, study_id, objective),
                )
            self._forget(study_id)
        return study_id

    def delete_study(self, study_id: int) -> None:
        """Deletes a study and its trials."""
        with self.transaction() as writing:
            self._known(study_id)
            for table in CHILDREN:
                writing.execute(
                    f"DELETE FROM {table} WHERE trial_id IN (SELECT trial_id FROM trials WHERE study_id = ?)",
                    (study_id,),
                )
            for table in ("trials", "study_directions", "study_user_attributes", "study_system_attributes", "studies"):
                writing.execute(f"DELETE FROM {table} WHERE study_id = ?", (study_id,))
            self._forget(study_id)

    def _forget(self, study_id: int) -> None:
        """Ids are given again, so nothing of a former study may be left."""
        self._studies.pop(study_id, None)
        self._uids.pop(study_id, None)
        self._followers.pop(study_id, None)
        for trial_id in [key for key, value in self._study_of.items() if value == study_id]:
            del self._study_of[trial_id]
            self._own.pop(trial_id, None)

    def set_study_user_attr(self, study_id: int, key: str, value: Any) -> None:
        """Written at once."""
        self._set_study_attr("user", study_id, key, value)

    def set_study_system_attr(self, study_id: int, key: str, value: Any) -> None:
        """Written at once."""
        self._set_study_attr("system", study_id, key, value)

    def _set_study_attr(self, kind: str, study_id: int, key: str, value: Any) -> None:
        text = json.dumps(value)
        with self.transaction() as writing:
            self._known(study_id)
            writing.execute(
                f"INSERT INTO study_{kind}_attributes (study_id, key, value_json) VALUES (?, ?, ?)"
                " ON CONFLICT (study_id, key) DO UPDATE SET value_json = excluded.value_json",
                (study_id, key, text),
            )

    def get_study_id_from_name(self, study_name: str) -> int:
        """The id that a study of that name has at present."""
        with self._lock:
            row = self._connection.execute(
                "SELECT study_id FROM studies WHERE study_name = ?", (study_name,)
            ).fetchone()
        if row is None:
            raise KeyError(f"There is no study '{study_name}'.")
        return int(row[0])

    def name_of(self, uid: str) -> str | None:
        """The name, in Optuna's tables, of the study that has this uid; None where there is none."""
        with self._lock:
            row = self._connection.execute(
                "SELECT study_name FROM study_user_attributes JOIN studies USING (study_id)"
                " WHERE key = ? AND value_json = ?",
                (UID, json.dumps(uid)),
            ).fetchone()
        return str(row[0]) if row else None

    def guard(self, study_id: int, uid: str) -> None:
        """Raises JobError from now on, and writes nothing, where the study of this id no longer has this uid."""
        self._uids[study_id] = uid

    def get_study_name_from_id(self, study_id: int) -> str:
        """The study's name."""
        with self._lock:
            return self._known(study_id)

    def get_study_directions(self, study_id: int) -> list[StudyDirection]:
        """One direction for each objective."""
        with self._lock:
            return list(self._fresh(study_id).directions)

    def get_study_user_attrs(self, study_id: int) -> dict[str, Any]:
        """The study's user attributes."""
        return self._study_attrs("user", study_id)

    def get_study_system_attrs(self, study_id: int) -> dict[str, Any]:
        """What Optuna and its dashboard keep with the study."""
        return self._study_attrs("system", study_id)

    def _study_attrs(self, kind: str, study_id: int) -> dict[str, Any]:
        with self._lock:
            self._known(study_id)
            rows = self._connection.execute(
                f"SELECT key, value_json FROM study_{kind}_attributes WHERE study_id = ?", (study_id,)
            )
            return {key: json.loads(text) for key, text in rows}

    def get_all_studies(self) -> list[FrozenStudy]:
        """Every study of the file."""
        with self._lock:
            rows = self._connection.execute("SELECT study_id, study_name FROM studies ORDER BY study_id").fetchall()
            return [
                FrozenStudy(
                    study_name=name,
                    direction=None,
                    directions=self._directions(study_id),
                    user_attrs=self._study_attrs("user", study_id),
                    system_attrs=self._study_attrs("system", study_id),
                    study_id=study_id,
                )
                for study_id, name in rows
            ]

    # trials

    def create_new_trial(self, study_id: int, template_trial: FrozenTrial | None = None) -> int:
        """Adds a trial that runs, or a copy of the template."""
        with self.transaction() as writing:
            kept = self._fresh(study_id)
            trial = template_trial or _running()
            for name, kind in trial.distributions.items():
                _check(kept.kinds.get(name), kind)
            trial_id = insert_trial(writing.connection, study_id, len(kept.trials), trial)
            self._put(study_id, kept, read_trials(writing.connection, [trial_id])[0])
            self._touched[trial_id] = None
            if trial.state == TrialState.RUNNING:
                self._own[trial_id] = _Unwritten()
        return trial_id

    def set_trial_param(
        self, trial_id: int, param_name: str, param_value_internal: float, distribution: BaseDistribution
    ) -> None:
        """Sets a parameter; one that the study has not had yet is written at once, for others have to agree with it."""
        with self._lock:
            kept, trial = self._updatable(trial_id)
            known = kept.kinds.get(param_name)
            _check(known, distribution)
            added = Writes(params={param_name: (param_value_internal, distribution)})
            self._add(kept, trial, added, at_once=known is None)

    def set_trial_intermediate_value(self, trial_id: int, step: int, intermediate_value: float) -> None:
        """Reports a value."""
        with self._lock:
            self._add(*self._updatable(trial_id), Writes(reports={step: float(intermediate_value)}))

    def set_trial_user_attr(self, trial_id: int, key: str, value: Any) -> None:
        """Sets an attribute of the user's, or of ours."""
        self._set_trial_attr("user", trial_id, key, value)

    def set_trial_system_attr(self, trial_id: int, key: str, value: Any) -> None:
        """Sets an attribute of Optuna's."""
        self._set_trial_attr("system", trial_id, key, value)

    def _set_trial_attr(self, kind: str, trial_id: int, key: str, value: Any) -> None:
        added = Writes()
        added.attributes[kind][key] = json.dumps(value)
        with self._lock:
            self._add(*self._updatable(trial_id), added, at_once=key.startswith(AT_ONCE))

    def _updatable(self, trial_id: int) -> tuple[KeptStudy, FrozenTrial]:
        """A trial and its study. Raises UpdateFinishedTrialError where it has ended."""
        kept, trial = self._trial(trial_id)
        self.check_trial_is_updatable(trial_id, trial.state)
        return kept, trial

    def _add(self, kept: KeptStudy, trial: FrozenTrial, added: Writes, *, at_once: bool = False) -> None:
        """Takes in what is to be written of a trial, and writes it where it cannot wait."""
        trial_id = trial._trial_id
        is_ours = trial_id in self._own
        unwritten = self._own.setdefault(trial_id, _Unwritten())
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
        kept, _ = self._updatable(trial_id)
        unwritten = self._own[trial_id]
        if unwritten.writes:
            self._refuse_other_kinds(kept, trial_id, unwritten.writes)
            write(self._connection, trial_id, unwritten.writes)
            unwritten.clear()
            self._touched[trial_id] = None

    def _refuse_other_kinds(self, kept: KeptStudy, trial_id: int, writes: Writes) -> None:
        """Raises ValueError where another process has given a new parameter another distribution meanwhile."""
        for name, (_, kind) in list(writes.params.items()):
            if name in kept.written:
                continue
            row = self._connection.execute(
                "SELECT p.distribution_json FROM trials t JOIN trial_params p USING (trial_id)"
                " WHERE t.study_id = ? AND p.param_name = ? LIMIT 1",
                (self._study_of[trial_id], name),
            ).fetchone()
            try:
                _check(json_to_distribution(row[0]) if row else None, kind)
            except ValueError:
                del writes.params[name]
                raise
            kept.written.add(name)

    def set_trial_state_values(self, trial_id: int, state: TrialState, values: Sequence[float] | None = None) -> bool:
        """Writes the trial's state with all that was kept back of it; False where another has taken a waiting trial."""
        with self.transaction() as writing:
            kept, trial = self._updatable(trial_id)
            if state == TrialState.RUNNING and trial.state != TrialState.WAITING:
                return False
            if trial_id in self._own:
                self._write(trial_id)
                trial = kept.trials[trial_id]
            fields: dict[str, Any] = {"state": state}
            if values is not None:
                write_values(writing.connection, trial_id, values)
                fields["_values"] = [float(value) for value in values]
            if state == TrialState.RUNNING:
                fields["_datetime_start"] = datetime.now()
                self._own[trial_id] = _Unwritten()
            if state.is_finished():
                fields["datetime_complete"] = datetime.now()
                self._own.pop(trial_id, None)
            trial = changed(trial, **fields)
            write_state(writing.connection, trial)
            kept.put(trial)
            self._touched[trial_id] = None
        return True

    def get_trial_id_from_study_id_trial_number(self, study_id: int, trial_number: int) -> int:
        """The id of a study's trial."""
        with self._lock:
            return self._fresh(study_id).ids[trial_number]

    def get_trial_number_from_id(self, trial_id: int) -> int:
        """The trial's number in its study."""
        return self.get_trial(trial_id).number

    def get_trial_param(self, trial_id: int, param_name: str) -> float:
        """A parameter's value as the tables hold it."""
        trial = self.get_trial(trial_id)
        return trial.distributions[param_name].to_internal_repr(trial.params[param_name])

    def get_trial(self, trial_id: int) -> FrozenTrial:
        """The trial as it is now."""
        with self._lock:
            return self._trial(trial_id)[1]

    def get_all_trials(
        self, study_id: int, deepcopy: bool = True, states: Container[TrialState] | None = None
    ) -> list[FrozenTrial]:
        """The study's trials in the order of their numbers."""
        with self._lock:
            trials = self._fresh(study_id).in_states(states)
        return copy.deepcopy(trials) if deepcopy else trials

    def get_best_trial(self, study_id: int) -> FrozenTrial:
        """The best of those that are complete; the first of equals."""
        with self._lock:
            kept = self._fresh(study_id)
        if len(kept.directions) > 1:
            raise RuntimeError("A study of more than one objective has no best trial.")
        if kept.best is None:
            raise ValueError("No trial is complete yet.")
        return kept.best


class _Unwritten:
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


def _check(known: BaseDistribution | None, distribution: BaseDistribution) -> None:
    if known is not None:
        check_distribution_compatibility(known, distribution)


def _running() -> FrozenTrial:
    """A trial that has just begun."""
    return FrozenTrial(0, TrialState.RUNNING, None, datetime.now(), None, {}, {}, {}, {}, {}, -1)
