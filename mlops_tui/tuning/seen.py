"""The trials of a study as its pictures need them, read on as they end."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple

from mlops_tui.tuning.listing import ENDED, LOOKED_BACK, with_hidden
from mlops_tui.tuning.query import hidden_trials

Key = tuple[str, int | None]


class Seen(NamedTuple):
    """A trial in a picture: `worker` is the process that had it, by its machine and its number there."""

    number: int
    state: str
    value: float | None
    family: str
    params: dict[str, Any]
    started: str
    ended: str | None
    worker: Key
    folds: tuple[float, ...] = ()
    is_hidden: bool = False


def trials_seen(connection: sqlite3.Connection, study_id: str, before: tuple[Seen, ...] = ()) -> tuple[Seen, ...]:
    """All trials of a study by their numbers; those that had ended `before` are not read again."""
    settled = next((place for place, trial in enumerate(before) if trial.state not in ENDED), len(before))
    settled = max(0, min(settled, len(before) - LOOKED_BACK))
    rows = connection.execute(
        "SELECT number, state, value, family, params, t.started, t.ended, coalesce(run.host, ''), run.pid, fold_values"
        " FROM study_trial AS t LEFT JOIN run ON run.id = t.run_id"
        " WHERE t.study_id = ? AND number >= ? ORDER BY number",
        (study_id, before[settled].number if settled < len(before) else 0),
    )
    fresh = (
        Seen(
            number,
            state,
            value,
            family,
            json.loads(params),
            started,
            ended,
            (host, pid),
            tuple(json.loads(folds or "[]")),
        )
        for number, state, value, family, params, started, ended, host, pid, folds in rows
    )
    return with_hidden((*before[:settled], *fresh), hidden_trials(connection, study_id))


def in_pictures(trials: Sequence[Seen], direction: str) -> list[Seen]:
    """The trials that nobody has hidden, with what those that were stopped early let expect."""
    return with_estimates([trial for trial in trials if not trial.is_hidden], direction)


def with_estimates(trials: Sequence[Seen], direction: str) -> list[Seen]:
    """The trials, those that were stopped early with the value that their folds let expect: the best trial's, and the mean
    of the differences to it on the folds that both were scored on. Left out, they would leave only good ones to compare.
    """
    complete = [trial for trial in trials if trial.state == "complete" and trial.value is not None and trial.folds]
    choose = max if direction == "maximize" else min
    best = choose(complete, key=lambda trial: trial.value or 0.0, default=None)
    if best is None:
        return list(trials)
    return [
        trial._replace(value=_expected(trial, best)) if trial.state == "pruned" and trial.folds else trial
        for trial in trials
    ]


def _expected(trial: Seen, best: Seen) -> float:
    both = list(zip(trial.folds, best.folds, strict=False))
    return (best.value or 0.0) + math.fsum(here - there for here, there in both) / len(both)
