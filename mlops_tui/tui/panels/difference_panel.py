"""How a run differs from another: values, code, packages, machine and data, as one text."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from textual.app import ComposeResult
from textual.content import Content

from mlops_tui.core.printable import printable
from mlops_tui.presenters.beside import folded
from mlops_tui.presenters.difference import ALIKE, Part, parts, told_apart
from mlops_tui.presenters.words import in_middle, one_line
from mlops_tui.runs.beside import lines
from mlops_tui.runs.difference import difference
from mlops_tui.runs.query import get_run
from mlops_tui.tui.lists.asked import Errand
from mlops_tui.tui.panels.layer import Layer
from mlops_tui.tui.panels.panel import FILLED
from mlops_tui.tui.panels.text_panel import TextView
from mlops_tui.tuning.query import versions_between

NAME, GAP = 26, 2
LINE_TONES = {"+": "$success", "-": "$error", "@": "$text-muted"}


class Differing(NamedTuple):
    """What the two are called, and how they differ."""

    names: list[str]
    parts: list[Part]


class DifferencePanel(Layer):
    """Two runs, part by part."""

    TOPICS = frozenset({"runs"})
    CORE = "TextView"

    def __init__(self, one: str, other: str) -> None:
        super().__init__(id="runs-difference")
        self.run_ids = (one, other)
        self._errand: Errand | None = None

    def content(self) -> ComposeResult:
        yield TextView()

    def read(self, connection: sqlite3.Connection) -> Differing:
        runs = [get_run(connection, run_id) for run_id in self.run_ids]
        found = difference(connection, self.app.services.workspace, *runs)
        versions = versions_between(connection, runs[0].study_id, runs[1].study_id)
        data = None
        if versions is not None:
            self._errand = Errand(self.app.services.asking)
            data = self._errand.ask("diff", **versions)
        short = told_apart(runs)
        names = [one_line(short[run.id]) for run in runs]
        return Differing(names, parts(runs, folded(lines(runs))[0], found, data))

    def has_nothing(self, data: Differing) -> bool:
        return not data.parts

    def empty_words(self) -> str:
        return ALIKE

    def show(self, data: Differing) -> None:
        self.border_title = f"{data.names[0]} and {data.names[1]}"
        width = self.content_size.width - 2
        sections = [Content("\n").join(_lines(part, width)) for part in data.parts]
        self.query_one(TextView).write(Content("\n\n").join(sections))

    def on_resize(self) -> None:
        if self.has_class(FILLED):
            self.show(self.data)

    def on_unmount(self) -> None:
        if self._errand is not None:
            self._errand.take_back()

    def copied(self) -> str | None:
        return "\n".join(self.run_ids)


def _lines(part: Part, width: int) -> Sequence[Content]:
    if not part.rows:
        return [Content.styled(part.title, "bold $primary"), *(_of_diff(line) for line in part.text)]
    room = max(8, (width - NAME) // max(1, len(part.columns)) - GAP)
    wide = [
        min(room, max(len(row[place + 1]) for row in [(part.title, *part.columns), *part.rows]))
        for place in range(len(part.columns))
    ]

    def line(cells: Sequence[str]) -> str:
        shown = [in_middle(cell, size) for cell, size in zip(cells[1:], wide, strict=True)]
        aligned = [
            cell.rjust(size) if part.are_numbers else cell.ljust(size) for cell, size in zip(shown, wide, strict=True)
        ]
        return (" " * GAP).join([in_middle(cells[0], NAME).ljust(NAME), *aligned]).rstrip()

    head = line((part.title, *part.columns))
    title = Content.assemble((head[:NAME], "bold $primary"), (head[NAME:], "$text-muted"))
    return [title, *(Content(line(row)) for row in part.rows)]


def _of_diff(text: str) -> Content:
    tone = LINE_TONES.get(text[:1], "")
    shown = printable(text.expandtabs(4))
    return Content.styled(shown, tone) if tone else Content(shown)
