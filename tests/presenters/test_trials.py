"""Two trials side by side, and one beside the best."""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.presenters.trials import compared_sections, difference_cell, fold_lines, paired, paired_words, signed
from mlops_tui.presenters.tune import warning
from mlops_tui.tuning.model import AS_A_COPY, Study, Trial

ONE = Trial("S", 1, "R1", "complete", 0.8, "hgb", {"a": 0.1, "b": 2}, 1.0, None, [0.8, 0.82, 0.78], "2099", None)
OTHER = replace(ONE, number=2, run_id="R2", params={"a": 0.1, "b": 4, "c": "x"}, fold_values=[0.79, 0.8, 0.78])


def study(direction: str = "maximize", folds: int = 3) -> Study:
    names = ("id", "name", "source_id", "version", "target", "positive", "task", "metric")
    values = dict.fromkeys(Study.__slots__, None) | dict.fromkeys(names, "x")
    given: dict[str, object] = {
        "direction": direction,
        "folds": folds,
        "metric": "roc_auc",
        "families": ("hgb",),
        "notices": [],
    }
    given["space"] = {}
    return Study(**{**values, **given})  # type: ignore[arg-type]


def test_the_standard_error_of_paired_differences_is_that_of_nadeau_and_bengio() -> None:
    """Worked out by hand: differences 0.01, 0.02, 0; variance 1e-4; factor 1/3 + 1/2."""
    found = paired(ONE, OTHER, 3)
    assert found.differences == pytest.approx((0.01, 0.02, 0.0))
    assert found.mean == pytest.approx(0.01)
    assert found.error == pytest.approx(math.sqrt(1e-4 * (1 / 3 + 1 / 2)))


@given(st.lists(st.tuples(st.integers(-1000, 1000), st.integers(-1000, 1000)), min_size=2, max_size=10))
def test_turned_round_two_trials_differ_by_the_opposite_and_as_surely(folds: list[tuple[int, int]]) -> None:
    one, other = (replace(ONE, fold_values=[pair[place] / 1000 for pair in folds]) for place in (0, 1))
    there, back = paired(one, other, len(folds)), paired(other, one, len(folds))
    assert there.mean is not None
    assert back.mean == pytest.approx(-there.mean)
    assert back.error == pytest.approx(there.error)
    assert there.error is not None
    assert there.error >= 0.99 * stdev(there.differences) / math.sqrt(len(folds) - 1), (
        "no less than folds that share rows"
    )


def test_folds_that_only_one_was_scored_on_are_left_out_of_the_pairs() -> None:
    assert len(paired(replace(ONE, fold_values=[0.8]), OTHER, 3).differences) == 1
    assert paired(replace(ONE, fold_values=[0.8]), OTHER, 3).error is None
    assert paired(replace(ONE, fold_values=None), OTHER, 3).mean is None
    assert paired_words(paired(replace(ONE, fold_values=None), OTHER, 3), "A", "B", "maximize").text.startswith(
        "No fold"
    )


@pytest.mark.parametrize(("direction", "word", "tone"), [("maximize", "better", "good"), ("minimize", "worse", "bad")])
def test_what_is_better_goes_by_the_direction(direction: str, word: str, tone: str) -> None:
    assert word in paired_words(paired(ONE, OTHER, 3), "Trial 1", "trial 2", direction).text
    assert difference_cell(0.01, direction).tone == tone
    assert "may be chance" in paired_words(paired(ONE, OTHER, 3), "Trial 1", "trial 2", direction).text


def test_what_differs_comes_first_and_what_is_alike_last() -> None:
    """A parameter that one of them lacks differs; a number says how many times the other it is."""
    sections = dict(compared_sections(study(), ONE, OTHER))
    assert list(sections) == ["", "Different", "Folds", "Cost", "The same"]
    different = {line[0].text: [cell.text for cell in line[1:]] for line in sections["Different"]}
    assert different == {"b": ["2", "4", "× 0.5"], "c": ["–", "x", ""]}
    assert [line[0].text for line in sections["The same"]] == ["family", "a"]
    assert [line[3].text for line in sections["Folds"][:3]] == ["+0.0100", "+0.0200", "+0.0000"]


def test_the_best_trial_stands_beside_no_other() -> None:
    """A trial's bars are on one scale with the best one's, and it is told what the differences come to."""
    assert len(fold_lines(study(), ONE, ONE)) == 4
    beside = fold_lines(study(), OTHER, ONE)
    assert len(beside) == 6
    assert beside[1][4].text.strip() == "-0.0100"
    assert "This trial is worse than trial 1, the best," in beside[-1][0].text
    assert fold_lines(study(), replace(ONE, fold_values=None, state="fail"), ONE)[0][0].text == "No fold was scored."


def test_differences_keep_their_sign_and_their_digits() -> None:
    assert [signed(number) for number in (0.0123, -2.0, 1e-6, 1234.5)] == ["+0.0123", "-2.0000", "+1.0e-06", "+1,234.5"]


def test_a_leak_is_what_the_screen_warns_of_unless_the_study_failed() -> None:
    told = replace(
        study(), notices=["Rows are held out.", f"Column 'gone' alone tells 'left', {AS_A_COPY}. If it is …"]
    )
    assert warning(told).text == f"Column 'gone' alone tells 'left', {AS_A_COPY}"
    assert warning(study()).text == ""
    assert warning(replace(told, state="failed", reason="It broke.")).text == "It broke."
