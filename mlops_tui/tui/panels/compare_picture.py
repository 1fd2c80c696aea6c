"""The pictures of the runs that are compared, one at a time: their curves with a cross-hair, and what their models said."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from mlops_tui import plot, presenters
from mlops_tui.core.errors import MlopsError
from mlops_tui.plot.canvas import sentence
from mlops_tui.plot.symbols import symbol_set
from mlops_tui.plot.tiles import grid_of
from mlops_tui.presenters import compared
from mlops_tui.presenters.compared import CONFUSION, CURVES, PARALLEL, SCATTER
from mlops_tui.presenters.ways import AXES, TIME, WEIGHTS, Way, x_words
from mlops_tui.presenters.words import counted, one_line
from mlops_tui.tui.actions import REGISTRY, Action
from mlops_tui.tui.lists.asked import Errand
from mlops_tui.tui.lists.compared import Comparison
from mlops_tui.tui.panels.chart import Chart, Draw
from mlops_tui.tui.panels.compare_panels import NOTHING
from mlops_tui.tui.panels.moves import MOVE_BINDINGS
from mlops_tui.tui.panels.panel import FILLED, Panel

STEPS = 60
"""The cross-hair goes across the chart in so many steps."""
MOST_TILES = 9
"""So many metrics are read at once."""


class Pictured(NamedTuple):
    """A picture, what draws it, and the words below it."""

    picture: str
    draw: Draw
    words: str
    has_runs: bool


class ComparedView(Chart, can_focus=True):
    """The chart; its keys move a cross-hair, or say what lies on the axes."""

    SCOPES: ClassVar[tuple[str, ...]] = ("move",)
    BINDINGS = MOVE_BINDINGS

    @property
    def panel(self) -> ComparePicture:
        """The panel that it is in."""
        return next(node for node in self.ancestors if isinstance(node, ComparePicture))

    def do_right(self) -> None:
        self.panel.step(1, 0)

    def do_left(self) -> None:
        self.panel.step(-1, 0)

    def do_down(self) -> None:
        self.panel.step(0, 1)

    def do_up(self) -> None:
        self.panel.step(0, -1)

    def do_page_down(self) -> None:
        self.panel.step(0, 1)

    def do_page_up(self) -> None:
        self.panel.step(0, -1)

    def do_first(self) -> None:
        self.panel.to_first()

    def do_last(self) -> None:
        self.panel.to_last()

    do_half_down, do_half_up = do_page_down, do_page_up


def _of_curves(panel: ComparePicture) -> str | None:
    return None if panel.picture == CURVES else "That is for curves: v goes on to other pictures."


def _can_be_log_x(panel: ComparePicture) -> str | None:
    return _of_curves(panel) or (
        "Time has no logarithmic axis: x changes what lies across." if panel.way.by == TIME else None
    )


class ComparePicture(Panel):
    """One picture, and the line that says which others there are."""

    TOPICS = frozenset({"runs", "metrics"})
    SCOPES: ClassVar[tuple[str, ...]] = ("comparing",)
    BINDINGS = REGISTRY.add(
        Action("comparing.next", "Next picture", "The next picture.", ("right_square_bracket",), rank=11),
        Action("comparing.before", "Picture before", "The one before.", ("left_square_bracket",), rank=0),
        Action(
            "comparing.axis",
            "By step or time",
            "Over steps, over time, or over the time since the start.",
            ("x",),
            _of_curves,
            rank=12,
        ),
        Action("comparing.smooth", "Smooth", "Smoother; after the smoothest as logged.", ("s",), _of_curves, rank=13),
        Action("comparing.log_y", "Log", "A logarithmic axis upwards, or not.", ("L",), _of_curves, rank=14),
        Action("comparing.log_x", "Log across", "A logarithmic axis across, or not.", ("X",), _can_be_log_x, rank=0),
        Action("comparing.whole", "One metric", "One metric alone, or all of them.", ("enter",), _of_curves, rank=10),
    )

    def __init__(self, comparison: Comparison, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.comparison = comparison
        self.picture = CURVES
        self._overlay: presenters.Overlay | None = None
        self.way = Way()
        self._first = 0
        self._is_alone = False
        self._axes = [0, 1]
        self._told: dict[str, Any] | None = None
        self._told_of: tuple[object, ...] | None = None
        """The runs as they were when it was asked what their models said."""
        self._errand: Errand | None = None
        self._trouble = ""

    def content(self) -> ComposeResult:
        yield Static("", classes="pictures--names", markup=False)
        yield ComparedView()
        yield Static("", classes="pictures--words", markup=False)

    def turn_to(self, comparison: Comparison) -> None:
        """Shows other runs."""
        self.comparison, self._overlay = comparison, None
        self.way, self._first, self._axes = replace(self.way, at=None), 0, [0, 1]
        self._told, self._told_of, self._trouble = None, None, ""
        if self._errand is not None:
            self._errand.take_back()
            self._errand = None
        self.reload()

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def overlay(self) -> presenters.Overlay:
        """The curves; NumPy comes with them, in the thread that reads."""
        if self._overlay is None:
            self._overlay = presenters.Overlay(self.comparison.run_ids)
        return self._overlay

    @property
    def names(self) -> tuple[str, ...]:
        """The pictures that there are."""
        return compared.words_of_pictures(self._told)

    def read(self, connection: sqlite3.Connection) -> Pictured:
        found, picture = self.comparison, self.picture
        if not found.runs:
            found.read(connection)
        has_runs = bool(found.runs)
        if picture == CURVES:
            return Pictured(picture, *self._curves(connection), has_runs)
        if picture == PARALLEL:
            return Pictured(picture, *self._parallel(), has_runs)
        if picture == SCATTER:
            return Pictured(picture, *self._scatter(), has_runs)
        return Pictured(picture, *self._said(picture), has_runs)

    def _letters(self) -> list[str]:
        short = self.comparison.letters
        return [short[run.id] for run in self.comparison.runs]

    def _curves(self, connection: sqlite3.Connection) -> tuple[Draw, str]:
        self.overlay.read_keys(connection)
        keys = self.overlay.keys
        if not keys:
            return _words("None of them has a metric with more than one step."), ""
        self._first = first = max(0, min(self._first, len(keys) - 1))
        shown = keys[first : first + (1 if self._is_alone else MOST_TILES)]
        self.overlay.read_on(connection, shown)
        figures = [self.overlay.figure(key, self.comparison.letters, self.way) for key in shown]
        left_out = len(self.comparison.runs) - len(self.overlay.run_ids)
        words = self._words_of_way(keys[first]) if self.way.at is not None else self._way_words(len(keys), left_out)
        return self._tiled(figures), words

    def _words_of_way(self, key: str) -> str:
        at = self.way.at or 0.0
        return f"{x_words(at, self.way.by)}   {one_line(key, 40)}: {self.overlay.told_at(key, self.comparison.names, self.way)}"

    def _way_words(self, count: int, left_out: int) -> str:
        smooth = f"smoothed by {self.way.weight}, as logged behind it" if self.way.weight else "as logged"
        axis = ", logarithmic" if self.way.log_y else ""
        axis += ", logarithmic across" if self.way.log_x and self.way.by != TIME else ""
        more = f"; the first {len(self.overlay.run_ids)} of {len(self.comparison.runs)} runs" if left_out > 0 else ""
        return f"{counted(count, 'metric')} by {self.way.by}, {smooth}{axis}{more}. Arrows move the cross-hair."

    def _parallel(self) -> tuple[Draw, str]:
        telling = compared.telling(self.comparison.lines)
        self._first = first = max(0, min(self._first, len(telling) - compared.MOST_AXES))
        bundle = compared.parallel(self._letters(), telling[first : first + compared.MOST_AXES])
        if len(bundle.axes) < 2:
            return _words("Fewer than two parameters or metrics differ."), ""
        rest = len(telling) - len(bundle.axes)
        more = f" Arrows: {rest} more." if rest else ""
        return bundle.draw, f"Each run across what differs; up is more.{more}"

    def _scatter(self) -> tuple[Draw, str]:
        keys = compared.numeric_keys(self.comparison.lines)
        if len(keys) < 2:
            return _words("There are fewer than two numbers to draw against each other."), ""
        up, across = (place % len(keys) for place in self._axes)
        letters = self._letters()
        figure = compared.scatter(keys[across], keys[up], letters)
        lacking = len(letters) - len(figure.series)
        left_out = f" {counted(lacking, 'run')} without a finite value of both." if lacking else ""
        return figure.draw, f"{figure.title}.{left_out} Arrows choose what lies across, and what lies up."

    def _said(self, picture: str) -> tuple[Draw, str]:
        if self._told is None:
            return _words("What their models said is being read …"), ""
        found = self.comparison.runs
        figures = compared.said(picture, self._told, [run.id for run in found], self._letters())
        if not any(getattr(figure, "series", True) for figure in figures):
            return _words("None of them kept what its model said."), ""
        if picture == CONFUSION:
            return self._tiled(figures[self._first :]), "The rows by what they are, and what was said of them."
        return figures[0].draw, f"{figures[0].title}: {compared.AXES_OF[picture][1]}"

    def _tiled(self, figures: Sequence[plot.Figure]) -> Draw:
        def draw(width: int, height: int, symbols: str) -> plot.Picture:
            tiles = [plot.Tile(one.title, partial(_drawn, one, symbols)) for one in figures]
            return plot.tiled(tiles, width, height, symbols=symbols)

        return draw

    # ── asking ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def ask(self) -> None:
        """Asks what the models said, once, and again when a run has ended since."""
        if self._told_of != self.comparison.as_they_are and self._errand is None and self.comparison.run_ids:
            self._told_of = self.comparison.as_they_are
            self._errand = errand = Errand(self.app.services.asking)
            self.run_worker(partial(self._ask, errand, self.comparison), thread=True, exclusive=True, group="said")

    def _ask(self, errand: Errand, comparison: Comparison) -> None:
        told: dict[str, Any] = {}
        try:
            told = errand.ask("pictures", runs=comparison.run_ids)["runs"]
        except MlopsError:
            if errand.is_over:
                return
        with suppress(RuntimeError):  # the program has ended meanwhile
            self.app.call_from_thread(self._answered, comparison, told)

    def _answered(self, comparison: Comparison, told: dict[str, Any]) -> None:
        if comparison is self.comparison and self.is_attached:
            self._errand, self._told = None, told
            if self.picture not in self.names:
                self.picture = CURVES
            self.reload()

    def on_unmount(self) -> None:
        if self._errand is not None:
            self._errand.take_back()

    # ── what is shown ────────────────────────────────────────────────────────────────────────────────────────────────

    def has_nothing(self, data: Pictured) -> bool:
        return not data.has_runs

    def empty_words(self) -> str:
        return NOTHING

    def show(self, data: Pictured) -> None:
        self.border_title = data.picture
        names = [
            Content.styled(name, "bold $primary" if name == self.picture else "$text-muted") for name in self.names
        ]
        self.query_one(".pictures--names", Static).update(Content(" · ").join(names))
        self.query_one(ComparedView).draw(data.draw)
        self.query_one(".pictures--words", Static).update(data.words)
        self.ask()

    # ── what can be done ─────────────────────────────────────────────────────────────────────────────────────────────

    def turn_picture(self, by: int) -> None:
        """Goes on to another picture."""
        names = self.names
        here = names.index(self.picture) if self.picture in names else 0
        self.picture, self._first = names[(here + by) % len(names)], 0
        self.reload()

    def do_next(self) -> None:
        self.turn_picture(1)

    def do_before(self) -> None:
        self.turn_picture(-1)

    def do_axis(self) -> None:
        by = AXES[(AXES.index(self.way.by) + 1) % len(AXES)]
        self.way = replace(self.way, by=by, at=None)
        self.reload()

    def do_smooth(self) -> None:
        weight = WEIGHTS[(WEIGHTS.index(self.way.weight) + 1) % len(WEIGHTS)]
        self.way = replace(self.way, weight=weight)
        self.reload()

    def do_log_y(self) -> None:
        self.way = replace(self.way, log_y=not self.way.log_y)
        self.reload()

    def do_log_x(self) -> None:
        self.way = replace(self.way, log_x=not self.way.log_x)
        self.reload()

    def show_all(self) -> bool:
        """Shows all metrics again where one alone is shown; says whether it was."""
        was_alone, self._is_alone = self._is_alone and self.picture == CURVES, False
        if was_alone:
            self.reload()
        return was_alone

    def do_whole(self) -> None:
        self._is_alone = not self._is_alone
        self.reload()

    def step(self, across: int, down: int) -> None:
        """Moves the cross-hair across, and further metrics into sight; elsewhere says what lies on the axes."""
        if self.picture == CURVES:
            if across:
                self._move_cross_hair(across)
            self._first = max(0, self._first + down * self._tiles_across())
        elif self.picture == SCATTER:
            count = max(1, len(compared.numeric_keys(self.comparison.lines)))
            self._axes = [(self._axes[0] + down) % count, (self._axes[1] + across) % count]
        else:
            self._first = max(0, self._first + (across or down))
        self.reload()

    def _tiles_across(self) -> int:
        view = self.query_one(ComparedView)
        count = 1 if self._is_alone else min(MOST_TILES, len(self.overlay.keys))
        return 1 if self._is_alone else grid_of(max(1, count), view.size.width, view.size.height)[0]

    def _move_cross_hair(self, by: int) -> None:
        keys = self.overlay.keys[self._first : self._first + (1 if self._is_alone else MOST_TILES)]
        span = self.overlay.span(keys, self.way.by)
        if span is None:
            return
        low, high = span
        step = (high - low) / STEPS
        if self.way.by == AXES[0]:
            step = float(max(1, round(step)))
        at = self.way.at + by * step if self.way.at is not None else high if by < 0 else low
        self.way = replace(self.way, at=min(high, max(low, at)))

    def to_first(self) -> None:
        """The cross-hair goes, and the first metrics are shown again."""
        self.way, self._first, self._axes = replace(self.way, at=None), 0, [0, 1]
        self.reload()

    def to_last(self) -> None:
        """The cross-hair goes to the last point."""
        span = self.overlay.span(self.overlay.keys[: self._first + MOST_TILES], self.way.by)
        if self.picture == CURVES and span is not None:
            self.way = replace(self.way, at=span[1])
            self.reload()

    def copied(self) -> str | None:
        """What `y` copies: the picture."""
        view = self.query_one(ComparedView)
        return view.picture.text() if self.has_class(FILLED) and view.picture is not None else None


def _words(text: str) -> Draw:
    return lambda width, height, symbols: sentence(text, width, height, symbol_set(symbols))


def _drawn(figure: plot.Figure, symbols: str, width: int, height: int) -> plot.Picture:
    return figure.draw(width, height, symbols)
