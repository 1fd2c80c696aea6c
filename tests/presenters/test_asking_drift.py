"""The form of a comparison says the command that does the same, whatever is chosen in it."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.monitoring.chunks import parse_cutting
from mlops_tui.presenters.asking_drift import (
    AS_IT_IS,
    AT_ONCE,
    BY_COLUMNS,
    BY_ROWS,
    CHUNKS,
    NO_MODEL,
    ONE_BY_ONE,
    ONE_WINDOW,
    PIN,
    UNPIN,
    arguments,
    chunks_of,
    drift_command,
)

EMPTY = {
    "source": "live",
    "chunks": ONE_WINDOW,
    "size": "10000",
    "current": "last:1",
    "reference": "",
    "pin": AS_IT_IS,
    "model": NO_MODEL,
    "training": BY_COLUMNS,
    "together": ONE_BY_ONE,
    "sliced": "",
}


@pytest.mark.parametrize(
    ("values", "command"),
    [
        ({}, "mlops-tui drift live"),
        ({"current": "a b.csv, last:2"}, "mlops-tui drift live --current 'a b.csv' --current last:2"),
        ({"chunks": "each month", "reference": "season"}, "mlops-tui drift live --chunks month --reference season"),
        ({"chunks": BY_ROWS, "current": "last:2"}, "mlops-tui drift live --chunks 10000"),
        ({"model": "loans@champion"}, "mlops-tui drift live --model loans@champion"),
        ({"training": "year"}, "mlops-tui drift live --training year"),
        ({"reference": "v1", "pin": PIN}, "mlops-tui drift live --pin v1 && mlops-tui drift live"),
        (
            {"reference": "v1", "pin": PIN, "training": "year", "chunks": "each file"},
            "mlops-tui drift live --pin v1 --training year && mlops-tui drift live --chunks file",
        ),
        ({"pin": UNPIN}, "mlops-tui drift live --unpin && mlops-tui drift live"),
        ({"together": AT_ONCE, "sliced": "the region"}, "mlops-tui drift live --multivariate --slice 'the region'"),
        ({"sliced": "region", "chunks": "each file"}, "mlops-tui drift live --chunks file"),
    ],
)
def test_the_command_is_the_one_that_does_the_same(values: dict[str, str], command: str) -> None:
    assert drift_command(EMPTY | values) == command


@pytest.mark.parametrize("words", CHUNKS)
def test_each_choice_is_a_way_to_cut_a_history_or_one_window(words: str) -> None:
    found = chunks_of(EMPTY | {"chunks": words})
    assert (found is None) == (words == ONE_WINDOW)
    if found is not None:
        assert parse_cutting(found).text == found


@given(st.lists(st.text("ab c'\"$:-", min_size=1).map(str.strip).filter(bool), min_size=1, max_size=3))
def test_windows_with_blanks_and_quotes_come_through_the_shell_whole(windows: list[str]) -> None:
    values = EMPTY | {"current": ", ".join(windows)}
    words = shlex.split(drift_command(values))
    asked = [words[place + 1] for place, word in enumerate(words[:-1]) if word == "--current"]
    assert asked == arguments(values)["current"]
