"""The finalists of a study, scored once more and written down with the one that is chosen."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

from optuna.trial import FrozenTrial

from mlops_tui.evaluation.splits import test_share
from mlops_tui.jobs.context import JobContext
from mlops_tui.store.session import write_session
from mlops_tui.tuning.engine.anew import Anew
from mlops_tui.tuning.engine.choosing import DRAWS, FINALISTS, ROWS_ENOUGH, Rescored, choose
from mlops_tui.tuning.engine.families import BY_NAME
from mlops_tui.tuning.engine.mirror import COST, FOLDS, best_first, is_default, recipe
from mlops_tui.tuning.engine.trial_file import RUN
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.table import FinalistRow

SHARE = 0.25
"""The re-check takes no more of a time budget than this."""


def score(context: JobContext, study: Study, trials: Sequence[FrozenTrial], anew: Anew) -> None:
    """Has the finalists scored on folds drawn anew, by all workers of the study that are there."""

    def say(done: int, fits: int) -> None:
        note = f"scoring {len(trials)} finalists once more: {done} of {fits} fits"
        context.progress(study.trials, study.trials, note=note, force=True)

    anew.score(trials, say)


def rescore(context: JobContext, study: Study, trials: Sequence[FrozenTrial], anew: Anew) -> tuple[float, ...]:
    """Writes down what the finalists came to and which is chosen, in place of the study's earlier finalists; returns the values of
    the best of them, the higher the better.
    """
    rescored = []
    for trial in trials:
        family, outcomes = recipe(trial)[0], anew.outcomes(trial)
        cost = sum(one.cpu_seconds + one.predict_seconds for one in outcomes)
        values = tuple(study.sign * one.value for one in outcomes)
        has_parameters = bool(BY_NAME[family].space)
        rescored.append(
            Rescored(trial.number, family, values, is_default(trial.user_attrs, study), has_parameters, cost)
        )
    best, errors, why = choose(rescored, test_share(anew.folds))
    why += f"; {anew.words}" if anew.words else ""
    _write(context, study, trials, rescored, errors, best.number, why)
    context.log(f"trial {best.number} is chosen: {why}")
    return max(rescored, key=lambda one: one.mean).values


def finalists(study: Study, complete: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """The best trials, and the best default; parameters that come to the same on every fold, such as shares of few columns, are one
    of them. Where the study has a time budget, of the best only as many as are scored once more in a share of it: at least the
    best one.
    """
    ranked = best_first(study, complete)
    found: dict[str, FrozenTrial] = {}
    for trial in ranked:
        family, params = recipe(trial)
        found.setdefault(json.dumps([family, trial.user_attrs.get(FOLDS) or params], sort_keys=True), trial)
        if len(found) == FINALISTS:
            break  # asked again and again while time runs out: the rest of thousands of trials is not looked at
    best = _affordable(study, list(found.values()))
    default = next((trial for trial in ranked if is_default(trial.user_attrs, study)), None)
    return [*best, default] if default is not None and default not in best else best


def draws(study: Study, trials: Sequence[FrozenTrial], complete: Sequence[FrozenTrial], rows: int) -> int:
    """How many times the finalists' folds are drawn: what few rows say is luck on one draw. As often as is done in a share of the
    time budget, or, without one, of what the study has taken.
    """
    spent = sum(map(_cost, complete)) if study.timeout is None else study.timeout * study.workers
    affordable = SHARE * spent / max(sum(map(_cost, trials)), 1e-3)
    return max(1, math.floor(min(DRAWS, affordable, ROWS_ENOUGH / rows)))


def seconds_for(study: Study, trials: Sequence[FrozenTrial], times: int = 1) -> float:
    """How long the study's workers will need to score these so many times more."""
    return times * sum(map(_cost, trials)) / study.workers


def _cost(trial: FrozenTrial) -> float:
    return float(trial.user_attrs.get(COST, {}).get("cpu_seconds") or 0.0)


def _affordable(study: Study, best: list[FrozenTrial]) -> list[FrozenTrial]:
    if study.timeout is None:
        return best
    costs = [_cost(trial) for trial in best]
    room = SHARE * study.timeout * study.workers
    return [trial for place, trial in enumerate(best) if not place or sum(costs[: place + 1]) <= room]


def _write(
    context: JobContext,
    study: Study,
    trials: Sequence[FrozenTrial],
    rescored: Sequence[Rescored],
    errors: dict[int, float],
    chosen: int,
    why: str,
) -> None:
    with write_session(context.store) as writing:
        writing.execute("DELETE FROM study_finalist WHERE study_id = ?", (study.id,))
        for trial, one in zip(trials, rescored, strict=True):
            writing.add(
                FinalistRow(
                    study_id=study.id,
                    number=trial.number,
                    run_id=trial.user_attrs[RUN],
                    value=trial.value or 0.0,
                    recheck=study.sign * one.mean,
                    error=errors[trial.number],
                    fold_values=json.dumps([study.sign * value for value in one.values]),
                    chosen=trial.number == chosen,
                    why=why if trial.number == chosen else None,
                )
            )
        writing.event("chosen", ("study", study.id, study.name), why=why, after={"trial": chosen})
        writing.changed("studies", "trials")
