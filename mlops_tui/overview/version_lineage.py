"""The way of a model version, from the files that it learnt from to the files that it predicted."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from mlops_tui.data.arrival import came_last
from mlops_tui.data.learning import ALL, parse
from mlops_tui.data.model import SourceFile
from mlops_tui.data.query import get_source, members
from mlops_tui.registry.model import ModelVersion
from mlops_tui.runs.query import get_run
from mlops_tui.serving.model import PredictionBatch
from mlops_tui.serving.query import count_batches, list_batches
from mlops_tui.tuning.query import known_study, trial_of_run

BATCHES = 5


@dataclass(frozen=True, slots=True)
class VersionLineage:
    """What is not known is None or empty: of a version that no study made there is nothing but what it predicted.

    `files` are the paths of the data version, with the rows of each, of a window of newest files those alone; `batches` are the newest of
    `predicted` files. The version's own `parent` and `window` say whose recipe was fitted anew, and on which rows.
    """

    version: ModelVersion
    source: str | None
    files: tuple[tuple[str, int | None], ...]
    study: str | None
    trial: int | None
    run: str | None
    batches: tuple[PredictionBatch, ...]
    predicted: int


def version_lineage(connection: sqlite3.Connection, version: ModelVersion) -> VersionLineage:
    """What is known of a version's way."""
    batches = tuple(list_batches(connection, version.id, limit=BATCHES))
    predicted = count_batches(connection, version.id)
    study = known_study(connection, version.study_id)
    if study is None or version.run_id is None or version.source_id is None or version.data_version is None:
        return VersionLineage(version, None, (), None, None, None, batches, predicted)
    files = _learnt_from(connection, version.source_id, version.data_version, version.window)
    trial = trial_of_run(connection, version.run_id)
    return VersionLineage(
        version,
        get_source(connection, version.source_id).name,
        tuple((file.path, file.rows) for file in files),
        study.name,
        trial.number if trial is not None else None,
        get_run(connection, version.run_id).name,
        batches,
        predicted,
    )


def _learnt_from(connection: sqlite3.Connection, source_id: str, version: int, window: str | None) -> list[SourceFile]:
    """The files of the data version, of a window of newest ones those alone."""
    files, newest = members(connection, source_id, version), parse(window or ALL).files
    return files if newest is None else came_last(connection, source_id, files, newest)
