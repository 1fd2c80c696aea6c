"""Studies as curves and words, and what a launch form makes of what was typed."""

from __future__ import annotations

import math
import shlex
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.core.clock import seconds_of
from mlops_tui.core.errors import BadTarget, UnknownColumn, UnknownName, UsageError
from mlops_tui.evaluation.metrics import choose_metric
from mlops_tui.presenters.launch import (
    families_by_task,
    field_at_fault,
    tune_command,
    usual_families,
    wish,
)
from mlops_tui.presenters.tune import (
    curve,
    folds_line,
    milliseconds,
    param_text,
    scale_of_folds,
    score,
    trial_cells,
    why_ended,
)
from mlops_tui.tuning.listing import Point
from mlops_tui.tuning.model import Trial
from mlops_tui.tuning.targets import guessed_target

EMPTY = {
    "source": "loans",
    "target": "defaulted",
    "task": "guessed",
    "positive": "",
    "split": "guessed",
    "metric": "",
    "families": "",
    "trials": "",
    "timeout": "",
    "trial_timeout": "",
    "trial_memory": "",
    "workers": "",
    "seed": "",
    "sampler": "tpe",
    "pruner": "paired",
    "folds": "",
    "ensemble": "no",
    "name": "",
    "version": "",
    "objective": "",
    "direction": "",
    "space": "",
    "warm_start": "",
}


@given(st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), max_size=30), st.booleans())
def test_the_best_so_far_never_gets_worse_and_ends_at_the_best_of_all(values: list[float | None], high: bool) -> None:
    """Failed trials leave it as it is; it is drawn up to the last trial."""
    points = [Point(place, "complete" if value is not None else "fail", value) for place, value in enumerate(values)]
    drawn = curve(points, "maximize" if high else "minimize")
    known = [value for value in values if value is not None]
    assert drawn.best == sorted(drawn.best, reverse=not high)
    assert drawn.best[-1:] == ([max(known) if high else min(known)] if known else [])
    assert len(drawn.numbers) == len(values)
    assert [math.isnan(value) for value in drawn.values] == [value is None for value in values]
    assert not known or drawn.best_numbers[-1] == len(values) - 1


def test_the_baseline_is_not_on_the_curve_once_another_trial_has_a_value() -> None:
    baseline = Point(0, "complete", 0.5, is_baseline=True)
    assert curve([baseline], "maximize").values == [0.5]
    drawn = curve([baseline, Point(1, "complete", 0.80), Point(2, "complete", 0.81)], "maximize")
    assert (drawn.values, drawn.best) == ([0.80, 0.81], [0.80, 0.81])


def test_trials_that_still_run_are_not_on_the_curve() -> None:
    drawn = curve([Point(0, "complete", 0.5), Point(1, "running", None)], "maximize")
    assert drawn.numbers == drawn.best_numbers == [0]


def test_scores_and_parameters_keep_their_digits() -> None:
    """A column of scores lines up even where one is whole; numbers of parameters have three digits."""
    assert [score(number) for number in (0.8096, 1.0, 0.0, None)] == ["0.8096", "1.0000", "0.0000", "–"]
    assert [param_text(found) for found in (0.77, 1.0, 100.0, 59.27, 164, "log2")] == [
        "0.770",
        "1.00",
        "100",
        "59.3",
        "164",
        "log2",
    ]


def test_folds_are_told_by_levels_that_all_trials_share() -> None:
    """The lowest of all is the lowest level; a trial without folds has none, equal values lie in the middle."""
    one = Trial("S", 1, "R", "complete", 0.8, "hgb", {}, 1.0, None, [0.7, 0.8], "", None)
    scale = scale_of_folds([one, replace(one, fold_values=[0.9]), replace(one, fold_values=None)])
    assert folds_line([0.7, 0.9, 0.65, 1.0], scale) == "▁█▁█"
    assert folds_line([0.7, 0.9], scale, symbols="ascii") == "_#"
    assert folds_line(None, scale) == ""
    assert set(folds_line([0.5, 0.5], (0.5, 0.5))) == {"▅"}
    assert scale_of_folds([]) is None
    near, far = replace(one, fold_values=[0.79, 0.81]), replace(one, fold_values=[0.1, 0.2])
    assert scale_of_folds([far, near, one], replace(one, fold_values=[0.8, 0.82])) == (0.7, 0.82)


def test_the_guessed_target_is_the_column_with_a_targets_name_else_the_last_that_can_be_learnt() -> None:
    kinds = {"id": "identifier", "label": "boolean", "age": "integer", "note": "text"}
    assert guessed_target(kinds) == ("label", "by its name")
    last = ("b", "the last column that can be learnt")
    assert guessed_target({"a": "numeric", "b": "category", "note": "text"}) == last
    assert guessed_target({"note": "text"}) is None


def test_empty_fields_mean_the_defaults_and_full_ones_what_they_say() -> None:
    assert wish(EMPTY).wrong == {}
    assert wish(EMPTY).arguments["trials"] == 20
    full = wish(
        {**EMPTY, "trials": "5", "timeout": "1.5m", "families": "hgb, ridge", "seed": "7", "name": "n", "version": "v3"}
    )
    assert full.wrong == {}
    assert full.arguments["timeout"] == 90.0
    assert full.arguments["families"] == ["hgb", "ridge"]
    assert (full.arguments["trials"], full.arguments["seed"], full.arguments["name"]) == (5, 7, "n")
    limits = wish({**EMPTY, "trial_timeout": "60s", "trial_memory": "2GB"}).arguments
    assert (limits["trial_timeout"], limits["trial_memory"]) == (60.0, 2 * 10**9)
    assert (full.arguments["version"], wish(EMPTY).arguments["version"]) == ("v3", None)


@pytest.mark.parametrize(
    ("field", "text"),
    [("trials", "0"), ("trials", "1e3"), ("workers", "-1"), ("seed", "x"), ("timeout", "soon"), ("families", "forest")],
)
def test_what_cannot_be_read_is_said_beside_its_own_field(field: str, text: str) -> None:
    assert list(wish({**EMPTY, field: text}).wrong) == [field]


def test_what_a_study_begins_with_is_in_the_command_unless_its_objective_is_ones_own() -> None:
    values = {**EMPTY, "warm_start": "earlier"}
    assert wish(values).arguments["warm_start"] == "earlier"
    assert tune_command(values).endswith("--warm-start earlier")
    assert "--warm-start" not in tune_command({**values, "objective": "train.py:f"})


def test_an_objective_of_ones_own_asks_for_what_goes_with_it_alone() -> None:
    values = {
        **EMPTY,
        "objective": "train.py:f",
        "direction": "maximize, minimize",
        "metric": "accuracy, ms",
        "space": "s",
    }
    asked = wish({**values, "pruner": "hyperband", "families": "hgb"})
    assert asked.wrong == {}
    assert asked.arguments["script"] == "train.py:f"
    assert asked.arguments["directions"] == ["maximize", "minimize"]
    assert asked.arguments["metrics"] == ["accuracy", "ms"]
    assert asked.arguments["pruner"] == "hyperband"
    assert wish({**values, "pruner": "median"}).arguments["pruner"] is None
    assert not {"source_selector", "families", "folds", "space", "target"} & asked.arguments.keys()
    assert tune_command({**values, "pruner": "median"}) == (
        "mlops-tui tune --objective train.py:f --direction maximize --direction minimize --metric accuracy,ms"
    )
    assert list(wish({**values, "direction": "up"}).wrong) == ["direction"]
    assert list(wish({**EMPTY, "source": ""}).wrong) == ["objective"]


def test_a_family_of_ones_own_is_one_of_the_families() -> None:
    asked = {**EMPTY, "families": "mine, hgb"}
    assert "Choose from hgb, " in wish(asked).wrong["families"]
    assert wish(asked, ["mine"]).wrong == {}
    assert families_by_task(["mine"]).endswith("; mine")


def test_a_time_is_read_in_seconds_minutes_and_hours() -> None:
    assert [seconds_of(text) for text in ("90", "90s", "10m", "2h", "0.5h")] == [90, 90, 600, 7200, 1800]
    with pytest.raises(UsageError, match="cannot be read"):
        seconds_of("2 days")


@given(st.text(min_size=1, max_size=12).filter(lambda text: text.strip() == text))
def test_the_command_is_one_that_a_shell_reads_back(name: str) -> None:
    """Whatever the source and the study are called, each stays one word."""
    words = shlex.split(tune_command({**EMPTY, "source": name, "name": name, "trials": "20", "seed": "1"}))
    asked = tune_command({**EMPTY, "ensemble": "yes", "trial_memory": "2 GB"})
    assert shlex.split(asked)[-3:] == ["--trial-memory", "2 GB", "--ensemble"]
    assert words == ["mlops-tui", "tune", name, "--target", "defaulted", "--seed", "1", "--name", name]


def test_a_refusal_is_put_beside_the_field_that_it_is_about() -> None:
    """By the error's kind, else by what it names."""
    assert field_at_fault(UnknownColumn("Source 'loans' has no column 'x'.")) == "target"
    assert field_at_fault(BadTarget("The target 'x' has one value in every row.")) == "target"
    assert field_at_fault(UsageError("There is a study 'a' already.")) == "name"
    assert field_at_fault(UsageError("There is no family 'ridge' for a binary target.")) == "families"
    assert field_at_fault(UnknownName("There is no source 'x'.")) == "source"
    assert field_at_fault(UnknownName("Source 'loans' has no version 7.")) == "version"
    assert field_at_fault(UnknownName("There is no study 'loans-9'.")) == "warm_start"
    assert field_at_fault(UsageError("There is nothing to begin with: no earlier study fits.")) == "warm_start"
    for title, field in (
        ("There cannot be 5,000 workers.", "workers"),
        ("There cannot be 0 trials.", "trials"),
        ("The time has to be above zero.", "timeout"),
        ("The time of a trial has to be above zero.", "trial_timeout"),
        ("'a b' is no name of a study: it has to stand in one line.", "name"),
        ("There is a study 'loans-1' already.", "name"),
        ("The task cannot be binary: 'stars' has 5 different values, not two.", "task"),
        ("The positive class 'x' is none of the target 'y'.", "positive"),
        ("A regression target has no positive class.", "positive"),
        ("The split cannot be by time: no column of source 's' has the role time.", "split"),
        ("The seed has to be zero or above.", "seed"),
        ("There cannot be 400 folds.", "folds"),
    ):
        assert field_at_fault(UsageError(title)) == field, title
    with pytest.raises(UsageError) as refused:
        choose_metric("binary", "rmse")
    assert field_at_fault(refused.value) == "metric"


def test_families_are_said_by_what_they_learn() -> None:
    """Those that are tried unless others are named, and all that may be named."""
    assert usual_families() == "hgb, random_forest, extra_trees, dummy, logistic or ridge"
    both, only = families_by_task().split("; ")
    assert only == "logistic, or ridge, elastic_net for numbers"
    assert {"hgb", "extra_trees", "mlp", "lightgbm", "dummy"} < set(both.split(", "))


def test_what_a_trial_cost_is_said_beside_it_and_why_it_has_no_value() -> None:
    trial = Trial(
        "S", 3, "R", "pruned", None, "hgb", {}, 2.0, "It could not catch up.", [0.5], "", None, 3.9, 0.0004, 2**28
    )
    cells = [cell.text for cell in trial_cells(trial, [], None)]
    assert cells[6:10] == ["2.0s", "3.9s", "0.40 ms", "256.0 MiB"]
    unknown = replace(trial, state="fail", cpu_seconds=None, predict_seconds=None, peak_bytes=None)
    assert [cell.text for cell in trial_cells(unknown, [], None)][7:10] == ["–", "–", "–"]
    assert (why_ended(trial).tone, why_ended(unknown).tone, why_ended(None).text) == ("dim", "bad", "")
    assert milliseconds(1.2345) == "1,234 ms"
