"""The whole program in a real terminal."""

from __future__ import annotations

from pathlib import Path

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
        (folder / f"{'a file with a long name ' * 3}{number}.csv").write_text(TABLE)
    for arguments in (("init",), ("data", "add", str(folder), "--name", "a-source-with-a-long-name")):
        with Terminal(*arguments, cwd=tmp_path) as terminal:
            assert terminal.end() == 0, terminal.text
    with Terminal("data", "scan", cwd=tmp_path, columns=40) as terminal:
        terminal.until("scan")
        assert terminal.end() == 0
        assert "━" not in terminal.text
        assert "╌" not in terminal.text
        assert "8" in terminal.text
