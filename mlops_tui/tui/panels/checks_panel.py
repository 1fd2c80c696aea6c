"""The checks that a source's files are held against, and those that they suggest."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from mlops_tui.core.printable import printable
from mlops_tui.data.checkkeys import from_record
from mlops_tui.data.checks import Check
from mlops_tui.data.model import Source
from mlops_tui.data.query import get_source
from mlops_tui.presenters.checks import accepting_words, check_line
from mlops_tui.presenters.words import counted
from mlops_tui.tui.actions import REGISTRY, Action
from mlops_tui.tui.dialogs.confirm import Confirm
from mlops_tui.tui.lists.checks import ChecksSource
from mlops_tui.tui.panels.layer import Layer
from mlops_tui.tui.panels.rows import TableSource
from mlops_tui.tui.panels.table import WindowedTable
from mlops_tui.tui.panels.table_panel import TablePanel


def _can_accept(panel: ChecksPanel) -> str | None:
    if (reason := panel.app.pane.why_no_writing() if panel.app.pane is not None else None) is not None:
        return reason
    if panel.checks.told is None:
        return "The checks are not read yet."
    if panel.holds and not panel.proposed:
        return "The schema is accepted, and nothing new is proposed."
    return None


class ChecksPanel(TablePanel, Layer):
    """A line a check; below them the one under the cursor in full."""

    TOPICS = frozenset({"sources", "files"})
    OPENS = False
    FILTER_HINT = "a part of a check's name or sentence"
    SCOPES = ("checks",)
    BINDINGS = REGISTRY.add(
        Action(
            "checks.accept",
            "Accept schema",
            "Freeze the columns, and hold every file that comes against the checks.",
            ("a",),
            _can_accept,
            rank=11,
        )
    )

    def __init__(self, source: Source) -> None:
        super().__init__(id="checks")
        self.border_title = f"Checks of {printable(source.name)}"
        self.checks.source_id = source.id
        self._source_id = source.id

    def source(self) -> TableSource:
        self.checks = ChecksSource(lambda: self.app.services.asking, plain=self.app.plain)
        return self.checks

    def content(self) -> ComposeResult:
        yield self.table
        yield Static("", classes="panel--line", markup=False)

    @property
    def holds(self) -> bool:
        """Whether the schema was accepted."""
        return get_source(self.app.services.store.reader, self._source_id).accepted is not None

    @property
    def proposed(self) -> list[Check]:
        """What is proposed and does not hold yet."""
        return [_check(item) for item in self.checks.known.values() if not item["holds"]]

    @on(WindowedTable.Moved)
    def _explain(self) -> None:
        row = self.table.row
        check = self.checks.known.get(row.id) if row is not None else None
        self.query_one(".panel--line", Static).update(check_line(check) if check is not None else "")
        accepted = "schema accepted" if self.holds else "schema not accepted yet"
        self.border_subtitle = f"{accepted} · {counted(self.table.count or 0, 'check')}"

    def empty_words(self) -> str:
        return "No checks yet.\na accepts the schema; checks are proposed when files have come."

    def do_accept(self) -> None:
        app, source = self.app, get_source(self.app.services.store.reader, self._source_id)
        proposed = self.proposed
        everything = list(self.checks.known.values())

        def answered(yes: bool | None) -> None:
            if yes:
                app.in_background(lambda: app.services.curation.accept(source.id, proposed), accepted)

        def accepted(done: tuple[Source, list[Check]]) -> None:
            app.notify(f"{source.name}: its schema is accepted, {len(done[1])} checks are new.", markup=False)

        words = accepting_words(source.name, everything, len(source.kinds))
        app.push_screen(Confirm("Accept the schema?", words, "Accept"), answered)

    def on_unmount(self) -> None:
        self.checks.take_back()


def _check(item: Any) -> Check:
    return from_record({key.name: item[key.name] for key in fields(Check) if key.name in item})
