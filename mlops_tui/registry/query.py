"""What is read of models, their versions, aliases and gates."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from mlops_tui.core.errors import UnknownName
from mlops_tui.core.printable import printable
from mlops_tui.registry.gates import GateResult, latest
from mlops_tui.registry.model import (
    CHAMPION,
    LOOKED,
    PROMOTED,
    RESTORED,
    ROLLED_BACK,
    Alias,
    AliasMove,
    Model,
    ModelVersion,
    Signature,
    parse_selector,
)
from mlops_tui.store.select import find_one

_MODEL = (
    "SELECT model.id, model.name, model.task, model.created, count(v.number), max(v.number),"
    " (SELECT json_group_object(alias, version) FROM model_alias AS a WHERE a.model_id = model.id)"
    " FROM model LEFT JOIN model_version AS v ON v.model_id = model.id"
)
_VERSION = (
    "SELECT v.id, v.model_id, model.name, v.number, v.run_id, v.study_id, v.source_id, v.data_version, v.family,"
    " v.params, v.artifact, v.size, v.signature, v.types, v.environment, v.metrics, v.checks, v.code, v.created,"
    " (SELECT json_group_array(alias) FROM model_alias AS a WHERE a.model_id = v.model_id AND a.version = v.number),"
    " v.card, v.note, (SELECT json_group_object(t.key, t.value) FROM model_version_tag AS t WHERE t.version_id = v.id),"
    " v.parent, v.window, v.held_out, v.format, v.file, v.answers"
    " FROM model_version AS v JOIN model ON model.id = v.model_id"
)


def list_models(connection: sqlite3.Connection, *, limit: int = 50, offset: int = 0) -> list[Model]:
    """The models by name."""
    rows = connection.execute(
        f"{_MODEL} WHERE model.archived IS NULL GROUP BY model.id ORDER BY model.name LIMIT ? OFFSET ?", (limit, offset)
    )
    return [_model(row) for row in rows]


def find_model(connection: sqlite3.Connection, selector: str) -> Model:
    """The model of that name or id; an alias or a version after it is left aside.

    Raises:
        UnknownName: there is none.
        AmbiguousName: a part of an id fits several.
        UsageError: the selector has no known form.
    """
    name = parse_selector(selector).model
    found = find_one(connection, "model", name, "model", where="archived IS NULL")
    return get_model(connection, found)


def get_model(connection: sqlite3.Connection, model_id: str) -> Model:
    """The model of that id."""
    return _model(connection.execute(f"{_MODEL} WHERE model.id = ? GROUP BY model.id", (model_id,)).fetchone())


def _model(row: Any) -> Model:
    values = list(row)
    values[6] = json.loads(values[6])
    return Model(*values)


def versions_of_study(connection: sqlite3.Connection, study_id: str) -> list[tuple[str, int]]:
    """The models' names and the numbers of their versions that came from a study."""
    rows = connection.execute(
        "SELECT model.name, v.number FROM model_version v JOIN model ON model.id = v.model_id WHERE v.study_id = ?"
        " ORDER BY model.name, v.number",
        (study_id,),
    )
    return [(name, number) for name, number in rows]


def list_versions(
    connection: sqlite3.Connection, model_id: str, *, limit: int = 50, offset: int = 0
) -> list[ModelVersion]:
    """The newest versions first."""
    rows = connection.execute(
        f"{_VERSION} WHERE v.model_id = ? ORDER BY v.number DESC LIMIT ? OFFSET ?", (model_id, limit, offset)
    )
    return [_version(row) for row in rows]


def find_version(connection: sqlite3.Connection, selector: str) -> ModelVersion:
    """The version meant by `M@alias`, `M:3`, `models:/M@alias`, `models:/M/3`; `M` alone means its champion.

    Raises:
        UnknownName: no such model, version or alias.
        AmbiguousName: a part of an id fits several models.
        UsageError: the selector has no known form.
    """
    asked = parse_selector(selector)
    model = find_model(connection, selector)
    if asked.number is not None:
        return version_of(connection, model, asked.number)
    alias = asked.alias or CHAMPION
    if alias not in model.aliases:
        raise UnknownName(
            f"{printable(model.name)} has no {alias} yet.",
            f"Name a version ({printable(model.name)}:{model.newest or 1}), or promote one: mlops-tui models promote.",
        )
    return version_of(connection, model, model.aliases[alias])


def version_of(connection: sqlite3.Connection, model: Model, number: int) -> ModelVersion:
    """The version of that number.

    Raises:
        UnknownName: the model has none.
    """
    row = connection.execute(f"{_VERSION} WHERE v.model_id = ? AND v.number = ?", (model.id, number)).fetchone()
    if row is None:
        there = "It has none yet."
        if model.newest:
            there = "It has version 1 alone." if model.newest == 1 else f"It has versions 1 to {model.newest}."
        raise UnknownName(f"{printable(model.name)} has no version {number}.", there)
    return _version(row)


def get_version(connection: sqlite3.Connection, version_id: str) -> ModelVersion:
    """The version of that id.

    Raises:
        UnknownName: there is none.
    """
    row = connection.execute(f"{_VERSION} WHERE v.id = ?", (version_id,)).fetchone()
    if row is None:
        raise UnknownName("That model version is not in the store.", "See: mlops-tui models list")
    return _version(row)


def _version(row: Any) -> ModelVersion:
    values = list(row)
    values[12], values[13] = Signature.from_json(values[12]), tuple(json.loads(values[13]))
    for position in (9, 14, 15, 16, 17, 20, 22):
        values[position] = json.loads(values[position])
    values[25] = json.loads(values[25]) if values[25] else None
    values[19] = tuple(sorted(json.loads(values[19])))
    return ModelVersion(*values)


def read_alias(connection: sqlite3.Connection, model_id: str, alias: str) -> Alias:
    """Where an alias points now; version None and revision 0 where it never pointed anywhere."""
    row = connection.execute(
        "SELECT version, revision, moved FROM model_alias WHERE model_id = ? AND alias = ?", (model_id, alias)
    ).fetchone()
    return Alias(model_id, alias, *(row or (None, 0, None)))


def alias_history(
    connection: sqlite3.Connection, model_id: str, alias: str | None = None, *, limit: int = 50, offset: int = 0
) -> list[AliasMove]:
    """The newest moves of a model's aliases first; of one alias where it is named."""
    rows = connection.execute(
        "SELECT at, actor, verb, json_extract(after, '$.alias'), json_extract(before, '$.version'),"
        " json_extract(after, '$.version'), why, json_extract(after, '$.overruled') FROM event WHERE subject_id = :model AND verb IN (:promoted, :back, :restored)"
        " AND (:alias IS NULL OR json_extract(after, '$.alias') = :alias)"
        " ORDER BY rowid DESC LIMIT :limit OFFSET :offset",
        {
            "model": model_id,
            "alias": alias,
            "promoted": PROMOTED,
            "back": ROLLED_BACK,
            "restored": RESTORED,
            "limit": limit,
            "offset": offset,
        },
    )
    return [_move(row) for row in rows]


def _move(row: Any) -> AliasMove:
    values = list(row)
    values[7] = tuple(json.loads(values[7] or "[]"))
    return AliasMove(*values)


def gates_of(connection: sqlite3.Connection, version_id: str, *, limit: int = 50, offset: int = 0) -> list[GateResult]:
    """What the gates said of a version, newest first."""
    rows = connection.execute(
        "SELECT name, alias, verdict, blocking, value, low, high, threshold, n, n_needed, why, evidence, at,"
        " on_cannot_tell, asking FROM gate_result WHERE version_id = ? ORDER BY rowid DESC LIMIT ? OFFSET ?",
        (version_id, limit, offset),
    )
    return [_gate(row) for row in rows]


def latest_gates(connection: sqlite3.Connection, version_id: str) -> list[GateResult]:
    """What the gates said of a version when they were asked last, in that order."""
    return latest(gates_of(connection, version_id, limit=MOST_GATES))


MOST_GATES = 200
"""So many at most are asked together."""


def _gate(row: Any) -> GateResult:
    values = list(row)
    values[3], values[11] = bool(values[3]), json.loads(values[11])
    return GateResult(*values)


def last_evaluation(connection: sqlite3.Connection, model_id: str, number: int) -> dict[str, Any] | None:
    """What `models evaluate` said of a version when it was asked last: `metric`, `value`, `interval` and `rows`."""
    row = connection.execute(
        "SELECT after FROM event WHERE subject_id = ? AND verb = ? AND why = 'evaluated'"
        " AND json_extract(after, '$.version') = ? ORDER BY rowid DESC LIMIT 1",
        (model_id, LOOKED, number),
    ).fetchone()
    return None if row is None else json.loads(row[0])


def count_looks(connection: sqlite3.Connection, held_out_hash: str) -> int:
    """How often these held-out rows were looked at."""
    row = connection.execute(
        "SELECT count(*) FROM event WHERE verb = ? AND json_extract(after, '$.held_out_hash') = ?",
        (LOOKED, held_out_hash),
    ).fetchone()
    return int(row[0])
