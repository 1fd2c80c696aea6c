"""The last line: the keys that do something now, for what has the focus; never wider than the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from mlops_tui.tui.actions import Action

Key = tuple[str, str]

NARROW = 110
"""Cells below which words are brief."""
ALWAYS = ("everywhere.help", "everywhere.quit")
"""Whoever finds nothing else finds these."""


def chosen(actions: Sequence[Action], width: int) -> list[Key]:
    """Keys and words that fit in `width`, the lower rank first; of equal rank the nearer scope."""
    shown: list[Action] = []
    room = width - 1
    taken: set[str] = set()
    by_rank = sorted((action for action in actions if action.rank and action.keys), key=lambda one: one.rank)
    for action in sorted(by_rank, key=lambda one: one.id not in ALWAYS):
        needed = cell_len(action.key) + 1 + cell_len(_words(action, width)) + 2
        if action.key not in taken and needed <= room:
            taken.add(action.key)
            shown.append(action)
            room -= needed
    return [(action.key, _words(action, width)) for action in by_rank if action in shown]


def _words(action: Action, width: int) -> str:
    return action.brief if action.brief and width < NARROW else action.words


class KeyLine(Widget):
    """The keys of the moment."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._actions: list[Action] = []

    def tell(self, actions: list[Action]) -> None:
        """Shows the keys of other actions; the same ones cost nothing."""
        if actions != self._actions:
            self._actions = actions
            self.refresh()

    def render(self) -> Content:
        parts: list[Content | str | tuple[str, str]] = [" "]
        for key, words in chosen(self._actions, self.size.width):
            parts += [(key, "bold $primary"), (f" {words.lower()}  ", "$text-muted")]
        return Content.assemble(*parts).truncate(self.size.width)
