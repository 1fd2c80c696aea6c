"""Where everything that is measured lives: one folder, which is gone afterwards, and what processes are told."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from mlops_tui.automation.service import Watching
from mlops_tui.bootstrap import Services, open_services
from mlops_tui.store.migrate import migrate
from mlops_tui.store.workspace import create
from tests.benchmarks.measuring import Reference
from tests.tui.filling import add_runs

OURS = str(Path(sys.executable).with_name("mlops-tui"))
LEFT_OUT = ("NO_COLOR", "TMUX", "SSH_CONNECTION", "SSH_TTY", "PYTHONDONTWRITEBYTECODE", "PYTHONSTARTUP")
RUNS = 100_000


class Place:
    """A folder with workspaces that are made when they are first asked for, and the reference operation."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.reference = Reference(folder)
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if name not in LEFT_OUT and not name.startswith(("MLOPS_", "TEXTUAL"))
        } | {
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LC_ALL": "C.UTF-8",
            "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),  # compiled by the first round, as an installed package is
        }

    @contextmanager
    def workspace(self, name: str, *, runs: int = 0) -> Iterator[Services]:
        """The services of the workspace of that name, made and filled where there is none yet."""
        root = self.folder / name
        is_new = not root.exists()
        if is_new:
            migrate(create(root).store)
        services = open_services(root)
        try:
            if is_new and runs:
                add_runs(services, runs)
            yield services
        finally:
            services.close()

    def many_runs(self) -> Path:
        """A workspace with 100,000 runs."""
        with self.workspace("many-runs", runs=RUNS) as services:
            return services.workspace.root


@contextmanager
def a_place() -> Iterator[Place]:
    """A place that is gone at the end of the block."""
    with TemporaryDirectory(prefix="mlops-tui-bench-") as folder:
        place = Place(Path(folder).resolve())
        try:
            yield place
        finally:
            place.reference.close()


@contextmanager
def an_agent(services: Services) -> Iterator[None]:
    """A running agent that watches, ended at the end of the block."""
    watching = Watching(services.store)
    watching.switch_on()
    try:
        yield
    finally:
        watching.switch_off()
