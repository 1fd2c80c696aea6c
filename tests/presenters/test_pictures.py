"""What the pictures of a study draw."""

from __future__ import annotations

import math
from typing import Any

import pytest

from mlops_tui.core.clock import from_seconds
from mlops_tui.presenters.pictures import (
    bundle,
    contour,
    dimensions,
    distribution,
    families_of,
    importance_rows,
    importance_words,
    map_words,
    order_of,
    points_of,
    scored,
    timeline,
    unit_of_time,
)
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.seen import Seen, with_estimates
from tests.presenters.test_trials import study


def seen(number: int, value: float | None, family: str = "mine", state: str = "complete", **params: Any) -> Seen:
    ended = None if state == "running" else from_seconds(100 + number + 2)
    return Seen(number, state, value, family, params, from_seconds(100 + number), ended, ("here", 7 + number % 2))


TRIALS = [
    seen(0, 0.5, rate=0.001, kind="a"),
    seen(1, 0.9, rate=0.1, kind="b"),
    seen(2, 0.7, rate=1.0, kind="b", depth=3),
    seen(3, None, state="fail", rate=0.5, kind="a"),
    seen(4, 0.95, family="other", C=2.0),
    seen(5, None, state="running", rate=0.2, kind="a"),
]
STUDY: Study = study()


def test_families_come_by_their_best_value() -> None:
    assert families_of(TRIALS, "maximize") == ["other", "mine"]
    assert families_of(TRIALS, "minimize") == ["mine", "other"]


def test_parameters_that_do_not_vary_are_left_out_and_important_ones_come_first() -> None:
    """One of a wide range above zero is drawn by its logarithm, words are choices."""
    found = dimensions(STUDY, TRIALS, "mine", ["kind"])
    assert [(one.name, one.log, one.choices) for one in found] == [("kind", False, ("a", "b")), ("rate", True, ())]
    assert dimensions(STUDY, TRIALS, "other") == []
    assert points_of(TRIALS, "mine", found[0]) == ([0.0, 1.0, 1.0], [0.5, 0.9, 0.7])


@pytest.mark.parametrize(
    ("direction", "best", "ends"), [("maximize", 1.0, ("0.9000", "0.5000")), ("minimize", 0.0, ("0.5000", "0.9000"))]
)
def test_on_the_last_axis_up_is_better(direction: str, best: float, ends: tuple[str, str]) -> None:
    """The best trial is apart, on top of the last axis."""
    turned = study(direction)
    told = bundle(turned, TRIALS, "mine", dimensions(turned, TRIALS, "mine"))
    assert told.axes[-1] == ("roc_auc", *ends)
    assert [line[-1] for line in told.best] == [1.0]
    assert told.best[0][told.axes.index(next(axis for axis in told.axes if axis[0] == "kind"))] == best
    assert all(line[-1] < 1 for line in told.rest)


def test_a_cell_of_the_map_has_the_best_value_in_it() -> None:
    """Cells of a logarithmic axis are named by their middle; where lower is better the sign is turned."""
    rate, kind = sorted(dimensions(STUDY, TRIALS, "mine"), key=lambda one: one.name, reverse=True)
    told = contour(STUDY, TRIALS, "mine", rate, kind, cells=3)
    assert told.down == ["a", "b"]
    assert told.values == [[0.5, None, None], [None, None, 0.9]]
    assert told.across == ["0.0032", "0.032", "0.32"]
    assert contour(study("minimize"), TRIALS, "mine", rate, kind, cells=1).values == [[-0.5], [-0.7]]
    assert map_words(told, "maximize") == "0.5000 (light) to 0.9000"


def test_shares_rise_to_one_for_each_family() -> None:
    told = distribution(TRIALS)
    assert told["mine"] == ([0.5, 0.7, 0.9], pytest.approx([1 / 3, 2 / 3, 1.0]))
    assert told["other"] == ([0.95], [1.0])


def test_a_lane_has_a_workers_trials_and_what_runs_ends_now() -> None:
    rows, origin = timeline(TRIALS, now=120.0)
    assert origin == 100.0
    assert [name for name, _ in rows] == ["7", "8"]
    assert rows[1][1] == [(1.0, 3.0, "complete"), (3.0, 5.0, "fail"), (5.0, 20.0, "running")]
    assert timeline([], 0.0) == ([], 0.0)
    elsewhere = TRIALS[0]._replace(worker=("there", None))
    assert [name for name, _ in timeline([TRIALS[0], elsewhere], 200.0)[0]] == ["here 7", "there a worker"]
    assert [unit_of_time(seconds)[1] for seconds in (60, 600, 9000)] == ["s", "min", "h"]


TOLD = {
    "trials": 5000,
    "estimated": 4000,
    "used": 1000,
    "family": 0.3,
    "families": [
        {
            "family": "hgb",
            "importances": [{"parameter": "rate", "importance": 0.8}, {"parameter": "depth", "importance": 0.2}],
        },
        {"family": "knn", "importances": []},
    ],
}


def test_importances_name_their_family_and_what_they_rest_on() -> None:
    """Families with too few trials are named; the order of slices follows."""
    assert importance_rows(TOLD) == [("family", 0.3, "among all"), ("rate", 0.8, "hgb"), ("depth", 0.2, "hgb")]
    assert "over 1,000 of 1,000 complete trials, 4,000 stopped early" in importance_words(TOLD)
    assert importance_words(TOLD).endswith("Too few for knn.")
    assert order_of(TOLD, "hgb") == ["rate", "depth"]
    assert order_of(TOLD, "knn") == order_of(None, "hgb") == []
    assert not math.isnan(importance_rows({**TOLD, "family": None})[0][1])


def test_a_trial_that_was_stopped_early_is_where_its_folds_let_expect_it() -> None:
    """The best one's value, and the mean difference on the folds that both have; without a complete trial there is none."""
    best = seen(0, 0.8)._replace(folds=(0.7, 0.9, 0.8))
    stopped = seen(1, None, state="pruned")._replace(folds=(0.6, 0.9))
    failed = seen(2, None, state="fail")
    told = with_estimates([best, stopped, failed], "maximize")
    assert [trial.value for trial in told] == [0.8, pytest.approx(0.75), None]
    assert with_estimates([stopped], "maximize") == [stopped]
    assert [trial.number for trial in scored(told)] == [0, 1]
