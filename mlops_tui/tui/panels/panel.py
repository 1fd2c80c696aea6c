"""The panel: a framed part of a screen that reads for itself, in a thread, when what it shows has changed.

loading ──read──▶ filled ──change notice──▶ (read again; what was shown stays until the new is there)
   │                 └──nothing there──▶ empty (says the key that fills it)
   └──error──▶ failed (says what, and the fix)
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from mlops_tui.core.errors import MlopsError
from mlops_tui.presenters.words import one_line
from mlops_tui.tui.panels.filter_line import FilterLine

if TYPE_CHECKING:
    from mlops_tui.tui.app import MlopsApp

LOADING, EMPTY, FAILED, FILLED = "-loading", "-empty", "-failed", "-filled"


class Panel(Container):
    """A framed part of a screen.

    A subclass names its `TOPICS`, composes its `content()`, reads in `read(connection)` (a thread; it must touch no
    widget) and draws in `show(data)`. Where `has_nothing(data)` holds, `empty_words()` are shown instead.
    `AGES` panels are drawn again every half minute, without reading.
    """

    ALLOW_MAXIMIZE = True
    TITLE: ClassVar[str] = ""
    TOPICS: ClassVar[frozenset[str]] = frozenset()
    AGES: ClassVar[bool] = False
    FILTER_HINT: ClassVar[str] = ""
    """What may be typed behind `/`; a panel without it has no filter."""

    app: MlopsApp

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.data: Any = None
        self.is_stale = True
        self._reading = False
        self._again = False
        self.border_title = self.TITLE
        self.add_class(LOADING)

    def compose(self) -> ComposeResult:
        with Container(classes="panel--content"):
            yield from self.content()
        yield Static(Content.styled("reading …", "$text-muted"), classes="panel--words", markup=False)
        if self.FILTER_HINT:
            yield FilterLine(self.FILTER_HINT)

    def render_str(self, text_content: str | Content) -> Content:
        """A title is text, whatever stands in it: names are not read as markup."""
        return text_content if isinstance(text_content, Content) else Content(text_content)

    def content(self) -> ComposeResult:
        """The widgets that show the data."""
        yield from ()

    def read(self, connection: sqlite3.Connection) -> Any:
        """Reads what is shown, in a thread of its own, on that thread's connection."""
        raise NotImplementedError

    def show(self, data: Any) -> None:
        """Draws what was read."""

    def has_nothing(self, data: Any) -> bool:
        """Whether there is nothing to draw."""
        return not data

    def empty_words(self) -> str:
        """What an empty panel says: what would be here, and the key that brings it."""
        return "Nothing here yet."

    def filter_by(self, text: str) -> None:
        """Keeps what fits the text; called as it is typed."""

    @property
    def is_shown(self) -> bool:
        """Whether anybody can see it."""
        return all(node.display for node in self.ancestors_with_self if isinstance(node, Widget))

    def reload(self) -> None:
        """Reads again as soon as somebody looks; calls while a read is under way become one."""
        if not self.is_shown:
            self.is_stale = True
        elif self._reading:
            self._again = True
        else:
            self.is_stale, self._again, self._reading = False, False, True
            self.run_worker(self._read, thread=True, exit_on_error=False, name="read")

    def refresh_ages(self) -> None:
        """Draws again what was read, since time has gone by."""
        if self.AGES and self.has_class(FILLED) and self.is_shown:
            self.show(self.data)

    def _read(self) -> Any:
        return self.read(self.app.services.store.reader)

    @on(Worker.StateChanged)
    def _read_ended(self, event: Worker.StateChanged) -> None:
        if event.worker.name != "read" or event.state not in (WorkerState.SUCCESS, WorkerState.ERROR):
            return
        self._reading = False
        if event.state is WorkerState.SUCCESS:
            self._fill(event.worker.result)
        else:
            self.fail(event.worker.error)
        if self._again:
            self.reload()

    def _fill(self, data: Any) -> None:
        self.data = data
        if self.has_nothing(data):
            self.say(EMPTY, self.empty_words())
        else:
            self._turn(FILLED)
            self.show(data)
        self.app.refresh_footer()

    def fail(self, error: BaseException | None) -> None:
        """Says what went wrong and what to do; what was shown before gives way, since it may no longer hold."""
        if isinstance(error, MlopsError):
            words = f"{error.title}\n{error.remedy}"
        else:
            words = (
                f"This could not be read: {one_line(str(error) or type(error).__name__)}\n"
                "Press ctrl+r to try again; mlops-tui doctor checks the store."
            )
        self.say(FAILED, words)

    def say(self, state: str, words: str) -> None:
        """Shows words in place of the content."""
        self._turn(state)
        first, _, rest = words.partition("\n")
        tone = "bold $text-error" if state == FAILED else "bold"
        glyph = "✗ " if state == FAILED and not self.app.plain else ""
        self.query_one(".panel--words", Static).update(
            Content.assemble((glyph + first, tone), ("\n" + rest if rest else "", "$text-muted"))
        )

    def _turn(self, state: str) -> None:
        self.update_classes({name: name == state for name in (LOADING, EMPTY, FAILED, FILLED)})
        if self.app.pane is not None:
            self.call_after_refresh(self.app.pane.hold_focus)
