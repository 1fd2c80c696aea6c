"""The `?` overlay: every key that works here, filtered as one types; enter does what is chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.content import Content
from textual.widgets.option_list import Option

from mlops_tui.tui.actions import EVERYWHERE, Action, shown_key
from mlops_tui.tui.dialogs.picking import PickScreen

if TYPE_CHECKING:
    from mlops_tui.tui.app import MlopsApp

KEYS_WIDTH, WORDS_WIDTH = 9, 17
GENERAL = ("opened", "table", "move", EVERYWHERE)
"""The scopes that many screens have, in the order in which they are told."""
UNRANKED = 1000
"""The place of what the footer never shows: after what it does."""


def _how_general(action: Action, own: Sequence[str]) -> int:
    """0 for what only the layer or the list in sight can do, then the screen's own, then what is alike on all screens."""
    if action.scope in GENERAL:
        return GENERAL.index(action.scope) + 2
    return 1 if action.scope in own else 0


class HelpScreen(PickScreen[None]):
    """Actions by scope, the most particular first; those of the screen as in the footer, that is for what has the focus.

    What cannot be done now says why.
    """

    app: MlopsApp
    TITLE_WORDS = "Keys"
    HINT = "type to filter · ↑↓ choose · enter runs it · esc closes"
    BINDINGS = [Binding("f1", "leave", show=False)]

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[tuple[Action, str | None]] = []

    def on_mount(self) -> None:
        pane = self.app.pane
        own = pane.SCOPES if pane is not None else ()

        def place(line: tuple[Action, str | None]) -> tuple[int, bool, int]:
            action, reason = line
            general = _how_general(action, own)
            rank = pane.rank_of(action) if pane is not None else action.rank
            return (general, reason is not None, rank or UNRANKED) if general < 2 else (general, False, 0)

        self._lines = sorted(((action, self.app.why_not(action)) for action in self.app.actions_here()), key=place)
        super().on_mount()

    def options(self, words: list[str]) -> Iterable[Option]:
        for action, reason in self._lines:
            keys = " ".join(shown_key(key) for key in action.keys)
            if not all(word in f"{keys} {action.words} {action.help} {action.id}".lower() for word in words):
                continue
            tone = "" if reason is None else "$text-muted"
            shown = Content.assemble(
                (keys.ljust(KEYS_WIDTH), "bold $primary" if reason is None else "$text-muted"),
                (action.words.ljust(WORDS_WIDTH), tone),
                (f" {action.help}", "$text-muted"),
            )
            yield Option(shown, id=action.id)

    def told_of(self, option_id: str) -> str:
        action, reason = next(line for line in self._lines if line[0].id == option_id)
        return action.help if reason is None else f"{action.help} Not now: {reason}"

    def chosen(self, option_id: str) -> None:
        self.dismiss()
        self.app.call_later(self.app.action_do, option_id)
