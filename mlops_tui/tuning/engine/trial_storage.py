"""Optuna's storage on our store's file, by plain SQL: a trial costs three short transactions, not twenty."""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Container, Sequence
from datetime import datetime
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.exceptions import DuplicatedStudyError
from optuna.storages import BaseStorage
from optuna.study import StudyDirection
from optuna.study._frozen import FrozenStudy
from optuna.trial import FrozenTrial, TrialState

from mlops_tui.tuning.engine.kept_study import changed
from mlops_tui.tuning.engine.trial_file import AT_ONCE, TrialFile, Unwritten, refuse_other_kind
from mlops_tui.tuning.engine.trial_rows import CHILDREN, Writes, insert_trial, read_trials, write_state, write_values


class TrialStorage(TrialFile, BaseStorage):
    """What Optuna asks of a storage."""

    def __getstate__(self) -> dict[str, Any]:
        self.flush()
        return {"path": self._path}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["path"])  # type: ignore[misc]

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

    def create_new_trial(self, study_id: int, template_trial: FrozenTrial | None = None) -> int:
        """Adds a trial that runs, or a copy of the template."""
        with self.transaction() as writing:
            kept = self._fresh(study_id)
            number, trial = len(kept.trials), template_trial or _running()
            for name, kind in trial.distributions.items():
                refuse_other_kind(kept.kinds.get(name), kind)
            trial_id = insert_trial(writing.connection, study_id, number, trial)
            if template_trial is None:
                written = changed(trial, _number=number, _trial_id=trial_id)
            else:  # as it will be read: JSON knows no tuples
                [written] = read_trials(writing.connection, [trial_id])
            self._put(study_id, kept, written)
            self._touched[trial_id] = None
            if trial.state == TrialState.RUNNING:
                self._own[trial_id] = Unwritten()
        return trial_id

    def set_trial_param(
        self, trial_id: int, param_name: str, param_value_internal: float, distribution: BaseDistribution
    ) -> None:
        """Sets a parameter; one that the study has not had yet is written at once, for others have to agree with it."""
        with self._lock:
            kept, trial = self._updatable(trial_id)
            known = kept.kinds.get(param_name)
            refuse_other_kind(known, distribution)
            added = Writes(params={param_name: (param_value_internal, distribution)})
            self._add(kept, trial, added, at_once=known is None or not self.keeps_parameters_back)

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

    def set_trial_state_values(
        self, trial_id: int, state: TrialState, values: Sequence[float] | None = None, *, ended: datetime | None = None
    ) -> bool:
        """Writes the trial's state with all that was kept back of it; False where another has taken a waiting trial. `ended` is
        when a trial did that nobody closed then.
        """
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
                self._own[trial_id] = Unwritten()
            if state.is_finished():
                fields["datetime_complete"] = ended or datetime.now()
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


def _running() -> FrozenTrial:
    """A trial that has just begun."""
    return FrozenTrial(0, TrialState.RUNNING, None, datetime.now(), None, {}, {}, {}, {}, {}, -1)
