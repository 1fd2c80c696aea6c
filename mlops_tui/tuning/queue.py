"""Trials that a person puts into a study's queue, written into Optuna's own tables, where its workers look for them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from mlops_tui.core.errors import JobError, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.store.store import Writing
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.space import CHOICES, INT, Space, in_words, params_of

UID = "mlops:uid"
"""The user attribute that says which study of ours Optuna's is: its own ids may be given again."""
QUEUED = "fixed_params"
"""Optuna's name for what a queued trial is to try."""


def configuration(study: Study, given: Mapping[str, str], family: str | None = None) -> dict[str, Any]:
    """What is to be tried, by Optuna's names of the parameters, from texts by ours; the sampler draws what is left open.

    Raises:
        UsageError: no or another family, a parameter that it has not, or a value that is none of its own.
    """
    chosen = family or (study.families[0] if len(study.families) == 1 else None)
    if chosen is None:
        raise UsageError("The family is not said.", f"Say model=FAMILY, one of {', '.join(study.families)}.")
    if chosen not in study.families:
        raise UsageError(
            f"'{printable(chosen)}' is none of the study's families.", f"They are: {', '.join(study.families)}."
        )
    space = params_of(study, chosen)
    return {"family": chosen, **{f"{chosen}.{key}": _value(chosen, key, text, space) for key, text in given.items()}}


def own_configuration(study: Study, given: Mapping[str, str]) -> dict[str, Any]:
    """What an objective of the user's own is to try. Before any trial has drawn, nothing tells what it knows.

    Raises:
        UsageError: a parameter that no trial has drawn, or a value that is none of its own.
    """
    what = study.script.function if study.script is not None else ""
    if not study.space:
        return {key: _plain(text) for key, text in given.items()}
    return {key: _value(what, key, text, study.space) for key, text in given.items()}


def _plain(text: str) -> Any:
    """A number, true, false or null where the text is one, else the text."""
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return found if found is None or isinstance(found, bool | int | float) else text


def _value(family: str, key: str, text: str, space: Space) -> Any:
    kind = space.get(key)
    if kind is None:
        known = ", ".join(space) or "none"
        raise UsageError(f"{family} has no parameter '{printable(key)}'.", f"It has: {known}.")
    told = kind["attributes"]
    if kind["name"] == CHOICES:
        found = [choice for choice in told["choices"] if str(choice) == text]
        if found:
            return found[0]
    else:
        try:
            number = int(text) if kind["name"] == INT else float(text)
        except ValueError:
            number = float("nan")
        if told["low"] <= number <= told["high"]:
            return number
    whole = "a whole number " if kind["name"] == INT else ""
    raise UsageError(f"{key} cannot be '{printable(text)}'.", f"Choose {whole or 'it '}{in_words(kind)}.")


def id_in_optuna(connection: sqlite3.Connection, study: Study) -> int | None:
    """The id that the study has in Optuna's tables; None where no worker of it has begun."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'study_user_attributes'").fetchone():
        return None
    row = connection.execute(
        "SELECT study_id FROM study_user_attributes WHERE key = ? AND value_json = ?", (UID, json.dumps(study.id))
    ).fetchone()
    return None if row is None else int(row[0])


def put(writing: Writing, study: Study, wanted: Mapping[str, Any]) -> int:
    """Adds the configuration to the queue in the open transaction; returns the trial's number.

    Raises:
        JobError: no worker of the study has begun yet, so that there is no queue.
    """
    optuna_id = id_in_optuna(writing.connection, study)
    if optuna_id is None:
        raise JobError(f"Study '{study.name}' has not begun.", "Start it, and put trials into its queue then.")
    number = int(writing.execute("SELECT count(*) FROM trials WHERE study_id = ?", (optuna_id,)).fetchone()[0])
    trial_id = writing.execute(
        "INSERT INTO trials (number, study_id, state) VALUES (?, ?, 'WAITING')", (number, optuna_id)
    ).lastrowid
    writing.execute(
        "INSERT INTO trial_system_attributes (trial_id, key, value_json) VALUES (?, ?, ?)",
        (trial_id, QUEUED, json.dumps(dict(wanted))),
    )
    return number
