"""`mlops-tui watch` and `mlops-tui agent …`: folders are watched by a process that outlives the terminal."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import asdict
from typing import Annotated, Any

import typer

from mlops_tui.automation.model import AgentStatus
from mlops_tui.automation.service import Watching
from mlops_tui.cli.commands.data import scan
from mlops_tui.cli.context import services
from mlops_tui.cli.options import AsJson
from mlops_tui.cli.output import emit, say, to_json
from mlops_tui.core.clock import from_seconds
from mlops_tui.core.printable import printable
from mlops_tui.presenters.words import age, one_line
from mlops_tui.store.change import ChangeReader
from mlops_tui.store.event import Event, read_events

app = typer.Typer(no_args_is_help=True, help="The process that watches folders and starts jobs.")


FOLLOW_SECONDS = 0.25
EVENTS_AT_ONCE = 200


def watch(
    once: Annotated[bool, typer.Option("--once", help="Scan all sources once instead, and wait for it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Switches watching on and shows what happens until ctrl+c; watching goes on without this terminal.

    Example: mlops-tui watch --once
    """
    if once:
        scan(None, as_json=as_json)
        return
    opened = services()
    status = Watching(opened.store).switch_on()
    say(f"Watching, by process {status.pid}. ctrl+c leaves it watching; end it with: mlops-tui agent stop")
    _follow(opened.store.new_reader(), as_json)


def _follow(reader: sqlite3.Connection, as_json: bool) -> None:
    changes = ChangeReader(reader)
    changes.changed()
    last = next((event.id for event in read_events(reader, limit=1)), "")
    while True:
        if "events" in changes.changed():
            new = [event for event in read_events(reader, limit=EVENTS_AT_ONCE) if event.id > last]
            for event in reversed(new):
                print(to_json(_told(event), indent=None) if as_json else _line(event), flush=True)
                last = event.id
        time.sleep(FOLLOW_SECONDS)


def _told(event: Event) -> dict[str, Any]:
    return asdict(event)


def _line(event: Event) -> str:
    why = f": {one_line(event.why)}" if event.why else ""
    subject = f"{event.subject_kind} {printable(event.subject_name)}"
    return f"{event.at[11:19]}  {event.verb.replace('_', ' '):<14}  {subject}{why}"


@app.command()
def status(as_json: AsJson = False) -> None:
    """Says whether the agent runs and whether folders are watched.

    Example: mlops-tui agent status
    """
    _show(Watching(services().store).status(), as_json)


@app.command()
def start(as_json: AsJson = False) -> None:
    """Switches watching on, with an agent that runs until it is stopped.

    Example: mlops-tui agent start
    """
    _show(Watching(services().store).switch_on(), as_json)


@app.command()
def stop(as_json: AsJson = False) -> None:
    """Switches watching off until asked again, and ends the agent; jobs that run go on.

    Example: mlops-tui agent stop
    """
    _show(Watching(services().store).switch_off(), as_json)


def _show(found: AgentStatus, as_json: bool) -> None:
    since = None if found.started is None else from_seconds(found.started)
    told = {
        "running": found.running,
        "watching": found.watching,
        "pid": found.pid,
        "started": since,
        "polling": found.polling,
        "polled": [asdict(polled) for polled in found.polled],
    }
    emit(told, as_json=as_json, render=lambda: _sentence(found, since))


def _sentence(found: AgentStatus, since: str | None) -> str:
    runs = (
        f"The agent runs as process {found.pid}, started {age(since, time.time())}"
        if found.running
        else "No agent runs"
    )
    watching = "folders are watched" if found.watching else "folders are not watched"
    return "\n".join([f"{runs}; {watching}.", *polled_lines(found)])


def polled_lines(found: AgentStatus) -> list[str]:
    """A sentence for each folder that the system does not report on."""
    return [
        f"{printable(polled.folder)} is looked into every few seconds: {one_line(polled.why)}."
        for polled in found.polled
    ]
