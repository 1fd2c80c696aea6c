"""Model files in and out, in words: the commands that forms stand for, and what came of them."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.presenters.fields import path_of
from mlops_tui.presenters.model_files import (
    TOLD,
    TRUSTED,
    UNTRUSTED,
    exported_lines,
    given_file,
    register_command,
    registered_lines,
)

ASKED = {"file": "a model.skops", "name": "churn", "sample": "", "target": "", "like": "churn:3", "task": TOLD}


def test_the_command_says_what_the_form_says_and_trust_only_where_it_was_chosen() -> None:
    plain = "mlops-tui models register --file 'a model.skops' --name churn --like churn:3"
    assert register_command({**ASKED, "trust": UNTRUSTED}) == plain
    told = {**ASKED, "trust": TRUSTED, "task": "regression"}
    assert register_command(told) == f"{plain} --task regression --trust"
    assert given_file(told).trust
    assert not given_file({**ASKED, "trust": UNTRUSTED}).trust
    assert given_file({**ASKED, "trust": UNTRUSTED}).task is None


def test_what_was_vouched_for_and_what_is_not_read_is_told() -> None:
    result = {"model": "churn", "version": 2, "format": "skops", "types": ["a.B"], "left_out": ["id"]}
    assert registered_lines(result) == [
        "churn version 2 registered and kept as skops.",
        "It may hold 1 type that you vouched for: a.B.",
        "It does not read: id.",
    ]


def test_an_export_says_how_far_onnx_is_from_the_original() -> None:
    result = {"model": "churn", "version": 2, "out": "/o", "files": ["card.md"], "onnx": None}
    assert exported_lines(result) == ["churn version 2 is in /o: card.md."]
    onnx = {"difference": 1.23e-7, "rows": 1, "far": 0}
    assert exported_lines({**result, "onnx": onnx})[1] == "ONNX differs by at most 1.2e-07 on 1 row."


@given(st.text())
def test_any_text_is_a_path_and_none_raises(text: str) -> None:
    """Of `~NAME` too, while a name is typed that nobody has."""
    assert isinstance(path_of(f"~{text}"), Path)
