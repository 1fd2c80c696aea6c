"""What a study has come to, in words."""

from __future__ import annotations

from dataclasses import replace

from mlops_tui.presenters.analysis import (
    calibration_rows,
    calibration_words,
    choice_sections,
    ensemble_words,
    members_words,
    threshold_words,
    worst_first,
)
from mlops_tui.tuning.model import Finalist
from tests.presenters.test_steering import STUDY
from tests.tuning.analysed import ANALYSIS, ENSEMBLE


def test_an_ensemble_is_told_with_what_makes_its_figures_optimistic() -> None:
    assert ensemble_words(ENSEMBLE, "roc_auc") == [
        "The ensemble averages 2 trials: roc_auc 0.8712 on the rows that it was chosen by, which is optimistic.",
        "Chosen without the fold that it is scored on it has 0.8654, trial 7 alone 0.8601: a difference of +0.0053 ± 0.0031.",
    ]
    assert members_words(ENSEMBLE) == "7 hgb 60%, 3 random_forest 40%"
    alone = ensemble_words(replace(ENSEMBLE, run_id=None), "roc_auc")
    assert alone == ["No average of several trials is better than trial 7 alone."]
    assert ensemble_words(None, "roc_auc") == []


def test_a_threshold_is_told_with_what_it_gains() -> None:
    assert [threshold_words(one) for one in ANALYSIS.thresholds] == [
        "balanced_accuracy is best from 0.312 on: 0.7812, against 0.7104 from 0.5 on; 0.7711 with thresholds chosen on other"
        " folds.",
        "f1 is best from the usual 0.5 on: 0.6001.",
    ]


def test_calibration_is_told_by_its_error_and_bin_by_bin() -> None:
    assert ANALYSIS.calibration is not None
    assert calibration_words(ANALYSIS.calibration).startswith("Probabilities are off by 4.2 points on average")
    first, second = calibration_rows(ANALYSIS.calibration, plain=True)
    assert first == ("0.1 to 0.2", "###.................  17% came true,  15% said, of 812 rows")
    assert second[1].startswith("##############......  70%")


def test_slices_come_the_worst_first_whichever_way_the_metric_goes() -> None:
    def order(direction: str) -> list[str]:
        return [one.value for one in worst_first(ANALYSIS.slices, direction)]

    assert order("maximize") == ["broker", "online", "(missing)"]
    assert order("minimize") == ["(missing)", "online", "broker"]


def test_finalists_are_a_table_that_says_that_both_figures_are_of_the_same_rows() -> None:
    """Cross-validation and re-check stand below their names; where the chosen one was hidden none is chosen."""
    best = Finalist("S", 4, "R4", 0.81, 0.79, 0.0, [], True, "simpler")
    other = Finalist("S", 13, "R13", 0.8, 0.785, 0.011, [], False, None)
    (title, [head, *rows]), (_, [(chosen, why)]) = choice_sections(STUDY, [best, other], {4: "hgb"}, None, None)
    assert title == "Finalists: same rows, still optimistic"
    assert head[1].text == "cross-validation  re-check  ± to the best"
    assert {len(cell.text) for _, cell in rows} == {len(head[1].text)}
    assert [(label, *cell.text.split()) for label, cell in rows] == [
        ("→ 4 hgb", "0.8100", "0.7900", "0"),
        ("  13 –", "0.8000", "0.7850", "0.011"),
    ]
    assert (chosen, why.text) == ("trial 4", "simpler")
    _, (_, [(_, none)]) = choice_sections(STUDY, [other], {}, None, None)
    assert none.text == "None: the trial that was chosen is hidden."
