"""Where a run is from and what became of it: source version, study, run, model versions, predictions."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from mlops_tui.data.query import get_source
from mlops_tui.runs.model import Run
from mlops_tui.tuning.query import get_study, trial_of_run


@dataclass(frozen=True, slots=True)
class MadeOf:
    """A version of a model that was made of a run: its aliases, and how many files and rows it has predicted, and when last."""

    model: str
    version: int
    aliases: tuple[str, ...]
    files: int
    rows: int
    last: str | None


@dataclass(frozen=True, slots=True)
class Lineage:
    """Of one run. What a script logged by itself has no source version and no study; `trial` is its number in the study."""

    source: str | None = None
    version: int | None = None
    target: str | None = None
    study: str | None = None
    trial: int | None = None
    models: tuple[MadeOf, ...] = ()


UNKNOWN = Lineage()


def lineage(connection: sqlite3.Connection, run: Run) -> Lineage:
    """What is known of a run's way."""
    models = _models(connection, run.id)
    if run.study_id is None:
        return Lineage(models=models)
    study, trial = get_study(connection, run.study_id), trial_of_run(connection, run.id)
    number = None if trial is None else trial.number
    if study.script is not None or not study.source_id:
        return Lineage(study=study.name, trial=number, models=models)
    source = get_source(connection, study.source_id).name
    return Lineage(source, study.version, study.target, study.name, number, models)


def _models(connection: sqlite3.Connection, run_id: str) -> tuple[MadeOf, ...]:
    rows = connection.execute(
        "SELECT v.id, m.id, m.name, v.number FROM model_version v JOIN model m ON m.id = v.model_id"
        " WHERE v.run_id = ? ORDER BY m.name, v.number",
        (run_id,),
    ).fetchall()
    found = []
    for version_id, model_id, name, number in rows:
        aliases = connection.execute(
            "SELECT alias FROM model_alias WHERE model_id = ? AND version = ? ORDER BY alias", (model_id, number)
        )
        files, predicted, last = connection.execute(
            "SELECT count(*), coalesce(sum(rows), 0), max(at) FROM prediction_batch WHERE version_id = ?", (version_id,)
        ).fetchone()
        found.append(MadeOf(name, number, tuple(row[0] for row in aliases), files, predicted, last))
    return tuple(found)
