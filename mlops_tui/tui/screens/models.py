"""Models: the versions of each, what their gates said, and the keys that move the champion and predict."""

from __future__ import annotations

from mlops_tui.data.learning import ALL
from mlops_tui.jobs.model import Job
from mlops_tui.presenters.gates import asked_words, evaluated_words, promoted_words, promotion_changes
from mlops_tui.presenters.model_files import exported_lines, folder_of, given_file, registered_lines
from mlops_tui.presenters.models import predicted_words, undone_changes
from mlops_tui.presenters.predict import paths, ways
from mlops_tui.presenters.retraining import RETUNE, retrained_words
from mlops_tui.presenters.run_note import tag_changes
from mlops_tui.presenters.version_words import card_changes
from mlops_tui.presenters.words import one_line
from mlops_tui.registry import gatefile
from mlops_tui.registry.listing import VersionLine
from mlops_tui.registry.model import CHAMPION, TRIALS, ModelVersion
from mlops_tui.registry.query import find_model, list_models, version_of
from mlops_tui.registry.service import Models
from mlops_tui.tui.actions import REGISTRY, Action
from mlops_tui.tui.afterwards import tell_when_ended
from mlops_tui.tui.dialogs.confirm import Confirm
from mlops_tui.tui.dialogs.form import Values
from mlops_tui.tui.dialogs.model_files import export_form, predict_form, register_file_form
from mlops_tui.tui.dialogs.version_forms import (
    LOOK,
    alias_form,
    card_form,
    force_form,
    retrain_form,
    rollback_form,
)
from mlops_tui.tui.panels.quality_panel import QualityPanel
from mlops_tui.tui.screens.model_parts import ModelParts
from mlops_tui.tui.screens.model_reasons import (
    can_ask,
    can_change,
    can_force,
    can_look,
    can_promote,
    can_retrain,
    can_roll_back,
    can_undo,
)


class ModelsPane(ModelParts):
    """The models and their versions, and everything about one version."""

    NAME = "models"
    SCOPES = ("models", "opened")
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
        Action(
            "models.register",
            "From a file",
            "Register a model that was made elsewhere.",
            ("n",),
            lambda pane: pane.why_no_writing(),
            rank=30,
        ),
        Action("models.export", "Export", "Write it to a folder that stands alone.", ("e",), can_change, rank=31),
        Action(
            "models.quality", "How well", "How well it does, file by file, as a picture.", ("w",), can_look, rank=26
        ),
        Action("models.alias", "Alias", "Let another alias than champion name it.", ("A",), can_ask, rank=26),
    )

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

        self.app.push_screen(force_form(model, line), answered)

    def _promote(self, line: VersionLine, why: str | None = None, alias: str = CHAMPION) -> None:
        version, services = line.version, self.app.services

        def start() -> str:
            return services.models.promote(version.model_id, version.number, alias, force=why is not None, why=why)

        self.follow(f"The gates of {version.label} are asked.")
        self.app.in_background(start, lambda job_id: tell_when_ended(self.app, job_id, _promoted))

    def do_gates(self) -> None:
        line, services = self.versions.line, self.app.services
        if line is None:
            return
        version = line.version
        self.follow(f"The gates of {version.label} are asked.")
        self.app.in_background(
            lambda: services.models.ask_gates(version.model_id, version.number),
            lambda job_id: tell_when_ended(self.app, job_id, lambda job: asked_words(job.result or {})),
        )

    def do_alias(self) -> None:
        line = self.versions.line
        if line is None:
            return
        form = alias_form(line.version)
        self.app.push_screen(form, lambda values: self._promote(line, alias=values["alias"]) if values else None)

    def do_describe(self) -> None:
        line, models = self.versions.line, self.app.services.models
        if line is None:
            return
        version = line.version

        def answered(values: Values | None) -> None:
            if values is not None:
                self.app.in_background(lambda: _describe(models, version, values), lambda _: None)

        self.app.push_screen(card_form(version), answered)

    async def do_quality(self) -> None:
        line = self.versions.line
        if line is not None:
            await self.step_into(QualityPanel(line.version.id))

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

        self.app.push_screen(Confirm(f"Look at the test rows of {version.label}?", LOOK, "Look"), answered)

    def do_retrain(self) -> None:
        line, services = self.versions.line, self.app.services
        if line is None:
            return
        version, selector = line.version, self.selector or ""

        def answered(values: Values | None) -> None:
            if values is None:
                return
            self.follow(f"{version.label} is learnt again.")
            self.app.in_background(
                lambda: services.models.retrain(
                    selector,
                    values["window"] or ALL,
                    retune=values["how"] == RETUNE,
                    trials=int(values["trials"] or TRIALS),
                ),
                lambda job_id: tell_when_ended(self.app, job_id, lambda job: retrained_words(job.result or {})),
            )

        self.app.push_screen(retrain_form(version, selector), answered)

    def do_undo(self) -> None:
        line, services = self.listing.line, self.app.services
        if line is None:
            return
        model = line.model

        def answered(yes: bool | None) -> None:
            if yes:
                self.app.in_background(
                    lambda: services.models.undo_rollback(model.id),
                    lambda version: self.follow(f"{version.label} is the champion again."),
                )

        self.app.push_screen(
            Confirm(f"Undo the rollback of {one_line(model.name, 40)}?", undone_changes(line), "Undo it"), answered
        )

    def do_rollback(self) -> None:
        line, services = self.listing.line, self.app.services
        if line is None:
            return
        model = line.model

        def answered(values: Values | None) -> None:
            if values is not None:
                self.app.in_background(
                    lambda: services.models.rollback(model.id, values["why"] or None),
                    lambda version: self.follow(f"{version.label} is the champion again."),
                )

        self.app.push_screen(rollback_form(line), answered)

    # ── files in and out ─────────────────────────────────────────────────────────────────────────────────────────────────

    def do_register(self) -> None:
        line, services = self.listing.line, self.app.services

        def answered(values: Values | None) -> None:
            if values is None:
                return
            given = given_file(values)
            self.follow(f"{one_line(given.path.name)} is opened, and tried on the rows.")
            there = self.versions.line
            self.app.in_background(
                lambda: services.model_files.register(values["name"], given),
                lambda job_id: tell_when_ended(self.app, job_id, lambda job: self._registered(job, there)),
            )

        reader, chosen = services.store.reader, "" if line is None else line.model.name
        self.app.ask_after(
            lambda: [model.name for model in list_models(reader)],
            lambda names: self.app.push_screen(register_file_form(reader, names, chosen), answered),
        )

    def _registered(self, job: Job, there: VersionLine | None) -> str:
        """What was registered in words; it is gone to where the cursor is still where it was."""
        result, reader = job.result or {}, self.app.services.store.reader

        def found() -> tuple[str, str]:
            model = find_model(reader, result["model"])
            return model.id, version_of(reader, model, result["version"]).id

        def shown(ids: tuple[str, str]) -> None:
            now = self.versions.line
            if (now and now.version.id) == (there and there.version.id):
                self.listing.seek(ids[0])
                self.versions.turn_to(ids[0])
                self.versions.seek(ids[1])

        self.app.in_background(found, shown)
        return " ".join(registered_lines(result))

    def do_export(self) -> None:
        line, services = self.versions.line, self.app.services
        if line is None:
            return
        version = line.version

        def answered(values: Values | None) -> None:
            if values is None:
                return
            folder, onnx = folder_of(values), values["onnx"] == "yes"
            self.follow(f"{version.label} is written to {one_line(folder.name)}.")
            self.app.in_background(
                lambda: services.model_files.export(version.model_id, version.number, folder, onnx=onnx),
                lambda job_id: tell_when_ended(
                    self.app, job_id, lambda job: " ".join(exported_lines(job.result or {}))
                ),
            )

        self.app.push_screen(export_form(version), answered)

    def do_predict(self) -> None:
        line, selector = self.versions.line, self.selector
        if line is None or selector is None:
            return
        form = predict_form(line.version, selector)
        self.app.push_screen(form, lambda values: self._predict(selector, values))

    def _predict(self, selector: str, values: Values | None) -> None:
        if values is None:
            return
        services, (given, out) = self.app.services, paths(values)
        self.follow(f"{one_line(given.name)} is being predicted.")
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


def _promoted(job: Job) -> str:
    return promoted_words(job.result or {})


def _predicted(job: Job) -> str:
    return predicted_words(job.result or {})
