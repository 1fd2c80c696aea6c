"""Checks, verdicts and changes in words."""

from __future__ import annotations

from typing import Any

import pytest

from mlops_tui.presenters.checks import change_words, example_words, left_out_words, past_words, verdict_words

SAME: dict[str, Any] = {"added": [], "replaced": [], "gone": [], "renamed": [], "reading": []}


@pytest.mark.parametrize(
    ("check", "words"),
    [
        ({"past": None, "files": 4, "severity": "warn"}, "their rows can tell: mlops-tui data check"),
        ({"past": 1, "files": 4, "severity": "warn"}, "warned of 1 of 4"),
        ({"past": 0, "files": 4, "severity": "stop", "foreseen_of": 0}, "stopped 0 of 4"),
        (
            {"past": 0, "files": 4, "severity": "warn", "foreseen": 2, "foreseen_of": 3},
            "warned of 0 of 4 (made from those before each: 2 of 3)",
        ),
    ],
)
def test_what_a_check_would_have_done_is_counted_in_files(check: dict[str, Any], words: str) -> None:
    assert past_words(check) == words


@pytest.mark.parametrize(
    ("verdict", "severities", "words"),
    [
        ("ok", [], "ok"),
        ("cannot_tell", [], "cannot tell"),
        ("broken", [], "unreadable"),
        ("broken", ["warn", "stop", "warn"], "1 stop, 2 warn"),
        ("broken", ["warn"], "1 warn"),
    ],
)
def test_a_verdict_names_what_is_gravest_first(verdict: str, severities: list[str], words: str) -> None:
    assert verdict_words({"verdict": verdict, "found": [{"severity": one} for one in severities]}) == words


def test_a_file_that_breaks_no_check_and_has_bad_rows_says_so() -> None:
    bad = [{"line": 2, "column": "z", "reason": "has 'lots' in column z", "text": "lots"}]
    file = {"file": "a.csv", "verdict": "ok", "found": [], "bad_rows": bad}
    assert verdict_words({**file, "left_out": 1}) == "ok, 1 bad row left out"
    assert verdict_words({**file, "left_out": 1234}) == "ok, 1,234 bad rows left out"
    assert left_out_words(file) == "1 row cannot be read and is left out: line 2 has 'lots' in column z"
    many = {**file, "bad_rows": bad * 20, "left_out": 31}
    assert left_out_words(many).startswith("31 rows cannot be read and are left out")


def test_a_file_that_a_check_warns_of_and_that_has_bad_rows_says_both() -> None:
    file = {"verdict": "broken", "found": [{"severity": "warn"}], "left_out": 1}
    assert verdict_words(file) == "1 warn, 1 bad row left out"


def test_an_example_is_a_line_with_its_values_on_one_line() -> None:
    example = {"row": 12345, "values": {"x": None, "y": "", "z": "a\nb\x1b"}}
    told = example_words(example)
    assert told.startswith("12,345: x = missing, y = '', z = a")
    assert told.isprintable()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "the same files"),
        ({"added": ["a.csv"]}, "a.csv added"),
        ({"added": ["a", "b", "c", "d"], "gone": ["e"]}, "4 files added, e gone"),
        ({"gone": ["d", "e"], "left_out": ["e"]}, "d gone, e left out by the pattern"),
        ({"replaced": ["a", "b"], "renamed": [("c", "d")]}, "a, b replaced, c renamed d"),
        ({"renamed": [(f"a{i}", f"b{i}") for i in range(9)]}, "9 files renamed"),
        (
            {"replaced": ["b.csv", "c.csv"], "renamed": [("a.csv", "b.csv")]},
            "c.csv replaced, a.csv renamed b.csv, whose former content is gone",
        ),
    ],
)
def test_a_change_is_told_by_names_where_there_are_few(change: dict[str, Any], words: str) -> None:
    assert change_words(SAME | change) == words
