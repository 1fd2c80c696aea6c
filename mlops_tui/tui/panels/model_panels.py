"""The parts of the models screen: the models, the versions of one of them, and everything about one version."""

from __future__ import annotations

import sqlite3

from textual.app import ComposeResult

from mlops_tui.monitoring.outcomes import Standing, standing
from mlops_tui.monitoring.quality_model import QualityChunk
from mlops_tui.monitoring.quality_query import quality_of
from mlops_tui.overview.version_lineage import VersionLineage, version_lineage
from mlops_tui.presenters.models import version_sections
from mlops_tui.presenters.words import one_line
from mlops_tui.registry.listing import ModelLine, VersionDetail, VersionLine, version_detail
from mlops_tui.tui.lists.models import ModelsSource, VersionsSource
from mlops_tui.tui.panels.panel import FILLED, Panel
from mlops_tui.tui.panels.rows import TableSource
from mlops_tui.tui.panels.sections import section_content
from mlops_tui.tui.panels.table_panel import TablePanel
from mlops_tui.tui.panels.text_panel import TextView

VersionData = tuple[VersionDetail, VersionLineage, Standing | None, list[QualityChunk]]

FILES = 6
"""So many of the newest files are told of."""


class ModelsPanel(TablePanel):
    """The list of models."""

    TITLE = "Models"
    TOPICS = frozenset({"models"})
    AGES = True
    FILTER_HINT = "a part of the model's name"

    def source(self) -> TableSource:
        self.models = ModelsSource()
        return self.models

    @property
    def line(self) -> ModelLine | None:
        """The model under the cursor."""
        row = self.table.row
        return self.models.known.get(row.id) if row is not None else None

    def empty_words(self) -> str:
        return "No models yet.\n3 tunes a source; m there makes a model of its best trial.\nn registers one from a file: skops, ONNX or joblib."


class VersionsPanel(TablePanel):
    """The versions of the model that is chosen."""

    TITLE = "Versions"
    TOPICS = frozenset({"models", "jobs"})
    AGES = True

    def source(self) -> TableSource:
        self.versions = VersionsSource(plain=self.app.plain)
        return self.versions

    @property
    def line(self) -> VersionLine | None:
        """The version under the cursor."""
        row = self.table.row
        return self.versions.known.get(row.id) if row is not None else None

    def reload(self) -> None:
        if self.versions.model_id is not None:
            super().reload()

    def turn_to(self, model_id: str) -> None:
        """Shows the versions of another model."""
        if model_id != self.versions.model_id:
            self.versions.model_id = model_id
            self.table.restart()

    def empty_words(self) -> str:
        return "No versions yet.\nm on 3 Tune registers one, n one from a file."


class VersionPanel(Panel):
    """How well it does by file and beside the champion before, what the gates said, the card, the file, the signature and what happened."""

    TOPICS = frozenset({"models", "predictions", "jobs", "outcomes"})

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.version_id: str | None = None

    def content(self) -> ComposeResult:
        yield TextView()

    def turn_to(self, version_id: str) -> None:
        """Shows another version."""
        if version_id != self.version_id:
            self.version_id = version_id
            self.query_one(TextView).scroll_home(animate=False)
            self.reload()

    def reload(self) -> None:
        if self.version_id is not None:
            super().reload()

    def read(self, connection: sqlite3.Connection) -> VersionData:
        assert self.version_id is not None
        detail, files = version_detail(connection, self.version_id), self.app.services.settings.shadow_files
        beside = standing(connection, detail.version, files)
        quality = quality_of(connection, self.version_id, limit=FILES)
        return detail, version_lineage(connection, detail.version), beside, quality

    def show(self, data: VersionData) -> None:
        detail, way, beside, quality = data
        self.border_title = f"{one_line(detail.version.model)} v{detail.version.number}"
        sections = version_sections(detail, way, beside, quality, plain=self.app.plain)
        self.query_one(TextView).write(section_content(sections, self.content_size.width - 1))

    def on_resize(self) -> None:
        if self.has_class(FILLED):
            self.show(self.data)
