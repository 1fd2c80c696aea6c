"""The line behind `/`: what is typed filters the panel above it, what may come next stands below it, and a query that cannot be
read says where and why.
"""

from __future__ import annotations

from typing import Protocol

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from mlops_tui.tui.panels.recalling import RecallingLine
from mlops_tui.tui.panels.typed_line import TypedLine

SIGN = 2
"""Cells before what is typed."""
GAP = 3


class Offers(Protocol):
    """What may stand from `start` on, up to where one types, the likeliest first."""

    @property
    def start(self) -> int: ...
    @property
    def texts(self) -> tuple[str, ...]: ...


class FilterLine(RecallingLine):
    """Hidden until asked for; enter keeps a filter that can be read and gives the focus back, esc takes the filter off; tab takes what is
    offered, and again the next of it; up and down go through the filters of before.
    """

    BINDINGS = [
        Binding("escape", "cancel", show=False),
        Binding("tab", "take(1)", show=False, priority=True),
        Binding("shift+tab", "take(-1)", show=False, priority=True),
    ]

    class Changed(Message):
        """Another text was typed."""

        def __init__(self, line: FilterLine, text: str) -> None:
            super().__init__()
            self.line = line
            self.text = text

        @property
        def control(self) -> FilterLine:
            return self.line

    class Left(Message):
        """The focus is to go back to what is filtered; `text` is what was kept, empty where the filter was taken off."""

        def __init__(self, text: str = "") -> None:
            super().__init__()
            self.text = text

    def __init__(self, hint: str) -> None:
        super().__init__([])
        self.hint = hint
        self.display = False
        self._offers: tuple[str, ...] = ()
        self._chosen = -1
        self._around = ("", "")
        self._taken = ""

    def compose(self) -> ComposeResult:
        with Horizontal(classes="filter--line"):
            yield Static("/", classes="filter--sign")
            yield TypedLine(placeholder=self.hint, compact=True, select_on_focus=False)
        yield Static("", classes="filter--error", markup=False)
        yield Static("", classes="filter--offers", markup=False)

    @property
    def text(self) -> str:
        """What is typed."""
        return self.line.value.strip()

    def open(self, text: str | None = None) -> None:
        """Shows the line and takes the focus; with a text, that filter at once, else typing replaces what stands there."""
        self.display = True
        self.to_newest()
        if text is not None:
            self.line.value = text
        else:
            self.line.select_all()
        self.line.focus()

    def remember_all(self, past: list[str]) -> None:
        """Has up lead through these, the newest last."""
        self._past[:] = past
        self.to_newest()

    @property
    def past(self) -> list[str]:
        """The filters that were kept, the newest last."""
        return list(self._past)

    def offer(self, text: str, offers: Offers | None) -> None:
        """Shows what may come where one types; of a text that is no longer there nothing."""
        if not self.query(Input) or text != self.line.value:  # the screen was left, or another is there
            return
        self._offers = offers.texts if offers is not None and self.line.has_focus else ()
        self._chosen = -1
        if offers is not None:
            self._around = (text[: offers.start], text[self.line.cursor_position :])
            typed = text[offers.start : self.line.cursor_position]
            self._offers = () if self._offers == (typed,) else self._offers
        self._show_offers()

    def _show_offers(self) -> None:
        words: list[tuple[str, str]] = []
        room = self.size.width - SIGN
        for place, one in enumerate(self._offers):
            if place >= max(self._chosen, 0) and (room := room - cell_len(one) - GAP) < 0 and words:
                break
            if place < self._chosen and self._chosen > 2:
                continue  # what is chosen stays in sight
            words.append((one + " " * GAP, "$text-accent bold" if place == self._chosen else "$text-muted"))
        line = self.query_one(".filter--offers", Static)
        line.update(Content.assemble(*words) if words else "")
        self.set_class(bool(words), "-offers")

    def action_take(self, step: int) -> None:
        """Puts the next of what is offered where one types."""
        if not self._offers:
            self.app.action_focus_next() if step > 0 else self.app.action_focus_previous()
            return
        self._chosen = (
            (self._chosen + step) % len(self._offers) if self._chosen >= 0 or step > 0 else len(self._offers) - 1
        )
        before, after = self._around
        taken = self._offers[self._chosen]
        self._taken = f"{before}{taken} {after.lstrip()}" if not after.startswith(" ") else f"{before}{taken}{after}"
        self.line.value = self._taken
        self.line.cursor_position = len(before) + len(taken) + (0 if after.startswith(" ") else 1)
        self._show_offers()

    def complain(self, words: str, position: int | None = None) -> None:
        """Shows why a query cannot be read, below the character at `position`; no words take the complaint away."""
        if position is not None and SIGN + position + 2 + cell_len(words) <= self.size.width:
            words = f"{' ' * (SIGN + position)}^ {words}"
        elif position is not None and SIGN + position < self.size.width:
            words = f"{' ' * (SIGN + position)}^\n{words}"
        self.query_one(".filter--error", Static).update(Content.styled(words, "$text-error") if words else "")
        self.set_class(bool(words), "-error")

    @on(Input.Changed)
    def _text_changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != self._taken:
            self._offers, self._chosen, self._taken = (), -1, ""
            self._show_offers()
        self.post_message(self.Changed(self, event.value.strip()))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.has_class("-error"):
            self.app.bell()  # what cannot be read filters nothing: the focus stays where it can be mended
            return
        self.display = bool(self.text)
        self._offers = ()
        self._show_offers()
        if self.text:
            self.remember(self.text)
        self.post_message(self.Left(self.text))

    def take_off(self) -> None:
        """Hides the line, with no text and no complaint in it."""
        self.line.value = ""
        self.complain("")
        self.display = False

    def action_cancel(self) -> None:
        self.take_off()
        self.post_message(self.Left())
