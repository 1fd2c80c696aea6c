"""The whole program in a real terminal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import processes_of, wait_for
from tests.terminal import Terminal

KEEPING = """
import mlops_tui as mt
from mlops_tui.store.migrate import migrate
from mlops_tui.store.workspace import create
from pathlib import Path
from PIL import Image
migrate(create(Path.cwd()).store)
with mt.start_run("r", captured=False):
    picture = Image.new("RGB", (40, 20), (200, 0, 0))
    picture.paste((0, 0, 200), (20, 0, 40, 20))
    mt.log_figure(picture, "flag.png")
    mt.log_text("a,b\\n" + "".join(f"{i},{i * i}\\n" for i in range(50)), "scores.csv")
    mt.log_text("a\\x1b[2Jb\\n", "notes.txt")
"""
TABLE = "x,y\n" + "".join(f"{number},{number % 2}\n" for number in range(200))


def test_a_folder_without_a_workspace_is_offered_one(tmp_path: Path) -> None:
    """Enter makes it and opens the screen; q leaves it in order."""
    with Terminal(cwd=tmp_path) as terminal:
        asked = terminal.until("[Y/n]")
        assert str(tmp_path) in asked.replace("\n", "")
        assert not (tmp_path / ".mlops").exists()
        terminal.press("\r")
        terminal.until("level 0")
        terminal.press("q")
        assert terminal.end() == 0
    assert (tmp_path / ".mlops" / "store.db").exists()
    wait_for(lambda: not processes_of(tmp_path), 10)


def test_an_offer_that_is_declined_leaves_nothing(tmp_path: Path) -> None:
    with Terminal(cwd=tmp_path) as terminal:
        terminal.until("[Y/n]")
        terminal.press("n\r")
        assert terminal.end() == 0
    assert list(tmp_path.iterdir()) == []


def test_an_offer_that_is_interrupted_leaves_nothing(tmp_path: Path) -> None:
    with Terminal(cwd=tmp_path) as terminal:
        terminal.until("[Y/n]")
        terminal.press("\x03")
        assert terminal.end() == 130
        assert "Traceback" not in terminal.text
    assert list(tmp_path.iterdir()) == []


def test_progress_stays_on_one_line_of_a_narrow_terminal_and_is_wiped(tmp_path: Path) -> None:
    """A line as wide as the terminal would wrap, and the next one could not wipe it."""
    folder = tmp_path / "a folder whose name is longer than the terminal is wide"
    folder.mkdir()
    for number in range(8):
        rows = "".join(f"{100 * number + place},{place}\n" for place in range(20))
        (folder / f"{'a file with a long name ' * 3}{number}.csv").write_text(f"x,y\n{rows}")
    for arguments in (("init",), ("data", "add", str(folder), "--name", "a-source-with-a-long-name")):
        with Terminal(*arguments, cwd=tmp_path) as terminal:
            assert terminal.end() == 0, terminal.text
    with Terminal("data", "scan", cwd=tmp_path, columns=40) as terminal:
        terminal.until("scan")
        assert terminal.end() == 0
        assert "━" not in terminal.text
        assert "╌" not in terminal.text
        assert "8" in terminal.text


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_demo_is_seen_live_by_a_second_terminal_and_ends_in_the_screen(tmp_path: Path) -> None:
    """The second one opens while the study runs and shows its trials; the first one goes over into the TUI."""
    with Terminal("demo", "loans", cwd=tmp_path) as first:
        first.until("2/6", 120)
        with Terminal("--workspace", "loans", cwd=tmp_path, columns=160, rows=50) as second:
            second.until("running")
            second.press("3")
            second.until("12/12", 200)
            second.press("6")
            second.until("champion")
            second.press("q")
            assert second.end() == 0
        first.until("level 1", 200)
        first.press("7")
        first.until("channel")
        first.press("q")
        assert first.end() == 0
    wait_for(lambda: not processes_of(tmp_path / "loans"), 40)


def test_a_file_of_a_run_is_shown_as_what_it_is(tmp_path: Path) -> None:
    """A picture by its colours, of a table the first rows; what is written elsewhere stays the bytes that were kept."""
    subprocess.run([sys.executable, "-c", KEEPING], cwd=tmp_path, check=True, timeout=120)
    with Terminal("runs", "artifacts", "r", "flag.png", cwd=tmp_path) as terminal:
        assert terminal.until("40 × 20 pixels · PNG").count("\n") > 15
        assert terminal.end() == 0
        assert {terminal.ground(20, 2), terminal.ground(60, 2)} == {"c80000", "0000c8"}
    with Terminal("runs", "artifacts", "r", "scores.csv", cwd=tmp_path) as terminal:
        terminal.until("Rows 1 to 20 of 50")
        assert terminal.end() == 0
    with Terminal("runs", "artifacts", "r", "notes.txt", cwd=tmp_path) as terminal:
        terminal.until("a\\x1b[2Jb")
        assert terminal.end() == 0
    written = [sys.executable, "-m", "mlops_tui", "runs", "artifacts", "r", "notes.txt"]
    assert subprocess.run(written, cwd=tmp_path, check=True, capture_output=True, timeout=120).stdout == b"a\x1b[2Jb\n"
