"""Models: the versions of each, what their gates said, and the keys that move the champion and predict."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from mlops_tui.jobs.model import Job
from mlops_tui.presenters.models import (
    forced_changes,
    predicted_words,
    promoted_words,
    promotion_changes,
    rollback_changes,
)
from mlops_tui.presenters.predict import paths, predict_command, wrong_paths
from mlops_tui.presenters.words import one_line
from mlops_tui.registry.listing import VersionLine
from mlops_tui.registry.model import CHAMPION
from mlops_tui.registry.query import find_model
from mlops_tui.tui.actions import REGISTRY, Action
from mlops_tui.tui.afterwards import tell_when_ended
from mlops_tui.tui.dialogs.confirm import Confirm
from mlops_tui.tui.dialogs.form import Field, Form, Values
from mlops_tui.tui.panels.model_panels import ModelsPanel, VersionPanel, VersionsPanel
from mlops_tui.tui.panels.table import WindowedTable
from mlops_tui.tui.panels.text_panel import TextView
from mlops_tui.tui.screens.opened import OpensFromLists


def _can_promote(pane: ModelsPane) -> str | None:
    line = pane.versions.line
    if line is None:
        return "No version is chosen."
    if (reason := pane.why_no_writing()) is not None:
        return reason
    if line.asking:
        return "Its gate is being asked."
    return "It is the champion already." if CHAMPION in line.version.aliases else None


def _can_force(pane: ModelsPane) -> str | None:
    line = pane.versions.line
    reason = _can_promote(pane)
    if reason is not None or line is None:
        return reason
    return None if line.is_refused else "The gate has not refused this version; p asks it."


def _can_roll_back(pane: ModelsPane) -> str | None:
    line = pane.listing.line
    if line is None:
        return "No model is chosen."
    if (reason := pane.why_no_writing()) is not None:
        return reason
    if line.champion is None:
        return "The model has no champion."
    return None if line.before is not None else f"There was no champion before v{line.champion}."


def _can_predict(pane: ModelsPane) -> str | None:
    if pane.versions.line is None:
        return "No version is chosen."
    return pane.why_no_writing()


class ModelsPane(OpensFromLists):
    """The models and their versions, and everything about one version."""

    NAME = "models"
    SCOPES = ("models", "opened")
    FIRST = "WindowedTable"
    BINDINGS = REGISTRY.add(
        Action("models.promote", "Promote", "Make it the champion if its gate passes.", ("p",), _can_promote, rank=20),
        Action("models.force", "Overrule", "Promote against the gate; asks why.", ("f",), _can_force, rank=23),
        Action("models.rollback", "Roll back", "Put the champion before back.", ("b",), _can_roll_back, rank=21),
        Action("models.predict", "Predict", "Predict a file with this version.", ("i",), _can_predict, rank=22),
    )

    def compose(self) -> ComposeResult:
        with Vertical(id="model-lists"):
            yield ModelsPanel(id="model-list")
            yield VersionsPanel(id="model-versions")
        yield VersionPanel(id="model-detail")

    # ── what is shown ────────────────────────────────────────────────────────────────────────────────────────────────

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
    def _filled(self, event: WindowedTable.Filled) -> None:
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
        return self.versions.table if self.detail.has_pseudo_class("focus-within") else None

    @property
    def is_inside(self) -> bool:
        return any(panel.has_pseudo_class("focus-within") for panel in (self.versions, self.detail))

    def go_back(self) -> None:
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
        if self.is_inside:
            return self.selector
        return self.listing.line.model.name if self.listing.line is not None else None

    # ── moving the champion ──────────────────────────────────────────────────────────────────────────────────────────

    def do_promote(self) -> None:
        model, line = self.listing.line, self.versions.line
        if model is None or line is None:
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._promote(line)

        changes = promotion_changes(model, line.version.number, self.app.services.settings.gate_margin)
        self.app.push_screen(Confirm(f"Promote {line.version.label}?", changes, "Ask the gate"), answered)

    def do_force(self) -> None:
        model, line = self.listing.line, self.versions.line
        if model is None or line is None:
            return

        def answered(values: Values | None) -> None:
            if values is not None:
                self._promote(line, why=values["text"])

        form = Form(
            f"Promote {line.version.label} against the gate?",
            [Field("text", "Why", help="Kept with the event.", required=True)],
            "Promote",
            words=forced_changes(model, line.version.number, line.gate),
        )
        self.app.push_screen(form, answered)

    def _promote(self, line: VersionLine, why: str | None = None) -> None:
        version, services = line.version, self.app.services

        def start() -> str:
            return services.models.promote(version.model_id, version.number, force=why is not None, why=why)

        self._follow(f"The gate of {version.label} is asked.")
        self.app.in_background(start, lambda job_id: tell_when_ended(self.app, job_id, _promoted))

    def _follow(self, words: str) -> None:
        self.app.notify(words, timeout=3, markup=False)

    def do_rollback(self) -> None:
        line, services = self.listing.line, self.app.services
        if line is None:
            return
        model = line.model

        def answered(values: Values | None) -> None:
            if values is not None:
                self.app.in_background(
                    lambda: services.models.rollback(model.id, values["why"] or None),
                    lambda version: self._follow(f"{version.label} is the champion again."),
                )

        form = Form(
            f"Roll {one_line(model.name, 40)} back?",
            [Field("why", "Why", placeholder="may be left empty", help="Kept with the event.")],
            "Roll back",
            words=rollback_changes(line),
        )
        self.app.push_screen(form, answered)

    # ── predicting ───────────────────────────────────────────────────────────────────────────────────────────────────

    def do_predict(self) -> None:
        line, selector = self.versions.line, self.selector
        if line is None or selector is None:
            return
        form = Form(
            f"Predict a file with {line.version.label}",
            [
                Field("in", "Read", placeholder="a CSV or Parquet file", required=True),
                Field("out", "Write", placeholder="as the file, with -predictions", help="Ends in .csv or .parquet."),
            ],
            "Predict",
            check=wrong_paths,
            command=lambda values: predict_command(selector, values),
        )
        self.app.push_screen(form, lambda values: self._predict(selector, values))

    def _predict(self, selector: str, values: Values | None) -> None:
        if values is None:
            return
        services, (given, out) = self.app.services, paths(values)
        self._follow(f"{one_line(given.name)} is being predicted.")
        self.app.in_background(
            lambda: services.predictions.start(selector, given, out),
            lambda job_id: tell_when_ended(self.app, job_id, _predicted),
        )


def _promoted(job: Job) -> str:
    return promoted_words(job.result or {})


def _predicted(job: Job) -> str:
    return predicted_words(job.result or {})
