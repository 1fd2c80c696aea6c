"""What a version's recipe said of training rows that it had not learnt from, fold by fold."""

from __future__ import annotations

from dataclasses import replace

from mlops_tui.core.errors import ModelFileError
from mlops_tui.evaluation.answers import Answers, Array
from mlops_tui.registry.model import ModelVersion
from mlops_tui.store.artifact import put_bytes, verified
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.fit import Prepared
from mlops_tui.tuning.engine.run_answers import answers_of, unanswered
from mlops_tui.tuning.model import Study


def keep_answers(store: Store, study: Study, prepared: Prepared, said: Array) -> str:
    """Keeps what was said of each of a version's own training rows, as `CrossValidated` has it; returns the file's sha256."""
    return put_bytes(store.workspace, replace(unanswered(study, prepared), said=said).to_bytes())


def answers_of_version(store: Store, version: ModelVersion) -> Answers | None:
    """Of the version's own rows where it learnt again, else of its study's; None where nothing is kept."""
    if version.answers is None:
        return None if version.run_id is None else answers_of(store, version.run_id).answers
    try:
        return Answers.from_bytes(verified(store.workspace, version.answers).read_bytes())
    except (ModelFileError, ValueError, OSError):
        return None
