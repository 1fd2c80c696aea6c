"""Which of some runs is better, and by how much: told by what their models said of the same rows, or by the folds; and what those
said, as pictures.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from itertools import combinations
from typing import Any

import numpy as np

from mlops_tui.evaluation.judged import judged
from mlops_tui.evaluation.metrics import METRICS, REGRESSION
from mlops_tui.evaluation.verdict import NOTHING, Verdict, by_folds, by_labels, by_rows, drawn
from mlops_tui.jobs.context import AnswerContext
from mlops_tui.runs.query import find_run
from mlops_tui.tuning.engine.run_answers import ACCURACY, SAME, RunAnswers, answers_of

ROWS_AT_MOST = 10_000
"""Of more rows so many are drawn from: the interval is narrow by then."""
SEED = 0
REMEMBERED = 256
"""So many runs' draws stay at hand for the next question."""
NO_TRIAL = "there is no more than a value of it: no folds and no predictions"
OTHER_ROWS = "they were not scored on the same rows"
OTHER_METRIC = "they were not scored by the same metric"
TOO_LITTLE = "there are too few rows"
_draws: OrderedDict[tuple[str, str, bytes], np.ndarray] = OrderedDict()


def compare(context: AnswerContext, *, runs: list[str], against: str | None = None) -> dict[str, Any]:
    """The verdicts on each two of the runs, or on `against` and each other one: {"verdicts": [{"a", "b", "metric", "difference",
    "interval", "verdict", "by", "n", "p", "why"}]}; `why` says of one that is unknown what is missing.
    """
    reader = context.store.reader
    ids = [find_run(reader, run).id for run in runs]
    found = {run_id: answers_of(context, run_id) for run_id in ids}
    if against is None:
        pairs = list(combinations(ids, 2))
    else:
        first = find_run(reader, against).id
        found.setdefault(first, answers_of(context, first))
        pairs = [(first, run_id) for run_id in ids if run_id != first]
    return {"verdicts": [_record(found[one], found[other]) for one, other in pairs]}


def pictures(context: AnswerContext, *, runs: list[str]) -> dict[str, Any]:
    """What is drawn of each run's answers: {"runs": {id: as `judged` gives it}}; {} where nothing was kept of one."""
    told = {}
    for run in runs:
        found = answers_of(context, find_run(context.store.reader, run).id)
        answers = found.answers
        told[found.run_id] = {} if answers is None else judged(answers.some(_drawn_rows(answers.known)))
    return {"runs": told}


def _drawn_rows(rows: np.ndarray) -> np.ndarray:
    if len(rows) <= ROWS_AT_MOST:
        return rows
    return np.sort(np.random.default_rng(SEED).choice(rows, ROWS_AT_MOST, replace=False))


def _record(one: RunAnswers, other: RunAnswers) -> dict[str, Any]:
    verdict, metric, why = _of_two(one, other)
    return {
        "a": one.run_id,
        "b": other.run_id,
        "metric": metric,
        "difference": verdict.difference,
        "interval": None if verdict.interval is None else list(verdict.interval),
        "verdict": verdict.verdict,
        "by": verdict.by,
        "n": verdict.n,
        "p": verdict.p,
        "why": why,
    }


def _of_two(one: RunAnswers, other: RunAnswers) -> tuple[Verdict, str | None, str | None]:
    metric = _metric_of(one, other)
    if one.metric is None or other.metric is None:
        return NOTHING, None, NO_TRIAL
    if metric is None:
        return NOTHING, None, OTHER_METRIC
    if one.answers is not None and other.answers is not None:
        if one.answers.rows != other.answers.rows:
            return NOTHING, metric, OTHER_ROWS
        found = _by_answers(one, other, metric)
        return found, metric, TOO_LITTLE if found is NOTHING else None
    if one.study is None or other.study is None:
        return NOTHING, metric, NO_TRIAL
    return _by_folds(one, other, metric)


def _metric_of(one: RunAnswers, other: RunAnswers) -> str | None:
    """What both can be judged by; None where there is nothing."""
    if one.metric == other.metric:
        return one.metric
    are_logged = one.study is None and other.study is None
    tasks = {found.answers.task for found in (one, other) if found.answers is not None}
    return ACCURACY if are_logged and len(tasks) == 1 and REGRESSION not in tasks else None


def _by_folds(one: RunAnswers, other: RunAnswers, metric: str) -> tuple[Verdict, str | None, str | None]:
    first, second, a, b = one.study, other.study, one.trial, other.trial
    assert first is not None
    assert second is not None
    assert a is not None
    assert b is not None
    if first.script is not None or any(getattr(first, name) != getattr(second, name) for name in SAME):
        return NOTHING, metric, OTHER_ROWS
    if first.folds < 2 or any(len(trial.fold_values or ()) != first.folds for trial in (a, b)):
        return NOTHING, metric, NO_TRIAL
    found = by_folds(a.fold_values or (), b.fold_values or (), 1 / (first.folds - 1), first.direction)
    return found, metric, NO_TRIAL if found is NOTHING else None


def _by_answers(one: RunAnswers, other: RunAnswers, metric: str) -> Verdict:
    """By what both said of the rows that neither had learnt from."""
    first, second = one.answers, other.answers
    assert first is not None
    assert second is not None
    rows = _drawn_rows(np.intersect1d(first.known, second.known))
    direction = METRICS[metric].direction
    if metric == ACCURACY and first.weights is None:
        right, others = (found.labels(rows) == found.truth[rows] for found in (first, second))
        return by_labels(right, others)
    a, b = (_drawn(found, metric, rows) for found in (one, other))
    return by_rows(a, b, len(rows), direction)


def _drawn(found: RunAnswers, metric: str, rows: np.ndarray) -> np.ndarray:
    """What the run came to on each draw of these rows: it is the same beside every other run."""
    assert found.answers is not None
    key = (found.run_id, metric, hashlib.sha256(rows.tobytes() + found.answers.said.tobytes()).digest())
    if key not in _draws:
        _draws[key] = drawn(found.answers.some(rows), metric, SEED)
        while len(_draws) > REMEMBERED:
            _draws.popitem(last=False)
    _draws.move_to_end(key)
    return _draws[key]
