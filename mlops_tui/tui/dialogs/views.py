"""Choosing a view that was kept: a filter, an order and columns under a name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from textual.binding import Binding
from textual.content import Content
from textual.widgets.option_list import Option

from mlops_tui.presenters.words import one_line
from mlops_tui.tui.dialogs.picking import PickScreen

NAME_WIDTH = 22


class ViewsScreen(PickScreen[tuple[str, str] | None]):
    """The answer is what is to be done, `open` or `remove`, and with which."""

    TITLE_WORDS = "Views"
    HINT = "type to filter · enter opens it · ^d removes it · esc closes"
    BINDINGS = [Binding("ctrl+d", "remove", show=False, priority=True)]

    def __init__(self, views: Mapping[str, Mapping[str, Any]]) -> None:
        super().__init__()
        self._views = views

    def options(self, words: list[str]) -> Iterable[Option]:
        for name, view in sorted(self._views.items()):
            where = view.get("where") or "all runs"
            if all(word in f"{name} {where}".lower() for word in words):
                shown = Content.assemble(
                    (one_line(name, NAME_WIDTH).ljust(NAME_WIDTH), "bold"), (f" {one_line(where)}", "$text-muted")
                )
                yield Option(shown, id=name)

    def told_of(self, option_id: str) -> str:
        view = self._views[option_id]
        way = "the largest first" if view.get("descending") else "the smallest first"
        columns = len(view.get("columns") or ())
        return f"By {view.get('sort')}, {way}; " + (f"{columns} columns." if columns else "columns as they come.")

    def chosen(self, option_id: str) -> None:
        self.dismiss(("open", option_id))

    def action_remove(self) -> None:
        if self.here is not None:
            self.dismiss(("remove", self.here))
