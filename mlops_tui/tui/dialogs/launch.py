"""The form that launches a study: it shows the command that does the same, and stays until the study is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from textual import on
from textual.widgets import Input, Select, Static

from mlops_tui.core.errors import MlopsError
from mlops_tui.data.model import Source
from mlops_tui.presenters.launch import families_by_task, field_at_fault, proposed_target, targets, tune_command, wish
from mlops_tui.tui.dialogs.form import Field, Form, Values
from mlops_tui.tuning.model import Study

if TYPE_CHECKING:
    from mlops_tui.tui.app import MlopsApp


def _fields(sources: Sequence[Source], chosen: Source) -> list[Field]:
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
        Field("families", "Families", placeholder="all that fit", help=families_by_task()),
        Field("trials", "Trials", "20"),
        Field("timeout", "Time at most", placeholder="no limit; or 90s, 10m, 2h"),
        Field("workers", "Workers", "1"),
        Field("seed", "Seed", "0", help="The same seed gives the same trials."),
        Field("name", "Name", placeholder=f"{chosen.name} and a number"),
        Field("version", "Version", placeholder="the newest", help="Of the source: a number, or a tag."),
    ]


def _about_target(source: Source) -> str:
    return "The source's own." if source.target else "A guess: choose the column to predict."


class LaunchForm(Form):
    """Asks what to tune; the answer has one key, `study`, the id of what was launched.

    `launch` gets the arguments of `Studies.create`, runs in a thread, and what it refuses is said beside the field.
    """

    app: MlopsApp

    def __init__(self, sources: Sequence[Source], chosen: Source, launch: Callable[[dict[str, Any]], Study]) -> None:
        super().__init__(
            "Tune a source",
            _fields(sources, chosen),
            "Launch",
            check=lambda values: wish(values).wrong,
            command=tune_command,
        )
        self._sources = {source.name: source for source in sources}
        self._chosen = chosen
        self._launch = launch
        self._is_busy = False

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

    def accept(self, values: Values) -> None:
        if self._is_busy:
            return
        self._is_busy = True
        self.say_below("starting …")
        self.app.in_background(lambda: self._attempt(values), self._attempted)

    def _attempt(self, values: Values) -> Study | MlopsError:
        try:
            return self._launch(wish(values).arguments)
        except MlopsError as error:
            return error

    def _attempted(self, result: Study | MlopsError) -> None:
        self._is_busy = False
        if not self.is_attached:  # it was left meanwhile; what was launched is in the list
            return
        if isinstance(result, MlopsError):
            self.complain({field_at_fault(result): f"{result.title} {result.remedy}".strip()})
            self.echo()
        else:
            self.dismiss({"study": result.id})
