"""The form that launches a study: it shows the command that does the same, and stays until the study is there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from textual import on
from textual.widgets import Input, Select

from mlops_tui.core.errors import MlopsError
from mlops_tui.data.model import Source
from mlops_tui.evaluation.metrics import COSTS, DEFAULTS
from mlops_tui.presenters.fields import path_of
from mlops_tui.presenters.launch import (
    GUESSED,
    NOT_OWN,
    families_by_task,
    field_at_fault,
    pruners,
    tune_command,
    usual_families,
    usual_pruner,
    wish,
)
from mlops_tui.registry.power import power_of, power_words
from mlops_tui.tui.dialogs.form import Field, Values
from mlops_tui.tui.dialogs.tried import TriedForm
from mlops_tui.tuning.earlier import told
from mlops_tui.tuning.model import FOLDS, PAIRED, PRUNERS, SAMPLERS, Study
from mlops_tui.tuning.problem import SPLITS, TASKS, Problem
from mlops_tui.tuning.script import read_script
from mlops_tui.tuning.space import read_space
from mlops_tui.tuning.targets import guessed_target, targets


def _fields(sources: Sequence[Source], chosen: Source | None, own: Collection[str]) -> list[Field]:
    columns = targets(chosen.kinds) if chosen is not None else []
    target = _target(chosen)[0] if chosen is not None else ""
    name = chosen.name if chosen is not None else ""
    return [
        Field("source", "Source", name, choices=[source.name for source in sources] or [""]),
        Field("target", "Target", target, help=_about_target(chosen), choices=columns or [target or "–"]),
        Field("task", "Task", GUESSED, choices=[GUESSED, *TASKS]),
        Field("positive", "Positive class", placeholder="of two classes the second"),
        Field("split", "Split", GUESSED, choices=[GUESSED, *SPLITS]),
        Field(
            "objective",
            "Or your own",
            placeholder="train.py:objective, in place of a source",
            help=f"A function of Optuna's trial, in a file seen from {Path.cwd()}.",
        ),
        Field("direction", "Direction", placeholder="minimize; or maximize; one for each value it returns"),
        Field(
            "metric",
            "Metric",
            placeholder="the task's own",
            help=_ABOUT_METRIC,
        ),
        Field("families", "Families", placeholder=usual_families(), help=f"Of {families_by_task(own)}"),
        Field("trials", "Trials", "20"),
        Field("timeout", "Time at most", placeholder="no limit; or 90s, 10m, 2h"),
        Field("trial_timeout", "A trial's time", placeholder="no limit; or 60s, 5m"),
        Field("trial_memory", "A trial's memory", placeholder="no limit; or 2GB, 500MB"),
        Field("workers", "Workers", "1"),
        Field("sampler", "Sampler", "tpe", help=_listed(SAMPLERS), choices=list(SAMPLERS)),
        Field("pruner", "Stop early", PAIRED, help=_listed(PRUNERS), choices=list(PRUNERS)),
        Field("folds", "Folds", str(FOLDS), help="Parts of the rows, each of which is scored once."),
        Field("ensemble", "Ensemble", "no", help="Ends with an average of its best trials.", choices=["no", "yes"]),
        Field("space", "Search space", placeholder="the families' own; or a JSON file of distributions"),
        Field(
            "warm_start",
            "Begin with",
            placeholder="the defaults; or earlier, or a study's name",
            help="The best trials of it: 'earlier' is any study on these columns.",
        ),
        Field("seed", "Seed", "0", help="The same seed gives the same trials."),
        Field("name", "Name", placeholder=_NAME.format(name)),
        Field("version", "Version", placeholder="the newest", help="Of the source: a number, or a tag."),
    ]


def _listed(words: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {said}" for name, said in words.items())


def _about_target(source: Source | None) -> str:
    if source is None:
        return "2 adds a source."
    return _target(source)[1]


def _target(source: Source) -> tuple[str, str]:
    """What is proposed as the target, and what is said of it."""
    if source.target is not None:
        return source.target, "The source's own."
    guess = guessed_target(source.kinds)
    return (guess[0], f"A guess: {guess[1]}.") if guess is not None else ("", "No column can be learnt.")


_NAME = "{} and a number"
_ABOUT_METRIC = (
    f"roc_auc, log_loss, accuracy; for numbers rmse, mae, r2. After a comma what is to be small: {', '.join(COSTS)}"
)
_ABOUT_VALUES = "What its values are called, with commas between."


class LaunchForm(TriedForm):
    """Asks what to tune; the answer has `study`, the id of what was launched, and `said`, what is worth a word.

    `launch` gets the arguments of `Studies.create`, or of `Studies.create_own` where an objective of the user's own is named; it
    runs in a thread, and what it refuses is said beside the field. `guess` says of a source and its target what they are taken
    for. `own` are the names of the user's own families.
    """

    DOING = "starting …"

    def __init__(
        self,
        sources: Sequence[Source],
        chosen: Source | None,
        launch: Callable[[dict[str, Any]], Study],
        guess: Callable[[str, str], Problem],
        own: Collection[str] = (),
    ) -> None:
        super().__init__(
            "Tune a source, or an objective of your own",
            _fields(sources, chosen, own),
            "Launch",
            self._launched,
            lambda error: self._reading or field_at_fault(error),
            check=lambda values: wish(values, own).wrong,
            command=tune_command,
        )
        self._sources = {source.name: source for source in sources}
        self._chosen = chosen
        self._launch = launch
        self._guess = guess
        self._own = own
        self._reading: str | None = None
        self._is_own = False

    def _launched(self, values: Values) -> Values:
        """Reads the files that are named, launches the study; runs in a thread."""
        arguments = wish(values, self._own).arguments
        if values["objective"]:
            self._reading = "objective"
            read_script(values["objective"], Path.cwd(), self.app.services.workspace)
        elif values["space"]:
            self._reading = "space"
            arguments["space"] = read_space(path_of(values["space"]))
        self._reading = None
        study = self._launch(arguments)
        return {"study": study.id, "said": told(study.warm_start) if study.warm_start else ""}

    def on_mount(self) -> None:
        super().on_mount()
        self._show_fields()
        self._follow_target()

    @on(Input.Changed, "#field-objective")
    def _show_fields(self) -> None:
        """What does not go with an objective of the user's own is not asked for beside one, nor the other way round."""
        values = self.values()
        is_own = bool(values["objective"])
        self.hide(NOT_OWN if is_own else ("direction",))
        pruner = self.query_one("#field-pruner", Select)
        known = pruners(values)
        if is_own != self._is_own:
            self._is_own = is_own
            pruner.set_options([(name, name) for name in known])
            pruner.value = usual_pruner(values)
            self.help_with("pruner", _listed(known))
        self.help_with("metric", _ABOUT_VALUES if is_own else _ABOUT_METRIC)
        self.query_one("#field-metric", Input).placeholder = "value" if is_own else "the task's own"
        file = Path(values["objective"].partition(":")[0]).stem
        source = self._chosen.name if self._chosen is not None else ""
        self.query_one("#field-name", Input).placeholder = _NAME.format(file if is_own else source)

    @on(Select.Changed, "#field-target")
    def _follow_target(self) -> None:
        """Another target may be another task; why it is that is said once it is read."""
        values = self.values()
        source, target = values["source"], values["target"]

        def read() -> tuple[str, str, str]:
            try:
                guessed = self._guess(source, target)
            except MlopsError as error:
                return f"{error.title} {error.remedy}", "", _ABOUT_METRIC
            return guessed.about_task, guessed.about_split, f"{_ABOUT_METRIC}. {self._power(source, guessed.task)}"

        def tell(said: tuple[str, str, str]) -> None:
            now = self.values() if self.is_attached else {}
            if (now.get("source"), now.get("target")) == (source, target):
                for field, words in zip(("task", "split", "metric"), said, strict=True):
                    self.help_with(field, words)

        if source and target:
            self.app.in_background(read, tell)

    def _power(self, source: str, task: str) -> str:
        """What the gates will be able to tell, by the task's own metric; read in a thread."""
        services, metric = self.app.services, DEFAULTS[task]
        found = power_of(
            services.store.reader,
            self._sources[source],
            metric,
            share=services.settings.held_out_share,
            margin=services.settings.gate_margin,
        )
        return power_words(found, metric)

    @on(Select.Changed, "#field-source")
    def _follow_source(self) -> None:
        """Another source has other columns, and another target to propose."""
        source = self._sources.get(self.values()["source"])
        if source is None or source is self._chosen:
            return
        self._chosen = source
        target = self.query_one("#field-target", Select)
        columns = targets(source.kinds) or ["–"]
        target.set_options([(column, column) for column in columns])
        target.value = _target(source)[0] or columns[0]
        self.help_with("target", _about_target(source))
        self.query_one("#field-name", Input).placeholder = _NAME.format(source.name)
