"""The SQL prompt: a line in which a statement is typed, and below it what it gives, or why it cannot be answered."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from mlops_tui.core.errors import MlopsError
from mlops_tui.presenters.words import count, one_line
from mlops_tui.tui.actions import REGISTRY, Action
from mlops_tui.tui.lists.asked import SqlRows
from mlops_tui.tui.panels.grid import GridTable
from mlops_tui.tui.panels.grid_panel import GridPanel
from mlops_tui.tui.panels.panel import EMPTY, FILLED, LOADING
from mlops_tui.tui.panels.recalling import RecallingLine
from mlops_tui.tui.panels.typed_line import TypedLine

HINT = "one SELECT · enter asks · ↑↓ what was asked before · esc leaves"


class SqlLine(RecallingLine):
    """Takes a statement."""

    class Given(Message):
        """A statement was given."""

        def __init__(self, statement: str) -> None:
            super().__init__()
            self.statement = statement

    def __init__(self, past: list[str], text: str) -> None:
        super().__init__(past, classes="sql--line")
        self._text = text

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static("SQL", classes="sql--sign")
            yield TypedLine(self._text, placeholder=HINT, compact=True, select_on_focus=False)
        yield Static("", classes="sql--error", markup=False)

    def on_mount(self) -> None:
        """Typing replaces the statement that stands there at first."""
        self.line.select_all()

    def complain(self, title: str = "", remedy: str = "") -> None:
        """Says why there is no answer; no words take the complaint away."""
        told = Content.assemble((title, "$text-error"), ("\n" + remedy if remedy else "", "$text-muted"))
        self.query_one(".sql--error", Static).update(told)
        self.set_class(bool(title), "-error")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        statement = event.value.strip()
        if statement:
            self.remember(statement)
            self.post_message(self.Given(statement))


class SqlPanel(GridPanel):
    """Statements over the sources, each a table by its name; nothing but the sources' files can be read."""

    TITLE = "SQL over the sources"
    CAN_SORT = False
    SCOPES = ("sql",)
    BINDINGS = REGISTRY.add(Action("sql.edit", "Statement", "Back to the line that is typed into.", ("i",), rank=12))

    def __init__(self, past: list[str], text: str) -> None:
        super().__init__(id="sql")
        self._line = SqlLine(past, text)

    def compose(self) -> ComposeResult:
        yield self._line
        yield from super().compose()

    @property
    def core(self) -> str:
        return "GridTable" if self.has_class(FILLED) else "Input"

    def reload(self) -> None:
        if self.table.asked is None:
            self.is_stale = False
            self.say(EMPTY, self.empty_words())
        else:
            super().reload()

    def do_edit(self) -> None:
        self._line.line.focus()

    @on(SqlLine.Given)
    def _given(self, event: SqlLine.Given) -> None:
        event.stop()
        self._line.complain()
        if not self.has_class(FILLED):
            self.say(LOADING, "reading …")
        self.table.turn_to(SqlRows(event.statement))

    @on(GridTable.Filled)
    def _answered(self) -> None:
        self._line.complain()
        if self.table.count and self.app.screen is self.screen:
            self.call_after_refresh(self.table.focus)

    def fail(self, error: BaseException | None) -> None:
        """The reason stands under the line; the answer before it gives way, since it belongs to another statement."""
        title, remedy = (error.title, error.remedy) if isinstance(error, MlopsError) else (one_line(str(error)), "")
        self._line.complain(title, remedy)
        self.say(EMPTY, "There is no answer.\nThe statement can be mended and asked again.")
        self.border_subtitle = ""
        self.do_edit()

    def empty_words(self) -> str:
        if self.table.asked is not None and self.table.found is not None:
            return "The statement gives no rows."
        return "A source is a table by its name, its rows those of its newest version.\nenter asks what is typed above."

    def rows_words(self) -> str:
        found = self.table.found
        if found is None or not found.more:
            return super().rows_words()
        return f"{'the first ' if found.known == found.count else ''}{count(found.known)}, and more"

    def row_title(self) -> str:
        return f"Row {count(self.table.cursor + 1)} of the answer"
