"""What the command line answers when it is asked wrongly, and where it says it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command

USAGE = 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("nosuch",),
        ("jobs", "list", "--nope"),
        ("jobs", "list", "--limit", "many"),
        ("tune",),
        ("jobs", "show", "ZZZZ"),
        ("data", "show", "nobody"),
        ("studies", "show", "nobody"),
        ("models", "show", "nobody"),
        ("tune", "nobody"),
        ("tune", "nobody", "--timeout", "soon"),
        ("undo",),
        ("gc", "--dry-run"),
        ("doctor",),
        ("retrain", "churn", "--window", "all"),
        ("alerts", "ack", "A"),
        ("run", "--name", "N", "--", "no-such-program"),
        ("studies", "importance", "S"),
        ("studies", "enqueue", "S", "a=1"),
        ("models", "evaluate", "M", "1"),
        ("config", "edit"),
        ("tune", "N", "--space", "F"),
    ],
)
def test_wrong_usage_exits_2_with_words_on_stderr_alone(mlops: Command, made: Path, arguments: tuple[str, ...]) -> None:
    done = mlops("--workspace", str(made), *arguments)
    assert done.returncode == USAGE, done.stderr
    assert done.stdout == ""
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_a_group_without_a_command_shows_what_there_is(mlops: Command) -> None:
    done = mlops("jobs")
    assert done.returncode == USAGE
    assert "cancel" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "code"), [(("jobs", "show", "ZZ"), "unknown_name"), (("nosuch",), "usage"), (("undo",), "not_built")]
)
def test_an_error_in_json_has_code_title_and_remedy(
    mlops: Command, made: Path, arguments: tuple[str, ...], code: str
) -> None:
    done = mlops("--workspace", str(made), *arguments, "--json")
    assert done.returncode == USAGE
    error = json.loads(done.stdout)["error"]
    assert set(error) == {"code", "title", "remedy"}
    assert error["code"] == code
    assert done.stderr == ""


def test_a_folder_without_a_workspace_fails_and_says_what_makes_one(mlops: Command, tmp_path: Path) -> None:
    done = mlops("status", cwd=tmp_path)
    assert done.returncode == 1
    assert "mlops-tui init" in done.stderr


def test_a_command_after_debug_shows_the_trace(mlops: Command, made: Path) -> None:
    done = mlops("--workspace", str(made), "--debug", "jobs", "show", "ZZZ")
    assert done.returncode == USAGE
    assert "Traceback" in done.stderr


@pytest.mark.parametrize("arguments", [(), ("--workspace", ".")])
def test_without_a_terminal_no_tui_opens(mlops: Command, made: Path, arguments: tuple[str, ...]) -> None:
    done = mlops(*arguments, cwd=made)
    assert done.returncode == USAGE
    assert "needs a terminal" in done.stderr


def test_the_version_is_the_installed_one(mlops: Command) -> None:
    done = mlops("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("mlops-tui ")
