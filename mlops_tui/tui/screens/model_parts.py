"""What the Models screen shows: the models, the versions of one, and everything about one version."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from mlops_tui.registry.query import find_model
from mlops_tui.tui.panels.model_panels import ModelsPanel, VersionPanel, VersionsPanel
from mlops_tui.tui.panels.table import WindowedTable
from mlops_tui.tui.panels.text_panel import TextView
from mlops_tui.tui.screens.layers import LayeredPane


class ModelParts(LayeredPane):
    """Three layers: the list of models, the list of versions, and the text of one; over them how well one does by file."""

    FIRST = "WindowedTable"

    def compose(self) -> ComposeResult:
        with Vertical(id="model-lists"):
            yield ModelsPanel(id="model-list")
            yield VersionsPanel(id="model-versions")
        yield VersionPanel(id="model-detail")

    @property
    def listing(self) -> ModelsPanel:
        """The panel with the models."""
        return self.query_one(ModelsPanel)

    @property
    def versions(self) -> VersionsPanel:
        """The panel with the versions."""
        return self.query_one(VersionsPanel)

    @property
    def detail(self) -> VersionPanel:
        """The panel with one version."""
        return self.query_one(VersionPanel)

    @on(WindowedTable.Filled)
    @on(WindowedTable.Failed)
    def _read(self, event: WindowedTable.Filled | WindowedTable.Failed) -> None:
        if event.table is self.listing.table:
            self.set_class(not event.table.count, "-alone")

    @on(WindowedTable.Moved)
    def _moved(self, event: WindowedTable.Moved) -> None:
        line = self.listing.line
        if event.table is self.listing.table and line is not None:
            self.versions.turn_to(line.model.id)
        elif event.table is self.versions.table and self.versions.line is not None:
            self.detail.turn_to(self.versions.line.version.id)
        self.app.refresh_footer()

    @on(WindowedTable.Opened)
    def _opened(self, event: WindowedTable.Opened) -> None:
        """A model leads to its versions, a version to its details."""
        inner = self.versions.table if event.table is self.listing.table else self.detail.query_one(TextView)
        inner.focus()

    @property
    def opened_from(self) -> WindowedTable | None:
        if self.top is not None:
            return None
        return self.versions.table if self.detail.has_pseudo_class("focus-within") else None

    @property
    def is_inside(self) -> bool:
        return super().is_inside or any(
            panel.has_pseudo_class("focus-within") for panel in (self.versions, self.detail)
        )

    def go_back(self) -> None:
        if self.top is not None:
            self.step_out()
            return
        from_detail = self.detail.has_pseudo_class("focus-within")
        (self.versions if from_detail else self.listing).table.focus()

    def open_named(self, text: str) -> None:
        """Shows the model of that name or id; a text that is neither is a filter."""
        self.listing.open_named(text, lambda connection, name: find_model(connection, name).id)

    @property
    def selector(self) -> str | None:
        """How a command names the version under the cursor."""
        line = self.versions.line
        return f"{line.version.model}:{line.version.number}" if line is not None else None

    def copied(self) -> str | None:
        if self.top is not None:
            return self.top.copied()
        if self.is_inside:
            return self.selector
        return self.listing.line.model.name if self.listing.line is not None else None

    def follow(self, words: str) -> None:
        """Says what was begun."""
        self.app.notify(words, timeout=3, markup=False)
