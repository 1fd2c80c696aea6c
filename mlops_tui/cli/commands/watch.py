"""`mlops-tui watch` and `mlops-tui agent …`: folders are watched by a process that outlives the terminal."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich.cells import cell_len, set_cell_size

from mlops_tui.automation.model import AgentStatus
from mlops_tui.automation.query import agent_status
from mlops_tui.automation.service import LOG, Watching
from mlops_tui.cli.commands.data import scan
from mlops_tui.cli.context import services
from mlops_tui.cli.options import AsJson
from mlops_tui.cli.output import emit, say, to_json
from mlops_tui.cli.progress import CLEAR, terminal_width
from mlops_tui.core.clock import from_seconds
from mlops_tui.core.errors import JobError
from mlops_tui.core.printable import printable
from mlops_tui.data.checkfile import trouble_of
from mlops_tui.data.left_alone import left_alone
from mlops_tui.data.query import list_sources, source_names
from mlops_tui.jobs.query import kind_of, newest_job
from mlops_tui.presenters.data import trouble_words
from mlops_tui.presenters.watching import arrival_line, folded, is_told, work_line
from mlops_tui.presenters.words import age, counted, one_line
from mlops_tui.store.change import ChangeReader
from mlops_tui.store.event import Event, events_after, read_events
from mlops_tui.store.store import Store

app = typer.Typer(no_args_is_help=True, help="The process that watches folders and starts jobs.")


FOLLOW_SECONDS = 0.25
LOOK_SECONDS = 5.0
"""Between two looks for what is left alone."""
MOST_KILLED = 3
KILLED_SECONDS = 60.0
"""An agent that is killed so often within so many seconds is not started again."""


def watch(
    once: Annotated[bool, typer.Option("--once", help="Scan all sources once instead, and wait for it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Switches watching on and shows each file that arrives until ctrl+c; watching goes on without this terminal.

    Where the agent is killed meanwhile another one is started; where watching is switched off it ends.

    Example: mlops-tui watch --once
    """
    if once:
        scan(None, as_json=as_json)
        return
    store = services().store
    follower = Follower(store, as_json)  # before the agent starts: nothing of what it does is missed
    status = Watching(store).switch_on()
    say(f"Watching, by process {status.pid}. ctrl+c leaves it watching; end it with: mlops-tui agent stop")
    try:
        follower.follow()
    finally:
        follower.clear()


class Follower:
    """Prints what happens as it happens; on a terminal with a last line that says what waits and how fast it goes."""

    def __init__(self, store: Store, as_json: bool) -> None:
        self._store = store
        self._reader = store.new_reader()
        self._changes = ChangeReader(self._reader)
        self._changes.changed()
        self._last = next((event.id for event in read_events(self._reader, limit=1)), "")
        self._as_json = as_json
        self._has_line = sys.stderr.isatty() and not as_json
        self._said: list[str] = []
        self._watching = Watching(store)
        self._pid: int | None = None
        self._killed: list[float] = []
        self._alone: list[str] = []
        self._looked = float("-inf")

    def follow(self) -> None:
        """Goes on until it is interrupted or watching is switched off. Raises JobError where no agent stays alive."""
        while True:
            if "events" in self._changes.changed():
                self._tell_events()
            status = agent_status(self._reader, self._store.workspace)
            if not status.watching:
                self.clear()
                say("Watching was switched off: no more files are taken in. Switch it on again with: mlops-tui watch")
                return
            if not status.running:
                status = self._take_over()
            self._pid = status.pid
            self._tell_work(status)
            time.sleep(FOLLOW_SECONDS)

    def _take_over(self) -> AgentStatus:
        """Starts another agent in the place of one that was killed, but not again and again."""
        moment = time.monotonic()
        self._killed = [*(killed for killed in self._killed if moment - killed < KILLED_SECONDS), moment]
        self.clear()
        which = "The agent" if self._pid is None else f"The agent, process {self._pid},"
        if len(self._killed) > MOST_KILLED:
            log = self._store.workspace.logs / LOG
            raise JobError(
                f"{which} has died {counted(len(self._killed), 'time')} in a minute: nothing is taken in.",
                f"See why in {log}, then start it again: mlops-tui watch",
            )
        status = self._watching.start_agent()
        say(f"{which} was killed. Process {status.pid} watches in its place; nothing that came meanwhile is lost.")
        return status

    def _tell_events(self) -> None:
        while new := events_after(self._reader, self._last):
            self._last = new[-1].id
            names = source_names(self._reader, [event.subject_id for event in new if event.subject_kind == "file"])
            for event in new:
                if self._as_json:
                    self._print(to_json(asdict(event), indent=None))
                elif is_told(event) and not self._is_of_other_work(event):
                    self._print(arrival_line(event, names.get(event.subject_id, "")))

    def _is_of_other_work(self, event: Event) -> bool:
        """Whether it is about a job that takes no files in, such as one that a command in another terminal waits for."""
        return event.subject_kind == "job" and kind_of(self._reader, event.subject_id) != "scan"

    def _print(self, text: str) -> None:
        self.clear()
        is_folded = sys.stdout.isatty() and not self._as_json
        print(folded(text, shutil.get_terminal_size().columns) if is_folded else text, flush=True)

    def _tell_work(self, status: AgentStatus) -> None:
        moment = time.monotonic()
        if moment - self._looked > LOOK_SECONDS:
            self._alone, self._looked = alone_lines(self._store), moment
        said = [*polled_lines(status), *trouble_lines(self._store), *self._alone]
        for words in said:
            if words not in self._said:
                self.clear()
                say(words)
        self._said = said
        if self._has_line:
            words = work_line(newest_job(self._reader, "scan"), status.waiting, time.time())
            width = terminal_width() - 1
            sys.stderr.write(CLEAR + set_cell_size(words, min(cell_len(words), width)))
            sys.stderr.flush()

    def clear(self) -> None:
        """Takes the last line away."""
        if self._has_line:
            sys.stderr.write(CLEAR)
            sys.stderr.flush()


@app.command()
def status(as_json: AsJson = False) -> None:
    """Says whether the agent runs and whether folders are watched.

    Example: mlops-tui agent status
    """
    store = services().store
    _show(Watching(store).status(), as_json, trouble_lines(store))


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


def _show(found: AgentStatus, as_json: bool, troubles: Sequence[str] = ()) -> None:
    since = None if found.started is None else from_seconds(found.started)
    told = {
        "running": found.running,
        "watching": found.watching,
        "pid": found.pid,
        "started": since,
        "polling": found.polling,
        "waiting": found.waiting,
        "polled": [asdict(polled) for polled in found.polled],
    }
    emit(told, as_json=as_json, render=lambda: "\n".join([_sentence(found, since), *troubles]))


def _sentence(found: AgentStatus, since: str | None) -> str:
    runs = (
        f"The agent runs as process {found.pid}, started {age(since, time.time())}"
        if found.running
        else "No agent runs"
    )
    if found.watching and not found.running:
        return (
            "Watching is switched on, but no agent runs: nothing is taken in until one does."
            " Start it with: mlops-tui agent start"
        )
    watching = "folders are watched" if found.watching else "folders are not watched"
    return "\n".join([f"{runs}; {watching}.", *polled_lines(found)])


def polled_lines(found: AgentStatus) -> list[str]:
    """A sentence for each folder that the system does not report on."""
    return [
        f"{printable(polled.folder)} is looked into every few seconds: {one_line(polled.why)}."
        for polled in found.polled
    ]


def trouble_lines(store: Store) -> list[str]:
    """A sentence for each source that takes nothing in since its checks file is broken."""
    found = [(source, trouble_of(store.workspace, source)) for source in list_sources(store.reader)]
    return [trouble_words(source.name, trouble) for source, trouble in found if trouble]


def alone_lines(store: Store) -> list[str]:
    """A sentence for each source with entries in its folder that are never opened."""
    found = [(source.name, left_alone(source, store.workspace).words) for source in list_sources(store.reader)]
    return [f"{printable(name)}: {words}." for name, words in found if words]
