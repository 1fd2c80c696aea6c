"""What is said of an alert: its state, where it was told, and the command that mutes it."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest

from mlops_tui.monitoring.alert import CRITICAL, Alert, Delivery, Mute, Subject
from mlops_tui.presenters.alerts import alert_state, mute_command, muted_words, told_words

MOMENT = "2026-05-01T10:00:00.000000Z"
ALERT = Alert(
    *("A1", "drift", Subject("source", "S1", "my loans"), CRITICAL, "It drifts.", "mlops-tui drift 'my loans'"),
    *({"columns": ["the age"]}, MOMENT, MOMENT, 1, None, None, None, None, None),
)
SENT = Delivery("D1", "A1", "began", "mail", "sent", 1, None, 0.0, MOMENT)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "open"),
        ({"times": 3}, "open, found 3 times"),
        ({"muted": True}, "open, muted"),
        ({"muted": True, "acknowledged": MOMENT, "acknowledged_by": "ada"}, "open, muted, acknowledged by ada"),
        ({"ended": MOMENT, "why_ended": "june.csv does not drift"}, "ended: june.csv does not drift"),
    ],
)
def test_the_state_says_what_a_person_has_to_know(changes: dict[str, object], words: str) -> None:
    assert alert_state(replace(ALERT, **changes)) == words


def test_where_it_was_told_is_said_and_why_not() -> None:
    again = replace(SENT, channel="webhook", state="waiting", tries=2, why="webhook: it timed out.")
    failed = replace(again, moment="ended", state="failed", tries=4)
    assert told_words([]) == ""
    assert told_words([SENT, again, failed]) == (
        "told that it began by mail; about to tell that it began by webhook (tried 2 of 4 times: webhook: it timed out.);"
        " could not tell that it ended by webhook: it timed out."
    )


def test_the_form_s_command_does_what_the_form_does() -> None:
    values = {"column": "the age", "until": "7 days", "why": "it's known"}
    assert shlex.split(mute_command(ALERT, values)) == [
        *("mlops-tui", "alerts", "mute", "my loans", "--column", "the age", "--until", "7d", "--why", "it's known")
    ]
    whole = {"column": "all of it", "until": "for good", "why": " "}
    assert mute_command(ALERT, whole) == "mlops-tui alerts mute 'my loans'"


def test_a_mute_says_until_when() -> None:
    mute = Mute("M1", ALERT.subject, None, None, None, "ada", MOMENT)
    assert muted_words(mute) == "my loans is muted until it is unmuted."
    assert (
        muted_words(replace(mute, column="the age", until=MOMENT))
        == "the age of my loans is muted until 2026-05-01 10:00."
    )
