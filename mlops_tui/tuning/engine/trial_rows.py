"""Trials as Optuna's tables hold them, read and written by plain SQL in the very form that Optuna's own storage gives them."""

from __future__ import annotations

import json
import math
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from optuna.distributions import BaseDistribution, distribution_to_json, json_to_distribution
from optuna.trial import FrozenTrial, TrialState

ATTRIBUTES = {"user": "trial_user_attributes", "system": "trial_system_attributes"}
CHILDREN = (
    *ATTRIBUTES.values(),
    "trial_params",
    "trial_values",
    "trial_intermediate_values",
    "trial_heartbeats",
)
CHUNK = 500
"""So many trials are read by one statement."""
INFINITE = {"INF_POS": math.inf, "INF_NEG": -math.inf, "NAN": math.nan}


@dataclass(slots=True)
class Writes:
    """What is to be written of one trial; `params` by name as (internal value, distribution), attributes as JSON."""

    params: dict[str, tuple[float, BaseDistribution]] = field(default_factory=dict)
    attributes: dict[str, dict[str, str]] = field(default_factory=lambda: {kind: {} for kind in ATTRIBUTES})
    reports: dict[int, float] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.params or self.reports or any(self.attributes.values()))


def read_trials(connection: sqlite3.Connection, trial_ids: Sequence[int]) -> list[FrozenTrial]:
    """The trials of these ids, in the order of their ids."""
    wanted = sorted(trial_ids)
    return [
        trial
        for start in range(0, len(wanted), CHUNK)
        for trial in _read_chunk(connection, wanted[start : start + CHUNK])
    ]


def _read_chunk(connection: sqlite3.Connection, trial_ids: list[int]) -> Iterator[FrozenTrial]:
    marks = ", ".join("?" * len(trial_ids))

    def rows(columns: str, table: str, order: str) -> dict[int, list[Any]]:
        found = defaultdict(list)
        for trial_id, *row in connection.execute(
            f"SELECT trial_id, {columns} FROM {table} WHERE trial_id IN ({marks}) ORDER BY {order}", trial_ids
        ):
            found[trial_id].append(row)
        return found

    values = rows("value, value_type", "trial_values", "objective")
    params = rows("param_name, param_value, distribution_json", "trial_params", "param_id")
    attributes = {kind: rows("key, value_json", table, f"{table[:-1]}_id") for kind, table in ATTRIBUTES.items()}
    reports = rows("step, intermediate_value, intermediate_value_type", "trial_intermediate_values", "step")
    trials = rows("number, state, datetime_start, datetime_complete", "trials", "trial_id")
    for trial_id, [(number, state, started, completed)] in trials.items():
        kinds = {name: _distribution(text) for name, _, text in params[trial_id]}
        yield FrozenTrial(
            number=number,
            state=TrialState[state],
            value=None,
            values=[_number(*row) for row in values[trial_id]] or None,
            datetime_start=_moment(started),
            datetime_complete=_moment(completed),
            params={name: kinds[name].to_external_repr(value) for name, value, _ in params[trial_id]},
            distributions=kinds,
            user_attrs={key: json.loads(text) for key, text in attributes["user"][trial_id]},
            system_attrs={key: json.loads(text) for key, text in attributes["system"][trial_id]},
            intermediate_values={step: _number(*row) for step, *row in reports[trial_id]},
            trial_id=trial_id,
        )


_distribution = lru_cache(maxsize=4096)(json_to_distribution)


def insert_trial(connection: sqlite3.Connection, study_id: int, number: int, trial: FrozenTrial) -> int:
    """Writes a trial with all that it has; returns its id."""
    cursor = connection.execute(
        "INSERT INTO trials (number, study_id, state, datetime_start, datetime_complete) VALUES (?, ?, ?, ?, ?)",
        (number, study_id, trial.state.name, _text(trial.datetime_start), _text(trial.datetime_complete)),
    )
    trial_id = int(cursor.lastrowid or 0)
    if trial.values is not None:
        write_values(connection, trial_id, trial.values)
    kinds = trial.distributions
    params = {name: (kinds[name].to_internal_repr(value), kinds[name]) for name, value in trial.params.items()}
    attributes = {
        kind: {key: json.dumps(value) for key, value in given.items()}
        for kind, given in (("user", trial.user_attrs), ("system", trial.system_attrs))
    }
    write(connection, trial_id, Writes(params, attributes, trial.intermediate_values))
    return trial_id


def write(connection: sqlite3.Connection, trial_id: int, writes: Writes) -> None:
    """Writes parameters, attributes and reports; a parameter that is there already stays as it is."""
    if writes.params:
        connection.executemany(
            "INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            [
                (trial_id, name, float(value), distribution_to_json(kind))
                for name, (value, kind) in writes.params.items()
            ],
        )
    for kind, attributes in writes.attributes.items():
        if attributes:
            connection.executemany(
                f"INSERT INTO {ATTRIBUTES[kind]} (trial_id, key, value_json) VALUES (?, ?, ?)"
                " ON CONFLICT (trial_id, key) DO UPDATE SET value_json = excluded.value_json",
                [(trial_id, key, text) for key, text in attributes.items()],
            )
    if writes.reports:
        connection.executemany(
            "INSERT INTO trial_intermediate_values"
            " (trial_id, step, intermediate_value, intermediate_value_type) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (trial_id, step) DO UPDATE SET intermediate_value = excluded.intermediate_value,"
            " intermediate_value_type = excluded.intermediate_value_type",
            [(trial_id, step, *_stored(value)) for step, value in writes.reports.items()],
        )


def write_values(connection: sqlite3.Connection, trial_id: int, values: Iterable[float]) -> None:
    """Writes what a trial's objectives came to."""
    connection.executemany(
        "INSERT INTO trial_values (trial_id, objective, value, value_type) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (trial_id, objective) DO UPDATE SET value = excluded.value, value_type = excluded.value_type",
        [(trial_id, objective, *_stored(value)) for objective, value in enumerate(values)],
    )


def write_state(connection: sqlite3.Connection, trial: FrozenTrial) -> None:
    """Writes a trial's state and its times."""
    connection.execute(
        "UPDATE trials SET state = ?, datetime_start = ?, datetime_complete = ? WHERE trial_id = ?",
        (trial.state.name, _text(trial.datetime_start), _text(trial.datetime_complete), trial._trial_id),
    )


def _stored(value: float) -> tuple[float | None, str]:
    """A number as Optuna's tables hold it: SQLite knows no NaN, and MySQL no infinity."""
    number = float(value)
    if math.isfinite(number):
        return number, "FINITE"
    return None, "NAN" if math.isnan(number) else "INF_POS" if number > 0 else "INF_NEG"


def _number(value: float | None, kind: str) -> float:
    return INFINITE[kind] if value is None else value


def _text(moment: datetime | None) -> str | None:
    """Local time without a zone, as Optuna's trials have it, as the text of UTC without a zone that its tables have."""
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC).astimezone().replace(tzinfo=None)
