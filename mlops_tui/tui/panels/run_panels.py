"""One run: everything about it beside the list, and what lies over that: its pictures, and its log."""

from __future__ import annotations

import sqlite3
import time
from typing import NamedTuple

from textual.app import ComposeResult

from mlops_tui.overview.lineage import lineage
from mlops_tui.presenters.compared import PARALLEL, SCATTER
from mlops_tui.presenters.runs import COURSE, Belongings, run_sections
from mlops_tui.presenters.words import one_line
from mlops_tui.runs.curves import Course, course
from mlops_tui.runs.model import RUNNING, Run
from mlops_tui.runs.query import (
    artifacts_of,
    get_run,
    inputs_of,
    log_of_run,
    runs_within,
    sources_with,
    usage_keys,
    why_ended,
)
from mlops_tui.tui.lists.compared import Comparison
from mlops_tui.tui.panels.compare_picture import ComparePicture, Pictured
from mlops_tui.tui.panels.layer import Layer
from mlops_tui.tui.panels.log_tail import LogView, Tail, read_tail
from mlops_tui.tui.panels.panel import FILLED, Panel
from mlops_tui.tui.panels.sections import section_content
from mlops_tui.tui.panels.text_panel import TextView

FOLLOW_SECONDS = 0.5


COURSES = 50
"""Of so many metrics the course is shown."""


def belongings(connection: sqlite3.Connection, run: Run) -> Belongings:
    """What belongs to a run beside what every list reads."""
    shown = list(run.metrics)[:COURSES]
    return Belongings(
        courses=_courses(connection, run.id, shown),
        usage=_courses(connection, run.id, usage_keys(connection, run.id)),
        inputs=[(given, sources_with(connection, given.hash)) for given in inputs_of(connection, run.id)],
        artifacts=artifacts_of(connection, run.id),
        within=runs_within(connection, run.id),
        parent=None if run.parent is None else get_run(connection, run.parent).name,
        why=why_ended(connection, run),
        lineage=lineage(connection, run),
    )


def _courses(connection: sqlite3.Connection, run_id: str, keys: list[str]) -> dict[str, Course]:
    found = {key: course(connection, run_id, key, COURSE) for key in keys}
    return {key: one for key, one in found.items() if one is not None}


class RunPanel(Panel):
    """Everything about one run."""

    TOPICS = frozenset({"runs", "metrics"})
    AGES = True

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.run_id: str | None = None
        self.is_open = self.display = False
        """Whether a run is shown, though a layer may lie over it."""

    def content(self) -> ComposeResult:
        yield TextView()

    def turn_to(self, run_id: str) -> None:
        """Shows another run."""
        if run_id != self.run_id or not self.is_open:
            self.run_id = run_id
            self.is_open = self.display = True
            self.reload()

    def close(self) -> None:
        """Shows none."""
        self.is_open = self.display = False

    def read(self, connection: sqlite3.Connection) -> tuple[Run, Belongings] | None:
        if self.run_id is None:
            return None
        run = get_run(connection, self.run_id)
        return run, belongings(connection, run)

    def show(self, data: tuple[Run, Belongings]) -> None:
        run, owned = data
        self.border_title = one_line(run.name)
        sections = run_sections(run, time.time(), owned, plain=self.app.plain, symbols=self.app.symbols)
        self.query_one(TextView).write(section_content(sections, self.content_size.width - 1))

    def on_resize(self) -> None:
        if self.has_class(FILLED):
            self.show(self.data)


class RunPicture(ComparePicture, Layer):
    """The curves of one run, and what its model said."""

    CORE = "ComparedView"

    def __init__(self, run_id: str) -> None:
        super().__init__(Comparison([run_id]), id="run-picture")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in super().names if name not in (PARALLEL, SCATTER))

    def show(self, data: Pictured) -> None:
        super().show(data)
        name = next((one_line(run.name) for run in self.comparison.runs), "")
        self.border_title = f"{name} · {data.picture}"


class Logged(NamedTuple):
    """A run, and the lines of its log that are new; None where it has no log."""

    run: Run
    tail: Tail | None


class RunLogPanel(Layer):
    """What a command wrote, from its end, followed as it grows."""

    TOPICS = frozenset({"runs"})
    CORE = "LogView"

    def __init__(self, run_id: str) -> None:
        super().__init__(id="run-log")
        self.run_id = run_id
        self._end: int | None = None

    def content(self) -> ComposeResult:
        yield LogView()

    def on_mount(self) -> None:
        self.set_interval(FOLLOW_SECONDS, self._grow)

    def _grow(self) -> None:
        if self.is_shown and isinstance(self.data, Logged) and self.data.run.status == RUNNING:
            self.reload()

    def read(self, connection: sqlite3.Connection) -> Logged:
        run = get_run(connection, self.run_id)
        name = log_of_run(connection, run)
        return Logged(run, None if name is None else read_tail(self.app.services.workspace.logs / name, self._end))

    def has_nothing(self, data: Logged) -> bool:
        return data.tail is None or (not data.tail.lines and not self._end)

    def empty_words(self) -> str:
        if self.data.tail is None:
            return "The run has no log: its output went to its own terminal.\nmlops-tui run -- COMMAND keeps it."
        return "The log is empty so far."

    def show(self, data: Logged) -> None:
        self.border_title = f"Log of {one_line(data.run.name)}"
        assert data.tail is not None
        view = self.query_one(LogView)
        if self._end is None:
            before = ["… what came before is in the file"] if data.tail.cut else []
            view.replace_lines([*before, *data.tail.lines])
        else:
            view.add_lines(data.tail.lines)
        self._end = data.tail.end

    def copied(self) -> str | None:
        return self.run_id
