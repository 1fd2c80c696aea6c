"""Our rows of a study's trials, written from Optuna's, which are the truth."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from optuna.trial import FrozenTrial

from mlops_tui.core.clock import FORMAT, now
from mlops_tui.jobs.liveness import this_process
from mlops_tui.store.store import Store, Writing
from mlops_tui.tuning.model import Study

RUN, FOLDS, REASON, COST = "mlops:run", "mlops:folds", "mlops:reason", "mlops:cost"
CLAIM, ABANDONED = "mlops:claim", "mlops:abandoned"
"""A trial's place and which process took it; whether that process died."""
STATUS = {"running": "running", "complete": "finished", "pruned": "finished", "fail": "failed"}


def mirror(store: Store, study: Study, trial: FrozenTrial) -> None:
    """Writes one trial and its run; writing it again changes nothing, and what has ended never runs again.

    A trial whose worker died before it had a run has no row.
    """
    state = trial.state.name.lower()
    if state == "waiting" or RUN not in trial.user_attrs:
        return
    with store.write() as writing:
        if state == "running" and _has_ended(writing, study, trial):
            return
        _write_run(writing, store, study, trial, state)
        _write_trial(writing, study, trial, state)
        if state == "complete":
            _note_best(writing, study)
        writing.changed("trials", "runs", "studies", "metrics")


def _has_ended(writing: Writing, study: Study, trial: FrozenTrial) -> bool:
    """Whether another worker has written the trial's end meanwhile: this reading of it is older."""
    row = writing.execute("SELECT state FROM study_trial WHERE study_id = ? AND number = ?", (study.id, trial.number))
    return (row.fetchone() or ("running",))[0] != "running"


def _note_best(writing: Writing, study: Study) -> None:
    order = "DESC" if study.direction == "maximize" else "ASC"
    writing.execute(
        "UPDATE study SET (best_run, best_value) = (SELECT run_id, value FROM study_trial"
        f" WHERE study_id = study.id AND state = 'complete' ORDER BY value {order}, number LIMIT 1) WHERE id = ?",
        (study.id,),
    )


def _moment(moment: Any) -> str | None:
    return None if moment is None else moment.strftime(FORMAT)


def _ended(writing: Writing, trial: FrozenTrial) -> str | None:
    """When the trial ended: where its worker died, as early as anybody noticed."""
    if ABANDONED in trial.user_attrs:
        row = writing.execute("SELECT ended FROM run WHERE id = ?", (trial.user_attrs[RUN],)).fetchone()
        if row and row[0]:
            return str(row[0])
    return _moment(trial.datetime_complete)


def _write_trial(writing: Writing, study: Study, trial: FrozenTrial, state: str) -> None:
    family, params = recipe(trial)
    duration = None if ABANDONED in trial.user_attrs else trial.duration
    folds = trial.user_attrs.get(FOLDS)
    writing.execute(
        "INSERT OR REPLACE INTO study_trial (study_id, number, run_id, state, value, family, params, seconds, reason,"
        " fold_values, started, ended, cpu_seconds, predict_seconds, peak_bytes)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            study.id,
            trial.number,
            trial.user_attrs[RUN],
            state,
            trial.value if state == "complete" else None,
            family,
            json.dumps(params),
            None if duration is None else duration.total_seconds(),
            trial.user_attrs.get(REASON),
            json.dumps(folds) if folds else None,
            _moment(trial.datetime_start) or now(),
            _ended(writing, trial),
            *(trial.user_attrs.get(COST, {}).get(key) for key in ("cpu_seconds", "predict_seconds", "peak_bytes")),
        ),
    )


def _write_run(writing: Writing, store: Store, study: Study, trial: FrozenTrial, state: str) -> None:
    run_id = trial.user_attrs[RUN]
    pid, started, _ = this_process()
    place = (socket.gethostname(), store.workspace.identity())
    writing.execute(
        "INSERT OR IGNORE INTO run"
        " (id, name, experiment, status, origin, study_id, started, pid, pid_started, host, home) VALUES (?, ?, ?, 'running', 'study', ?, ?, ?, ?, ?, ?)",
        (
            run_id,
            f"{study.name}/{trial.number}",
            study.name,
            study.id,
            _moment(trial.datetime_start) or now(),
            pid,
            started,
            *place,
        ),
    )
    status = "lost" if ABANDONED in trial.user_attrs else STATUS[state]
    writing.execute("UPDATE run SET status = ?, ended = ? WHERE id = ?", (status, _ended(writing, trial), run_id))
    family, params = recipe(trial)
    for key, value in {"model": family, **params}.items():
        number = float(value) if isinstance(value, int | float) else None
        writing.execute("INSERT OR REPLACE INTO run_param VALUES (?, ?, ?, ?)", (run_id, key, str(value), number))
    if is_default(trial.user_attrs, study):
        writing.execute("INSERT OR REPLACE INTO run_tag VALUES (?, 'default', 'true')", (run_id,))
    if state == "complete" and trial.value is not None and trial.datetime_complete is not None:
        _write_metric(writing, study, trial, trial.value, trial.datetime_complete.replace(tzinfo=UTC).timestamp())


def _write_metric(writing: Writing, study: Study, trial: FrozenTrial, value: float, at: float) -> None:
    run_id = trial.user_attrs[RUN]
    writing.execute(
        "INSERT OR REPLACE INTO run_metric (run_id, key, value, special, step, at) VALUES (?, ?, ?, NULL, 0, ?)",
        (run_id, study.metric, value, at),
    )
    for step, fold in enumerate(trial.user_attrs.get(FOLDS) or ()):
        writing.execute(
            "INSERT OR REPLACE INTO run_point (run_id, key, step, at, value, special) VALUES (?, ?, ?, ?, ?, NULL)",
            (run_id, f"{study.metric}_by_fold", step, at, fold),
        )


def is_default(attributes: Mapping[str, Any], study: Study) -> bool:
    """Whether a trial with these user attributes is the default configuration of a family."""
    return bool(attributes.get(CLAIM, {}).get("place", len(study.families)) < len(study.families))


def recipe(trial: FrozenTrial) -> tuple[str, dict[str, Any]]:
    """The family and its parameters, with the rounds after which it stopped."""
    family, params = split(trial.params)
    return family, params | trial.user_attrs.get(COST, {}).get("rounds", {})


def split(params: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The family and its parameters, from Optuna's names `family` and `FAMILY.parameter`."""
    family = str(params.get("family", ""))
    prefix = f"{family}."
    return family, {key[len(prefix) :]: value for key, value in params.items() if key.startswith(prefix)}
