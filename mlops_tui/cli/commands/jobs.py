"""`mlops-tui jobs …`: what runs in the background, how far it is, and how it ended."""

from __future__ import annotations

import sys
import time
from typing import Annotated, Any

import typer

from mlops_tui.cli.context import services
from mlops_tui.cli.log_tail import LogTail
from mlops_tui.cli.options import AsJson, Limit, Offset
from mlops_tui.cli.output import emit, table
from mlops_tui.core.ids import shorten
from mlops_tui.core.printable import printable
from mlops_tui.jobs.model import Job
from mlops_tui.jobs.query import find_job, list_jobs, list_workers
from mlops_tui.presenters.jobs import done_of
from mlops_tui.presenters.words import between, duration, one_line, remaining, state

app = typer.Typer(no_args_is_help=True, help="Jobs: what runs in the background, and how it ended.")

JobId = Annotated[str, typer.Argument(metavar="J", help="A job: a part of its id.")]


@app.command("list")
def list_(
    limit: Limit = 50,
    offset: Offset = 0,
    as_json: AsJson = False,
) -> None:
    """Lists jobs, the newest first.

    Example: mlops-tui jobs list
    """
    found = list_jobs(services().store.reader, limit=limit, offset=offset)
    emit([_record(job) for job in found], as_json=as_json, render=lambda: _render(found))


@app.command()
def show(job: JobId, as_json: AsJson = False) -> None:
    """Shows one job with its spec, its processes and its result.

    Example: mlops-tui jobs show 4XK2P9
    """
    reader = services().store.reader
    found = find_job(reader, job)
    workers = [
        {name: getattr(worker, name) for name in ("number", "pid", "exit_code", "signal", "reason", "started", "ended")}
        for worker in list_workers(reader, found.id)
    ]
    shown = {**_record(found), "spec": found.spec, "workers": workers, "result": found.result, "error": found.error}
    emit(shown, as_json=as_json, render=lambda: _render_one(found, workers))


@app.command()
def log(
    job: JobId,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the job has ended.")] = False,
) -> None:
    """Prints what a job wrote.

    Example: mlops-tui jobs log 4XK2P9 -f
    """
    opened = services()
    found = find_job(opened.store.reader, job)
    tail = LogTail(opened.workspace.logs / found.log)
    if not tail.is_there:
        print("It has written nothing yet." if found.is_open else "It wrote nothing.", file=sys.stderr)
    tail.copy()
    if follow:
        tail.follow(opened.store, opened.jobs, found.id)


@app.command()
def pause(job: JobId, as_json: AsJson = False) -> None:
    """Begins nothing new; what runs is finished.

    Example: mlops-tui jobs pause 4XK2P9
    """
    _ask("pause", job, as_json)


@app.command()
def resume(job: JobId, as_json: AsJson = False) -> None:
    """Lets a paused job go on.

    Example: mlops-tui jobs resume 4XK2P9
    """
    _ask("resume", job, as_json)


@app.command()
def stop(job: JobId, as_json: AsJson = False) -> None:
    """Finishes what runs, then ends the job.

    Example: mlops-tui jobs stop 4XK2P9
    """
    _ask("stop", job, as_json)


@app.command()
def cancel(job: JobId, as_json: AsJson = False) -> None:
    """Kills the job's processes; what was not finished is lost. This cannot be undone.

    Example: mlops-tui jobs cancel 4XK2P9
    """
    _ask("cancel", job, as_json)


def _ask(verb: str, selector: str, as_json: bool) -> None:
    opened = services()
    job = getattr(opened.jobs, verb)(find_job(opened.store.reader, selector).id)
    emit(_record(job), as_json=as_json, render=lambda: f"{printable(job.title)}: {job.wanted or job.state}")


def _record(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "kind": job.kind,
        "title": job.title,
        "state": job.state,
        "pid": job.pid,
        "progress": {"done": job.done, "total": job.total, "best": job.best, "note": job.note},
        "eta": job.eta,
        "reason": job.reason,
        "created": job.created,
        "started": job.started,
        "ended": job.ended,
    }


def _render(found: list[Job]) -> str:
    shown = shorten(job.id for job in found)
    rows = [
        (
            shown[job.id],
            one_line(job.title, 40),
            state(job.state).text,
            done_of(job) if job.total else "",
            remaining(job.eta) if job.eta is not None else "",
            duration(between(job.started, job.ended, time.time())),
            one_line(job.reason or job.note or "", 80),
        )
        for job in found
    ]
    columns = ("id", "what", "state", "done", "left", "took", "why")
    return table(columns, rows, right=("done", "left", "took"), empty="There are no jobs yet.")


def _render_one(job: Job, workers: list[dict[str, Any]]) -> str:
    lines = [_render([job]), f"pid {job.pid or '–'}  log {job.log}"]
    for worker in workers:
        ended = worker["reason"] or ("runs" if worker["ended"] is None else "ended well")
        lines.append(f"worker {worker['number']}  pid {worker['pid']}  {printable(ended)}")
    if job.error:
        lines.append(f"{printable(job.error['title'])} {printable(job.error['remedy'])}")
    return "\n".join(lines)
