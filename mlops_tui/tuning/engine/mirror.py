"""Our rows of a study's trials, written from Optuna's, which are the truth."""

from __future__ import annotations

import json
import socket
from typing import Any

from optuna.trial import FrozenTrial

from mlops_tui.core.clock import FORMAT, now
from mlops_tui.jobs.liveness import this_process
from mlops_tui.store.store import Store, Writing
from mlops_tui.tuning.model import Study

RUN, FOLDS, DEFAULT, REASON = "mlops:run", "mlops:folds", "mlops:default", "mlops:reason"
STATUS = {"running": "running", "complete": "finished", "pruned": "finished", "fail": "failed"}


def mirror(store: Store, study: Study, trial: FrozenTrial) -> None:
    """Writes one trial and its run; writing it again changes nothing."""
    state = trial.state.name.lower()
    if state == "waiting" or RUN not in trial.user_attrs:
        return
    with store.write() as writing:
        _write_run(writing, store, study, trial, state)
        _write_trial(writing, study, trial, state)
        writing.changed("trials", "runs", "studies", "metrics")


def _moment(moment: Any) -> str | None:
    return None if moment is None else moment.strftime(FORMAT)


def _write_trial(writing: Writing, study: Study, trial: FrozenTrial, state: str) -> None:
    family, params = split(trial.params)
    seconds = trial.duration.total_seconds() if trial.duration is not None else None
    folds = trial.user_attrs.get(FOLDS)
    writing.execute(
        "INSERT OR REPLACE INTO study_trial (study_id, number, run_id, state, value, family, params, seconds, reason,"
        " fold_values, started, ended) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            study.id,
            trial.number,
            trial.user_attrs[RUN],
            state,
            trial.value if state == "complete" else None,
            family,
            json.dumps(params),
            seconds,
            trial.user_attrs.get(REASON),
            json.dumps(folds) if folds else None,
            _moment(trial.datetime_start) or now(),
            _moment(trial.datetime_complete),
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
    writing.execute(
        "UPDATE run SET status = ?, ended = ? WHERE id = ?", (STATUS[state], _moment(trial.datetime_complete), run_id)
    )
    family, params = split(trial.params)
    for key, value in {"model": family, **params}.items():
        number = float(value) if isinstance(value, int | float) else None
        writing.execute("INSERT OR REPLACE INTO run_param VALUES (?, ?, ?, ?)", (run_id, key, str(value), number))
    if trial.user_attrs.get(DEFAULT):
        writing.execute("INSERT OR REPLACE INTO run_tag VALUES (?, 'default', 'true')", (run_id,))
    if state == "complete" and trial.value is not None and trial.datetime_complete is not None:
        at = trial.datetime_complete.timestamp()
        writing.execute(
            "INSERT OR REPLACE INTO run_metric (run_id, key, value, special, step, at) VALUES (?, ?, ?, NULL, 0, ?)",
            (run_id, study.metric, trial.value, at),
        )
        for step, fold in enumerate(trial.user_attrs.get(FOLDS) or ()):
            writing.execute(
                "INSERT OR REPLACE INTO run_point (run_id, key, step, at, value, special) VALUES (?, ?, ?, ?, ?, NULL)",
                (run_id, f"{study.metric}_by_fold", step, at, fold),
            )


def split(params: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The family and its parameters, from Optuna's names `family` and `FAMILY.parameter`."""
    family = str(params.get("family", ""))
    prefix = f"{family}."
    return family, {key[len(prefix) :]: value for key, value in params.items() if key.startswith(prefix)}
