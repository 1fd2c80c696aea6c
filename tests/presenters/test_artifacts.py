"""What is shown of a run's text files: all that can be read, nothing that a terminal would obey."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_tui.presenters.artifacts import AS_FACTS, AS_IMAGE, AS_TABLE, AS_TEXT, TEXT_BYTES, Text, text_of, way_of
from mlops_tui.runs.artifact import Artifact


def told(path: Path, content: bytes, name: str = "a.txt") -> Text | None:
    path.write_bytes(content)
    return text_of(path, Artifact(name, "0" * 64, len(content), "text"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept"


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("plots/roc.PNG", AS_IMAGE),
        ("rows.csv", AS_TABLE),
        ("events.jsonl", AS_TABLE),
        ("environment.json", AS_TEXT),
        ("code.diff", AS_TEXT),
        ("model.skops", AS_FACTS),
        ("none", AS_FACTS),
    ],
)
def test_the_ending_of_its_name_says_how_a_file_is_shown(name: str, way: str) -> None:
    assert way_of(Artifact(name, "0" * 64, 1, "environment")) == way


def test_control_characters_are_written_out_and_tabs_are_blanks(path: Path) -> None:
    found = told(path, b"a\x1b[31mred\tb\r\nnext\n")
    assert found == Text("a\\x1b[31mred   b\nnext", "", "txt")


def test_json_is_written_one_value_a_line_and_what_is_none_is_shown_as_it_is(path: Path) -> None:
    assert told(path, '{"a": [1, "ü"]}'.encode(), "a.json") == Text('{\n  "a": [\n    1,\n    "ü"\n  ]\n}', "", "json")
    broken = told(path, b'{"a": ', "a.json")
    assert broken is not None
    assert broken.text == '{"a": '
    assert broken.note.startswith("no valid JSON: ")


def test_a_long_text_says_how_much_of_it_is_shown(path: Path) -> None:
    found = told(path, b"x" * 79 + b"\n" + b"abcdefg\n" * TEXT_BYTES)
    assert found is not None
    assert found.note == "the first 512.0 KiB of 4.0 MiB"
    assert len(found.text) <= TEXT_BYTES
    assert found.language is None


def test_a_line_without_an_end_is_cut(path: Path) -> None:
    found = told(path, b"x" * 100_000)
    assert found is not None
    assert found.text == "x" * 2_000 + " …"


def test_bytes_are_no_text(path: Path) -> None:
    assert told(path, bytes(range(256))) is None
