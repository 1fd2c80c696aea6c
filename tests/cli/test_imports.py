"""What a fresh process has loaded once the command line is there, and after it has looked at a workspace."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HEAVY = ("numpy", "pandas", "sklearn", "scipy", "optuna", "duckdb", "pyarrow", "sqlalchemy", "sqlmodel", "alembic")
LOADED = "import sys; print([m for m in {names!r} if m in sys.modules])"


def loaded_after(code: str, names: tuple[str, ...]) -> str:
    command = [sys.executable, "-c", f"{code}; {LOADED.format(names=names)}"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip().splitlines()[-1]


def test_importing_the_command_line_loads_no_engine_no_orm_and_no_tui() -> None:
    assert loaded_after("import mlops_tui.cli.main", (*HEAVY, "textual")) == "[]"


def test_looking_at_a_workspace_loads_none_of_them_either(made: Path) -> None:
    for command in (["status"], ["jobs", "list"], ["runs", "list"], ["studies", "list"], ["models", "list"]):
        code = f"from mlops_tui.cli.main import run; run(['--workspace', {str(made)!r}, *{command!r}])"
        assert loaded_after(code, (*HEAVY, "textual")) == "[]", command


def test_the_entry_point_alone_loads_neither_front() -> None:
    assert loaded_after("import mlops_tui.__main__", ("typer", "textual", "mlops_tui.cli", "mlops_tui.tui")) == "[]"
