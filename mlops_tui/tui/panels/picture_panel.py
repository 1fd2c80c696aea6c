"""The pictures of a study, one at a time, each growing while it runs."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from mlops_tui import plot
from mlops_tui.core.errors import MlopsError
from mlops_tui.plot.canvas import sentence
from mlops_tui.plot.fills import FILLS
from mlops_tui.plot.symbols import symbol_set
from mlops_tui.presenters import pictures
from mlops_tui.presenters.pictures import PICTURES, Dimension
from mlops_tui.presenters.tune import curve_of, headline
from mlops_tui.presenters.words import counted, one_line
from mlops_tui.tui.actions import REGISTRY, Action
from mlops_tui.tui.lists.asked import Errand
from mlops_tui.tui.panels.chart import Chart, Draw
from mlops_tui.tui.panels.layer import Layer
from mlops_tui.tui.panels.moves import MOVE_BINDINGS
from mlops_tui.tui.panels.panel import FILLED
from mlops_tui.tuning.listing import StudyProgress, progress_of
from mlops_tui.tuning.seen import Seen, in_pictures, trials_seen

STATES = {"complete": "complete", "pruned": "stopped early", "fail": "failed", "running": "running"}
FILL_OF = {"complete": "full", "pruned": "half", "fail": "cross", "running": "open"}
STALE_SHARE = 0.05
"""Beside other pictures importances are asked for again once there are so many more trials."""


@dataclass(frozen=True, slots=True)
class Pictured:
    """What was read of a study; `told` are the importances as they were asked for last."""

    progress: StudyProgress
    trials: tuple[Seen, ...]
    told: dict[str, Any] | None


class Drawn(NamedTuple):
    """What was read, which picture of it, what draws that, and the words below it; all of it is made in the thread."""

    of: Pictured
    picture: str
    draw: Draw
    words: str


class PictureView(Chart, can_focus=True):
    """The chart; its keys say which parameters it is of."""

    SCOPES: ClassVar[tuple[str, ...]] = ("move",)
    BINDINGS = MOVE_BINDINGS

    @property
    def panel(self) -> PicturesPanel:
        """The panel that it is in."""
        return next(node for node in self.ancestors if isinstance(node, PicturesPanel))

    def do_down(self) -> None:
        self.panel.step(0, 1)

    def do_up(self) -> None:
        self.panel.step(0, -1)

    def do_right(self) -> None:
        self.panel.step(1, 0)

    def do_left(self) -> None:
        self.panel.step(-1, 0)

    def do_first(self) -> None:
        self.panel.to_first()

    do_last = do_half_down = do_page_down = do_down
    do_half_up = do_page_up = do_up


def _has_families(panel: PicturesPanel) -> str | None:
    if panel.picture not in pictures.OF_FAMILY:
        return "This picture is of all families."
    return None if len(panel.families) > 1 else "There is one family."


class PicturesPanel(Layer):
    """One picture of a study, and the line that says which others there are."""

    TOPICS = frozenset({"trials", "studies", "jobs"})
    CORE = "PictureView"
    SCOPES: ClassVar[tuple[str, ...]] = ("pictures",)
    BINDINGS = REGISTRY.add(
        Action("pictures.next", "Next picture", "The next picture.", ("tab", "right_square_bracket"), rank=11),
        Action("pictures.before", "Picture before", "The one before.", ("shift+tab", "left_square_bracket"), rank=0),
        Action(
            "pictures.family",
            "Next family",
            "The parameters of the next family.",
            ("f",),
            _has_families,
            rank=13,
        ),
    )

    def __init__(self, study_id: str, picture: str = PICTURES[0]) -> None:
        super().__init__(id="pictures")
        self.study_id = study_id
        self.picture = picture
        self.families: list[str] = []
        self._family: str | None = None
        self._across = 0
        self._down = 1
        self._first = 0
        self._count = 0
        self._progress: StudyProgress | None = None
        self._trials: tuple[Seen, ...] = ()
        self._told: dict[str, Any] | None = None
        self._errand: Errand | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The pictures that the study has."""
        return pictures.pictures_of(self._progress.study) if self._progress is not None else PICTURES

    def content(self) -> ComposeResult:
        yield Static("", classes="pictures--names", markup=False)
        yield PictureView()
        yield Static("", classes="pictures--words", markup=False)

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def read(self, connection: sqlite3.Connection) -> Drawn:
        _ = plot.line_chart, plot.lane_chart, plot.parallel_coordinates  # NumPy comes here, in the thread
        self._progress = progress = progress_of(connection, self.study_id, self._progress)
        if self.picture not in self.names:  # the last look was at a study of several objectives
            self.picture = PICTURES[0]
        self._trials = trials_seen(connection, self.study_id, self._trials)
        trials = tuple(in_pictures(self._trials, progress.study.direction))
        if self.picture == pictures.IMPORTANCE:
            self._ask(len(pictures.scored(trials)))
        self.families = pictures.families_of(trials, progress.study.direction)
        if self._family not in self.families:
            self._family = next(iter(self.families), None)
        data = Pictured(progress, trials, self._told)
        return Drawn(data, self.picture, *self._drawn(data))

    def _ask(self, scored: int, share: float = 0.0) -> bool:
        """Asks for the importances, where those that are known are of fewer trials; says whether there are new ones."""
        known = self._told["trials"] if self._told is not None else -1
        if 0 <= known <= scored <= known * (1 + share):
            return False
        self._errand = Errand(self.app.services.asking)
        self._told = self._errand.ask("importance", study=self.study_id)
        return True

    def _ask_beside(self) -> None:
        """Parameters are shown in the order that is known; by their importance as soon as that is told."""
        with suppress(MlopsError):  # they stay in their own order
            if self._ask(len(pictures.scored(self.data.of.trials)), STALE_SHARE) and self.is_attached:
                self.app.call_from_thread(self.reload)

    def has_nothing(self, data: Drawn) -> bool:
        return not data.of.trials

    def empty_words(self) -> str:
        return "No trials yet.\nThe first comes when the source is read and its folds are made."

    # ── what is shown ────────────────────────────────────────────────────────────────────────────────────────────────

    def show(self, data: Drawn) -> None:
        self.border_title = f"{one_line(data.of.progress.study.name)} · {data.picture}"
        self._name_pictures()
        self.query_one(PictureView).draw(data.draw)
        self.query_one(".pictures--words", Static).update(data.words)
        if self.picture in pictures.OF_FAMILY and not self._is_asking():
            self.run_worker(self._ask_beside, thread=True, exit_on_error=False, name="importance")

    def _is_asking(self) -> bool:
        return any(one.name == "importance" and not one.is_finished for one in self.workers if one.node is self)

    def _name_pictures(self) -> None:
        names = [
            Content.styled(name, "bold $primary" if name == self.picture else "$text-muted") for name in self.names
        ]
        self.query_one(".pictures--names", Static).update(Content(" · ").join(names))

    def _drawn(self, data: Pictured) -> tuple[Draw, str]:
        """What draws the picture of the moment, and the words below it."""
        drawers: dict[str, Callable[[Pictured], tuple[Draw, str]]] = {
            pictures.HISTORY: self._history,
            pictures.IMPORTANCE: self._importance,
            pictures.SLICES: self._slices,
            pictures.PARALLEL: self._parallel,
            pictures.CONTOUR: self._contour,
            pictures.EDF: self._distribution,
            pictures.TIMELINE: self._timeline,
            pictures.PARETO: self._pareto,
        }
        return drawers[self.picture](data)

    def _history(self, data: Pictured) -> tuple[Draw, str]:
        found = curve_of(data.progress)
        if data.progress.study.objectives:
            covered = plot.Series("covered", found.best_numbers, found.best, "series-0", "step")
            words = "The share of the box between the worst and the best values that the Pareto front dominates, trial by trial."
            return lambda w, h, s: plot.line_chart([covered], w, h, symbols=s, x_label="trial"), words
        dots = plot.Series("trial", found.numbers, found.values, "series-1", "dots")
        best = plot.Series("best", found.best_numbers, found.best, "series-0", "step")
        return lambda w, h, s: plot.line_chart([dots, best], w, h, symbols=s, x_label="trial"), headline(data.progress)

    def _pareto(self, data: Pictured) -> tuple[Draw, str]:
        objectives = data.progress.study.objectives
        self._count = len(objectives)
        self._across %= len(objectives)
        self._down %= len(objectives)
        if self._across == self._down:
            self._down = (self._across + 1) % len(objectives)
        found = pictures.pareto(data.progress, self._down, self._across)
        if not found.front[0]:
            return _sentence("No trial has its values yet."), ""
        others = plot.Series("others", *found.others, "label", "dots")
        front = plot.Series("front", *found.front, "series-0", "line")
        name = objectives[self._down].name
        return lambda w, h, s: plot.line_chart([others, front], w, h, symbols=s, x_label=name), found.words

    def _importance(self, data: Pictured) -> tuple[Draw, str]:
        told = data.told
        if told is None:
            return _sentence("The importances are being asked for."), ""
        rows = [plot.Bar(label, share, note) for label, share, note in pictures.importance_rows(told)]
        if not rows:
            return _sentence("Too few trials to tell yet: a family needs eight."), ""
        first = self._first = min(self._first, len(rows) - 1)
        words = pictures.importance_words(told)
        return lambda w, h, s: plot.bar_chart(rows[first:], w, height=h, symbols=s, value_format="{:.2f}"), words

    def _dimensions(self, data: Pictured) -> list[Dimension]:
        family = self._family
        if family is None:
            return []
        return pictures.dimensions(data.progress.study, data.trials, family, pictures.order_of(data.told, family))

    def _of_family(self, data: Pictured, more: str) -> str:
        own = pictures.scored(data.trials, self._family)
        stopped = sum(trial.state == "pruned" for trial in own)
        trials = pictures.trials_words(len(own) - stopped, stopped)
        which = ", the best family" if self.families[:1] == [self._family] else ""
        return f"{self._family}{which}: {trials}; {more}"

    def _slices(self, data: Pictured) -> tuple[Draw, str]:
        found, study, family = self._dimensions(data), data.progress.study, self._family
        if not found or family is None:
            return _sentence("No parameter varies yet."), ""
        charts = [_slice(data, family, dimension) for dimension in found]
        self._first = first = min(self._first, len(charts) - 1)

        def draw(width: int, height: int, symbols: str) -> plot.Picture:
            tiles = [plot.Tile(name, partial(_with_symbols, one, symbols)) for name, one in charts]
            return plot.tiled(tiles, width, height, symbols=symbols, first=first)

        return draw, self._of_family(data, f"{study.metric} by each parameter, the most important first.")

    def _parallel(self, data: Pictured) -> tuple[Draw, str]:
        family = self._family
        found = pictures.bundle(data.progress.study, data.trials, family, self._dimensions(data)) if family else None
        if found is None or not found.axes:
            return _sentence("No trial has a value yet."), ""
        axes = [plot.Upright(*axis) for axis in found.axes]
        groups = [plot.Lines(found.rest, "label", dotted=True), plot.Lines(found.best, "series-0")]
        words = self._of_family(data, "the best tenth in front, up is better on the last axis.")
        return lambda w, h, s: plot.parallel_coordinates(axes, groups, w, h, symbols=s), words

    def _contour(self, data: Pictured) -> tuple[Draw, str]:
        found, family, study = self._dimensions(data), self._family, data.progress.study
        if len(found) < 2 or family is None:
            return _sentence("A map needs two parameters that vary."), ""
        self._count = len(found)
        self._across %= len(found)
        self._down %= len(found)
        if self._across == self._down:
            self._down = (self._across + 1) % len(found)
        x, y = found[self._across], found[self._down]

        cells = min(pictures.MOST_CELLS, max(4, self.size.height - 10))
        told = pictures.contour(study, data.trials, family, x, y, cells)
        names, titles = (told.across, told.down), (x.name, y.name)
        best = pictures.map_words(told, study.direction)
        words = self._of_family(data, f"cells by best {study.metric}, {best}; arrows choose axes.")
        return lambda w, h, s: plot.heat_map(told.values, names, titles, w, h, symbols=s), words

    def _distribution(self, data: Pictured) -> tuple[Draw, str]:
        study = data.progress.study
        series = [
            plot.Series(family, values, shares, f"series-{place % 8}", "step", label=family)
            for place, (family, values_and_shares) in enumerate(pictures.distribution(data.trials).items())
            for values, shares in (values_and_shares,)
        ]
        if not series:
            return _sentence("No trial has a value yet."), ""
        better = "right" if study.direction == "maximize" else "left"
        words = f"The share of a family's trials with no more than a {study.metric}; the further to the {better}, the better."
        return lambda w, h, s: plot.line_chart(series, w, h, symbols=s, x_label=study.metric), words

    def _timeline(self, data: Pictured) -> tuple[Draw, str]:
        rows, _ = pictures.timeline(data.trials, time.time())
        until = max((end for _, spans in rows for _, end, _ in spans), default=0.0)
        unit, sign = pictures.unit_of_time(until)
        lanes = [
            plot.Lane(name, [_stretch(start / unit, end / unit, state) for start, end, state in spans])
            for name, spans in rows
        ]
        signs = FILLS[self.app.plain]
        told = ", ".join(f"{signs[FILL_OF[state]][0]} {words}" for state, words in STATES.items())
        words = f"{counted(len(rows), 'worker')} by process: {told}."
        return lambda w, h, s: plot.lane_chart(lanes, w, h, symbols=s, x_label=sign), words

    # ── what can be done ─────────────────────────────────────────────────────────────────────────────────────────────

    def turn_to(self, picture: str) -> None:
        """Shows another picture."""
        self.picture, self._first = picture, 0
        if self._errand is not None:
            self._errand.take_back()
        if self.has_class(FILLED):
            self._name_pictures()
        self.reload()

    def do_next(self) -> None:
        self.turn_to(self.names[(self.names.index(self.picture) + 1) % len(self.names)])

    def do_before(self) -> None:
        self.turn_to(self.names[self.names.index(self.picture) - 1])

    def do_family(self) -> None:
        here = self.families.index(self._family) if self._family in self.families else -1
        self._family = self.families[(here + 1) % len(self.families)]
        self._across, self._down, self._first = 0, 1, 0
        self.reload()

    def step(self, across: int, down: int) -> None:
        """Other parameters on the map; further charts elsewhere."""
        if self.picture in (pictures.CONTOUR, pictures.PARETO):
            self._choose(across, -down)
        else:
            self._first = max(0, self._first + across + down)
        self.reload()

    def _choose(self, across: int, down: int) -> None:
        """The next parameter for an axis, past that of the other; of two they change places."""
        count, before = max(self._count, 1), (self._across, self._down)
        self._across, self._down = (self._across + across) % count, (self._down + down) % count
        if self._across == self._down:
            self._across, self._down = (self._across + across) % count, (self._down + down) % count
        if (self._across, self._down) == before:
            self._across, self._down = self._down, self._across

    def to_first(self) -> None:
        """The first charts again."""
        self._across, self._down, self._first = 0, 1, 0
        self.reload()

    def on_unmount(self) -> None:
        if self._errand is not None:
            self._errand.take_back()

    def copied(self) -> str | None:
        view = next(iter(self.query(PictureView)), None)  # none yet, or none any more
        return view.picture.text() if view is not None and view.picture is not None else None


def _sentence(words: str) -> Draw:
    return lambda width, height, symbols: sentence(words, width, height, symbol_set(symbols))


def _stretch(start: float, end: float, state: str) -> plot.Stretch:
    return plot.Stretch(start, end, pictures.TONES.get(state, "label"), FILL_OF.get(state, "open"))


def _with_symbols(draw: Draw, symbols: str, width: int, height: int) -> plot.Picture:
    return draw(width, height, symbols)


def _slice(data: Pictured, family: str, dimension: Dimension) -> tuple[str, Draw]:
    dots = [
        plot.Series(dimension.name, *pictures.points_of(data.trials, family, dimension, state), role, "dots")
        for state, role in (("pruned", "label"), ("complete", "series-1"))
    ]
    names: Sequence[str] = dimension.choices
    return dimension.name, lambda w, h, s: plot.line_chart(dots, w, h, symbols=s, log_x=dimension.log, x_names=names)
