"""The file of a model's gates: what it may say, and the sentence about what it may not."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.core.errors import UsageError
from mlops_tui.registry.gatefile import chosen, parsed, place, read, template, write
from mlops_tui.registry.gates import KINDS, default_gates
from mlops_tui.store.store import Store


def test_a_model_without_a_file_has_every_gate_as_it_is_by_itself(store: Store) -> None:
    assert read(store.workspace, "churn") == default_gates()


def test_the_file_as_it_begins_says_nothing_else_than_what_is_anyway(store: Store) -> None:
    """Each gate has a table and each of its keys a line in comments: uncommented they mean the same."""
    path = write(store.workspace, "churn")
    assert read(store.workspace, "churn") == default_gates()
    assert set(tomllib.loads(path.read_text("utf-8"))) == set(KINDS)
    lines = template("churn").split("\n[", 1)[1].split("# Gates of your own")[0]
    spoken = "\n".join(
        line.removeprefix("# ") if " = " in line and "…" not in line else line for line in f"[{lines}".split("\n")
    )
    assert parsed(spoken, "here") == default_gates()


def test_a_file_that_is_there_is_not_written_over(store: Store) -> None:
    path = place(store.workspace, "churn")
    path.parent.mkdir()
    path.write_text("[card]\nblocking = true\n", "utf-8")
    assert write(store.workspace, "churn") == path
    assert path.read_text("utf-8") == "[card]\nblocking = true\n"
    assert {gate.name: gate.blocking for gate in read(store.workspace, "churn")}["card"] is True


def test_what_the_file_says_changes_that_gate_and_no_other() -> None:
    said = parsed("[not_worse_than_champion]\nmargin = 0.003\nrows = 900\n", "here")
    changed = [gate.name for gate, before in zip(said, default_gates(), strict=True) if gate != before]
    assert changed == ["not_worse_than_champion"]
    assert next(gate for gate in said if gate.name == changed[0]).options == {"margin": 0.003, "rows": 900}


def test_a_gate_of_ones_own_comes_after_those_that_every_model_has() -> None:
    own = parsed('[minors]\nsql = "SELECT count(*) FROM rows"\nmost = 0\nwords = "nobody"\n', "here")[-1]
    assert (own.name, own.own, own.words, own.blocking, own.options["most"]) == ("minors", "sql", "nobody", True, 0)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[card\n", 1, "this is not TOML"),
        ("\n[latency]\nmilliseconds = 0\n", 3, "'milliseconds' is 0"),
        ("[latency]\nmegabytes = 3\n", 2, "'megabytes' is no key of the gate latency"),
        ('[slices]\n\non_cannot_tell = "ask"\n', 3, "'on_cannot_tell' is 'ask'"),
        ('[card]\nfields = ["author"]\n', 2, "'fields' is ['author']"),
        ("[latencies]\nmilliseconds = 3\n", 1, "'latencies' is no gate that every model has"),
        ('[own]\nsql = "SELECT 1"\ncommand = "true"\n', 1, "more than one of sql, python and command"),
        ('[own]\nsql = "SELECT 1"\n', 2, "'sql' gives a number, and neither least nor most is named"),
        ('[own]\npython = "a.py:b"\nleast = 3\nmost = 2\n', 4, "'most' is 2, which is below least"),
        ("margin = 0.1\n", 1, "'margin' means nothing here"),
        ('["a b"]\ncommand = "true"\n', 1, "'a b' means nothing here"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        parsed(text, "gates/churn.toml")
    assert caught.value.title.startswith(f"gates/churn.toml, line {line}: ")
    assert words in caught.value.title
    assert caught.value.remedy


@given(st.text(max_size=200))
def test_no_text_does_more_than_to_be_refused_in_a_sentence(text: str) -> None:
    try:
        gates = parsed(text, "here")
    except UsageError:
        return
    assert [gate.name for gate in gates][: len(KINDS)] == list(KINDS)


def test_those_that_are_asked_by_name_are_asked_where_they_are_named() -> None:
    gates = default_gates()
    assert "reproducible" not in [gate.name for gate in chosen(gates)]
    assert "reproducible" in [gate.name for gate in chosen(gates, ["reproducible"])]
    with pytest.raises(UsageError, match="no gate 'reproducable'"):
        chosen(gates, ["reproducable"])
