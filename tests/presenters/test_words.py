"""Digits, ages and states as people read them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.core.clock import from_seconds
from mlops_tui.jobs.model import ENDED, OPEN
from mlops_tui.presenters import words

NOW = 1_780_000_000.0


@pytest.mark.parametrize(
    ("seconds", "wanted"),
    [(0.44, "0.4s"), (9.96, "10.0s"), (12, "12s"), (59.6, "1m 00s"), (200, "3m 20s"), (7500, "2h 05m"), (363600, "4d 5h"), (None, "–"), (math.nan, "–")],
)  # fmt: skip
def test_a_duration_has_at_most_two_units(seconds: float | None, wanted: str) -> None:
    """Two units, the smaller one padded where it counts to sixty."""
    assert words.duration(seconds) == wanted


@pytest.mark.parametrize(
    ("seconds", "wanted"),
    [(-5, "just now"), (59, "just now"), (60, "1m ago"), (3599, "59m ago"), (3600, "1h ago"), (90000, "1d ago")],
)
def test_an_age_is_coarse_enough_to_stay_true_for_a_while(seconds: float, wanted: str) -> None:
    """A clock that runs ahead does not show negative ages."""
    assert words.age(from_seconds(NOW - seconds), NOW) == wanted


@pytest.mark.parametrize(
    ("number", "wanted"),
    [(0.91234567, "0.9123"), (-0.05, "-0.0500"), (50.0, "50"), (12.3, "12.3000"), (123.456, "123.46"), (1.92e-05, "1.92e-05"), (2.5e9, "2.50e+09"), (math.inf, "inf"), (-math.inf, "-inf"), (math.nan, "nan"), (None, "–")],
)  # fmt: skip
def test_a_measured_number_has_the_decimals_its_size_bears(number: float | None, wanted: str) -> None:
    """Numbers of one size line up; what is not finite is a word."""
    assert words.value(number) == wanted


@given(st.floats(), st.integers(0, 40), st.booleans())
def test_a_bar_is_exactly_as_wide_as_asked(share: float, width: int, plain: bool) -> None:
    """Shares outside 0..1 are clipped."""
    if not math.isnan(share):
        assert len(words.bar(share, width, plain=plain)) == width


@given(st.text(max_size=300))
def test_text_from_a_file_becomes_one_printable_line(text: str) -> None:
    """No newline, escape or lone surrogate reaches the terminal."""
    assert words.one_line(text).isprintable()


@pytest.mark.parametrize("plain", [False, True])
def test_a_state_is_told_by_glyph_and_word_and_never_by_colour_alone(plain: bool) -> None:
    """Every job state has a sign of its own kind and its name beside it; the plain one is ASCII."""
    for name in (*OPEN, *ENDED):
        cell = words.state(name, plain=plain)
        glyph, _, word = cell.text.partition(" ")
        assert word == name
        assert len(glyph) == 1
        assert not plain or glyph.isascii()


def test_counts_have_their_thousands_apart_and_nouns_their_plural() -> None:
    """One study, two studies, 1,234 runs."""
    assert words.counted(1, "study", "studies") == "1 study"
    assert words.counted(2, "study", "studies") == "2 studies"
    assert words.counted(1234, "run") == "1,234 runs"
    assert words.size(64 * 1024) == "64.0 KiB"
