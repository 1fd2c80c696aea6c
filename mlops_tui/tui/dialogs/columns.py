"""Choosing the columns of a list: which, in which order, and how wide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from mlops_tui.presenters.run_columns import RunColumn, column
from mlops_tui.presenters.words import one_line
from mlops_tui.runs.expression import Name, show_name
from mlops_tui.tui.dialogs.picking import PickScreen

if TYPE_CHECKING:
    from mlops_tui.tui.app import MlopsApp

KINDS = {"": "of the run", "metrics": "metric", "params": "parameter", "tags": "tag"}
NAME_WIDTH = 34
KEYS = "enter shows or hides it · ⇧↑ ⇧↓ move it · ← → its width · ^s keeps · ^r back to as they come · esc leaves it"
STEP = 2


class ColumnsScreen(PickScreen[list[RunColumn] | None]):
    """The columns in their order, then what else there is. The answer are those that are chosen; none means that they are found
    by what most runs have.
    """

    app: MlopsApp
    TITLE_WORDS = "Columns"
    HINT = "type to filter"
    BINDINGS = [
        Binding("ctrl+s", "keep", show=False, priority=True),
        Binding("ctrl+r", "reset", show=False, priority=True),
        Binding("shift+up", "shift(-1)", show=False, priority=True),
        Binding("shift+down", "shift(1)", show=False, priority=True),
        Binding("left", f"resize(-{STEP})", show=False, priority=True),
        Binding("right", f"resize({STEP})", show=False, priority=True),
    ]

    def __init__(self, shown: Sequence[RunColumn], fields: Sequence[Name]) -> None:
        super().__init__()
        self._shown = list(shown)
        self._fields = list(dict.fromkeys([*(one.name for one in shown), *fields]))

    def options(self, words: list[str]) -> Iterable[Option]:
        chosen = {one.name: one for one in self._shown}
        for name in (*chosen, *(name for name in self._fields if name not in chosen)):
            field = show_name(name)
            kind = KINDS[name.table]
            if not all(word in f"{field} {kind}".lower() for word in words):
                continue
            one = chosen.get(name)
            sign = ("*" if self.app.plain else "●") if one else ("." if self.app.plain else "○")
            tone = "" if one else "$text-muted"
            shown = Content.assemble(
                (f"{sign} ", "$text-accent" if one else "$text-muted"),
                (one_line(field, NAME_WIDTH).ljust(NAME_WIDTH), tone),
                (f" {kind:<12}", "$text-muted"),
                (f"{one.width:>3} wide" if one else "", "$text-muted"),
            )
            yield Option(shown, id=field)

    def told_of(self, option_id: str) -> str:
        return KEYS

    def _at(self) -> int | None:
        """The place of the chosen line among the columns that are shown."""
        here = self.here
        return next((place for place, one in enumerate(self._shown) if one.field == here), None)

    def _again(self) -> None:
        """The list anew, with the same line chosen."""
        here = self.here
        self.fill()
        found = [option.id for option in self.query_one(OptionList).options]
        if here in found:
            self.action_move(found.index(here) - self.place)

    def chosen(self, option_id: str) -> None:
        at = self._at()
        if at is not None:
            del self._shown[at]
        else:
            self._shown.append(column(next(name for name in self._fields if show_name(name) == option_id)))
        self._again()

    def action_shift(self, step: int) -> None:
        at = self._at()
        if at is not None and 0 <= at + step < len(self._shown):
            self._shown[at], self._shown[at + step] = self._shown[at + step], self._shown[at]
            self._again()

    def action_resize(self, by: int) -> None:
        at = self._at()
        if at is not None:
            self._shown[at] = self._shown[at].resized(by)
            self._again()

    def action_keep(self) -> None:
        self.dismiss(self._shown)

    def action_reset(self) -> None:
        self.dismiss([])
