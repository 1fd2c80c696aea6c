"""The form that launches a study: it shows the command that does the same, and stays until the study is there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from textual import on
from textual.widgets import Input, Select, Static

from mlops_tui.data.model import Source
from mlops_tui.presenters.launch import (
    families_by_task,
    field_at_fault,
    proposed_target,
    targets,
    tune_command,
    usual_families,
    wish,
)
from mlops_tui.tui.dialogs.form import Field
from mlops_tui.tui.dialogs.tried import TriedForm
from mlops_tui.tuning.model import FOLDS, PAIRED, PRUNERS, SAMPLERS, Study


def _fields(sources: Sequence[Source], chosen: Source, own: Collection[str]) -> list[Field]:
    columns = targets(chosen.kinds)
    target = proposed_target(chosen.kinds, chosen.target) or ""
    return [
        Field("source", "Source", chosen.name, choices=[source.name for source in sources]),
        Field("target", "Target", target, help=_about_target(chosen), choices=columns or [target or "–"]),
        Field(
            "metric",
            "Metric",
            placeholder="the task's own",
            help="roc_auc, log_loss, accuracy; for numbers rmse, mae, r2",
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
        Field("seed", "Seed", "0", help="The same seed gives the same trials."),
        Field("name", "Name", placeholder=f"{chosen.name} and a number"),
        Field("version", "Version", placeholder="the newest", help="Of the source: a number, or a tag."),
    ]


def _listed(words: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {said}" for name, said in words.items())


def _about_target(source: Source) -> str:
    return "The source's own." if source.target else "A guess: choose the column to predict."


class LaunchForm(TriedForm):
    """Asks what to tune; the answer has one key, `study`, the id of what was launched.

    `launch` gets the arguments of `Studies.create`, runs in a thread, and what it refuses is said beside the field;
    `own` are the names of the user's own families.
    """

    DOING = "starting …"

    def __init__(
        self,
        sources: Sequence[Source],
        chosen: Source,
        launch: Callable[[dict[str, Any]], Study],
        own: Collection[str] = (),
    ) -> None:
        super().__init__(
            "Tune a source",
            _fields(sources, chosen, own),
            "Launch",
            lambda values: {"study": launch(wish(values, own).arguments).id},
            field_at_fault,
            check=lambda values: wish(values, own).wrong,
            command=tune_command,
        )
        self._sources = {source.name: source for source in sources}
        self._chosen = chosen

    @on(Select.Changed, "#field-source")
    def _follow_source(self) -> None:
        """Another source has other columns, and another target to propose."""
        source = self._sources[self.values()["source"]]
        if source is self._chosen:
            return
        self._chosen = source
        target = self.query_one("#field-target", Select)
        columns = targets(source.kinds) or ["–"]
        target.set_options([(column, column) for column in columns])
        target.value = proposed_target(source.kinds, source.target) or columns[0]
        self.query_one("#note-target", Static).update(_about_target(source))
        self.query_one("#field-name", Input).placeholder = f"{source.name} and a number"
