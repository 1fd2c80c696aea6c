"""`mlops-tui demo`: the whole life cycle on the sample data."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from mlops_tui.bootstrap import create_workspace
from mlops_tui.cli.context import INVOCATION
from mlops_tui.cli.options import AsJson
from mlops_tui.cli.output import emit, say, table
from mlops_tui.cli.progress import follow
from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.jobs.model import Job
from mlops_tui.overview.demo import Demo
from mlops_tui.presenters.words import counted, duration, value
from mlops_tui.registry.summary import summed_up
from mlops_tui.store.workspace import FOLDER

EXPECTED_SECONDS = (10, 40, 9, 8, 8, 6)
"""What each step took on two cores: the first guess of the time that is left, scaled by how the steps before went."""


def demo(
    folder: Annotated[Path | None, typer.Argument(metavar="DIR", help="Where; else a new folder mlops-demo.")] = None,
    headless: Annotated[bool, typer.Option("--headless", help="Print a summary and end, without the TUI.")] = False,
    as_json: AsJson = False,
) -> None:
    """Runs the whole life cycle on the sample data, then opens the TUI on it.

    Example: mlops-tui demo --headless
    """
    root = folder or _fresh(Path.cwd())
    if (root / FOLDER).exists():
        raise UsageError(f"There is a workspace in {root} already.", "Name another folder: mlops-tui demo DIR")
    root.mkdir(parents=True, exist_ok=True)
    INVOCATION.opened = services = create_workspace(root)
    say(f"In {printable(str(root))}. Look on from another terminal: mlops-tui --workspace {printable(str(root))}")
    running, started = Demo(services), time.monotonic()

    def followed(job_id: str) -> Job:
        return follow(services.jobs, job_id)

    for number, step in enumerate(running.steps(), start=1):
        left = _left(number, time.monotonic() - started)
        say(f"{number}/6  {step.words}; about {duration(left)} left in all")
        step.act(followed)
    if headless or as_json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        emit(running.summary, as_json=as_json, render=lambda: _rendered(running.summary))
    else:
        INVOCATION.then_open = root


def _left(number: int, passed: float) -> float:
    """Seconds that are left before the step of that number, after so many seconds."""
    before, ahead = sum(EXPECTED_SECONDS[: number - 1]), sum(EXPECTED_SECONDS[number - 1 :])
    return ahead * (passed / before if before else 1.0)


def _fresh(here: Path) -> Path:
    names = ["mlops-demo", *(f"mlops-demo-{number}" for number in range(2, 1000))]
    return next(here / name for name in names if not (here / name).exists())


def _rendered(summary: dict[str, Any]) -> str:
    best, promotion = summary["best"], summary["promotion"]
    moved = [(report["current"], _moved(report)) for report in summary["drift"]]
    rows = sum(batch["rows"] for batch in summary["predictions"])
    lines = [
        f"Workspace   {summary['workspace']}",
        f"Sources     {', '.join(source['name'] for source in summary['sources'])}",
        f"Study       {summary['study']['name']}: {counted(summary['study']['trials'], 'trial')}, {summary['study']['metric']}",
        f"Best        {best['family']}, {value(best['value'])}",
        f"Model       {summary['model']['model']} version {summary['model']['version']}",
        f"Champion    {'yes' if promotion['promoted'] else 'no'}: {summed_up(promotion['gates'])}",
        f"Predictions {rows:,} rows in {counted(len(summary['predictions']), 'file')}",
        "",
        table(("month", "drift"), moved),
        "",
        f"Look around with: mlops-tui --workspace {summary['workspace']}",
    ]
    return "\n".join(lines)


def _moved(report: dict[str, Any]) -> str:
    if report["drift"] is None:
        return "cannot tell"
    names = [column["name"] for column in report["columns"] if column["drift"]]
    return ", ".join(names) if names else "none"
