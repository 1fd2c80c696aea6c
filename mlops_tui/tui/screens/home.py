"""Home: the life cycle as a strip of live cards, the level and the step that raises it, what needs attention, and what happened
last.
"""

from __future__ import annotations

import sqlite3
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.widgets import Static

from mlops_tui.monitoring.alert import DRIFTS, to_see
from mlops_tui.presenters.home import Card, Climb, Status, cards, climb
from mlops_tui.presenters.words import count
from mlops_tui.tui.actions import REGISTRY, Action
from mlops_tui.tui.lists.events import EventsSource
from mlops_tui.tui.panels.attention_panel import AttentionPanel
from mlops_tui.tui.panels.panel import Panel
from mlops_tui.tui.panels.rows import TableSource
from mlops_tui.tui.panels.table import WindowedTable
from mlops_tui.tui.panels.table_panel import TablePanel
from mlops_tui.tui.panels.tones import toned
from mlops_tui.tui.screens import entry
from mlops_tui.tui.screens.pane import Pane

STAGES = 7
SCREEN_OF_SUBJECT = {
    "source": "data",
    "file": "data",
    "study": "tune",
    "run": "runs",
    "model": "models",
    "job": "jobs",
}

SCREEN_OF_ALERT = {DRIFTS: "monitor"}

CARD_BINDINGS = REGISTRY.add(
    Action("card.open", "Open", "Go to the screen of this stage.", ("enter",), rank=10),
    Action("card.right", "Next stage", "The stage to the right.", ("right", "l"), rank=0),
    Action("card.left", "Stage before", "The stage to the left.", ("left", "h"), rank=0),
    Action("card.down", "Below", "The stage below, or what happened last.", ("down", "j"), rank=0),
    Action("card.up", "Above", "The stage above.", ("up", "k"), rank=0),
)


class StageCard(Static, can_focus=True):
    """One stage of the life cycle."""

    SCOPES: ClassVar[tuple[str, ...]] = ("card",)
    BINDINGS = CARD_BINDINGS

    def __init__(self) -> None:
        super().__init__("", markup=False, classes="card")
        self.card: Card | None = None

    def tell(self, card: Card) -> None:
        """Shows how the stage is now."""
        if card == self.card:
            return
        self.card = card
        number = Content.assemble(
            (count(card.number), "bold" if card.number else "$text-muted"), (f" {card.noun}", "$text-muted")
        )
        after = Content.assemble((f"{entry(card.screen).number} ", "bold $primary"), (card.next, "$text-muted"))
        self.border_title = card.stage
        self.update(Content("\n").join([number, toned(card.state), after]))

    def do_open(self) -> None:
        if self.card is not None:
            self.app.call_later(self.app.action_do, f"everywhere.go_{self.card.screen}")  # type: ignore[attr-defined]

    def on_click(self, event: events.Click) -> None:
        if event.chain == 2:
            self.do_open()

    def do_right(self) -> None:
        self._step(1)

    def do_left(self) -> None:
        self._step(-1)

    def do_down(self) -> None:
        if not self._beside(1):
            attention = self.screen.query_one(AttentionPanel)
            (attention if attention.display else self.screen.query_one(ActivityPanel)).table.focus()

    def do_up(self) -> None:
        self._beside(-1)

    def _step(self, step: int) -> None:
        row = list(self.screen.query(StageCard))
        row[(row.index(self) + step) % len(row)].focus()

    def _beside(self, way: int) -> bool:
        """Moves to the nearest card of the next row that way, if there is one."""
        others = [card for card in self.screen.query(StageCard) if (card.region.y - self.region.y) * way > 0]
        if not others:
            return False
        row = min(abs(card.region.y - self.region.y) for card in others)
        near = [card for card in others if abs(card.region.y - self.region.y) == row]
        min(near, key=lambda card: abs(card.region.x - self.region.x)).focus()
        return True


class StagesPanel(Panel):
    """The strip of cards, and below it the climb; never longer than it is shown."""

    ALLOW_MAXIMIZE = False
    TOPICS = frozenset(
        {"sources", "files", "runs", "studies", "models", "predictions", "drift", "jobs", "agent", "alerts"}
    )

    def content(self) -> ComposeResult:
        with Container(id="strip"):
            for _ in range(STAGES):
                yield StageCard()
            yield Static("↺" if not self.app.plain else "", id="loop", markup=False)
        yield Static("", id="climb", markup=False)

    def read(self, connection: sqlite3.Connection) -> Status:
        return self.app.services.overview.status()

    def show(self, data: Status) -> None:
        for widget, card in zip(self.query(StageCard), cards(data), strict=True):
            widget.tell(card)
        self.screen.query_one(HomePane).tell_alerts(to_see(data["alerts"]))
        found = climb(data)
        box = self.query_one("#climb", Static)
        box.border_title = f"Level {found.level} of {found.top}"
        box.update(climb_words(found, self.app.size.width - 8, plain=self.app.plain))


def climb_words(found: Climb, width: int, *, plain: bool) -> Content:
    """The level as dots and words, and the step that would raise it, with its command where there is room."""
    full, hollow = ("#", ".") if plain else ("●", "○")
    dots = " ".join([full] * found.level + [hollow] * (found.top - found.level))
    lines = [Content.assemble((dots, "bold $accent"), f"  {found.words}")]
    if found.step:
        number = str(entry(found.screen).number)
        step = Content.assemble(("next  ", "$text-muted"), (number, "bold $primary"), "  ", found.step)
        command = Content.assemble("  ", (found.command, "$text-muted"))
        lines.append(step + command if step.cell_length + command.cell_length <= width else step)
    else:
        lines.append(Content.styled("Every step of every level has been done.", "$success"))
    return Content("\n").join(lines)


class ActivityPanel(TablePanel):
    """What happened last."""

    TITLE = "Activity"
    TOPICS = frozenset({"events"})
    AGES = True
    FILTER_HINT = "a name or an id"
    IS_LOG = True

    def source(self) -> TableSource:
        self.events = EventsSource()
        return self.events

    def empty_words(self) -> str:
        return "Nothing has happened yet.\nWhat is added, tuned, promoted or stopped is written down here."


class HomePane(Pane):
    """The first screen."""

    NAME = "home"
    SCOPES = ("home",)
    FIRST = "StageCard"

    def compose(self) -> ComposeResult:
        yield StagesPanel(id="stages")
        yield AttentionPanel(id="attention")
        yield ActivityPanel(id="activity")

    def tell_alerts(self, number: int) -> None:
        """Shows what needs attention, or gives its room to the rest where nothing does."""
        panel, table = self.query_one(AttentionPanel), self.query_one(ActivityPanel).table
        if not number and panel.has_pseudo_class("focus-within"):
            table.focus()
        self.set_class(number > 0, "-alerted")
        self.call_after_refresh(self.read_stale)

    @on(WindowedTable.Opened)
    async def _opened(self, event: WindowedTable.Opened) -> None:
        """Goes to what an event or an alert is about."""
        attention = self.query_one(AttentionPanel)
        if event.table is attention.table:
            alert = attention.alerts.known[event.row.id]
            screen, identifier = SCREEN_OF_ALERT.get(alert.kind), alert.subject.id
            screen = screen or SCREEN_OF_SUBJECT.get(alert.subject.kind)
        else:
            happened = self.query_one(ActivityPanel).events.known[event.row.id]
            screen, identifier = SCREEN_OF_SUBJECT.get(happened.subject_kind), happened.subject_id
        if screen is not None:
            pane = await self.app.go(screen)
            pane.open_named(identifier)

    def copied(self) -> str | None:
        return str(self.app.services.workspace.root)
