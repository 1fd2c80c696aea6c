"""What is known of a model version without asking anybody: the facts of its card."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from mlops_tui.data.query import get_source
from mlops_tui.evaluation.corrected import corrected_error
from mlops_tui.registry.gates import GateResult
from mlops_tui.registry.model import ModelVersion
from mlops_tui.registry.query import last_evaluation, latest_gates
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.query import known_study, trial_of_run


@dataclass(frozen=True, slots=True)
class CardFacts:
    """`error` is the standard error of the study's metric over its folds; None where the version is of no trial with several.
    `roles` are the columns of the source that stand for something; `test` is what it was on held-out rows when that was asked last.
    """

    version: ModelVersion
    study: Study | None
    source: str
    roles: dict[str, str]
    error: float | None
    gates: list[GateResult]
    test: dict[str, Any] | None = None


def card_facts(connection: sqlite3.Connection, version: ModelVersion) -> CardFacts:
    """The facts of a version's card."""
    study = known_study(connection, version.study_id)
    source = get_source(connection, version.source_id) if study is not None and version.source_id is not None else None
    roles = (
        {}
        if source is None
        else {
            role: column
            for role, column in (("id", source.id_column), ("group", source.group_column), ("time", source.time_column))
            if column is not None
        }
    )
    return CardFacts(
        version,
        study,
        source.name if source else "",
        roles,
        _error(connection, version),
        latest_gates(connection, version.id),
        last_evaluation(connection, version.model_id, version.number),
    )


def _error(connection: sqlite3.Connection, version: ModelVersion) -> float | None:
    trial = trial_of_run(connection, version.run_id) if version.run_id is not None else None
    folds = [value for value in (trial.fold_values or [] if trial else []) if value is not None]
    return corrected_error(folds, 1 / (len(folds) - 1)) if len(folds) > 1 else None
