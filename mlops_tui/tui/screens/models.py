"""Models: the versions of each, what their gates said, and the keys that move the champion and predict."""

from __future__ import annotations

import shlex

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from mlops_tui.core.errors import UsageError
from mlops_tui.data.learning import ALL
from mlops_tui.jobs.model import Job
from mlops_tui.presenters.gates import asked_words, evaluated_words, forced_changes, promoted_words, promotion_changes
from mlops_tui.presenters.models import predicted_words, rollback_changes, undone_changes
from mlops_tui.presenters.predict import paths, predict_command, threshold_words, ways, wrong_paths
from mlops_tui.presenters.retraining import REFIT, RETUNE, retrain_command, retrained_words, wrong_retraining
from mlops_tui.presenters.run_note import tag_changes
from mlops_tui.presenters.version_words import CARD_HELP, card_changes, version_commands, version_fields, wrong_tags
from mlops_tui.presenters.words import one_line
from mlops_tui.registry import gatefile
from mlops_tui.registry.gates import CARD_FIELDS
from mlops_tui.registry.listing import VersionLine
from mlops_tui.registry.model import CHAMPION, ModelVersion, valid_alias
from mlops_tui.registry.query import find_model
from mlops_tui.registry.service import Models
from mlops_tui.tui.actions import REGISTRY, Action
from mlops_tui.tui.afterwards import tell_when_ended
from mlops_tui.tui.dialogs.confirm import Confirm
from mlops_tui.tui.dialogs.form import Field, Form, Values
from mlops_tui.tui.panels.model_panels import ModelsPanel, VersionPanel, VersionsPanel
from mlops_tui.tui.panels.table import WindowedTable
from mlops_tui.tui.panels.text_panel import TextView
from mlops_tui.tui.screens.model_reasons import (
    can_ask,
    can_change,
    can_force,
    can_promote,
    can_retrain,
    can_roll_back,
    can_undo,
)
from mlops_tui.tui.screens.opened import OpensFromLists


class ModelsPane(OpensFromLists):
    """The models and their versions, and everything about one version."""

    NAME = "models"
    SCOPES = ("models", "opened")
    FIRST = "WindowedTable"
    BINDINGS = REGISTRY.add(
        Action(
            "models.promote", "Promote", "Make it the champion where its gates let it.", ("p",), can_promote, rank=20
        ),
        Action("models.force", "Overrule", "Promote against the gates; asks why.", ("f",), can_force, rank=23),
        Action("models.gates", "Ask gates", "Ask what its gates say, and move nothing.", ("a",), can_ask, rank=24),
        Action("models.rollback", "Roll back", "Put the champion before back.", ("b", "z"), can_roll_back, rank=21),
        Action("models.undo", "Undo rollback", "Take the last rollback back.", ("Z",), can_undo, rank=27),
        Action("models.evaluate", "Test", "Its metrics on the held-out rows; counted.", ("v",), can_retrain, rank=29),
        Action("models.retrain", "Retrain", "Its recipe on what the source has now.", ("r",), can_retrain, rank=28),
        Action("models.predict", "Predict", "Predict a file with this version.", ("i",), can_change, rank=22),
        Action(
            "models.describe",
            "Card",
            "Say on its card what a person has to; note and tags.",
            ("t",),
            can_change,
            rank=25,
        ),
        Action("models.alias", "Alias", "Let another alias than champion name it.", ("A",), can_ask, rank=26),
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

        workspace = self.app.services.store.workspace
        self.app.ask_after(
            lambda: promotion_changes(model, line.version.number, gatefile.read(workspace, model.model.name)),
            lambda changes: self.app.push_screen(
                Confirm(f"Promote {line.version.label}?", changes, "Ask the gates"), answered
            ),
        )

    def do_force(self) -> None:
        model, line = self.listing.line, self.versions.line
        if model is None or line is None:
            return

        def answered(values: Values | None) -> None:
            if values is not None:
                self._promote(line, why=values["text"])

        form = Form(
            f"Promote {line.version.label} against its gates?",
            [Field("text", "Why", help="Kept with the event.", required=True)],
            "Promote",
            words=forced_changes(model, line.version.number, line.refusing),
        )
        self.app.push_screen(form, answered)

    def _promote(self, line: VersionLine, why: str | None = None, alias: str = CHAMPION) -> None:
        version, services = line.version, self.app.services

        def start() -> str:
            return services.models.promote(version.model_id, version.number, alias, force=why is not None, why=why)

        self._follow(f"The gates of {version.label} are asked.")
        self.app.in_background(start, lambda job_id: tell_when_ended(self.app, job_id, _promoted))

    def do_gates(self) -> None:
        line, services = self.versions.line, self.app.services
        if line is None:
            return
        version = line.version
        self._follow(f"The gates of {version.label} are asked.")
        self.app.in_background(
            lambda: services.models.ask_gates(version.model_id, version.number),
            lambda job_id: tell_when_ended(self.app, job_id, lambda job: asked_words(job.result or {})),
        )

    def do_alias(self) -> None:
        line = self.versions.line
        if line is None:
            return
        version = line.version

        def wrong(values: Values) -> dict[str, str]:
            try:
                valid_alias(values["alias"])
            except UsageError as error:
                return {"alias": f"{error.title} {error.remedy}"}
            return {"alias": "p makes it the champion."} if values["alias"] == CHAMPION else {}

        form = Form(
            f"An alias for {version.label}",
            [Field("alias", "Alias", "challenger", help="Moves to this version if another one has it.", required=True)],
            "Set",
            check=wrong,
            command=lambda values: (
                f"mlops-tui models promote {shlex.quote(version.model)} {version.number} --to {values['alias']}"
            ),
            words="The gates are asked, and for other aliases than champion they only advise.",
        )
        self.app.push_screen(form, lambda values: self._promote(line, alias=values["alias"]) if values else None)

    def do_describe(self) -> None:
        line, models = self.versions.line, self.app.services.models
        if line is None:
            return
        version = line.version

        def answered(values: Values | None) -> None:
            if values is not None:
                self.app.in_background(lambda: _describe(models, version, values), lambda _: None)

        said = version_fields(version)
        fields = [
            Field(name, name.replace("_", " ").capitalize(), said[name], help=CARD_HELP[name]) for name in CARD_FIELDS
        ]
        fields.append(Field("tags", "Tags", said["tags"], placeholder="reviewed=yes, team=retention"))
        fields.append(Field("note", "Note", one_line(said["note"], 1_000)))
        form = Form(
            f"The card of {version.label}",
            fields,
            "Write",
            check=wrong_tags,
            command=lambda values: version_commands(values, version),
        )
        self.app.push_screen(form, answered)

    def do_evaluate(self) -> None:
        line, services = self.versions.line, self.app.services
        if line is None:
            return
        version = line.version

        def answered(yes: bool | None) -> None:
            if yes:
                self.app.in_background(
                    lambda: services.models.evaluate(version.model_id, version.number),
                    lambda job_id: tell_when_ended(self.app, job_id, lambda job: evaluated_words(job.result or {})),
                )

        changes = (
            "It is scored on the rows that were held out when it learnt. Held-out rows wear out as they are looked at: what is"
            " chosen by them looks better than it is. The look is counted and stays in the history."
        )
        self.app.push_screen(Confirm(f"Look at the test rows of {version.label}?", changes, "Look"), answered)

    def do_retrain(self) -> None:
        line, services = self.versions.line, self.app.services
        if line is None:
            return
        version, selector = line.version, self.selector or ""
        form = Form(
            f"Retrain {version.label}",
            [
                Field("window", "Window", ALL, help="all, last:3 (files) or since:2026-03-31: what is learnt from."),
                Field("how", "How", REFIT, choices=(REFIT, RETUNE), help="Tuning anew begins with its parameters."),
                Field("trials", "Trials", "20", help="Where it is tuned anew: so many."),
            ],
            "Retrain",
            check=wrong_retraining,
            command=lambda values: retrain_command(selector, values),
            words="A new version is made and becomes the challenger; its gates are asked, and nothing is promoted.",
        )

        def answered(values: Values | None) -> None:
            if values is None:
                return
            self._follow(f"{version.label} is learnt again.")
            self.app.in_background(
                lambda: services.models.retrain(
                    f"{version.model}:{version.number}",
                    values["window"],
                    retune=values["how"] == RETUNE,
                    trials=int(values["trials"] or 20),
                ),
                lambda job_id: tell_when_ended(self.app, job_id, lambda job: retrained_words(job.result or {})),
            )

        self.app.push_screen(form, answered)

    def do_undo(self) -> None:
        line, services = self.listing.line, self.app.services
        if line is None:
            return
        model = line.model

        def answered(yes: bool | None) -> None:
            if yes:
                self.app.in_background(
                    lambda: services.models.undo_rollback(model.id),
                    lambda version: self._follow(f"{version.label} is the champion again."),
                )

        self.app.push_screen(
            Confirm(f"Undo the rollback of {one_line(model.name, 40)}?", undone_changes(line), "Undo it"), answered
        )

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
                Field("in", "Read", placeholder="a CSV, Parquet or JSON lines file", required=True),
                Field(
                    "out",
                    "Write",
                    placeholder="as the file, with -predictions",
                    help="Ends in .csv, .parquet or .jsonl.",
                ),
                *_threshold_field(line.version),
                Field("rejects", "Set aside", placeholder="nothing", help="A file for rows that cannot be read."),
            ],
            "Predict",
            check=lambda values: wrong_paths(values, line.version),
            command=lambda values: predict_command(selector, values),
        )
        self.app.push_screen(form, lambda values: self._predict(selector, values))

    def _predict(self, selector: str, values: Values | None) -> None:
        if values is None:
            return
        services, (given, out) = self.app.services, paths(values)
        self._follow(f"{one_line(given.name)} is being predicted.")
        self.app.in_background(
            lambda: services.predictions.start(selector, given, out, ways(values)),
            lambda job_id: tell_when_ended(self.app, job_id, _predicted),
        )


def _describe(models: Models, version: ModelVersion, values: Values) -> None:
    """Writes what differs from what is said already."""
    if changes := card_changes(values, version):
        models.describe(version.model_id, version.number, changes)
    added, removed = tag_changes(values, version)
    if added or removed:
        models.tag(version.model_id, version.number, added, removed)
    if values["note"] != one_line(version.note or "", 1_000):
        models.note(version.model_id, version.number, values["note"])


def _threshold_field(version: ModelVersion) -> list[Field]:
    """The field for a threshold, of a version that decides between two classes."""
    if len(version.signature.classes) != 2:
        return []
    return [Field("threshold", "Threshold", placeholder="a number or a metric", help=threshold_words(version))]


def _promoted(job: Job) -> str:
    return promoted_words(job.result or {})


def _predicted(job: Job) -> str:
    return predicted_words(job.result or {})
