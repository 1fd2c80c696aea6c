"""Notes and tags of a study and of its trials, in Optuna's own tables, where optuna-dashboard reads and writes them too.

A note is Markdown, cut into pieces under system attributes of the study: `dashboard:note_str:0` and so on, those of a trial
under `dashboard:TRIAL_ID:note_str:0`, each beside a version that counts its changes. Tags are a list under the user
attribute `tags`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from mlops_tui.core.errors import JobError, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.store.store import Writing
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.query import no_trial
from mlops_tui.tuning.queue import id_in_optuna

PIECE = 2045
"""So many characters of a note go into one attribute."""
TAGS = "tags"
_BEGIN, _TEXT, _VERSION = "dashboard:", "note_str:", "note_ver"


class Said(NamedTuple):
    """What is said of a study or of a trial."""

    note: str = ""
    tags: tuple[str, ...] = ()


class Notes(NamedTuple):
    """What is said of a study, and of those of its trials of which anything is, by their numbers."""

    study: Said
    trials: dict[int, Said]


def notes_of(connection: sqlite3.Connection, study: Study) -> Notes:
    """All that is said of a study and its trials."""
    optuna_id = id_in_optuna(connection, study)
    if optuna_id is None:
        return Notes(Said(), {})
    texts = _texts(_attributes(connection, "study_system_attributes", optuna_id))
    of_study = _attributes(connection, "study_user_attributes", optuna_id)
    numbers = connection.execute(
        "SELECT trial_id, number, value_json FROM trials LEFT JOIN trial_user_attributes AS tagged USING (trial_id)"
        " WHERE study_id = ? AND tagged.key = ? UNION ALL SELECT trial_id, number, NULL FROM trials WHERE study_id = ?"
        " AND trial_id IN (SELECT value FROM json_each(?))",
        (optuna_id, TAGS, optuna_id, json.dumps([one for one in texts if one is not None])),
    )
    found: dict[int, Said] = {}
    for trial_id, number, tags in numbers:
        before = found.get(number, Said())
        found[number] = Said(texts.get(trial_id, ""), _words(json.loads(tags)) if tags else before.tags)
    return Notes(
        Said(texts.get(None, ""), _words(of_study.get(TAGS))),
        {number: said for number, said in sorted(found.items()) if said != Said()},
    )


def write_note(writing: Writing, study: Study, text: str, trial: int | None = None) -> None:
    """Writes a note in place of the one before; an empty text takes it away.

    Raises:
        JobError: no worker of the study has begun yet.
        UnknownName: there is no such trial.
    """
    optuna_id, trial_id = _places(writing.connection, study, trial)
    head = _BEGIN if trial_id is None else f"{_BEGIN}{trial_id}:"
    known = _attributes(writing.connection, "study_system_attributes", optuna_id)
    pieces = [text[start : start + PIECE] for start in range(0, len(text), PIECE)]
    before = sum(key.startswith(head + _TEXT) for key in known)
    pieces += [""] * (before - len(pieces))  # as the dashboard empties those that are left over
    values: dict[str, Any] = {f"{head}{_TEXT}{place}": piece for place, piece in enumerate(pieces)}
    values[head + _VERSION] = int(known.get(head + _VERSION, 0)) + 1
    writing.connection.executemany(
        "INSERT INTO study_system_attributes (study_id, key, value_json) VALUES (?, ?, ?)"
        " ON CONFLICT (study_id, key) DO UPDATE SET value_json = excluded.value_json",
        [(optuna_id, key, json.dumps(value)) for key, value in values.items()],
    )


def write_tags(
    writing: Writing, study: Study, added: Iterable[str], removed: Iterable[str] = (), trial: int | None = None
) -> Sequence[str]:
    """Adds tags and takes others away; returns those that are there now.

    Raises:
        JobError: no worker of the study has begun yet.
        UnknownName: there is no such trial.
        UsageError: a tag is no word.
    """
    optuna_id, trial_id = _places(writing.connection, study, trial)
    table, column, owner = ("study_user_attributes", "study_id", optuna_id)
    if trial_id is not None:
        table, column, owner = ("trial_user_attributes", "trial_id", trial_id)
    wanted = [tag.strip() for tag in added]
    if any(not tag or tag != printable(tag) for tag in wanted):
        raise UsageError("A tag is a word or a few.", "For example: mlops-tui studies tag S promising")
    before = _words(_attributes(writing.connection, table, owner, column).get(TAGS))
    gone = {tag.strip() for tag in removed}
    if unknown := sorted(gone - set(before)):
        raise UsageError(f"There is no tag '{printable(unknown[0])}' to take away.", _known(before))
    after = [tag for tag in dict.fromkeys([*before, *wanted]) if tag not in gone]
    writing.execute(
        f"INSERT INTO {table} ({column}, key, value_json) VALUES (?, ?, ?)"
        f" ON CONFLICT ({column}, key) DO UPDATE SET value_json = excluded.value_json",
        (owner, TAGS, json.dumps(after)),
    )
    return after


def _known(tags: Sequence[str]) -> str:
    return f"There are: {', '.join(tags)}." if tags else "There are none."


def _places(connection: sqlite3.Connection, study: Study, trial: int | None) -> tuple[int, int | None]:
    optuna_id = id_in_optuna(connection, study)
    if optuna_id is None:
        raise JobError(f"Study '{study.name}' has not begun.", "Start it, and say something of it then.")
    if trial is None:
        return optuna_id, None
    row = connection.execute(
        "SELECT trial_id FROM trials WHERE study_id = ? AND number = ?", (optuna_id, trial)
    ).fetchone()
    if row is None:
        raise no_trial(study, trial)
    return optuna_id, int(row[0])


def _attributes(connection: sqlite3.Connection, table: str, owner: int, column: str = "study_id") -> dict[str, Any]:
    rows = connection.execute(f"SELECT key, value_json FROM {table} WHERE {column} = ?", (owner,))
    return {key: json.loads(text) for key, text in rows}


def _texts(attributes: dict[str, Any]) -> dict[int | None, str]:
    """The notes by the ids of their trials, that of the study under None."""
    pieces: dict[int | None, dict[int, str]] = {}
    for key, piece in attributes.items():
        head, text, place = key.removeprefix(_BEGIN).partition(_TEXT)
        owner = head.removesuffix(":")
        if key.startswith(_BEGIN) and text and place.isdecimal() and (not owner or owner.isdecimal()):
            pieces.setdefault(int(owner) if owner else None, {})[int(place)] = str(piece)
    whole = {owner: "".join(found[place] for place in sorted(found)) for owner, found in pieces.items()}
    return {owner: text for owner, text in whole.items() if text}


def _words(found: Any) -> tuple[str, ...]:
    """Tags as anybody may have written them: a list, or one text."""
    return tuple(map(str, found)) if isinstance(found, list) else (str(found),) if found else ()
