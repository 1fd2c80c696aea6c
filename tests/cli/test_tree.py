"""Only what is asked for is loaded, and nothing that could be asked for is missing."""

from __future__ import annotations

import subprocess
import sys

import pytest

from mlops_tui.cli.main import run
from mlops_tui.cli.tree import COMMANDS, asked_for


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["status", "--json"], "status"),
        (["--workspace", "data", "status"], "status"),
        (["--workspace=data", "runs", "list"], "runs"),
        (["--debug", "jobs"], "jobs"),
        (["--help"], None),
        (["--workspace"], None),
        ([], None),
    ],
)
def test_the_command_is_the_first_word_that_is_no_option_and_no_folder(
    arguments: list[str], command: str | None
) -> None:
    """A folder may be named as a command is."""
    assert asked_for(arguments) == command


def test_a_command_loads_no_other_commands_module() -> None:
    """`status` is asked by scripts and prompts, which should not wait for the rest."""
    code = (
        "import sys; from mlops_tui.cli.main import app_for; app_for(['status']);"
        "print(*sorted(name for name in sys.modules if name.startswith('mlops_tui.cli.commands.')))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert loaded == ["mlops_tui.cli.commands.workspace"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_tree_shows_its_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A module or a function that was renamed would be noticed here."""
    assert run([command, "--help"]) == (0, None)
    assert f"mlops-tui {command}" in capsys.readouterr().out
