"""The versions of a source, and what differs between two of them."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from mlops_tui.core.printable import printable
from mlops_tui.data.model import Source
from mlops_tui.data.query import get_source
from mlops_tui.presenters.versions import VersionLine, difference_lines, version_line
from mlops_tui.presenters.words import counted
from mlops_tui.tui.actions import REGISTRY, Action
from mlops_tui.tui.dialogs.form import Values
from mlops_tui.tui.dialogs.text import ask_text
from mlops_tui.tui.lists.versions import DifferencesSource, SourceVersionsSource
from mlops_tui.tui.panels.layer import Layer
from mlops_tui.tui.panels.panel import LOADING
from mlops_tui.tui.panels.rows import TableSource
from mlops_tui.tui.panels.table import WindowedTable
from mlops_tui.tui.panels.table_panel import TablePanel

TAG_HELP = "One word, such as baseline. A tag that another version has moves to this one."


def _why_no_writing(panel: SourceVersionsPanel) -> str | None:
    return panel.app.pane.why_no_writing() if panel.app.pane is not None else None


def _can_tag(panel: SourceVersionsPanel) -> str | None:
    is_known = panel.line is not None or panel.has_class(LOADING)
    return _why_no_writing(panel) if is_known else "No version is chosen."


def _can_untag(panel: SourceVersionsPanel) -> str | None:
    if panel.line is None:
        return "No version is chosen."
    return _why_no_writing(panel) if panel.line.tags else "The version has no tag."


def _can_diff(panel: SourceVersionsPanel) -> str | None:
    if panel.pair is not None:
        return None
    return "There is no other version to compare with." if len(panel.table.marks) < 3 else "Mark two versions."


class SourceVersionsPanel(TablePanel, Layer):
    """A line a version: what it holds, and what made it another than the one before."""

    TOPICS = frozenset({"sources", "files"})
    AGES = True
    MARKS = True
    SCOPES = ("versions",)
    BINDINGS = REGISTRY.add(
        Action(
            "versions.diff",
            "Diff",
            "What differs from the version before, or between two that are marked.",
            ("D",),
            _can_diff,
            rank=11,
        ),
        Action("versions.tag", "Tag", "Name the version.", ("number_sign",), _can_tag, rank=12),
        Action("versions.untag", "Untag", "Take the version's tags away.", ("u",), _can_untag, rank=13),
    )

    class Compared(Message):
        """Two versions are to be told apart."""

        def __init__(self, before: int, after: int) -> None:
            super().__init__()
            self.before = before
            self.after = after

    def __init__(self, source: Source) -> None:
        super().__init__(id="versions")
        self.border_title = f"Versions of {printable(source.name)}"
        self._source = source
        self.versions.source_id = source.id

    def source(self) -> TableSource:
        self.versions = SourceVersionsSource()
        return self.versions

    def content(self) -> ComposeResult:
        yield self.table
        yield Static("", classes="panel--line", markup=False)

    @on(WindowedTable.Moved)
    def _explain(self) -> None:
        told = version_line(self.line) if self.line is not None else ""
        self.query_one(".panel--line", Static).update(told)

    @property
    def line(self) -> VersionLine | None:
        """The version under the cursor."""
        row = self.table.row
        return self.versions.known.get(row.id) if row is not None else None

    @property
    def pair(self) -> tuple[int, int] | None:
        """The two versions that are meant, the older first: marked ones, else that under the cursor and the one before."""
        numbers = {int(mark) for mark in self.table.marks}
        if len(numbers) < 2 and self.line is not None:
            numbers.add(self.line.version.number)
            if len(numbers) < 2:
                numbers.add(self.line.version.number - 1)
        return (min(numbers), max(numbers)) if len(numbers) == 2 and min(numbers) > 0 else None

    def empty_words(self) -> str:
        return "No version yet.\ns takes files in, which makes the first."

    def do_diff(self) -> None:
        if self.pair is not None:
            self.post_message(self.Compared(*self.pair))

    def do_tag(self) -> None:
        """Of the newest version while the list is read: the cursor begins there, and the tag may be typed already."""
        app, line, source = self.app, self.line, self._source
        if line is not None:
            self._ask_for_tag(line.version.number)
        else:
            app.ask_after(lambda: get_source(app.services.store.reader, source.id).version, self._ask_for_tag)

    def _ask_for_tag(self, number: int) -> None:
        app, source = self.app, self._source

        def answered(values: Values | None) -> None:
            if values is not None:
                word = values["text"]
                app.in_background(lambda: app.services.curation.tag(source.id, str(number), word))

        app.push_screen(ask_text(f"Tag v{number} of {printable(source.name)}", "Tag", "Tag", help=TAG_HELP), answered)

    def do_untag(self) -> None:
        app, line, source = self.app, self.line, self._source
        if line is not None:
            app.in_background(lambda: [app.services.curation.untag(source.id, tag) for tag in line.tags])

    def copied(self) -> str | None:
        return self.line.version.hash if self.line is not None else None


class DifferencesPanel(TablePanel, Layer):
    """How much there is of both and which files differ, then a line a column, the greatest change first."""

    TOPICS = frozenset({"files"})
    OPENS = False

    def __init__(self, source: Source, before: int, after: int) -> None:
        super().__init__(id="differences")
        self.border_title = f"{printable(source.name)} · v{before} → v{after}"
        self.differences.asked = (source.id, before, after)

    def source(self) -> TableSource:
        self.differences = DifferencesSource(lambda: self.app.services.asking)
        return self.differences

    def content(self) -> ComposeResult:
        yield Static("", classes="differences--head", markup=False)
        yield self.table

    @on(WindowedTable.Moved)
    def _tell(self) -> None:
        told = self.differences.told
        if told is not None:
            amounts, files = difference_lines(told)
            head = Content.assemble(amounts, "\n", (files, "$text-muted"))
            self.query_one(".differences--head", Static).update(head)
            moved = sum(column["moved"] for column in told["columns"])
            self.border_subtitle = f"{counted(moved, 'column')} of {len(told['columns']):,} moved"

    def empty_words(self) -> str:
        return "Neither version has columns."

    def on_unmount(self) -> None:
        self.differences.take_back()

    def copied(self) -> str | None:
        return self.table.row.id if self.table.row is not None else None
