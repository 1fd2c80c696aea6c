"""Files that a script keeps with its run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

import mlops_tui as mt
from mlops_tui.core.errors import UsageError
from mlops_tui.runs.query import artifacts_of, find_artifact, find_run
from mlops_tui.store.artifact import verified
from mlops_tui.store.store import Store


def names(store: Store, run: str) -> list[str]:
    return [one.name for one in artifacts_of(store.reader, find_run(store.reader, run).id)]


def content(store: Store, run: str, name: str) -> bytes:
    found = find_artifact(store.reader, find_run(store.reader, run), name)
    kept = verified(store.workspace, found.hash).read_bytes()
    assert len(kept) == found.size
    return kept


def test_a_file_a_text_and_a_dictionary_are_kept_under_their_names(here: Store, tmp_path: Path) -> None:
    (tmp_path / "roc.csv").write_bytes(b"x,y\n1,2\n")
    with mt.start_run("kept", captured=False):
        mt.log_artifact(tmp_path / "roc.csv")
        mt.log_artifact(tmp_path / "roc.csv", "tables/roc.csv")
        mt.log_text("naïve\n", "notes.md")
        given = {"depth": 3, "at": Path("x"), "x": np.arange(3), "one": np.float32(0.5), "set": {2, 1}}
        mt.log_dict(given, "config.json")
    kept = artifacts_of(here.reader, find_run(here.reader, "kept").id)
    assert [(one.name, one.kind) for one in kept] == [
        ("config.json", "json"),
        ("notes.md", "text"),
        ("roc.csv", "table"),
        ("tables/roc.csv", "table"),
    ]
    assert content(here, "kept", "tables/roc.csv") == b"x,y\n1,2\n"
    assert content(here, "kept", "notes.md") == "naïve\n".encode()
    assert json.loads(content(here, "kept", "config.json")) == {
        "depth": 3,
        "at": "x",
        "x": [0, 1, 2],
        "one": 0.5,
        "set": [1, 2],
    }


def test_one_of_the_same_name_takes_the_others_place(here: Store) -> None:
    with mt.start_run("kept", captured=False):
        mt.log_text("first", "notes.md")
        mt.log_text("second", "notes.md")
    assert names(here, "kept") == ["notes.md"]
    assert content(here, "kept", "notes.md") == b"second"


def test_a_folder_is_kept_with_all_that_lies_in_it(here: Store, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    (folder / "plots").mkdir(parents=True)
    (folder / "a.txt").write_text("a")
    (folder / "plots" / "b.png").write_bytes(b"\x89PNG")
    (folder / "again.txt").symlink_to(folder / "a.txt")
    with mt.start_run("kept", captured=False):
        mt.log_artifacts(folder, "results")
    assert names(here, "kept") == ["results/a.txt", "results/again.txt", "results/plots/b.png"]


def test_a_link_that_leads_out_of_the_folder_is_refused_and_nothing_is_kept(here: Store, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "a.txt").write_text("a")
    (tmp_path / "secret").write_text("no")
    (folder / "b.txt").symlink_to(tmp_path / "secret")
    with mt.start_run("kept", captured=False), pytest.raises(UsageError, match="leads out of the folder"):
        mt.log_artifacts(folder)
    assert names(here, "kept") == []


@pytest.mark.parametrize("name", ["../up.txt", "/etc/passwd", "a/../../b", "", "x\ny", "x\x1b[2J", "n" * 501, "a\0b"])
def test_a_name_that_leads_out_of_the_run_or_cannot_be_shown_is_refused(here: Store, name: str) -> None:
    with mt.start_run("kept", captured=False), pytest.raises(UsageError, match="cannot be the name of an artifact"):
        mt.log_text("x", name)
    assert names(here, "kept") == []


def test_a_pipe_is_not_waited_for_and_a_folder_is_no_file(here: Store, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with mt.start_run("kept", captured=False):
        for path, words in (("pipe", "is no file"), (".", "is no file"), ("none", "cannot be read")):
            with pytest.raises(UsageError, match=words):
                mt.log_artifact(tmp_path / path, "x")
        with pytest.raises(UsageError, match="is no folder"):
            mt.log_artifacts(tmp_path / "none")
    assert names(here, "kept") == []


KILLED = """
import sys, mlops_tui as mt
mt.start_run("killed", captured=False)
for number in range(10_000):
    mt.log_text(f"text {number}", f"{number}.txt")
    print(number, flush=True)
"""


def test_what_a_call_has_kept_survives_kill_9(here: Store) -> None:
    process = subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout:
        for _ in range(20):
            reported = int(process.stdout.readline())
        os.kill(process.pid, signal.SIGKILL)
    process.wait()
    there = names(here, "killed")
    assert len(there) >= reported + 1
    for name in there:
        assert content(here, "killed", name) == f"text {name.removesuffix('.txt')}".encode()


def test_a_figure_of_matplotlib_or_pillow_is_kept_as_its_name_says(here: Store) -> None:
    figure = Figure()
    axes = figure.subplots()
    axes.plot([1, 2, 3])
    with mt.start_run("drawn", captured=False):
        mt.log_figure(figure, "plots/curve.png")
        mt.log_figure(axes, "plots/axes.svg")
        mt.log_figure(Image.new("RGB", (4, 4)), "image.jpg")
        mt.log_figure(figure, "unnamed")
        with pytest.raises(UsageError, match=r"cannot be written as plots/curve\.xyz"):
            mt.log_figure(figure, "plots/curve.xyz")
        with pytest.raises(UsageError, match="A list is no figure"):
            mt.log_figure([1], "a.png")
    assert names(here, "drawn") == ["image.jpg", "plots/axes.svg", "plots/curve.png", "unnamed.png"]
    assert content(here, "drawn", "plots/curve.png").startswith(b"\x89PNG")
    assert content(here, "drawn", "image.jpg").startswith(b"\xff\xd8")
    assert b"<svg" in content(here, "drawn", "plots/axes.svg")
