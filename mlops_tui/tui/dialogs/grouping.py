"""Choosing what runs are grouped by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.content import Content
from textual.widgets.option_list import Option

from mlops_tui.presenters.words import in_middle, one_line
from mlops_tui.tui.dialogs.picking import PickScreen

NOTHING = ""
"""The answer where they are not to be grouped."""


class GroupingScreen(PickScreen[str | None]):
    """The answer is a field as it is written, `config`, or `NOTHING`."""

    TITLE_WORDS = "Group the runs by"
    HINT = "type to filter · enter takes it · esc closes"

    def __init__(self, fields: Sequence[str], *, is_grouped: bool) -> None:
        super().__init__()
        self._told = {"config": "every parameter but the seed: mean and spread over seeds"}
        self._told |= dict.fromkeys(fields, "")
        if is_grouped:
            self._told = {NOTHING: "each run by itself again"} | self._told

    def options(self, words: list[str]) -> Iterable[Option]:
        for field, told in self._told.items():
            if all(word in f"{field} {told}".lower() for word in words):
                shown = in_middle(one_line(field), 60) or "not at all"
                yield Option(Content.assemble((shown.ljust(20), "bold"), (f"  {told}", "$text-muted")), id=field or "-")

    def chosen(self, option_id: str) -> None:
        self.dismiss(NOTHING if option_id == "-" else option_id)
