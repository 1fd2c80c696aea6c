"""The screens, by number; this is the one place that loads their modules.

To add a screen: write `tui/screens/NAME.py` with a class `NamePane(Pane)` and name both in `SCREENS` below.

- The pane: `NAME = "name"`, `SCOPES = ("name",)`,
  `BINDINGS = REGISTRY.add(Action("name.verb", "Words", "Help.", ("key",), enabled, rank=20), …)`; each is done by
  a method `do_verb(self)`. `enabled(pane)` answers None, or the reason why not. Footer, `?`, palette and `:` follow.
- Its parts are `Panel`s (`panels/panel.py`): name the `TOPICS`, compose in `content()`, read in `read(connection)`
  through the room's `query.py` (a thread, no widgets), draw in `show(data)`; `empty_words()` says the key that
  fills it.
- A list is a `TablePanel` (`panels/table_panel.py`) over a `TableSource`; the pane hears `WindowedTable.Opened`,
  `.Moved`, `.Filled`. A chart is drawn through `panels/chart.py`, which no module of the first frame may import.
- `Pane.go_back()` steps one layer out and says whether there was one; `open_named(text)` is what `:name text` and the
  palette call; `copied()` is what `y` copies.
- Services that load engines or the ORM are called through `self.app.in_background(function, then)`, never directly.
  A dialog that needs something read first is opened by `self.app.ask_after(read, ask)`: it gets the keys typed till then.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mlops_tui.tui.screens.pane import Pane


class ScreenEntry(NamedTuple):
    """A screen's number and name, and the class that is loaded on first use."""

    number: int
    name: str
    words: str
    module: str
    pane: str


SCREENS = (
    ScreenEntry(1, "home", "Home", "mlops_tui.tui.screens.home", "HomePane"),
    ScreenEntry(2, "data", "Data", "mlops_tui.tui.screens.data", "DataPane"),
    ScreenEntry(3, "tune", "Tune", "mlops_tui.tui.screens.tune", "TunePane"),
    ScreenEntry(4, "runs", "Runs", "mlops_tui.tui.screens.runs", "RunsPane"),
    ScreenEntry(5, "compare", "Compare", "mlops_tui.tui.screens.compare", "ComparePane"),
    ScreenEntry(6, "models", "Models", "mlops_tui.tui.screens.models", "ModelsPane"),
    ScreenEntry(7, "monitor", "Monitor", "mlops_tui.tui.screens.monitor", "MonitorPane"),
    ScreenEntry(8, "jobs", "Jobs", "mlops_tui.tui.screens.jobs", "JobsPane"),
)


def entry(name: str) -> ScreenEntry:
    """The screen of that name."""
    return next(screen for screen in SCREENS if screen.name == name)


def load(name: str) -> type[Pane]:
    """The pane's class; its module is imported, and its actions made known, on the first call."""
    screen = entry(name)
    return getattr(importlib.import_module(screen.module), screen.pane)


def load_all() -> None:
    """Loads every screen, so that every action is known."""
    for screen in SCREENS:
        load(screen.name)
