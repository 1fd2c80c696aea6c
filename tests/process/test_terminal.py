"""The whole program in a real terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.processes import processes_of, wait_for
from tests.terminal import Terminal

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
