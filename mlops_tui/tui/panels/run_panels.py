"""What lies over the list of runs: one run's pictures, and its log."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from textual.app import ComposeResult

from mlops_tui.presenters.compared import PARALLEL, SCATTER
from mlops_tui.presenters.words import one_line
from mlops_tui.runs.model import RUNNING, Run
from mlops_tui.runs.query import get_run, log_of_run
from mlops_tui.tui.lists.compared import Comparison
from mlops_tui.tui.panels.compare_picture import ComparePicture, Pictured
from mlops_tui.tui.panels.layer import Layer
from mlops_tui.tui.panels.log_tail import LogView, Tail, read_tail

FOLLOW_SECONDS = 0.5


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
