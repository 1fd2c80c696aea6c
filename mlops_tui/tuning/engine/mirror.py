"""Our rows of a study's trials, written from Optuna's, which are the truth."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from optuna.distributions import distribution_to_json
from optuna.trial import FrozenTrial

from mlops_tui.core.clock import FORMAT, now
from mlops_tui.jobs.liveness import this_process
from mlops_tui.runs.model import stored
from mlops_tui.store.store import Store, Writing
from mlops_tui.tuning.engine.trial_file import CLAIM, RUN
from mlops_tui.tuning.model import Objective, Study
from mlops_tui.tuning.space import Space, joint

FOLDS, REASON, COST, ABANDONED = "mlops:folds", "mlops:reason", "mlops:cost", "mlops:abandoned"
"""The value on each fold, why a trial did not end well, what it cost, and that the process that had it died."""
TAKEN = "mlops:taken"
"""The trial of another study that it was taken along from, and how long that one took."""
STATUS = {"running": "running", "complete": "finished", "pruned": "finished", "fail": "failed"}
CHUNK = 200
"""So many trials are written by one transaction where all are written anew."""


class Mirror:
    """Keeps our rows of one study's trials in step: called in the transaction that writes a trial."""

    def __init__(self, store: Store, study: Study) -> None:
        self._store = store
        self._study = study
        pid, started, _ = this_process()
        self._process = (pid, started, socket.gethostname(), store.workspace.identity())
        self._objectives = study.objectives or (Objective(study.metric, study.direction),)
        self._reported: dict[int, set[int]] = {}
        self._space: Space | None = None

    def rebuild(self, trials: Sequence[FrozenTrial]) -> None:
        """Writes all that Optuna has and our rows have not, or tell otherwise."""
        rows = self._store.reader.execute(
            "SELECT number, run_id, state FROM study_trial WHERE study_id = ? AND state != 'running'", (self._study.id,)
        )
        told = {number: (run_id, state) for number, run_id, state in rows}
        missing = [
            trial for trial in trials if told.get(trial.number) != (trial.user_attrs.get(RUN), trial.state.name.lower())
        ]
        for start in range(0, len(missing), CHUNK):
            with self._store.write() as writing:
                for trial in missing[start : start + CHUNK]:
                    self(writing, trial)

    def __call__(self, writing: Writing, trial: FrozenTrial) -> None:
        """Writes one trial and its run; writing it again changes nothing, and what has ended never runs again.

        A trial whose worker died before it had a run has no row.
        """
        state = trial.state.name.lower()
        if state == "waiting" or RUN not in trial.user_attrs:
            return
        if state == "running" and self._has_ended(writing, trial):
            return
        ended = _ended(writing, trial)
        self._write_run(writing, trial, state, ended)
        self._write_trial(writing, trial, state, ended)
        if self._study.script is not None:
            self._write_reports(writing, trial)
            self._note_space(writing, trial)
        if state == "complete":
            self._write_metrics(writing, trial)
            self._note_best(writing, trial, trial.values[0])
        writing.changed("trials", "runs", "studies", "metrics")

    def _has_ended(self, writing: Writing, trial: FrozenTrial) -> bool:
        """Whether somebody has written the trial's end meanwhile: this reading of it is older."""
        row = writing.execute(
            "SELECT state FROM study_trial WHERE study_id = ? AND number = ?", (self._study.id, trial.number)
        )
        return (row.fetchone() or ("running",))[0] != "running"

    def _write_trial(self, writing: Writing, trial: FrozenTrial, state: str, ended: str | None) -> None:
        family, params = self._recipe(trial)
        duration = None if ABANDONED in trial.user_attrs or trial.duration is None else trial.duration.total_seconds()
        if TAKEN in trial.user_attrs:
            duration = trial.user_attrs[TAKEN]["seconds"]
        folds = trial.user_attrs.get(FOLDS)
        writing.execute(
            "INSERT OR REPLACE INTO study_trial (study_id, number, run_id, state, value, family, params, seconds, reason,"
            " fold_values, started, ended, cpu_seconds, predict_seconds, peak_bytes, objective_values, attributes)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self._study.id,
                trial.number,
                trial.user_attrs[RUN],
                state,
                trial.values[0] if state == "complete" else None,
                family,
                json.dumps(params),
                duration,
                trial.user_attrs.get(REASON),
                json.dumps(folds) if folds else None,
                _text(trial.datetime_start) or now(),
                ended,
                *(trial.user_attrs.get(COST, {}).get(key) for key in ("cpu_seconds", "predict_seconds", "peak_bytes")),
                json.dumps(trial.values) if state == "complete" and self._study.objectives else None,
                json.dumps(self._attributes(trial)) if self._study.script is not None else None,
            ),
        )

    def _write_run(self, writing: Writing, trial: FrozenTrial, state: str, ended: str | None) -> None:
        run_id, study = trial.user_attrs[RUN], self._study
        writing.execute(
            "INSERT OR IGNORE INTO run (id, name, experiment, status, origin, study_id, started,"
            " pid, pid_started, host, home) VALUES (?, ?, ?, 'running', 'study', ?, ?, ?, ?, ?, ?)",
            (
                run_id,
                f"{study.name}/{trial.number}",
                study.name,
                study.id,
                _text(trial.datetime_start) or now(),
                *self._process,
            ),
        )
        status = "lost" if ABANDONED in trial.user_attrs else STATUS[state]
        writing.execute("UPDATE run SET status = ?, ended = ? WHERE id = ?", (status, ended, run_id))
        family, params = self._recipe(trial)
        named = params if self._study.script is not None else {"model": family, **params}
        writing.connection.executemany(
            "INSERT INTO run_param (run_id, key, value, number) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (run_id, key) DO UPDATE SET value = excluded.value, number = excluded.number"
            " WHERE value != excluded.value",
            [
                (run_id, key, str(value), float(value) if isinstance(value, int | float) else None)
                for key, value in named.items()
            ],
        )
        if is_default(trial.user_attrs, study):
            writing.execute("INSERT OR REPLACE INTO run_tag VALUES (?, 'default', 'true')", (run_id,))

    def _write_metrics(self, writing: Writing, trial: FrozenTrial) -> None:
        run_id, metric = trial.user_attrs[RUN], self._study.metric
        at = trial.datetime_complete.timestamp() if trial.datetime_complete else 0.0
        writing.connection.executemany(
            "INSERT OR REPLACE INTO run_metric (run_id, key, value, special, step, at) VALUES (?, ?, ?, ?, 0, ?)",
            [
                (run_id, one.name, *stored(value), at)
                for one, value in zip(self._objectives, trial.values, strict=False)
            ],
        )
        writing.connection.executemany(
            "INSERT OR REPLACE INTO run_point (run_id, key, step, at, value, special) VALUES (?, ?, ?, ?, ?, NULL)",
            [
                (run_id, f"{metric}_by_fold", step, at, fold)
                for step, fold in enumerate(trial.user_attrs.get(FOLDS) or ())
            ],
        )

    def _write_reports(self, writing: Writing, trial: FrozenTrial) -> None:
        """What a trial has reported since it was written last, as a curve of its run."""
        written = self._reported.setdefault(trial.number, set())
        at = time.time()
        writing.connection.executemany(
            "INSERT OR REPLACE INTO run_point (run_id, key, step, at, value, special) VALUES (?, ?, ?, ?, ?, ?)",
            [
                (trial.user_attrs[RUN], f"{self._study.metric}_by_step", step, at, *stored(value))
                for step, value in trial.intermediate_values.items()
                if step not in written
            ],
        )
        written.update(trial.intermediate_values)
        if trial.state.is_finished():
            del self._reported[trial.number]

    def _note_space(self, writing: Writing, trial: FrozenTrial) -> None:
        """Adds what the trial drew from to what the study's trials are known to draw from."""
        if self._space is None:
            row = writing.execute("SELECT space FROM study WHERE id = ?", (self._study.id,)).fetchone()
            self._space = json.loads((row and row[0]) or "{}")
        told = {name: json.loads(distribution_to_json(kind)) for name, kind in trial.distributions.items()}
        joined = {**self._space, **{name: joint(self._space.get(name), kind) for name, kind in told.items()}}
        if joined != self._space:
            row = writing.execute("SELECT space FROM study WHERE id = ?", (self._study.id,)).fetchone()
            others: Space = json.loads((row and row[0]) or "{}")  # other workers add to it too
            self._space = {**others, **{name: joint(others.get(name), kind) for name, kind in joined.items()}}
            writing.execute("UPDATE study SET space = ? WHERE id = ?", (json.dumps(self._space), self._study.id))

    def _attributes(self, trial: FrozenTrial) -> dict[str, Any]:
        """Those that the objective has set."""
        return {key: value for key, value in trial.user_attrs.items() if not key.startswith("mlops:")}

    def _recipe(self, trial: FrozenTrial) -> tuple[str, dict[str, Any]]:
        script = self._study.script
        return recipe(trial) if script is None else (script.function, dict(trial.params))

    def _note_best(self, writing: Writing, trial: FrozenTrial, value: float) -> None:
        """Makes the trial the study's best where it is; of equals the first, of several objectives none."""
        if self._study.objectives:
            return
        better = ">" if self._study.direction == "maximize" else "<"
        writing.execute(
            "UPDATE study SET best_run = :run, best_value = :value WHERE id = :study AND (best_value IS NULL"
            f" OR :value {better} best_value OR (:value = best_value AND :number < (SELECT number FROM study_trial"
            " WHERE study_id = :study AND run_id = study.best_run)))"
            " AND :number NOT IN (SELECT number FROM study_hidden WHERE study_id = :study)",
            {"run": trial.user_attrs[RUN], "value": value, "study": self._study.id, "number": trial.number},
        )


def _text(moment: datetime | None) -> str | None:
    """Local time without a zone, as Optuna's trials have it, the way that our store keeps time."""
    return None if moment is None else moment.astimezone(UTC).strftime(FORMAT)


def _ended(writing: Writing, trial: FrozenTrial) -> str | None:
    """When the trial ended: where its worker died, as early as anybody noticed."""
    if ABANDONED in trial.user_attrs:
        row = writing.execute("SELECT ended FROM run WHERE id = ?", (trial.user_attrs[RUN],)).fetchone()
        if row and row[0]:
            return str(row[0])
    return _text(trial.datetime_complete)


def is_default(attributes: Mapping[str, Any], study: Study) -> bool:
    """Whether a trial with these user attributes is the default configuration of a family."""
    place = attributes.get(CLAIM, {}).get("place")
    return place is not None and bool(place < len(study.families))


def best_first(study: Study, trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """Complete trials by their value, of equals the first one first."""
    return sorted(trials, key=lambda trial: (-study.sign * (trial.value or 0.0), trial.number))


def recipe(trial: FrozenTrial) -> tuple[str, dict[str, Any]]:
    """The family and its parameters, with the rounds after which it stopped."""
    family, params = split(trial.params)
    return family, params | trial.user_attrs.get(COST, {}).get("rounds", {})


def split(params: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The family and its parameters, from Optuna's names `family` and `FAMILY.parameter`."""
    family = str(params.get("family", ""))
    prefix = f"{family}."
    return family, {key[len(prefix) :]: value for key, value in params.items() if key.startswith(prefix)}
