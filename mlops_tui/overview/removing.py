"""Removing a study: its trials, their runs, and its files."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from mlops_tui.core.errors import JobError
from mlops_tui.core.printable import printable
from mlops_tui.registry.query import versions_of_study
from mlops_tui.runs.query import count_runs_of_study
from mlops_tui.store.store import Store, Writing
from mlops_tui.tuning.leftovers import bytes_of, folders_of
from mlops_tui.tuning.model import OPEN, Study
from mlops_tui.tuning.query import count_trials
from mlops_tui.tuning.queue import id_in_optuna

OURS = ("study_trial", "study_hidden", "study_finalist", "study_analysis")
OF_RUNS = ("run_param", "run_point", "run_metric", "run_tag", "run_artifact")
OF_TRIALS = (
    *("trial_user_attributes", "trial_system_attributes", "trial_params", "trial_values"),
    *("trial_intermediate_values", "trial_heartbeats"),
)
OF_STUDIES = ("trials", "study_directions", "study_user_attributes", "study_system_attributes", "studies")


@dataclass(frozen=True, slots=True)
class Removal:
    """What goes with a study; `bytes` are those of its files."""

    study: str
    trials: int
    runs: int
    bytes: int


class Removing:
    """Takes studies out of a workspace for good."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def preview(self, study: Study) -> Removal:
        """What would go.

        Raises:
            JobError: it is at work, or a model came from it.
        """
        if study.job_id is not None and study.state in OPEN:
            raise JobError(
                f"Study '{study.name}' is {study.state}, and cannot be removed.",
                f"Stop or cancel it first: mlops-tui studies stop {study.name}",
            )
        if models := versions_of_study(self._store.reader, study.id):
            told = ", ".join(f"{printable(name)} version {number}" for name, number in models[:3])
            raise JobError(
                f"Study '{study.name}' cannot be removed: {told} came from it.",
                "It stays as long as they do, for it says how they were made.",
            )
        reader, folders = self._store.reader, folders_of(self._store.workspace, study.id)
        trials = sum(count_trials(reader, study.id).values())
        return Removal(study.name, trials, count_runs_of_study(reader, study.id), bytes_of(folders))

    def remove(self, study: Study) -> Removal:
        """Removes the study, its trials here and in Optuna's tables, their runs, and its files; nothing brings them back.

        Raises:
            JobError: as `preview`.
        """
        with self._store.write() as writing:
            gone = self.preview(study)
            self._remove_rows(writing, study)
            after = {"trials": gone.trials, "runs": gone.runs, "bytes": gone.bytes}
            writing.event("removed", ("study", study.id, study.name), before=after)
            writing.changed("studies", "trials", "runs", "metrics")
        for folder in folders_of(self._store.workspace, study.id):
            shutil.rmtree(folder, ignore_errors=True)
        return gone

    def _remove_rows(self, writing: Writing, study: Study) -> None:
        optuna_id = id_in_optuna(writing.connection, study)
        if optuna_id is not None:
            for table in OF_TRIALS:
                writing.execute(
                    f"DELETE FROM {table} WHERE trial_id IN (SELECT trial_id FROM trials WHERE study_id = ?)",
                    (optuna_id,),
                )
            for table in OF_STUDIES:
                writing.execute(f"DELETE FROM {table} WHERE study_id = ?", (optuna_id,))
        for table in OF_RUNS:
            writing.execute(f"DELETE FROM {table} WHERE run_id IN (SELECT id FROM run WHERE study_id = ?)", (study.id,))
        writing.execute("DELETE FROM run WHERE study_id = ?", (study.id,))
        for table in OURS:
            writing.execute(f"DELETE FROM {table} WHERE study_id = ?", (study.id,))
        writing.execute("DELETE FROM study WHERE id = ?", (study.id,))
