"""The list of runs, and what the keys do on it: order, groups, columns, views, and taking runs out of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from textual import on

from mlops_tui.presenters.run_columns import RunColumn, all_fields, kept
from mlops_tui.presenters.run_groups import title_of
from mlops_tui.presenters.words import counted, one_line
from mlops_tui.runs.completing import Offers, complete
from mlops_tui.runs.expression import Name, show_name
from mlops_tui.runs.grouping import fields
from mlops_tui.runs.model import Run
from mlops_tui.runs.query import last_deleted, metric_keys, param_keys, tag_keys
from mlops_tui.runs.service import Runs
from mlops_tui.store.preference import read_preference, write_preference
from mlops_tui.tui.actions import REGISTRY, Action
from mlops_tui.tui.dialogs.columns import ColumnsScreen
from mlops_tui.tui.dialogs.confirm import Confirm
from mlops_tui.tui.dialogs.grouping import GroupingScreen
from mlops_tui.tui.dialogs.text import ask_text
from mlops_tui.tui.dialogs.views import ViewsScreen
from mlops_tui.tui.lists.runs import CHOSEN, GroupsSource, RunsSource
from mlops_tui.tui.panels.filter_line import FilterLine
from mlops_tui.tui.panels.rows import Order, TableSource
from mlops_tui.tui.panels.table_panel import TablePanel
from mlops_tui.tui.screens.layers import LayeredPane

FIELDS_TO_GROUP_BY = ("experiment", "status", "study", "script", "commit", "branch", "host")
VIEWS = "views:runs"
"""What the views that were kept are under."""


def fields_of(connection: sqlite3.Connection) -> list[Name]:
    """Everything that a column may show."""
    return all_fields(metric_keys(connection), param_keys(connection), tag_keys(connection))


class _Groups(NamedTuple):
    """Groups that were looked into: by what, in which order, and the one that was opened."""

    by: tuple[Name | str, ...]
    order: Order
    query: str


class RunsPanel(TablePanel):
    """The list of runs."""

    TITLE = "Runs"
    TOPICS = frozenset({"runs", "metrics"})
    AGES = True
    FILTER_HINT = "metrics.auc > 0.9 and params.model = 'hgb' and status != 'failed'"
    ORDER = Order(sort="started", descending=True)
    MARKS = True
    KEPT = "runs"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._came_from: _Groups | None = None

    def source(self) -> TableSource:
        return RunsSource(plain=self.app.plain)

    @property
    def is_grouped(self) -> bool:
        """Whether groups are shown in place of the runs."""
        return isinstance(self.table.source, GroupsSource)

    def group_by(self, by: Sequence[Name | str]) -> None:
        """Shows groups of the runs, or, by nothing, the runs themselves."""
        self._came_from = None
        if not by and not self.is_grouped:
            return
        self.table.source = GroupsSource(by) if by else RunsSource(plain=self.app.plain)
        self.table.marked = not by
        self.table.marks.clear()
        self.border_title = f"Runs by {', '.join(map(title_of, by))}" if by else self.TITLE
        order = Order(sort="runs", descending=True) if by else self.ORDER
        self.table.order = replace(order, where=self.table.order.where)
        self.table.restart()

    def open_group(self, query: str) -> None:
        """Shows the runs of a group; taking that filter off leads back to the groups."""
        source = self.table.source
        assert isinstance(source, GroupsSource)
        groups = _Groups(source.by, self.table.order, query)
        self.group_by(())
        self._came_from = groups
        self.show_filter(query)

    @on(FilterLine.Left)
    def _back_to_groups(self, event: FilterLine.Left) -> None:
        groups, self._came_from = self._came_from, self._came_from if event.text else None
        if groups is not None and not event.text:
            self.group_by(groups.by)
            if groups.order.where:
                self.show_filter(groups.order.where)
            self.table.reorder(groups.order)
            self.seek(groups.query)

    def offers(self, connection: sqlite3.Connection, text: str, at: int) -> Offers:
        return complete(connection, text, at)

    def empty_words(self) -> str:
        return "No runs yet.\n3 tunes a source; mlops_tui.start_run() logs from a script of yours."


def _is_at_list(pane: RunListing) -> str | None:
    return "This is about the list: esc goes back to it." if pane.over else None


def _has_runs(pane: RunListing) -> str | None:
    if (reason := _is_at_list(pane)) is not None:
        return reason
    return None if pane.listing.table.count else "There are no runs."


def is_of_runs(pane: RunListing) -> str | None:
    """Why what is done with runs cannot be done now; None where it can."""
    if pane.listing.is_grouped and not pane.over:
        return "These are groups: enter shows the runs of one, b each run by itself."
    return _has_runs(pane)


def _can_keep(pane: RunListing) -> str | None:
    return _is_at_list(pane) or pane.app.services.store.why_read_only or None


def _can_delete(pane: RunListing) -> str | None:
    return pane.why_no_writing() or is_of_runs(pane)


class RunListing(LayeredPane):
    """What the keys do on the list of runs."""

    BINDINGS = REGISTRY.add(
        Action(
            "runs.delete",
            "Delete",
            "Delete the marked runs, else the one under the cursor.",
            ("D",),
            _can_delete,
            undoable=True,
            rank=30,
        ),
        Action(
            "runs.restore",
            "Bring back",
            "Bring back the runs that were deleted last; once more, those before.",
            ("z",),
            _can_keep,
            rank=31,
        ),
        Action("runs.sort", "Sort", "Sort by the next column.", ("s",), _has_runs, rank=20),
        Action(
            "runs.group",
            "Group",
            "Group by a parameter, a tag, or all parameters but the seed: means with their spread; enter shows a group's runs.",
            ("b",),
            _is_at_list,
            rank=21,
        ),
        Action("runs.reverse", "Reverse", "The other direction.", ("S",), _has_runs, rank=21),
        Action(
            "runs.columns", "Columns", "Choose the columns, their order and their widths.", ("C",), is_of_runs, rank=22
        ),
        Action("runs.views", "Views", "Open a view that was kept.", ("v",), _is_at_list, rank=23),
        Action(
            "runs.keep_view",
            "Keep the view",
            "Keep filter, order and columns under a name.",
            ("V",),
            _can_keep,
            rank=24,
        ),
    )

    @property
    def listing(self) -> RunsPanel:
        """The panel with the list."""
        return self.query_one(RunsPanel)

    @property
    def marked(self) -> list[str]:
        """The marked runs, else the one under the cursor."""
        table = self.listing.table
        return list(table.marks) or ([table.row.id] if table.row is not None else [])

    def do_delete(self) -> None:
        table, services = self.listing.table, self.app.services
        chosen = self.marked
        words = f"{counted(len(chosen), 'run')} will be gone from every list; z brings {'them' if len(chosen) > 1 else 'it'} back."

        def done(_: Any) -> None:
            for run_id in chosen:
                table.marks.pop(run_id, None)
            self.app.notify(f"{counted(len(chosen), 'run')} deleted.", markup=False)

        def delete(is_sure: bool | None) -> None:
            if is_sure:
                self.app.in_background(lambda: Runs(services.store).delete(chosen), done)

        self.app.push_screen(Confirm("Delete?", words, "Delete", danger=True), delete)

    def do_restore(self) -> None:
        store = self.app.services.store

        def restore() -> list[Run]:
            return Runs(store).restore(last_deleted(store.reader))

        def done(back: list[Run]) -> None:
            if not back:
                self.app.notify("No run is deleted.")
                return
            named = one_line(back[0].name) if len(back) == 1 else counted(len(back), "run")
            self.app.notify(f"{named} {'is' if len(back) == 1 else 'are'} back.", markup=False)
            self.listing.seek(back[0].id)

        self.app.in_background(restore, done)

    def do_sort(self) -> None:
        table = self.listing.table
        names = [column.sort for column in table.columns if column.sort is not None]
        here = names.index(table.order.sort) if table.order.sort in names else -1
        table.reorder(replace(table.order, sort=names[(here + 1) % len(names)]))

    def do_reverse(self) -> None:
        table = self.listing.table
        table.reorder(replace(table.order, descending=not table.order.descending))

    def do_group(self) -> None:
        store = self.app.services.store

        def group(field: str | None) -> None:
            if field is not None:
                self.listing.group_by(fields(field) if field else ())

        def ask(names: list[Name]) -> None:
            offered = [show_name(name) for name in names if name.table in ("params", "tags")]
            own = [*FIELDS_TO_GROUP_BY, *offered]
            self.app.push_screen(GroupingScreen(own, is_grouped=self.listing.is_grouped), group)

        self.app.ask_after(lambda: fields_of(store.reader), ask)

    def do_columns(self) -> None:
        store = self.app.services.store
        source = self.listing.table.source
        assert isinstance(source, RunsSource)
        shown = list(source.shown)

        def keep(chosen: list[RunColumn] | None) -> None:
            if chosen is not None:
                self._write(CHOSEN, kept(chosen))

        self.app.ask_after(
            lambda: fields_of(store.reader), lambda fields: self.app.push_screen(ColumnsScreen(shown, fields), keep)
        )

    def _write(self, key: str, value: Any) -> None:
        """Keeps what a person has set up, and shows the list by it."""
        store = self.app.services.store
        self.app.in_background(lambda: write_preference(store, key, value), lambda _: self.listing.reload())

    def do_keep_view(self) -> None:
        store = self.app.services.store

        def keep(views: dict[str, Any], values: dict[str, str] | None) -> None:
            if values is not None:
                order = self.listing.table.order
                view = {"where": order.where, "sort": order.sort, "descending": order.descending}
                source = self.listing.table.source
                columns = kept(source.shown) if isinstance(source, RunsSource) and source.is_chosen else []
                self._write(VIEWS, {**views, values["text"].strip(): {**view, "columns": columns}})

        def ask(views: dict[str, Any]) -> None:
            help = (
                f"Filter, order and columns. There is: {', '.join(views)}." if views else "Filter, order and columns."
            )
            form = ask_text("Keep the view", "Name", "Keep", help=help)
            self.app.push_screen(form, lambda values: keep(views, values))

        self.app.ask_after(lambda: read_preference(store.reader, VIEWS, {}), ask)

    def do_views(self) -> None:
        store = self.app.services.store

        def done(views: dict[str, Any], answer: tuple[str, str] | None) -> None:
            if answer is not None and answer[0] == "remove":
                self._write(VIEWS, {name: view for name, view in views.items() if name != answer[1]})
            elif answer is not None:
                self._open_view(views[answer[1]])

        def ask(views: dict[str, Any]) -> None:
            if not views:
                self.app.notify("No view was kept yet: V keeps this one.", timeout=4)
                return
            self.app.push_screen(ViewsScreen(views), lambda answer: done(views, answer))

        self.app.ask_after(lambda: read_preference(store.reader, VIEWS, {}), ask)

    def _open_view(self, view: dict[str, Any]) -> None:
        self._write(CHOSEN, view.get("columns", []))
        self.listing.table.order = replace(
            self.listing.table.order, sort=view.get("sort"), descending=bool(view.get("descending"))
        )
        self.listing.show_filter(str(view.get("where", "")))
