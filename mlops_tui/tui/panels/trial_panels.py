"""One trial of a study in full, and two side by side."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message

from mlops_tui.core.printable import printable
from mlops_tui.presenters.trials import Line, compared_sections, fold_lines, report_lines, trial_sections, trial_title
from mlops_tui.presenters.words import Cell, count, counted, one_line
from mlops_tui.runs.query import points
from mlops_tui.tui.actions import REGISTRY, Action
from mlops_tui.tui.panels.layer import Layer
from mlops_tui.tui.panels.panel import FILLED
from mlops_tui.tui.panels.sections import section_content
from mlops_tui.tui.panels.text_panel import TextView
from mlops_tui.tui.panels.tones import toned
from mlops_tui.tuning.model import Study, Trial
from mlops_tui.tuning.notes import Said, notes_of
from mlops_tui.tuning.query import best_trial, get_study, logs_of_study, trial_of_run

WIDE, GAP = 108, 3
"""From so many cells on there are two columns, so far apart."""
LOG_LINES = 200


class TrialTold(NamedTuple):
    """A trial, its study and the study's best, and what the study's jobs logged about it."""

    study: Study
    trial: Trial
    best: Trial | None
    log: list[str]
    reports: Sequence[tuple[int, float]] = ()
    said: Said = Said()


class TrialPanel(Layer):
    """Everything about one trial; beside its folds those of the best."""

    TOPICS = frozenset({"trials", "studies"})
    AGES = True
    CORE = "TextView"
    SCOPES: ClassVar[tuple[str, ...]] = ("trial",)
    BINDINGS = REGISTRY.add(
        Action("trial.run", "Its run", "The run that the trial is kept as.", ("enter",), rank=10),
        Action("trial.mark", "Mark", "Mark the trial, or take its mark off: c compares two.", ("space",), rank=45),
    )

    class MarkTurned(Message):
        """The trial was to be marked, or to lose its mark."""

        def __init__(self, run_id: str) -> None:
            super().__init__()
            self.run_id = run_id

    def __init__(self, run_id: str) -> None:
        super().__init__(id="trial")
        self.run_id = run_id

    def content(self) -> ComposeResult:
        yield TextView()

    def turn_to(self, run_id: str) -> None:
        """Shows another trial of the study."""
        self.run_id = run_id
        self.query_one(TextView).scroll_home(animate=False)
        self.reload()

    @property
    def trial(self) -> Trial | None:
        """The trial as it was last read."""
        return self.data.trial if self.has_class(FILLED) else None

    def read(self, connection: sqlite3.Connection) -> TrialTold | None:
        trial = trial_of_run(connection, self.run_id)
        if trial is None:
            return None
        study = get_study(connection, trial.study_id)
        logs = [self.app.services.workspace.logs / name for name in logs_of_study(connection, study.id)]
        told = _lines_about(logs, trial.number)
        said = notes_of(connection, study).trials.get(trial.number, Said())
        return TrialTold(study, trial, best_trial(connection, study), told, _reports(connection, study, trial), said)

    def empty_words(self) -> str:
        return "The trial is not there any more.\nesc goes back to those that are."

    def show(self, data: TrialTold) -> None:
        study, trial, best, log, reports, said = data
        self.border_title = trial_title(study, trial)
        width = self.content_size.width - 2
        columns = (width - GAP) // 2 if width >= WIDE else width
        about, params, *rest = (
            section_content([section], columns)
            for section in trial_sections(study, trial, best, time.time(), said=said, plain=self.app.plain)
        )
        if study.script is None:
            heading, lines = "Folds", fold_lines(study, trial, best, symbols=self.app.symbols)
        else:
            heading, lines = "Reports", report_lines(reports, symbols=self.app.symbols)
        folds = _headed(heading, [part for cells in lines for part in _joined(cells).wrap(columns)])
        logged = _headed("Log", [part for line in log for part in Content(line).wrap(columns)]) if log else []
        blank = Content("")
        if width < WIDE:
            below = [part for section in rest for part in (section, blank)]
            text = Content("\n").join([about, blank, params, blank, *folds, blank, *below, *logged])
        else:
            sections = [about, blank, params, *(part for section in rest for part in (blank, section))]
            left = [part for content in sections for part in content.split("\n") or [blank]]
            text = _beside(left, [*folds, blank, *logged], columns)
        self.query_one(TextView).write(text)

    def on_resize(self) -> None:
        if self.has_class(FILLED):
            self.show(self.data)

    async def do_run(self) -> None:
        pane = await self.app.go("runs")
        pane.open_named(self.run_id)

    def do_mark(self) -> None:
        self.post_message(self.MarkTurned(self.run_id))

    def show_mark(self, *, is_marked: bool) -> None:
        """Says beside the title whether the trial is marked."""
        self.border_subtitle = ("* " if self.app.plain else "● ") + "marked" if is_marked else ""

    def copied(self) -> str | None:
        return self.run_id


class TrialsComparedPanel(Layer):
    """Two trials side by side, what differs first."""

    TOPICS = frozenset({"trials", "studies"})
    CORE = "TextView"

    def __init__(self, one: str, other: str) -> None:
        super().__init__(id="trials-compared")
        self.run_ids = (one, other)

    def content(self) -> ComposeResult:
        yield TextView()

    def read(self, connection: sqlite3.Connection) -> tuple[Study, Trial, Trial] | None:
        one, other = (trial_of_run(connection, run_id) for run_id in self.run_ids)
        return None if one is None or other is None else (get_study(connection, one.study_id), one, other)

    def empty_words(self) -> str:
        return "One of the trials is not there any more.\nesc goes back to those that are."

    def show(self, data: tuple[Study, Trial, Trial]) -> None:
        study, one, other = data
        self.border_title = f"{one_line(study.name)} · trials {count(one.number)} and {count(other.number)}"
        self.border_subtitle = counted(sum(_differs(one, other)), "parameter") + " differ"
        sections = compared_sections(study, one, other, plain=self.app.plain)
        self.query_one(TextView).write(_table(sections, self.content_size.width - 2))

    def on_resize(self) -> None:
        if self.has_class(FILLED):
            self.show(self.data)

    def copied(self) -> str | None:
        return "\n".join(self.run_ids)


def _differs(one: Trial, other: Trial) -> Iterable[bool]:
    keys = {*one.params, *other.params}
    return (one.params.get(key) != other.params.get(key) for key in keys)


def _reports(connection: sqlite3.Connection, study: Study, trial: Trial) -> list[tuple[int, float]]:
    """What a trial of an objective of the user's own has reported, by its steps."""
    if study.script is None:
        return []
    return [(point.step, point.value) for point in points(connection, trial.run_id, f"{study.metric}_by_step")]


def _lines_about(logs: Sequence[Path], number: int) -> list[str]:
    """The lines of the logs that name a trial."""
    names = re.compile(rf"\btrial {number}\b")
    found: list[str] = []
    for path in logs:
        if path.is_file():
            with path.open(encoding="utf-8", errors="replace") as file:
                found += [printable(line.strip()) for line in file if names.search(line)]
    return found[-LOG_LINES:]


def _headed(title: str, lines: Sequence[Content]) -> list[Content]:
    return [Content.styled(title, "bold $primary"), *lines]


def _joined(cells: Line) -> Content:
    return Content("  ").join(toned(cell) for cell in cells)


def _beside(left: Sequence[Content], right: Sequence[Content], width: int) -> Content:
    """Two columns of lines as one text."""
    lines = [
        Content.assemble(here, " " * (max(0, width - here.cell_length) + GAP), there)
        for here, there in zip_longest(left, right, fillvalue=Content(""))
    ]
    return Content("\n").join(lines)


NAME, LEAST, MOST = 24, 9, 20
"""Cells of a name, and of a value."""


def _table(sections: Sequence[tuple[str, list[Line]]], width: int) -> Content:
    """Names at the left, the values of both and their difference aligned at the right of their columns."""
    value = max(LEAST, min(MOST, (width - NAME) // 3 - 2))
    lines: list[Content] = []
    for title, rows in sections:
        if title:
            lines += [Content(""), Content.styled(title, "bold $primary")]
        for cells in rows:
            if len(cells) == 1:
                lines.append(toned(cells[0]))
                continue
            name, *values = cells
            shown = [Cell(one_line(cell.text, value).rjust(value), cell.tone) for cell in values]
            lines.append(Content("  ").join([Content(f"{one_line(name.text, NAME):<{NAME}}"), *map(toned, shown)]))
    return Content("\n").join(lines)
