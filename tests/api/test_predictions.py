"""What a script's models said: kept with their runs, and compared row by row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mlops_tui as mt
from mlops_tui.core.errors import UsageError
from mlops_tui.core.settings import Settings
from mlops_tui.jobs.context import AnswerContext
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.comparing import compare, pictures


def kept(name: str, truth: Any, said: Any, **more: Any) -> str:
    with mt.start_run(name, captured=False) as run:
        mt.log_predictions(truth, said, **more)
    return run.id


def verdict(store: Store, *runs: str) -> dict[str, Any]:
    [found] = compare(AnswerContext(store, Settings()), runs=list(runs))["verdicts"]
    return dict(found)


def test_the_better_of_two_scripts_is_told_by_the_rows_of_both(here: Store) -> None:
    draw = np.random.default_rng(0)
    truth = draw.integers(0, 2, 600)
    good = kept("good", truth, np.clip(truth * 0.4 + 0.3 + draw.normal(0, 0.15, 600), 0, 1))
    poor = kept("poor", truth, draw.random(600))
    found = verdict(here, good, poor)
    assert (found["verdict"], found["metric"], found["by"], found["n"]) == ("better", "roc_auc", "rows", 600)
    drawn = pictures(AnswerContext(here, Settings()), runs=[good, poor])["runs"]
    assert drawn[good]["roc"]["value"] > drawn[poor]["roc"]["value"]


def test_labels_are_told_apart_by_mcnemars_test_also_beside_probabilities(here: Store) -> None:
    truth = np.arange(300) % 2
    right = kept("right", truth, truth)
    wrong = kept("wrong", truth, np.where(np.arange(300) % 10 == 0, 1 - truth, truth))
    shares = kept("shares", truth, np.where(np.arange(300) % 10 == 0, 0.5, truth * 0.9 + 0.05))
    found = verdict(here, right, wrong)
    assert (found["verdict"], found["metric"], found["by"]) == ("better", "accuracy", "labels")
    assert found["p"] == pytest.approx(2 * 0.5**30)
    assert verdict(here, right, shares)["metric"] == "accuracy"


def test_other_rows_are_not_compared(here: Store) -> None:
    one = kept("one", [0, 1] * 30, [0.2, 0.7] * 30, ids=range(60))
    other = kept("other", [0, 1] * 30, [0.2, 0.7] * 30, ids=range(60, 120))
    found = verdict(here, one, other)
    assert (found["verdict"], found["why"]) == ("unknown", "they were not scored on the same rows")


def test_what_was_kept_again_takes_the_place_of_the_first(here: Store) -> None:
    truth = np.arange(100) % 2
    poor = kept("poor", truth, np.random.default_rng(0).random(100))
    with mt.start_run("twice", captured=False) as run:
        mt.log_predictions(truth, np.random.default_rng(1).random(100))
        assert verdict(here, run.id, poor)["verdict"] == "too_close"
        mt.log_predictions(truth, truth * 0.8 + 0.1)
    assert verdict(here, run.id, poor)["verdict"] == "better"


def test_predictions_that_do_not_fit_keep_nothing(here: Store) -> None:
    with mt.start_run("odd", captured=False) as run, pytest.raises(UsageError, match="do not fit"):
        mt.log_predictions([0, 1, 1], [0.5, 0.5])
    assert here.reader.execute("SELECT count(*) FROM run_artifact WHERE run_id = ?", (run.id,)).fetchone() == (0,)


def test_the_same_rows_in_another_order_are_known_by_their_ids(here: Store) -> None:
    draw = np.random.default_rng(0)
    truth = draw.integers(0, 2, 400)
    said = np.clip(truth * 0.4 + 0.3 + draw.normal(0, 0.1, 400), 0, 1)
    one = kept("one", truth, said, ids=np.arange(400))
    order = draw.permutation(400)
    other = kept("other", truth[order], said[order], ids=np.arange(400)[order])
    found = verdict(here, one, other)
    assert (found["verdict"], found["difference"], found["why"]) == ("too_close", 0.0, None)


@pytest.mark.parametrize(
    ("logged", "metric"),
    [("val_log_loss", "log_loss"), ("test/acc", "accuracy"), ("loss", "roc_auc"), ("rmse", "roc_auc")],
)
def test_runs_are_judged_by_the_metric_that_they_logged_where_it_is_one_of_ours(
    logged: str, metric: str, here: Store
) -> None:
    draw = np.random.default_rng(0)
    truth = draw.integers(0, 2, 200)
    runs = []
    for name in ("one", "other"):
        with mt.start_run(name, captured=False) as run:
            mt.log_metric(logged, 0.5)
            mt.log_predictions(truth, draw.random(200))
        runs.append(run.id)
    assert verdict(here, *runs)["metric"] == metric


def test_what_is_missing_of_a_run_is_said_by_its_name(here: Store) -> None:
    one = kept("one", [0, 1] * 30, [0.2, 0.7] * 30)
    with mt.start_run("empty", captured=False) as run:
        pass
    assert verdict(here, one, run.id)["why"] == (
        "empty kept neither what its model said of each row nor the values of folds"
    )
