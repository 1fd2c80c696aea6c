"""The files of a run, and one of them: a text, a table, a picture, or what is known of another file."""

from __future__ import annotations

import sqlite3
from typing import Any, ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.highlight import highlight
from textual.widgets import Static

from mlops_tui.core.printable import printable
from mlops_tui.presenters.artifacts import AS_FACTS, AS_IMAGE, AS_TABLE, Text, facts, image_words, text_of, way_of
from mlops_tui.presenters.words import one_line
from mlops_tui.runs.artifact import Artifact
from mlops_tui.runs.model import Run
from mlops_tui.store.artifact import verified
from mlops_tui.tui.actions import REGISTRY, Action
from mlops_tui.tui.lists.artifacts import ArtifactRows, ArtifactsSource
from mlops_tui.tui.lists.asked import Errand
from mlops_tui.tui.panels.grid_panel import GridPanel
from mlops_tui.tui.panels.layer import Layer
from mlops_tui.tui.panels.mosaic_view import Line, MosaicView, drawn
from mlops_tui.tui.panels.rows import TableSource
from mlops_tui.tui.panels.sections import section_content
from mlops_tui.tui.panels.table import WindowedTable
from mlops_tui.tui.panels.table_panel import TablePanel
from mlops_tui.tui.panels.text_panel import TextView

ZOOM, GREATEST_ZOOM = 2.0, 32.0


class ArtifactsPanel(TablePanel, Layer):
    """A line a file."""

    TITLE = "Files"
    TOPICS = frozenset({"runs"})
    FILTER_HINT = "a part of a name, or a kind: image, table, text, model"

    def __init__(self, run_id: str) -> None:
        self.artifacts = ArtifactsSource(run_id)
        super().__init__(id="artifacts")

    def source(self) -> TableSource:
        return self.artifacts

    @on(WindowedTable.Filled)
    def _name_run(self) -> None:
        if self.run is not None:
            self.border_title = f"Files of {one_line(self.run.name)}"

    @property
    def run(self) -> Run | None:
        """The run as it was last read."""
        return self.artifacts.run

    @property
    def artifact(self) -> Artifact | None:
        """The file under the cursor."""
        row = self.table.row
        return self.artifacts.known.get(row.id) if row is not None else None

    def empty_words(self) -> str:
        return "The run has no files.\nmlops_tui.log_artifact(path) keeps one with it; so do log_text, log_figure and log_model."

    def copied(self) -> str | None:
        return self.artifact.name if self.artifact is not None else None


def layer_of(run: Run, artifact: Artifact) -> Layer:
    """What shows that file."""
    way = way_of(artifact)
    if way == AS_TABLE:
        return ArtifactRowsPanel(run, artifact)
    if way == AS_IMAGE:
        return ArtifactImagePanel(run, artifact)
    return ArtifactTextPanel(run, artifact)


def _title(run: Run, artifact: Artifact) -> str:
    return f"{one_line(run.name)} · {printable(artifact.name)}"


class ArtifactRowsPanel(GridPanel):
    """The rows of a table."""

    FILTER_HINT = "accuracy > 0.9 and split = test, or a word"

    def __init__(self, run: Run, artifact: Artifact) -> None:
        super().__init__(id="artifact")
        self.border_title = _title(run, artifact)
        self.table.turn_to(ArtifactRows(run.id, artifact.name), None)

    def empty_words(self) -> str:
        return "There are no rows in it."


class Written(NamedTuple):
    """A text and how it is drawn; None of a file that is none."""

    text: Text | None
    content: Content | None


class ArtifactTextPanel(Layer):
    """A text from its beginning, or what is known of a file that is none."""

    CORE = "TextView"

    def __init__(self, run: Run, artifact: Artifact) -> None:
        super().__init__(id="artifact")
        self.run, self.artifact = run, artifact
        self.border_title = _title(run, artifact)

    def content(self) -> ComposeResult:
        yield TextView()

    def read(self, connection: sqlite3.Connection) -> Written:
        if way_of(self.artifact) == AS_FACTS:
            return Written(None, None)
        text = text_of(verified(self.app.services.workspace, self.artifact.hash), self.artifact)
        if text is None or text.language is None:
            return Written(text, None if text is None else Content(text.text))
        return Written(text, highlight(text.text, language=text.language))

    def has_nothing(self, data: Written) -> bool:
        return data.text is not None and not data.text.text

    def empty_words(self) -> str:
        return "The file is empty."

    def show(self, data: Written) -> None:
        content = data.content
        if content is None:
            content = section_content([("", facts(self.run.name, self.artifact))], self.content_size.width - 1)
        self.border_subtitle = data.text.note if data.text is not None else "not shown here"
        self.query_one(TextView).write(content)

    def copied(self) -> str | None:
        return self.data.text.text if self.data is not None and self.data.text is not None else self.artifact.name


class View(NamedTuple):
    """How often a picture is enlarged, and the middle of what is seen, in shares of its width and height."""

    zoom: float = 1.0
    x: float = 0.5
    y: float = 0.5


WHOLE = View()


class Seen(NamedTuple):
    """What was told of a picture, the lines that show it, and what was asked for."""

    told: dict[str, Any]
    lines: list[Line]
    view: View


def _can_enlarge(panel: ArtifactImagePanel) -> str | None:
    return None if panel.view.zoom < GREATEST_ZOOM else "It is enlarged as far as it goes."


def _can_reduce(panel: ArtifactImagePanel) -> str | None:
    return None if panel.view.zoom > 1 else "The whole picture is seen."


class ArtifactImagePanel(Layer):
    """A picture: the whole, or a part of it enlarged."""

    CORE = "MosaicView"
    SCOPES: ClassVar[tuple[str, ...]] = ("image",)
    BINDINGS = REGISTRY.add(
        Action(
            "image.larger",
            "Enlarge",
            "Enlarge the picture twice; the arrows move on it.",
            ("z",),
            _can_enlarge,
            rank=10,
        ),
        Action("image.smaller", "Reduce", "Reduce it by half, down to the whole.", ("Z",), _can_reduce, rank=11),
    )

    def __init__(self, run: Run, artifact: Artifact) -> None:
        super().__init__(id="artifact")
        self.run, self.artifact = run, artifact
        self.view = WHOLE
        self._errand: Errand | None = None
        self.border_title = _title(run, artifact)

    def content(self) -> ComposeResult:
        yield MosaicView()
        yield Static("", classes="pictures--words", markup=False)

    def read(self, connection: sqlite3.Connection) -> Seen:
        room, view = self.content_size, self.view
        self._errand = Errand(self.app.services.asking)
        told = self._errand.ask(
            "artifact_image",
            run=self.run.id,
            name=self.artifact.name,
            width=max(1, room.width),
            height=max(1, room.height - 2),
            **view._asdict(),
        )
        return Seen(told, drawn(told, self.app.symbols), view)

    def show(self, data: Seen) -> None:
        if self.view == data.view:  # else keys have moved on meanwhile
            left, top, right, bottom = data.told["box"]
            self.view = View(self.view.zoom, (left + right) / 2, (top + bottom) / 2)
        self.query_one(MosaicView).draw(data.lines)
        self.query_one(".pictures--words", Static).update(image_words(data.told, data.view.zoom))

    def on_resize(self) -> None:
        if self.data is not None:
            self.reload()

    def on_unmount(self) -> None:
        if self._errand is not None:
            self._errand.take_back()

    def do_larger(self) -> None:
        self._turn_to(self.view._replace(zoom=min(self.view.zoom * ZOOM, GREATEST_ZOOM)))

    def do_smaller(self) -> None:
        self._turn_to(self.view._replace(zoom=max(self.view.zoom / ZOOM, 1.0)))

    def _turn_to(self, view: View) -> None:
        self.view = view
        self.app.refresh_footer()
        self.reload()

    @on(MosaicView.Panned)
    def _panned(self, event: MosaicView.Panned) -> None:
        if self.data is None:
            return
        if event.across is None or event.down is None:
            self._turn_to(WHOLE)
            return
        left, top, right, bottom = self.data.told["box"]
        wide, high = (right - left) / 2, (bottom - top) / 2
        x = min(max(self.view.x + event.across * wide, wide), 1 - wide)
        y = min(max(self.view.y + event.down * high, high), 1 - high)
        self._turn_to(View(self.view.zoom, x, y))

    def copied(self) -> str | None:
        return self.artifact.name
