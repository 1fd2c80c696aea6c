"""Trials that a person has hidden: they count as ended, and stay in the list for who asks for them, but are not the best, in no
picture and no choice, and nothing that a sampler learns from.

Which they are stands in a table of ours, which the workers of a study look into before each trial. In Optuna's tables such a
trial keeps its state and has the user attribute `mlops:hidden`, for scripts and the dashboard to tell it by.
"""

from __future__ import annotations

from mlops_tui.core.errors import JobError, UsageError
from mlops_tui.store.store import Writing
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.query import best_trial, finalists_of, find_trial
from mlops_tui.tuning.queue import id_in_optuna

ATTRIBUTE = "mlops:hidden"


def write_hidden(writing: Writing, study: Study, number: int, *, is_hidden: bool) -> str:
    """Hides a trial or shows it again, and chooses the study's best anew; says in one sentence what that changed.

    Raises:
        UsageError: there is no such trial, or it is so already.
        JobError: it has not ended.
    """
    trial = find_trial(writing.connection, study, number)
    if trial.state == "running":
        raise JobError(f"Trial {number} has not ended.", "Hide it once it has.")
    if trial.is_hidden == is_hidden:
        raise UsageError(
            f"Trial {number} is {'hidden already' if is_hidden else 'not hidden'}.",
            f"See: mlops-tui studies trials {study.name} --where hidden",
        )
    was_chosen = any(one.chosen and one.number == number for one in finalists_of(writing.connection, study.id))
    where = "study_id = ? AND number = ?"
    if is_hidden:
        writing.execute("INSERT INTO study_hidden (study_id, number) VALUES (?, ?)", (study.id, number))
    else:
        writing.execute(f"DELETE FROM study_hidden WHERE {where}", (study.id, number))
    best = best_trial(writing.connection, study)
    writing.execute(
        "UPDATE study SET best_run = ?, best_value = ? WHERE id = ?",
        (best and best.run_id, best and best.value, study.id),
    )
    _mark(writing, study, number, is_hidden=is_hidden)
    if is_hidden and was_chosen:
        return "It was the chosen one: none is chosen any more."
    if best is None or study.objectives:
        return "" if study.objectives else "No trial is the best any more."
    return f"The best is trial {best.number}."


def _mark(writing: Writing, study: Study, number: int, *, is_hidden: bool) -> None:
    """Says it in Optuna's tables, where the trial is there."""
    optuna_id = id_in_optuna(writing.connection, study)
    if optuna_id is None:
        return
    trial = "(SELECT trial_id FROM trials WHERE study_id = ? AND number = ?)"
    writing.execute(
        f"DELETE FROM trial_user_attributes WHERE trial_id = {trial} AND key = ?", (optuna_id, number, ATTRIBUTE)
    )
    if is_hidden:
        writing.execute(
            "INSERT INTO trial_user_attributes (trial_id, key, value_json) SELECT trial_id, ?, 'true' FROM trials"
            " WHERE study_id = ? AND number = ?",
            (ATTRIBUTE, optuna_id, number),
        )
