"""Which of some trials is better, and by how much: told by the rows of their studies, or by the folds."""

from __future__ import annotations

from functools import partial
from itertools import combinations
from typing import Any

import numpy as np

from mlops_tui.evaluation.verdict import NOTHING, Verdict, by_folds, by_rows
from mlops_tui.jobs.context import AnswerContext
from mlops_tui.runs.query import find_run
from mlops_tui.tuning.engine.fit import prepare
from mlops_tui.tuning.engine.predictions import folder_of, read
from mlops_tui.tuning.engine.row_scorer import RowScorer
from mlops_tui.tuning.model import Study, Trial
from mlops_tui.tuning.query import get_study, trial_of_run

ROWS_AT_MOST = 20_000
"""Of more rows so many are drawn from: the interval is narrow by then."""
SAME = ("source_id", "version", "target", "task", "folds", "split", "seed", "held_out_hash", "training_rows")
"""What two studies have to have alike for their rows and folds to be the same."""
NO_TRIAL = "there is no more than a value of it: no folds and no predictions"
OTHER_ROWS = "they were not scored on the same rows"
OTHER_METRIC = "they were not scored by the same metric"


def compare(context: AnswerContext, *, runs: list[str]) -> dict[str, Any]:
    """The verdicts on each two of the runs: {"verdicts": [{"a", "b", "metric", "difference", "interval", "verdict", "by", "n",
    "why"}]}; `why` says of one that is unknown what is missing.
    """
    reader = context.store.reader
    found = [find_run(reader, run) for run in runs]
    trials = {run.id: trial_of_run(reader, run.id) for run in found}
    scorers: dict[str, RowScorer] = {}
    verdicts = []
    for one, other in combinations(found, 2):
        verdict, metric, why = _of_two(context, trials[one.id], trials[other.id], scorers)
        verdicts.append(
            {
                "a": one.id,
                "b": other.id,
                "metric": metric,
                "difference": verdict.difference,
                "interval": None if verdict.interval is None else list(verdict.interval),
                "verdict": verdict.verdict,
                "by": verdict.by,
                "n": verdict.n,
                "why": why,
            }
        )
    return {"verdicts": verdicts}


def _of_two(
    context: AnswerContext, one: Trial | None, other: Trial | None, scorers: dict[str, RowScorer]
) -> tuple[Verdict, str | None, str | None]:
    if one is None or other is None:
        return NOTHING, None, NO_TRIAL
    first, second = (get_study(context.store.reader, trial.study_id) for trial in (one, other))
    if first.metric != second.metric:
        return NOTHING, None, OTHER_METRIC
    if first.script is not None or any(getattr(first, name) != getattr(second, name) for name in SAME):
        return NOTHING, first.metric, OTHER_ROWS
    verdict = _by_rows(context, first, one, other, scorers)
    if verdict is NOTHING and _have_all_folds(first, one, other):
        assert one.fold_values is not None
        assert other.fold_values is not None
        verdict = by_folds(one.fold_values, other.fold_values, 1 / (first.folds - 1), first.direction)
    return verdict, first.metric, NO_TRIAL if verdict is NOTHING else None


def _have_all_folds(study: Study, *trials: Trial) -> bool:
    return study.folds > 1 and all(len(trial.fold_values or ()) == study.folds for trial in trials)


def _by_rows(context: AnswerContext, study: Study, one: Trial, other: Trial, scorers: dict[str, RowScorer]) -> Verdict:
    """By what both said of the rows that they had not learnt from, where that was kept of both."""
    workspace = context.store.workspace
    said = [read(folder_of(workspace, trial.study_id), trial.number) for trial in (one, other)]
    if any(kept is None for kept in said):
        return NOTHING
    if study.id not in scorers:
        prepared = prepare(context.store, study)
        every = np.arange(len(prepared.training))
        scorers[study.id] = RowScorer(study, prepared, [(every, every)])
    scorer = scorers[study.id]
    if any(len(kept) != len(scorer.truth) for kept in said if kept is not None):
        return NOTHING
    known = [np.isfinite(kept.reshape(len(kept), -1)).all(axis=1) for kept in said if kept is not None]
    rows = np.flatnonzero(np.all(known, axis=0))
    if len(rows) > ROWS_AT_MOST:
        rows = np.sort(np.random.default_rng(study.seed).choice(rows, ROWS_AT_MOST, replace=False))
    first, second = (partial(_value, scorer, np.asarray(kept), rows) for kept in said)
    return by_rows(first, second, len(rows), study.direction, study.seed)


def _value(scorer: RowScorer, said: np.ndarray, rows: np.ndarray, places: np.ndarray) -> float:
    return scorer.value(said, rows[places])
