"""Models and versions as lists show them: a page at a time, and everything about one version at once."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from mlops_tui.jobs.query import open_jobs
from mlops_tui.registry.model import CHAMPION, GateResult, Model, ModelVersion, previous_version
from mlops_tui.registry.query import alias_history, count_looks, gates_of, get_model, get_version, list_versions
from mlops_tui.store.event import Event, read_events

_MATCHING = " FROM model WHERE archived IS NULL AND instr(lower(name), :text)"
_EVERY_MOVE = 1_000_000
EVENTS = 100
GATES = 20


@dataclass(frozen=True, slots=True)
class ModelLine:
    """A model, its newest version, and the version that a rollback of the champion would put back."""

    model: Model
    newest: ModelVersion | None
    before: int | None

    @property
    def champion(self) -> int | None:
        """The version that is the champion."""
        return self.model.aliases.get(CHAMPION)


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version, its run's name, and what its gate said last; None where it was never asked. `asking` while a job asks
    it.
    """

    version: ModelVersion
    run: str
    gate: GateResult | None
    asking: bool = False

    @property
    def is_refused(self) -> bool:
        """Whether a gate that blocks did not let it pass when it was asked last."""
        return self.gate is not None and self.gate.blocking and self.gate.verdict != "pass"


@dataclass(frozen=True, slots=True)
class VersionDetail:
    """One version with the names of its run, study and source, its gates newest first, how often the gate's held-out
    rows were looked at, and the newest events of its model.
    """

    version: ModelVersion
    run: str
    study: str
    source: str
    gates: list[GateResult]
    looks: int
    events: list[Event]


def count_matching(connection: sqlite3.Connection, text: str = "") -> int:
    """How many models have the text in their name, whatever its case."""
    return int(connection.execute(f"SELECT count(*){_MATCHING}", {"text": text.lower()}).fetchone()[0])


def page_of_models(
    connection: sqlite3.Connection, text: str = "", *, limit: int = 50, offset: int = 0
) -> list[ModelLine]:
    """The matching models by name."""
    rows = connection.execute(
        f"SELECT id{_MATCHING} ORDER BY name LIMIT :limit OFFSET :offset",
        {"text": text.lower(), "limit": limit, "offset": offset},
    ).fetchall()
    return [_line(connection, get_model(connection, model_id)) for (model_id,) in rows]


def _line(connection: sqlite3.Connection, model: Model) -> ModelLine:
    newest = list_versions(connection, model.id, limit=1)
    moves = alias_history(connection, model.id, CHAMPION, limit=_EVERY_MOVE)
    return ModelLine(model, newest[0] if newest else None, previous_version(moves[::-1]))


def count_versions(connection: sqlite3.Connection, model_id: str) -> int:
    """How many versions a model has."""
    return int(connection.execute("SELECT count(*) FROM model_version WHERE model_id = ?", (model_id,)).fetchone()[0])


def page_of_versions(
    connection: sqlite3.Connection, model_id: str, *, limit: int = 50, offset: int = 0
) -> list[VersionLine]:
    """The newest versions of a model first."""
    found, asking = [], _asked_now(connection, model_id)
    for version in list_versions(connection, model_id, limit=limit, offset=offset):
        gates = gates_of(connection, version.id, limit=1)
        run, gate = _name(connection, "run", version.run_id), gates[0] if gates else None
        found.append(VersionLine(version, run, gate, version.number in asking))
    return found


def _asked_now(connection: sqlite3.Connection, model_id: str) -> set[int]:
    """The versions of a model that jobs ask the gates of."""
    specs = [job.spec for job in open_jobs(connection) if job.kind == "promote"]
    return {spec["version"] for spec in specs if spec["model"] == model_id}


def version_detail(connection: sqlite3.Connection, version_id: str) -> VersionDetail:
    """Everything about the version of that id.

    Raises:
        UnknownName: there is none.
    """
    version = get_version(connection, version_id)
    gates = gates_of(connection, version_id, limit=GATES)
    judged_on = gates[0].evidence.get("held_out_hash") if gates else None
    return VersionDetail(
        version,
        _name(connection, "run", version.run_id),
        _name(connection, "study", version.study_id),
        _name(connection, "source", version.source_id),
        gates,
        count_looks(connection, judged_on) if judged_on else 0,
        read_events(connection, of=version.model_id, limit=EVENTS),
    )


def _name(connection: sqlite3.Connection, table: str, identifier: str | None) -> str:
    row = connection.execute(f'SELECT name FROM "{table}" WHERE id = ?', (identifier,)).fetchone()
    return row[0] if row else ""
