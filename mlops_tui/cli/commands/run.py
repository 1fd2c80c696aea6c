"""`mlops-tui run -- COMMAND`: any command as a run, in a job that outlives the terminal."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from mlops_tui.cli.context import services
from mlops_tui.cli.diagnostics import report
from mlops_tui.cli.log_tail import LogTail
from mlops_tui.cli.options import AsJson
from mlops_tui.cli.output import emit
from mlops_tui.core.errors import JobError, UsageError
from mlops_tui.core.ids import short
from mlops_tui.core.printable import printable
from mlops_tui.jobs.model import Job
from mlops_tui.jobs.query import get_job
from mlops_tui.presenters.words import one_line
from mlops_tui.runs.begin import text_of

SIGNALLED = 128


def run(
    command: Annotated[list[str], typer.Argument(metavar="-- COMMAND …", help="The command and what it is given.")],
    name: Annotated[str | None, typer.Option("--name", help="The run's name; else it is given one.")] = None,
    experiment: Annotated[str | None, typer.Option("--experiment", help="What the run belongs to.")] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Return at once; the job goes on.")] = False,
    as_json: AsJson = False,
) -> None:
    """Runs any command as a run: its output is the run's log, and what it logs with mlops_tui is the run's too.

    Example: mlops-tui run --name baseline -- python train.py --depth 3
    """
    opened = services()
    _refuse_what_cannot_start(command[0])
    if name is not None:
        text_of(name, "The name of a run")
    if experiment is not None:
        text_of(experiment, "The name of an experiment")
    title = f"run {one_line(' '.join(command), 60)}"
    spec = {"command": command, "folder": str(Path.cwd()), "name": name, "experiment": experiment}
    job_id = opened.jobs.start("command", title, spec)
    log = LogTail(opened.workspace.logs / f"{job_id}.log")
    if not detach and not as_json:
        try:
            log.follow(opened.store, opened.jobs, job_id)
        except KeyboardInterrupt:
            print(f"\nThe run goes on. Follow it with: mlops-tui jobs log {short(job_id)} -f", file=sys.stderr)
            raise
    if not detach:
        try:
            opened.jobs.wait(job_id)
        except JobError as error:
            _end_as_it_did(error, get_job(opened.store.reader, job_id), as_json=as_json)
    job = get_job(opened.store.reader, job_id)
    result = job.result or {}
    told = {"job": job_id, "run": result.get("run"), "exit_code": result.get("exit_code"), "state": job.state}
    if as_json or detach:
        emit(told, as_json=as_json, render=lambda: f"{printable(title)}  job {short(job_id)}")


def _end_as_it_did(error: JobError, job: Job, *, as_json: bool) -> None:
    """Ends with the command's own exit code, of a signal 128 and its number as shells do; raises the error where it has none."""
    code = (job.result or {}).get("exit_code")
    if not code:
        raise error
    report(error, as_json=as_json, debug=False)
    raise typer.Exit(code if code > 0 else SIGNALLED - code)


def _refuse_what_cannot_start(program: str) -> None:
    """Raises UsageError where there is no such program here."""
    found = shutil.which(program) if os.sep not in program else shutil.which(Path(program).resolve())
    if found is None:
        raise UsageError(
            f"There is no command '{printable(program)}' here.", "For example: mlops-tui run -- python train.py"
        )
