"""The `?` overlay: every key that works here, filtered as one types; enter does what is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from mlops_tui.tui.actions import EVERYWHERE, Action, shown_key

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


class HelpScreen(ModalScreen[None]):
    """Actions by scope, the most particular first; those of the screen as in the footer, that is for what has the focus.

    What cannot be done now says why.
    """

    app: MlopsApp
    BINDINGS = [
        Binding("escape,f1", "dismiss", show=False),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("pagedown", "move(10)", show=False, priority=True),
        Binding("pageup", "move(-10)", show=False, priority=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[tuple[Action, str | None]] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog help"):
            yield Input(placeholder="type to filter · ↑↓ choose · enter runs it · esc closes", compact=True)
            yield OptionList(markup=False)
            yield Static("", classes="help--words", markup=False)

    def on_mount(self) -> None:
        pane = self.app.pane
        own = pane.SCOPES if pane is not None else ()

        def place(line: tuple[Action, str | None]) -> tuple[int, bool, int]:
            action, reason = line
            general = _how_general(action, own)
            rank = pane.rank_of(action) if pane is not None else action.rank
            return (general, reason is not None, rank or UNRANKED) if general < 2 else (general, False, 0)

        self._lines = sorted(((action, self.app.why_not(action)) for action in self.app.actions_here()), key=place)
        self.query_one(".help").border_title = "Keys"
        self.query_one(OptionList).can_focus = False
        self._fill("")

    def _fill(self, text: str) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        wanted = text.lower().split()
        for action, reason in self._lines:
            keys = " ".join(shown_key(key) for key in action.keys)
            if all(word in f"{keys} {action.words} {action.help} {action.id}".lower() for word in wanted):
                tone = "" if reason is None else "$text-muted"
                options.add_option(
                    Option(
                        Content.assemble(
                            (keys.ljust(KEYS_WIDTH), "bold $primary" if reason is None else "$text-muted"),
                            (action.words.ljust(WORDS_WIDTH), tone),
                            (f" {action.help}", "$text-muted"),
                        ),
                        id=action.id,
                    )
                )
        options.highlighted = 0 if options.option_count else None

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._fill(event.value)

    @on(OptionList.OptionHighlighted)
    def _explain(self, event: OptionList.OptionHighlighted) -> None:
        action, reason = next(line for line in self._lines if line[0].id == event.option_id)
        self.query_one(".help--words", Static).update(
            action.help if reason is None else f"{action.help} Not now: {reason}"
        )

    def action_move(self, step: int) -> None:
        options = self.query_one(OptionList)
        if options.option_count:
            options.highlighted = max(0, min(options.option_count - 1, (options.highlighted or 0) + step))

    @on(Input.Submitted)
    def _chosen(self, event: Input.Submitted) -> None:
        event.stop()
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            self._run(str(options.get_option_at_index(options.highlighted).id))

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self._run(str(event.option_id))

    def _run(self, action_id: str) -> None:
        self.dismiss()
        self.app.call_later(self.app.action_do, action_id)
