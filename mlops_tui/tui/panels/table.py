"""A table that is a window on the store: only the pages that are shown are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.worker import Worker, WorkerState

from mlops_tui.tui.actions import REGISTRY, Action
from mlops_tui.tui.panels.moves import MOVE_BINDINGS
from mlops_tui.tui.panels.pages import PAGE, Pages, Reading, read_pages
from mlops_tui.tui.panels.rows import Column, Order, Placed, Row, TableSource, layout, most_skip
from mlops_tui.tui.panels.table_line import COMPONENTS, header_strip, row_strip

if TYPE_CHECKING:
    from mlops_tui.tui.app import MlopsApp


def _needs_row(table: WindowedTable) -> str | None:
    return None if table.row is not None else "The list is empty."


def _can_mark(table: WindowedTable) -> str | None:
    return _needs_row(table) if table.marked else "Nothing is done with marked rows here."


TABLE_BINDINGS = REGISTRY.add(
    Action(
        "table.open",
        "Open",
        "Open the row under the cursor.",
        ("enter",),
        lambda table: _needs_row(table) if table.opens else "There is no more of it than is shown.",
        rank=10,
    ),
    Action("table.mark", "Mark", "Mark the row, or take the mark off.", ("space",), _can_mark, rank=45),
    Action(
        "table.unmark",
        "Unmark all",
        "Take all marks off.",
        ("U",),
        lambda table: None if table.marks else "No row is marked.",
        rank=46,
    ),
)


class WindowedTable(ScrollView, can_focus=True, inherit_bindings=False):
    """Rows of a `TableSource`, one line each, under a header that stays.

    The cursor holds on to the id of its row: when the list changes, the cursor goes where the row went. In a log, whose newest row is the
    first one, it stays on that one instead.
    """

    SCOPES: ClassVar[tuple[str, ...]] = ("table", "move")
    BINDINGS = [*TABLE_BINDINGS, *MOVE_BINDINGS]
    COMPONENT_CLASSES: ClassVar[set[str]] = set(COMPONENTS)

    app: MlopsApp

    class Filled(Message):
        """The list was read afresh."""

        def __init__(self, table: WindowedTable) -> None:
            super().__init__()
            self.table = table

    class Failed(Message):
        """The list could not be read."""

        def __init__(self, table: WindowedTable, error: BaseException) -> None:
            super().__init__()
            self.table = table
            self.error = error

    class Moved(Message):
        """The cursor is on another row, or on the same row with other contents."""

        def __init__(self, table: WindowedTable) -> None:
            super().__init__()
            self.table = table

    class Marked(Message):
        """Other rows are marked than before."""

    class Resized(Message):
        """There may be room for other columns than before."""

    class Opened(Message):
        """The row under the cursor was chosen."""

        def __init__(self, table: WindowedTable, row: Row) -> None:
            super().__init__()
            self.table = table
            self.row = row

    def __init__(
        self,
        source: TableSource,
        order: Order | None = None,
        *,
        opens: bool = True,
        marked: bool = False,
        is_log: bool = False,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.is_log = is_log
        self.opens = opens
        self.marked = marked
        self.source = source
        self.order = order or Order()
        self.columns: list[Column] = []
        self.count: int | None = None
        self.cursor = 0
        self.skip = 0
        self.marks: dict[str, None] = {}
        self._pages = Pages()
        self._generation = 0
        self._shown_generation = -1
        self._restarted = 0
        """What was asked for before this holds no cursor: another list was gone to."""
        self._reading = False
        self._cursor_id: str | None = None

    @property
    def has_more_columns(self) -> bool:
        """Whether there are more columns than can be seen at once."""
        return most_skip(self.columns, self._width()) > 0

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def reload(self) -> None:
        """Reads the list afresh; what is shown stays until the new is there."""
        self._generation += 1
        self._read_on()

    def reorder(self, order: Order) -> None:
        """Shows the list filtered or sorted otherwise, from its top."""
        if order != self.order:
            self.order = order
            self.restart()

    def restart(self) -> None:
        """Shows another list of the same source, from its top."""
        self.cursor, self._cursor_id = 0, None
        self._restarted = self._generation + 1
        self.reload()

    def _read_on(self) -> None:
        """Starts a read where something is missing and none is under way."""
        if self._reading or not self.is_attached:
            return
        whole = self._shown_generation != self._generation
        first, last = self._window()
        wanted = list(range(first // PAGE, last // PAGE + 1)) if whole else self._pages.missing(first, last)
        if whole and self.cursor // PAGE not in wanted:
            wanted.append(self.cursor // PAGE)
        if not whole and (not wanted or not self.count):
            return
        self._reading = True
        read = self._errand(self.order, self._generation, wanted, whole=whole)
        self.run_worker(read, thread=True, exit_on_error=False, name="pages")

    def _errand(self, order: Order, generation: int, wanted: list[int], *, whole: bool) -> Callable[[], Reading]:
        """What reads those pages, in a thread."""
        held = self._cursor_id
        return lambda: read_pages(
            self.app.services.store.reader, self.source, order, generation, wanted, whole=whole, held=held
        )

    @on(Worker.StateChanged)
    def _read_ended(self, event: Worker.StateChanged) -> None:
        if event.worker.name != "pages" or event.state not in (WorkerState.SUCCESS, WorkerState.ERROR):
            return
        event.stop()
        self._reading = False
        if event.state is WorkerState.ERROR:
            self._read_failed(event.worker.error or RuntimeError("the read was given up"))
            return
        self._take(event.worker.result)  # type: ignore[arg-type]
        self._read_on()

    def _read_failed(self, error: BaseException) -> None:
        self._shown_generation = self._generation
        self.post_message(self.Failed(self, error))

    def _take(self, reading: Reading) -> None:
        afresh = reading.count is not None
        if not afresh and reading.generation != self._shown_generation:
            return  # pages of a list that is no longer shown
        self._pages.put(dict(reading.pages), afresh=afresh)
        if afresh:
            before, self.count = self.count, reading.count
            self.columns = list(reading.columns or ())
            self._shown_generation = reading.generation
            self.virtual_size = Size(0, (self.count or 0) + 1)
            self._follow((self.count or 0) - (before or 0))
            self.skip = min(self.skip, most_skip(self.columns, self._width()))
            self.post_message(self.Filled(self))
        self._settle_cursor()
        self.refresh()

    def _follow(self, grown: int) -> None:
        """Puts the cursor where its row has gone to."""
        if self._cursor_id is not None and not (self.is_log and self.cursor == 0):
            found = self._pages.find(self._cursor_id, self.cursor + grown)
            if found is not None and found != self.cursor:
                moved, self.cursor = found - self.cursor, found
                if self.scroll_offset.y:  # at the top the new rows are to be seen
                    self.scroll_to(y=self.scroll_offset.y + moved, animate=False, immediate=True)
        self.cursor = max(0, min(self.cursor, (self.count or 1) - 1))

    def _settle_cursor(self) -> None:
        row = self.row if self._shown_generation >= self._restarted else None
        self._cursor_id = row.id if row is not None else None
        self._keep_in_sight()
        self.post_message(self.Moved(self))

    # ── what is shown ────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self._pages.row(self.cursor) if self.count else None

    def _width(self) -> int:
        beside_bar = 1 if self.show_vertical_scrollbar else 0  # else the bar touches the last column
        return max(1, self.scrollable_content_region.width - 2 - beside_bar)

    def _height(self) -> int:
        return max(1, self.size.height - 1)

    def _window(self) -> tuple[int, int]:
        first = max(0, self.scroll_offset.y)
        return first, max(first, min(first + self._height(), self.count or PAGE) - 1)

    def _keep_in_sight(self) -> None:
        first, height = self.scroll_offset.y, self._height()
        if self.cursor < first:
            self.scroll_to(y=self.cursor, animate=False, immediate=True)
        elif self.cursor >= first + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, immediate=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._read_on()

    def on_resize(self) -> None:
        self._keep_in_sight()
        self._read_on()
        self.post_message(self.Resized())

    def _placed(self) -> list[Placed]:
        """The columns that there is room for."""
        return layout(self.columns, self._width(), self.skip)

    @property
    def column_here(self) -> int | None:
        """The place among `columns` of the one under the cursor; None where the cursor is on the whole row."""
        return None

    @property
    def is_moved(self) -> bool:
        """Whether columns are hidden at the left."""
        return self.skip > 0

    def render_line(self, y: int) -> Strip:
        """Line 0 is the header, which stays; below it the rows from the scroll offset on."""
        width = self.scrollable_content_region.width
        placed = self._placed()
        if y == 0:
            return header_strip(self, placed, self.is_moved, width)
        index = self.scroll_offset.y + y - 1
        if index >= (self.count or 0):
            return Strip.blank(width, self.rich_style)
        return row_strip(self, placed, index, self._pages.row(index), width)

    # ── what can be done ─────────────────────────────────────────────────────────────────────────────────────────────

    def move_to(self, index: int) -> None:
        """Puts the cursor on the row at that place, or on the nearest that there is."""
        target = max(0, min(index, (self.count or 1) - 1))
        if target != self.cursor:
            self.cursor = target
            self._settle_cursor()
            self.refresh()
            self._read_on()

    def select(self, row_id: str) -> bool:
        """Puts the cursor on the row of that id, where it is at hand."""
        found = self._pages.find(row_id, self.cursor)
        if found is not None:
            self.move_to(found)
        return found is not None

    def do_down(self) -> None:
        self.move_to(self.cursor + 1)

    def do_up(self) -> None:
        self.move_to(self.cursor - 1)

    def do_half_down(self) -> None:
        self.move_to(self.cursor + max(1, self._height() // 2))

    def do_half_up(self) -> None:
        self.move_to(self.cursor - max(1, self._height() // 2))

    def do_page_down(self) -> None:
        self.move_to(self.cursor + self._height())

    def do_page_up(self) -> None:
        self.move_to(self.cursor - self._height())

    def do_first(self) -> None:
        self.move_to(0)

    def do_last(self) -> None:
        self.move_to((self.count or 1) - 1)

    def do_right(self) -> None:
        self._sideways(1)

    def do_left(self) -> None:
        self._sideways(-1)

    def _sideways(self, step: int) -> None:
        skip = max(0, min(self.skip + step, most_skip(self.columns, self._width())))
        if skip != self.skip:
            self.skip = skip
            self.refresh()

    def do_open(self) -> None:
        if self.row is not None:
            self.post_message(self.Opened(self, self.row))

    def do_mark(self) -> None:
        if self.row is None:
            return
        if self.row.id in self.marks:
            del self.marks[self.row.id]
        else:
            self.marks[self.row.id] = None
        self.move_to(self.cursor + 1)
        self._marks_are_others()

    def do_unmark(self) -> None:
        self.marks.clear()
        self._marks_are_others()

    def _marks_are_others(self) -> None:
        self.refresh()
        self.post_message(self.Marked())
        self.app.refresh_footer()

    def on_click(self, event: events.Click) -> None:
        if event.y >= 1:
            self.move_to(self.scroll_offset.y + event.y - 1)
            if event.chain == 2:
                self.do_open()
