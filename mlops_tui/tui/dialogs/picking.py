"""A list that one types into to find a line of it: the frame of the keys, the columns, the views."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from mlops_tui.presenters.words import in_middle, one_line
from mlops_tui.tui.panels.typed_line import TypedLine

Answer = TypeVar("Answer")


class PickScreen(ModalScreen[Answer], Generic[Answer]):
    """A subclass gives the `options` that fit what is typed, and says what choosing one does and what is told of it."""

    TITLE_WORDS: ClassVar[str] = ""
    HINT: ClassVar[str] = "type to filter · ↑↓ choose · enter takes it · esc closes"
    BINDINGS = [
        Binding("escape", "leave", show=False),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("pagedown", "move(10)", show=False, priority=True),
        Binding("pageup", "move(-10)", show=False, priority=True),
    ]

    def options(self, words: list[str]) -> Iterable[Option]:
        """The lines that have all of these words."""
        raise NotImplementedError

    def chosen(self, option_id: str) -> None:
        """Does what choosing that line means."""
        raise NotImplementedError

    def told_of(self, option_id: str) -> str:
        """What is told below the list of the line that is chosen."""
        return ""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog pick"):
            yield TypedLine(placeholder=self.HINT, compact=True)
            yield OptionList(markup=False)
            yield Static("", classes="pick--words", markup=False)

    def on_mount(self) -> None:
        self.query_one(".pick").border_title = self.TITLE_WORDS
        self.query_one(OptionList).can_focus = False
        self.fill()

    def fill(self, at: int = 0) -> None:
        """Shows the lines that fit what is typed, with the one at that place chosen."""
        found = self.query_one(OptionList)
        found.clear_options()
        found.add_options(self.options(self.query_one(Input).value.lower().split()))
        found.highlighted = max(0, min(at, found.option_count - 1)) if found.option_count else None
        if not found.option_count:
            self.query_one(".pick--words", Static).update("")

    @property
    def here(self) -> str | None:
        """The line that is chosen."""
        found = self.query_one(OptionList)
        return None if found.highlighted is None else str(found.get_option_at_index(found.highlighted).id)

    @property
    def place(self) -> int:
        """Where that is."""
        return self.query_one(OptionList).highlighted or 0

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.fill()

    @on(OptionList.OptionHighlighted)
    def _explain(self, event: OptionList.OptionHighlighted) -> None:
        self.query_one(".pick--words", Static).update(self.told_of(str(event.option_id)))

    def action_move(self, step: int) -> None:
        found = self.query_one(OptionList)
        if found.option_count:
            found.highlighted = max(0, min(found.option_count - 1, self.place + step))

    def action_leave(self) -> None:
        self.dismiss(None)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.here is not None:
            self.chosen(self.here)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self.chosen(str(event.option_id))


class ToldScreen(PickScreen[str | None]):
    """Picks one of some words, each with what is told of it; the answer is the word. An empty one is shown as `NOTHING_WORDS`."""

    HINT = "type to filter · enter takes it · esc closes"
    NOTHING_WORDS: ClassVar[str] = ""

    def __init__(self, told: Mapping[str, str]) -> None:
        super().__init__()
        self._told = told

    def options(self, words: list[str]) -> Iterable[Option]:
        for answer, told in self._told.items():
            shown = in_middle(one_line(answer), 60) or self.NOTHING_WORDS
            if all(word in f"{answer} {shown} {told}".lower() for word in words):
                yield Option(
                    Content.assemble((shown.ljust(22), "bold"), (f"  {told}", "$text-muted")), id=answer or "-"
                )

    def chosen(self, option_id: str) -> None:
        self.dismiss("" if option_id == "-" else option_id)
