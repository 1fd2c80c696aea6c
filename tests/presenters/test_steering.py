"""What the forms that steer a study read, and the commands that they show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlops_tui.core.clock import seconds_of
from mlops_tui.presenters.steering import limits, limits_commands, queue_command, time_text
from mlops_tui.presenters.words import NOTHING_CHANGED
from tests.presenters.test_trials import study as a_study

STUDY = replace(a_study(), name="loans-1", trials=20, timeout=None, workers=1)
SAME = {"trials": "20", "timeout": "", "workers": "1"}


def test_what_says_the_same_as_before_is_not_set_again() -> None:
    assert limits(SAME, STUDY) == (None, None, None, {})
    assert limits_commands(SAME, STUDY) == NOTHING_CHANGED


def test_the_commands_say_what_is_otherwise() -> None:
    values = {"trials": "100", "timeout": "10m", "workers": "2"}
    assert limits(values, STUDY) == (100, 600.0, 2, {})
    assert (
        limits_commands(values, STUDY)
        == "mlops-tui studies extend loans-1 --trials 100 --timeout 10m\nmlops-tui studies workers loans-1 2"
    )


@pytest.mark.parametrize(
    ("field", "text"), [("trials", "0"), ("trials", "many"), ("workers", "-1"), ("workers", ""), ("timeout", "soon")]
)
def test_a_text_that_is_no_limit_is_said_beside_its_field(field: str, text: str) -> None:
    assert list(limits({**SAME, field: text}, STUDY).wrong) == [field]


def test_a_limit_of_time_cannot_be_taken_off() -> None:
    assert list(limits(SAME, replace(STUDY, timeout=60.0)).wrong) == ["timeout"]


@pytest.mark.parametrize("seconds", [1.0, 90.0, 600.0, 7200.0, 0.5, 3601.0])
def test_a_time_is_shown_as_it_is_read(seconds: float) -> None:
    assert seconds_of(time_text(seconds)) == seconds
    assert time_text(None) == ""


def test_the_command_for_the_queue_names_what_is_given_alone() -> None:
    given = {"learning_rate": "0.05", "max_features": "", "odd": "a b"}
    assert (
        queue_command(given, STUDY, "hgb") == "mlops-tui studies enqueue loans-1 model=hgb learning_rate=0.05 'odd=a b'"
    )
