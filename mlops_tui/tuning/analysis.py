"""What a study's kept predictions tell: an ensemble of its best, thresholds, calibration, slices; read by plain SQL."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from mlops_tui.evaluation.told import Bin, Calibration, Threshold
from mlops_tui.tuning.model import ENSEMBLE


@dataclass(frozen=True, slots=True)
class Member:
    """One trial of an ensemble, and its share of what the ensemble says."""

    number: int
    run_id: str
    family: str
    weight: float


@dataclass(frozen=True, slots=True)
class Ensemble:
    """The average of some of a study's trials that was best on the rows of its folds. `value` is its mean over the folds,
    `across` that of averages that were chosen without the fold that they are scored on; `best_value` is that of the best trial
    alone, and `error` the standard error of the difference of the last two. `recheck` is the mean over folds drawn anew, on which its
    members were fitted once more, and `recheck_error` the standard error of its difference to the best of the finalists there,
    `recheck_best`; None where there are no such folds. `run_id` is None where the best trial alone is best.
    """

    run_id: str | None
    value: float
    across: float
    best_number: int
    best_value: float
    error: float | None
    members: tuple[Member, ...]
    recheck: float | None = None
    recheck_best: float | None = None
    recheck_error: float | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """The rows with one value of a column, and the metric on them."""

    column: str
    value: str
    rows: int
    metric: float


@dataclass(frozen=True, slots=True)
class Analysis:
    """Of the trial `number`, which is the one that was chosen: all of it from rows that it had not learnt from. `whole` is the
    metric on all of these at once, which slices are compared with.
    """

    number: int
    whole: float | None
    thresholds: tuple[Threshold, ...]
    calibration: Calibration | None
    slices: tuple[Slice, ...]


def ensemble_of(connection: sqlite3.Connection, study_id: str) -> Ensemble | None:
    """The ensemble of a study; None where none was asked for, or none is there yet."""
    told = _payload(connection, study_id, ENSEMBLE)
    if told is None:
        return None
    return Ensemble(**{**told, "members": tuple(Member(**member) for member in told["members"])})


def members_of_run(connection: sqlite3.Connection, run_id: str) -> tuple[str, list[tuple[int, float]]] | None:
    """The study of a run that is an ensemble, and its members: their trials' numbers and weights; None of any other run.

    Kept with the run itself: the study's ensemble may be another by now.
    """
    row = connection.execute(
        "SELECT r.study_id FROM run r JOIN run_param p ON p.run_id = r.id AND p.key = 'model' AND p.value = ?"
        " WHERE r.id = ? AND r.study_id IS NOT NULL",
        (ENSEMBLE, run_id),
    ).fetchone()
    if row is None:
        return None
    rows = connection.execute("SELECT key, number FROM run_param WHERE run_id = ? AND key LIKE 'trial_%'", (run_id,))
    return row[0], sorted((int(key.removeprefix("trial_")), weight) for key, weight in rows)


def analysis_of(connection: sqlite3.Connection, study_id: str) -> Analysis | None:
    """What is known of the study's chosen trial; None before there is one, or where what it said was not kept."""
    told = _payload(connection, study_id, "chosen")
    if told is None:
        return None
    reliability = told["calibration"]
    return Analysis(
        told["number"],
        told["whole"],
        tuple(Threshold(**one) for one in told["thresholds"]),
        reliability
        and Calibration(reliability["error"], reliability["brier"], tuple(Bin(**one) for one in reliability["bins"])),
        tuple(Slice(**one) for one in told["slices"]),
    )


def _payload(connection: sqlite3.Connection, study_id: str, kind: str) -> Any:
    row = connection.execute(
        "SELECT payload FROM study_analysis WHERE study_id = ? AND kind = ?", (study_id, kind)
    ).fetchone()
    return None if row is None else json.loads(row[0])
