"""The form for a configuration that is to be tried next: its fields are those of the family that is chosen in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from textual import on
from textual.widgets import Select, Static

from mlops_tui.core.errors import MlopsError
from mlops_tui.core.printable import printable
from mlops_tui.presenters.steering import drawn_from, given_text, queue_command
from mlops_tui.presenters.words import one_line
from mlops_tui.tui.dialogs.form import Field, Values
from mlops_tui.tui.dialogs.tried import TriedForm
from mlops_tui.tuning.model import Study, Trial
from mlops_tui.tuning.space import params_of

FAMILY = "family"


class TryNextForm(TriedForm):
    """Asks for a configuration, beginning with the trial's. `families` are those with parameters, of which the first is
    proposed; none of an objective of the user's own. `put` queues what is given of a family, in a thread.
    """

    def __init__(
        self,
        study: Study,
        families: list[str],
        trial: Trial | None,
        put: Callable[[Mapping[str, str], str | None], Values],
    ) -> None:
        self._study = study
        self._trial = trial
        self._queue = put
        self._chosen: str | None = families[0] if families else None
        self._named: dict[str | None, dict[str, str]] = {}
        fields = [Field(FAMILY, "Family", families[0], choices=families)] if len(families) > 1 else []
        for place, family in enumerate(families or [None]):
            space = params_of(study, family or "")
            names = {f"parameter-{place}-{at}": name for at, name in enumerate(space)}  # a name may hold anything
            said, given = drawn_from(space), given_text(trial if place == 0 else None, space)
            fields += [
                Field(field, printable(name), given.get(name, ""), "drawn", help=said[name])
                for field, name in names.items()
            ]
            self._named[family] = names
        super().__init__(
            "Try next",
            fields,
            "Queue it",
            self._put,
            self._field_at_fault,
            words=self._about(),
            command=lambda values: queue_command(self._given(values), study, self._chosen),
        )

    @property
    def first(self) -> str:
        return next(iter(self._named[self._chosen]))

    def on_mount(self) -> None:
        self._show_family()

    def _about(self) -> str:
        of = f" of {printable(self._chosen)}" if self._chosen is not None else ""
        is_like = (self._trial is not None and self._trial.family == self._chosen) or self._chosen is None
        like = f", beginning with trial {self._trial.number}" if self._trial is not None and is_like else ""
        return f"A configuration{of} for {one_line(self._study.name, 40)}{like}. A worker takes it next."

    def _given(self, values: Values) -> Values:
        """The parameters of the chosen family that are typed in, by their own names."""
        return {name: values[field] for field, name in self._named[self._chosen].items() if values[field]}

    def _put(self, values: Values) -> Values:
        return self._queue(self._given(values), self._chosen)

    def _field_at_fault(self, error: MlopsError) -> str:
        names = self._named[self._chosen]
        return next((field for field, name in names.items() if error.title.startswith(f"{name} ")), next(iter(names)))

    @on(Select.Changed, f"#field-{FAMILY}")
    def _follow_family(self) -> None:
        """Another family has other parameters."""
        chosen = self.values()[FAMILY]
        if chosen != self._chosen:
            self._chosen = chosen
            self._show_family()
            self.query_one(".form--words", Static).update(self._about())
            self.echo()

    def _show_family(self) -> None:
        self.hide([field for family, names in self._named.items() if family != self._chosen for field in names])
