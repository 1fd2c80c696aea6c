"""Runs side by side."""

from __future__ import annotations

import math

import pytest

from mlops_tui.presenters.beside import best_of, cells, folded, sentence
from mlops_tui.presenters.compared import numeric_keys, telling
from mlops_tui.runs.begin import start_run
from mlops_tui.runs.beside import METRICS, ORIGIN, PARAMS, TAGS, Line, lines
from mlops_tui.runs.log import RunLog
from mlops_tui.runs.query import get_run
from mlops_tui.store.store import Store


def test_what_differs_comes_first_and_what_is_missing_is_none(store: Store) -> None:
    runs = []
    for params, auc in (({"a": 1, "depth": 3}, 0.8), ({"a": 1, "depth": 5, "lr": 0.1}, 0.9)):
        log = RunLog(Store(store.workspace), *start_run(store, params=params))
        log.log_metrics({"auc": auc, "nothing": math.nan})
        log.end()
        runs.append(get_run(store.reader, log.id))
    found = [(line.key, line.values, line.differs) for line in lines(runs) if line.table == "params"]
    assert found == [("depth", (3, 5), True), ("lr", (None, 0.1), True), ("a", (1, 1), False)]
    metrics = {line.key: line.differs for line in lines(runs) if line.table == "metrics"}
    assert metrics == {"auc": True, "nothing": False}
    differing, alike = folded(lines(runs))
    assert [line.key for line in differing] == ["depth", "lr", "auc"]
    assert alike == len(lines(runs)) - 3


def test_the_best_of_a_metric_is_marked_by_its_direction() -> None:
    assert best_of(Line("metrics", "val_auc", (0.8, 0.9, None))) == 1
    assert best_of(Line("metrics", "log_loss", (0.8, math.nan, 0.3))) == 2
    assert best_of(Line("metrics", "epoch", (1, 2))) is None
    assert best_of(Line("metrics", "auc", (0.8, 0.8))) is None
    assert best_of(Line("params", "auc", (0.8, 0.9))) is None
    assert [cell.tone for cell in cells(Line("metrics", "auc", (0.8, 0.9, None)))] == ["", "good", ""]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (("python train.py --rate 0.1", "python train.py --rate 0.3 -v"), ["… --rate 0.1", "… --rate 0.3 -v"]),
        (
            ("python train.py --rate 0.1 --seed 1", "python train.py --rate 0.3 --seed 1"),
            ["… --rate 0.1 …", "… --rate 0.3 …"],
        ),
        (("python train.py --seed 1", "Rscript train.R --seed 1"), ["python train.py …", "Rscript train.R …"]),
        (("python train.py --seed 1", "python train.py --x 2 --seed 1"), ["… --seed 1", "… --x 2 --seed 1"]),
        (("python train.py", "python train.py --x"), ["python train.py", "python train.py --x"]),
        (("python train.py --rate 0.1", None), ["python train.py --rate 0.1", "–"]),
        (("the same long command --x",) * 2, ["the same long command --x"] * 2),
        (("x" * 70 + "a", "x" * 70 + "b"), ["x" * 59 + "…"] * 2),
    ],
)
def test_long_texts_go_without_the_words_with_which_they_all_begin(
    values: tuple[str | None, ...], told: list[str]
) -> None:
    assert [cell.text for cell in cells(Line(ORIGIN, "command", values))] == told


def test_pictures_of_many_runs_begin_with_what_most_of_them_have() -> None:
    found = [
        Line(PARAMS, "alike", (1, 1, 1)),
        Line(PARAMS, "of_one", (1, None, None)),
        Line(PARAMS, "depth", (1, 3, 5)),
        Line(PARAMS, "rate", (0.1, 0.2, None)),
        Line(METRICS, "auc", (0.7, 0.8, 0.9)),
        Line(METRICS, "loss", (None, 0.2, 0.1)),
        Line(TAGS, "owner", ("a", "b", "c")),
    ]
    assert [line.key for line in telling(found)] == ["depth", "auc", "rate", "loss"]
    assert [line.key for line in numeric_keys(found)][:3] == ["auc", "depth", "loss"]


def test_verdicts_are_said_in_sentences() -> None:
    names = {"1": "first", "2": "second"}
    told = {"a": "1", "b": "2", "metric": "roc_auc", "by": "rows", "n": 1420, "why": None}
    better = {**told, "verdict": "better", "difference": 0.013, "interval": [0.004, 0.021]}
    assert sentence(better, names) == (
        "first is better than second by 0.0130 roc_auc, 95 % between 0.0040 and 0.0210, on 1,420 rows."
    )
    worse = {**told, "verdict": "worse", "difference": -0.013, "interval": [-0.021, -0.004]}
    assert sentence(worse, names).startswith("second is better than first by 0.0130 roc_auc, 95 % between 0.0040 and")
    close = {**told, "verdict": "too_close", "difference": -0.001, "interval": [-0.005, 0.003]}
    assert sentence(close, names) == (
        "first and second are too close to call on 1,420 rows: second has +0.0010 roc_auc, 95 % between -0.0030 and +0.0050."
    )
    unknown = {**told, "verdict": "unknown", "difference": None, "interval": None, "why": "no folds"}
    assert sentence(unknown, names) == "first and second cannot be told apart: no folds."
