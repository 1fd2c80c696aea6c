"""What came of a prediction, in words."""

from __future__ import annotations

from typing import Any

from mlops_tui.presenters.predict import outcome_words, predict_command, ways
from mlops_tui.serving.model import Ways

BATCH: dict[str, Any] = {
    "model": "churn",
    "version": 3,
    "files": 1,
    "rows": 1200,
    "rejected": 0,
    "out": "scored.csv",
    "threshold": {"value": 0.25, "of": "f1"},
    "unknown": {},
    "checks": [],
    "rejects": None,
    "aside": 0,
    "shadow": None,
    "logs": [],
    "read_as": None,
    "learnt": 0,
}
UNKNOWN = {"check": "unknown_category", "column": "plan", "count": 3, "share": 0.0025, "policy": "warn", "counts": True}
SHADOW = {"model": "churn", "version": 4, "share": 0.125, "mean_absolute_difference": 0.031, "different": 150}


def test_it_says_how_many_where_and_by_which_threshold() -> None:
    assert outcome_words(BATCH) == [
        "1,200 rows predicted by churn version 3, in scored.csv.",
        "Threshold 0.25, tuned for f1.",
    ]
    usual = {**BATCH, "threshold": {"value": 0.5, "of": "default"}, "files": 2, "rejected": 1}
    assert outcome_words(usual) == [
        "1,200 rows in 2 files predicted by churn version 3, in scored.csv.",
        "Threshold 0.5, the more probable class is called.",
        "1 row without a prediction: the model gave no finite number.",
    ]


def test_it_says_what_was_set_aside_what_is_unknown_and_how_far_the_shadow_is_off() -> None:
    """What a policy is not about is not told."""
    beyond = {**UNKNOWN, "check": "out_of_range", "column": "age", "counts": False}
    told = {**BATCH, "threshold": None, "aside": 7, "rejects": "bad.csv", "checks": [UNKNOWN, beyond], "shadow": SHADOW}
    assert outcome_words(told)[1:] == [
        "7 rows set aside in bad.csv.",
        "In 3 rows (0.25%), 'plan' is a value that training has not seen.",
        "churn version 4 in the shadow: another label in 12.50% of the rows, 0.031 apart on average.",
    ]
    numbers = {**told, "shadow": {**SHADOW, "share": None}}
    assert outcome_words(numbers)[-1] == "churn version 4 in the shadow: 0.031 apart on average."


def test_a_shadow_that_runs_by_itself_says_so_on_how_many_files_more_and_why_it_did_not() -> None:
    itself = {**SHADOW, "version": 2, "by_itself": True, "left": 1, "of": 5, "why": None}
    assert outcome_words({**BATCH, "shadow": itself})[-1] == (
        "churn version 2, the champion before, by itself in the shadow: another label in 12.50% of the rows, 0.031 apart on"
        " average. It does so on 1 more file of 5."
    )
    unknown = {**itself, "share": None, "mean_absolute_difference": None, "why": "Its file was changed."}
    assert outcome_words({**BATCH, "shadow": unknown})[-1] == (
        "churn version 2, the champion before, did not run in the shadow: Its file was changed."
    )
    some = outcome_words({**BATCH, "shadow": {**itself, "why": "It lacks 'age'."}})
    assert some[-1].endswith("did not run in the shadow of every file: It lacks 'age'.")


def test_it_says_where_a_file_was_read_in_another_way_and_where_it_is_one_that_was_learnt_from() -> None:
    told = outcome_words(
        {**BATCH, "read_as": {"delimiter": ";", "decimal": ",", "encoding": "utf-8", "quote": '"'}, "learnt": 1}
    )
    assert told[2:] == [
        "It is written in another way than the training files, and was read so: ';' between fields, a decimal comma.",
        "The version learnt from this file: what it says of such rows looks better than it is.",
    ]
    some = outcome_words({**BATCH, "files": 3, "learnt": 2})
    assert some[-1].startswith("The version learnt from 2 of the files:")


def test_the_form_gives_what_the_command_gives() -> None:
    """A way that is left empty is the usual one; the challenger is what a bare `--shadow` means."""
    values = {"in": "new.csv", "out": "o.csv", "shadow": "challenger", "missing_value": "refuse:0.1", "rejects": ""}
    assert ways(values) == Ways(shadow="", missing_value="refuse:0.1")
    assert predict_command("churn:1", values) == (
        "mlops-tui predict churn:1 --in new.csv --out o.csv --shadow --missing-value refuse:0.1"
    )
    assert ways({**values, "shadow": "churn:4"}).shadow == "churn:4"


def test_what_a_policy_is_about_in_several_files_is_told_once_with_its_share_of_all_rows() -> None:
    check = {**UNKNOWN, "count": 60, "share": 0.6}
    told = outcome_words({**BATCH, "files": 3, "checks": [check, {**check, "count": 30, "share": 0.3}]})
    assert told[2:] == ["In 90 rows (7.50%), 'plan' is a value that training has not seen."]


def test_what_was_stopped_says_so() -> None:
    assert outcome_words({}) == ["Stopped before anything was written."]
