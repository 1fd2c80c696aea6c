"""Which of some runs is better, and by how much: told by what their models said of the same rows, or by the folds; and what those
said, as pictures.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.evaluation.judged import judged
from mlops_tui.evaluation.metrics import METRICS
from mlops_tui.evaluation.verdict import NOTHING, Verdict, by_folds, by_labels, by_rows, drawn, value
from mlops_tui.jobs.context import AnswerContext
from mlops_tui.runs.query import find_run
from mlops_tui.tuning.engine.run_answers import ACCURACY, SAME, RunAnswers, answers_of

ROWS_AT_MOST = 10_000
"""Of more rows so many are drawn from: the interval is narrow by then."""
SEED = 0
REMEMBERED = 256
"""So many runs' draws stay at hand for the next question."""
OTHER_ROWS = "they were not scored on the same rows"
OTHER_METRIC = "they were not scored by the same metric"
TOO_LITTLE = "there are too few rows"
_draws: OrderedDict[tuple[str, str, bytes], np.ndarray] = OrderedDict()


def compare(
    context: AnswerContext, *, runs: list[str], against: str | None = None, metric: str | None = None
) -> dict[str, Any]:
    """The verdicts on each two of the runs, or on `against` and each other one, by their own metric or by that one: {"verdicts":
    [{"a", "b", "metric", "values", "difference", "interval", "verdict", "by", "n", "p", "why"}]}; `why` says of one that is unknown what
    is missing.

    Raises:
        UsageError: there is no such metric.
    """
    if metric is not None and metric not in METRICS:
        raise UsageError(f"There is no metric '{printable(metric)}'.", f"Choose one of: {', '.join(METRICS)}.")
    reader = context.store.reader
    ids = [find_run(reader, run).id for run in runs]
    found = {run_id: answers_of(context.store, run_id) for run_id in ids}
    if against is None:
        pairs = list(combinations(ids, 2))
    else:
        first = find_run(reader, against).id
        found.setdefault(first, answers_of(context.store, first))
        pairs = [(first, run_id) for run_id in ids if run_id != first]
    return {"verdicts": [_record(found[one], found[other], metric) for one, other in pairs]}


def pictures(context: AnswerContext, *, runs: list[str]) -> dict[str, Any]:
    """What is drawn of each run's answers: {"runs": {id: as `judged` gives it}}; {} where nothing was kept of one."""
    told = {}
    for run in runs:
        found = answers_of(context.store, find_run(context.store.reader, run).id)
        answers = found.answers
        told[found.run_id] = {} if answers is None else judged(answers.some(_drawn_rows(answers.known)))
    return {"runs": told}


def _drawn_rows(rows: np.ndarray) -> np.ndarray:
    if len(rows) <= ROWS_AT_MOST:
        return rows
    return np.sort(np.random.default_rng(SEED).choice(rows, ROWS_AT_MOST, replace=False))


class _Told(NamedTuple):
    """How two compare: `values` are what each came to, `why` is what an unknown verdict lacks."""

    verdict: Verdict
    metric: str | None
    why: str | None = None
    values: tuple[float, float] | None = None


def _record(one: RunAnswers, other: RunAnswers, metric: str | None) -> dict[str, Any]:
    told = _of_two(one, other, metric)
    verdict = told.verdict
    return {
        "a": one.run_id,
        "b": other.run_id,
        "metric": told.metric,
        "values": None if told.values is None else list(told.values),
        "difference": verdict.difference,
        "interval": None if verdict.interval is None else list(verdict.interval),
        "verdict": verdict.verdict,
        "by": verdict.by,
        "n": verdict.n,
        "p": verdict.p,
        "why": told.why,
    }


def _of_two(one: RunAnswers, other: RunAnswers, asked: str | None) -> _Told:
    lacking = [found for found in (one, other) if found.metric is None]
    if lacking:
        return _Told(NOTHING, None, _keep_nothing(lacking))
    metric = _metric_of(one, other) if asked is None else asked
    if metric is None:
        return _Told(NOTHING, None, OTHER_METRIC)
    if one.answers is not None and other.answers is not None:
        tasks = {one.answers.task, other.answers.task}
        if any(task not in METRICS[metric].scorers for task in tasks):
            return _Told(NOTHING, None, f"{metric} is no metric of theirs")
        if one.answers.rows != other.answers.rows:
            return _Told(NOTHING, metric, OTHER_ROWS)
        return _by_answers(one, other, metric)
    if one.study is None or other.study is None:
        return _Told(NOTHING, metric, _keep_nothing([found for found in (one, other) if found.answers is None]))
    return _by_folds(one, other, metric)


def _keep_nothing(found: Sequence[RunAnswers]) -> str:
    names = " and ".join(printable(one.name) for one in found)
    return f"{names} kept neither what {'their models' if len(found) > 1 else 'its model'} said of each row nor the values of folds"


def _metric_of(one: RunAnswers, other: RunAnswers) -> str | None:
    """What both can be judged by; None where there is nothing."""
    if one.metric == other.metric:
        return one.metric
    if one.study is not None or other.study is not None or one.answers is None or other.answers is None:
        return None
    if one.answers.task != other.answers.task:
        return None
    return one.usual if one.usual == other.usual else ACCURACY


def _by_folds(one: RunAnswers, other: RunAnswers, metric: str) -> _Told:
    first, second, a, b = one.study, other.study, one.trial, other.trial
    assert first is not None
    assert second is not None
    assert a is not None
    assert b is not None
    if first.script is not None or any(getattr(first, name) != getattr(second, name) for name in SAME):
        return _Told(NOTHING, metric, OTHER_ROWS)
    if metric != first.metric or metric != second.metric:
        return _Told(NOTHING, metric, f"their folds were scored by {first.metric}")
    short = [found for found, trial in ((one, a), (other, b)) if len(trial.fold_values or ()) != first.folds]
    if first.folds < 2 or short:
        return _Told(NOTHING, metric, _keep_nothing(short or [one, other]))
    values = (a.fold_values or (), b.fold_values or ())
    found = by_folds(*values, 1 / (first.folds - 1), first.direction)
    told = (float(np.mean(values[0])), float(np.mean(values[1])))
    return _Told(found, metric, _keep_nothing([one, other]) if found is NOTHING else None, told)


def _by_answers(one: RunAnswers, other: RunAnswers, metric: str) -> _Told:
    """By what both said of the rows that neither had learnt from."""
    first, second = one.answers, other.answers
    assert first is not None
    assert second is not None
    every = np.intersect1d(first.known, second.known)
    rows = _drawn_rows(every)
    direction = METRICS[metric].direction
    if metric == ACCURACY and first.weights is None:
        right, others = (found.labels(rows) == found.truth[rows] for found in (first, second))
        verdict, values = by_labels(right, others), (float(right.mean()), float(others.mean()))
    else:
        a, b = (_drawn(found, metric, rows, every) for found in (one, other))
        verdict, values = by_rows(a, b, len(rows), direction), (float(a[0]), float(b[0]))
    if verdict is NOTHING:
        return _Told(verdict, metric, TOO_LITTLE)
    return _Told(verdict, metric, None, values)


def _drawn(found: RunAnswers, metric: str, rows: np.ndarray, every: np.ndarray) -> np.ndarray:
    """What the run came to on each draw of these rows, moved to where its value on every row is; it is the same beside every other
    run.
    """
    assert found.answers is not None
    key = (found.run_id, metric, hashlib.sha256(every.tobytes() + found.answers.said.tobytes()).digest())
    if key not in _draws:
        told = drawn(found.answers.some(rows), metric, SEED)
        if len(rows) < len(every):
            told = told + (value(found.answers.some(every), metric) - told[0])
        _draws[key] = told
        while len(_draws) > REMEMBERED:
            _draws.popitem(last=False)
    _draws.move_to_end(key)
    return _draws[key]
