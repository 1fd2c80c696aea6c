"""The form that narrows a range of a study; what that costs the sampler stands in it before it is done."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.widgets import Input, Select

from mlops_tui.core.errors import MlopsError
from mlops_tui.presenters.steering import narrow_words
from mlops_tui.presenters.words import one_line
from mlops_tui.tui.dialogs.form import Field, Values
from mlops_tui.tui.dialogs.tried import TriedForm
from mlops_tui.tuning.narrowing import Searched
from mlops_tui.tuning.space import in_words

READ_SECONDS = 1.0
"""How often a study that runs is looked at for what its trials have come to meanwhile."""


class NarrowForm(TriedForm):
    """Asks for a range and its new ends; `family` is the one whose ranges come first. `apply` narrows, and `read` tells anew
    what the study has tried; both run in a thread.
    """

    def __init__(
        self, known: Searched, family: str | None, apply: Callable[[Values], Values], read: Callable[[], Searched]
    ) -> None:
        self._known = known
        self._ranges = known.ranges
        self._read = read
        names = sorted(self._ranges, key=lambda name: not name.startswith(f"{family}."))
        ends = self._ends(names[0])
        super().__init__(
            f"Narrow a range of {one_line(known.study.name, 40)}",
            [
                Field("range", "Range", names[0], help=self._now(names[0]), choices=names),
                Field("low", "Lowest", ends[0], required=True),
                Field("high", "Highest", ends[1], help="The same as the lowest fixes it.", required=True),
            ],
            "Narrow it",
            apply,
            _at_fault,
            command=lambda values: narrow_words(values, self._known),
        )
        self._shown = names[0]

    def on_mount(self) -> None:
        self.set_interval(READ_SECONDS, lambda: self.app.in_background(self._read, self._look_again))

    def _look_again(self, known: Searched) -> None:
        """Trials have ended meanwhile: what the narrower range costs is said of them too."""
        if self.is_attached and known.tried != self._known.tried:
            self._known = known
            self.echo()

    def _ends(self, name: str) -> tuple[str, str]:
        attributes = self._ranges[name]["attributes"]
        return str(attributes["low"]), str(attributes["high"])

    def _now(self, name: str) -> str:
        return f"It is searched {in_words(self._ranges[name])}. Wider, or other choices: C goes on in a new study."

    @on(Select.Changed, "#field-range")
    def _follow_range(self) -> None:
        """Another range has other ends."""
        name = self.values()["range"]
        if name == self._shown:
            return
        self._shown = name
        for field, text in zip(("low", "high"), self._ends(name), strict=True):
            self.query_one(f"#field-{field}", Input).value = text
        self.help_with("range", self._now(name))


def _at_fault(error: MlopsError) -> str:
    return "high" if "high" in error.title or "widened" in error.title else "low"
