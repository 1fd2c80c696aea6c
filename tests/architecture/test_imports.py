"""What a fresh process has loaded once it has opened a front, looked at a workspace, or logged a metric."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mlops_tui.store.store import Store

HEAVY = (
    *("numpy", "pandas", "sklearn", "scipy", "optuna", "duckdb", "pyarrow", "datasketches", "skops"),
    *("joblib", "onnx", "onnxruntime", "skl2onnx"),
    *("sqlalchemy", "sqlmodel", "alembic"),
)
LOADED = "import json, sys; print(json.dumps([name for name in {names!r} if name in sys.modules]))"

FIRST_FRAME = """
import asyncio, json, sys
from pathlib import Path
from mlops_tui.bootstrap import open_services
from mlops_tui.tui.app import MlopsApp
from tests.tui.seeing import settled, text_of

async def look():
    app = MlopsApp(open_services(Path({root!r})))
    async with app.run_test(size=(80, 24)) as pilot:
        painted = text_of(app)
        first = [name for name in {names!r} if name in sys.modules]
        await settled(pilot)
        return painted, first, [name for name in {names!r} if name in sys.modules]

painted, first, filled = asyncio.run(look())
assert "Home" in painted
print(json.dumps([first, filled]))
"""

READING = """
from pathlib import Path
from mlops_tui.bootstrap import open_services
services = open_services(Path({root!r}))
assert services.overview.status()["level"] == 0
"""

LOGGING = """
import mlops_tui
with mlops_tui.start_run("light"):
    mlops_tui.log_param("depth", 3)
    mlops_tui.log_metric("auc", 0.9, step=1)
    mlops_tui.set_tag("stage", "candidate")
"""


def printed_by(code: str, cwd: Path | None = None) -> list:
    """The JSON in the last line that a fresh process prints."""
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(
        command, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


def loaded_after(code: str, names: tuple[str, ...] = HEAVY, cwd: Path | None = None) -> list[str]:
    return printed_by(f"{code}\n{LOADED.format(names=names)}", cwd)


def test_importing_the_command_line_loads_no_engine_no_orm_and_no_tui() -> None:
    assert loaded_after("import mlops_tui.cli.main", (*HEAVY, "textual")) == []


@pytest.mark.parametrize(
    "command",
    [
        ("status", "--json"),
        ("runs", "list"),
        ("jobs", "list"),
        ("studies", "list"),
        ("models", "list"),
        ("data", "list"),
        ("events",),
        ("agent", "status"),
    ],
)
def test_looking_at_a_workspace_loads_none_of_them_either(made: Path, command: tuple[str, ...]) -> None:
    code = f"from mlops_tui.cli.main import run; run(['--workspace', {str(made)!r}, *{command!r}])"
    assert loaded_after(code, (*HEAVY, "textual")) == []


@pytest.mark.parametrize("module", ["answers", "sql", "telling", "scan"])
def test_what_is_waited_for_needs_no_frames(module: str) -> None:
    """A page of rows and a file that arrives are there a second sooner without pandas."""
    assert loaded_after(f"import mlops_tui.data.engine.{module}", ("pandas", "sklearn", "optuna")) == []


def test_the_entry_point_alone_loads_neither_front() -> None:
    assert loaded_after("import mlops_tui.__main__", ("typer", "textual", "mlops_tui.cli", "mlops_tui.tui")) == []


def test_the_package_alone_loads_nothing_of_its_own() -> None:
    names = ("mlops_tui.api", "mlops_tui.store", "mlops_tui.bootstrap", "sqlite3", *HEAVY)
    assert loaded_after("import mlops_tui; mlops_tui.__version__", names) == []


def test_reading_the_store_loads_no_engine_no_orm_and_no_front(made: Path) -> None:
    assert loaded_after(READING.format(root=str(made)), (*HEAVY, "textual", "typer")) == []


def test_logging_a_metric_loads_no_engine_no_orm_and_no_front(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLOPS_WORKSPACE", raising=False)
    assert loaded_after(LOGGING, (*HEAVY, "textual", "typer"), cwd=store.workspace.root) == []
    assert store.reader.execute("SELECT key, value FROM run_metric").fetchall() == [("auc", 0.9)]


def test_the_first_frame_of_the_tui_stands_without_any_engine(made: Path) -> None:
    """Charts may bring NumPy when what they show was read; nothing else comes then either."""
    code = FIRST_FRAME.format(root=str(made), names=(*HEAVY, "typer"))
    first, filled = printed_by(code, cwd=Path(__file__).parents[2])
    assert first == []
    assert set(filled) <= {"numpy"}


def test_the_first_trial_of_a_study_does_not_wait_for_what_only_its_end_needs() -> None:
    loaded = loaded_after("import mlops_tui.tuning.engine.study")
    assert "optuna" in loaded
    assert not {"sqlalchemy", "sqlmodel", "alembic", "skops"} & set(loaded)
