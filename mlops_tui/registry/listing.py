"""Models and versions as lists show them: a page at a time, and everything about one version at once."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from mlops_tui.jobs.model import Job
from mlops_tui.jobs.query import open_jobs
from mlops_tui.registry.gates import GateResult
from mlops_tui.registry.model import CHAMPION, ROLLED_BACK, Model, ModelVersion, previous_version
from mlops_tui.registry.query import alias_history, count_looks, get_model, get_version, latest_gates, list_versions
from mlops_tui.store.event import Event, read_events

_MATCHING = " FROM model WHERE archived IS NULL AND instr(lower(name), :text)"
_EVERY_MOVE = 1_000_000
EVENTS = 100


@dataclass(frozen=True, slots=True)
class ModelLine:
    """A model, its newest version, the version that a rollback of the champion would put back, and the one from which the last move
    rolled it back.
    """

    model: Model
    newest: ModelVersion | None
    before: int | None
    rolled_back: int | None = None

    @property
    def champion(self) -> int | None:
        """The version that is the champion."""
        return self.model.aliases.get(CHAMPION)


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version, its run's name, and what its gates said when they were asked last; `asking` while a job asks them."""

    version: ModelVersion
    run: str
    gates: list[GateResult]
    asking: bool = False

    @property
    def refusing(self) -> list[GateResult]:
        """The gates that did not let it become the champion."""
        return [gate for gate in self.gates if gate.refuses]


@dataclass(frozen=True, slots=True)
class VersionDetail:
    """One version with the names of its run, study and source, what its gates said when they were asked last, those of `waiting` that
    a job has yet to ask, how often the rows that they judge by were looked at, and the newest events of its model.
    """

    version: ModelVersion
    run: str
    study: str
    source: str
    gates: list[GateResult]
    waiting: list[str]
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
    rolled_back = moves[0].before if moves and moves[0].verb == ROLLED_BACK else None
    return ModelLine(model, newest[0] if newest else None, previous_version(moves[::-1]), rolled_back)


def count_versions(connection: sqlite3.Connection, model_id: str) -> int:
    """How many versions a model has."""
    return int(connection.execute("SELECT count(*) FROM model_version WHERE model_id = ?", (model_id,)).fetchone()[0])


def page_of_versions(
    connection: sqlite3.Connection, model_id: str, *, limit: int = 50, offset: int = 0
) -> list[VersionLine]:
    """The newest versions of a model first."""
    asking = _asked_now(connection, model_id)
    return [
        VersionLine(
            version,
            _name(connection, "run", version.run_id),
            latest_gates(connection, version.id),
            version.number in asking,
        )
        for version in list_versions(connection, model_id, limit=limit, offset=offset)
    ]


def _asked_now(connection: sqlite3.Connection, model_id: str) -> dict[int, Job]:
    """The jobs that ask the gates of a model's versions, by the version's number."""
    asking = [job for job in open_jobs(connection) if job.kind in ("promote", "gates")]
    return {job.spec["version"]: job for job in asking if job.spec["model"] == model_id}


def version_detail(connection: sqlite3.Connection, version_id: str) -> VersionDetail:
    """Everything about the version of that id.

    Raises:
        UnknownName: there is none.
    """
    version = get_version(connection, version_id)
    job = _asked_now(connection, version.model_id).get(version.number)
    gates = latest_gates(connection, version_id)
    if job is not None and (not gates or gates[0].asking != job.id):
        gates = []  # what was said before is no answer to what is asked now
    told = {gate.name for gate in gates}
    judged_on = next((found for gate in gates if (found := gate.evidence.get("held_out_hash"))), None)
    return VersionDetail(
        version,
        _name(connection, "run", version.run_id),
        _name(connection, "study", version.study_id),
        _name(connection, "source", version.source_id),
        gates,
        [] if job is None else [name for name in job.spec.get("gates", ()) if name not in told],
        count_looks(connection, judged_on) if judged_on else 0,
        read_events(connection, of=version.model_id, limit=EVENTS),
    )


def _name(connection: sqlite3.Connection, table: str, identifier: str | None) -> str:
    row = connection.execute(f'SELECT name FROM "{table}" WHERE id = ?', (identifier,)).fetchone()
    return row[0] if row else ""
