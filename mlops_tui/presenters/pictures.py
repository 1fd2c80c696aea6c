"""What the pictures of a study draw: its trials as slices, lines, a map, shares and lanes. Pure, and plain Python."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mlops_tui.core.clock import to_seconds
from mlops_tui.presenters.tune import front_points, param_text, score
from mlops_tui.presenters.words import count, counted
from mlops_tui.tuning.listing import Point, StudyProgress
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.seen import Seen
from mlops_tui.tuning.space import params_of

HISTORY, IMPORTANCE, SLICES, PARALLEL, CONTOUR, EDF, TIMELINE = (
    *("history", "importance", "slices", "parallel"),
    *("contour", "EDF", "timeline"),
)
PICTURES = (HISTORY, IMPORTANCE, SLICES, PARALLEL, CONTOUR, EDF, TIMELINE)
PARETO = "Pareto"
"""The front, of a study of several objectives."""
OF_FAMILY = (SLICES, PARALLEL, CONTOUR)
"""Pictures of the parameters of one family."""
MOST_CHOICES = 12
"""Of more words the others are left out."""
MOST_LINES = 400
"""Lines beyond these only make the picture darker."""
MOST_CELLS = 12
"""Bins of a number on the map."""
TONES = {"complete": "good", "fail": "bad", "pruned": "label", "running": "series-1"}
Told = Mapping[str, Any]


def scored(trials: Sequence[Seen], family: str | None = None) -> list[Seen]:
    """The trials with a finite value, be it an expected one; those of one family where it is named."""
    return [
        trial
        for trial in trials
        if trial.state in ("complete", "pruned")
        and trial.value is not None
        and math.isfinite(trial.value)
        and family in (None, trial.family)
    ]


def families_of(trials: Sequence[Seen], direction: str) -> list[str]:
    """The families with a value, the one with the best first."""
    best: dict[str, float] = {}
    sign = 1 if direction == "maximize" else -1
    for trial in scored(trials):
        best[trial.family] = max(best.get(trial.family, -math.inf), sign * (trial.value or 0.0))
    return sorted(best, key=lambda family: -best[family])


def pictures_of(study: Study) -> tuple[str, ...]:
    """The pictures that a study has."""
    return (*PICTURES, PARETO) if study.objectives else PICTURES


class Pareto(NamedTuple):
    """Two objectives against each other: the trials that another one is better than, and those of the front as a line."""

    others: tuple[list[float], list[float]]
    front: tuple[list[float], list[float]]
    words: str


def pareto(progress: StudyProgress, across: int, up: int) -> Pareto:
    """All complete trials by two of their objectives; the front is that of all objectives, in the order of the first."""
    study = progress.study
    best = sorted(front_points(progress), key=lambda point: point.values[across])
    on_front = {point.number for point in best}
    rest = [point for point in progress.points if point.values and not point.is_hidden and point.number not in on_front]
    x, y = study.objectives[across], study.objectives[up]
    sides = ("right" if x.sign > 0 else "left", "up" if y.sign > 0 else "down")
    words = (
        f"{y.name} by {x.name}; better lies {sides[0]} and {sides[1]}. {counted(len(best), 'trial')} on the front of"
        f" {counted(len(best) + len(rest), 'complete trial')}."
    )
    if len(study.objectives) > 2:
        words += " Arrows choose axes."
    return Pareto(_pairs(rest, across, up), _pairs(best, across, up), words)


def _pairs(points: Sequence[Point], across: int, up: int) -> tuple[list[float], list[float]]:
    return [point.values[across] for point in points], [point.values[up] for point in points]


class Dimension(NamedTuple):
    """A parameter: its values are numbers, drawn by their logarithm where `log`, or the `choices`."""

    name: str
    log: bool
    choices: tuple[str, ...]

    def place(self, value: Any) -> float:
        """Where a value is on the axis: itself, or the number of the choice; NaN where it has no place."""
        if self.choices:
            text = param_text(value)
            return float(self.choices.index(text)) if text in self.choices else math.nan
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return float(value) if is_number else math.nan


def dimensions(study: Study, trials: Sequence[Seen], family: str, first: Sequence[str] = ()) -> list[Dimension]:
    """The parameters of a family that vary; those named in `first` come first, in that order."""
    own = scored(trials, family)
    space = params_of(study, family)
    keys = dict.fromkeys([*first, *(key for trial in own for key in trial.params)])
    found = []
    for key in keys:
        values = [trial.params[key] for trial in own if key in trial.params]
        if len({str(value) for value in values}) < 2:
            continue
        numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
        if len(numbers) == len(values):
            told = space.get(key)
            is_log = (
                bool(told["attributes"].get("log")) if told else min(numbers) > 0 and max(numbers) > 100 * min(numbers)
            )
            found.append(Dimension(key, is_log and min(numbers) > 0, ()))
        else:
            words = sorted(dict.fromkeys(map(param_text, values)))
            found.append(Dimension(key, False, tuple(words[:MOST_CHOICES])))
    return found


def points_of(
    trials: Sequence[Seen], family: str, dimension: Dimension, state: str = "complete"
) -> tuple[list[float], list[float]]:
    """The parameter and the value of each trial of that state that has both."""
    pairs = [
        (dimension.place(trial.params[dimension.name]), trial.value or 0.0)
        for trial in scored(trials, family)
        if dimension.name in trial.params and trial.state == state
    ]
    known = [(x, y) for x, y in pairs if math.isfinite(x)]
    return [x for x, _ in known], [y for _, y in known]


class Bundle(NamedTuple):
    """Parallel coordinates: axes as (name, upper end, lower end), and for each trial its places from 0 to 1, the best last."""

    axes: list[tuple[str, str, str]]
    rest: list[list[float]]
    best: list[list[float]]


def bundle(study: Study, trials: Sequence[Seen], family: str, wanted: Sequence[Dimension]) -> Bundle:
    """A family's trials across its parameters and the value, which goes up where it gets better; the best tenth apart."""
    sign = 1 if study.direction == "maximize" else -1
    own = sorted(scored(trials, family), key=lambda trial: sign * (trial.value or 0.0))
    own = own[-MOST_LINES:]
    if not own:
        return Bundle([], [], [])
    columns, axes = [], []
    for dimension in wanted:
        values = [dimension.place(trial.params.get(dimension.name)) for trial in own]
        scaled = [math.log10(value) if dimension.log and value > 0 else value for value in values]
        low, high = _ends(scaled)
        ends = [param_text(_back(end, dimension)) for end in (high, low)]
        axes.append((dimension.name, ends[0], ends[1]))
        columns.append([(value - low) / (high - low) if high > low else 0.5 for value in scaled])
    values = [trial.value or 0.0 for trial in own]
    low, high = _ends(values)
    axes.append((study.metric, score(high if sign > 0 else low), score(low if sign > 0 else high)))
    shares = [(value - low) / (high - low) if high > low else 0.5 for value in values]
    columns.append(shares if sign > 0 else [1 - share for share in shares])
    lines = [list(line) for line in zip(*columns, strict=True)]
    best = max(1, len(lines) // 10)
    return Bundle(axes, lines[:-best], lines[-best:])


def _back(end: float, dimension: Dimension) -> Any:
    if dimension.choices:
        return dimension.choices[min(max(round(end), 0), len(dimension.choices) - 1)]
    return 10**end if dimension.log else end


def _ends(values: Sequence[float]) -> tuple[float, float]:
    known = [value for value in values if math.isfinite(value)]
    return (min(known), max(known)) if known else (0.0, 0.0)


class Contour(NamedTuple):
    """Two parameters as a map: the best value in each cell, None where nothing was tried, and what the cells are called."""

    values: list[list[float | None]]
    across: list[str]
    down: list[str]


def contour(
    study: Study, trials: Sequence[Seen], family: str, x: Dimension, y: Dimension, cells: int = MOST_CELLS
) -> Contour:
    """The best value of a family by two of its parameters; where lower is better, with the sign turned: up is better."""
    sign = 1 if study.direction == "maximize" else -1
    own = [trial for trial in scored(trials, family) if x.name in trial.params and y.name in trial.params]
    bins = [_bins(one, [one.place(trial.params[one.name]) for trial in own], cells) for one in (x, y)]
    grid: list[list[float | None]] = [[None] * len(bins[0][1]) for _ in bins[1][1]]
    for trial, column, row in zip(own, bins[0][0], bins[1][0], strict=True):
        if column is not None and row is not None:
            before, value = grid[row][column], sign * (trial.value or 0.0)
            grid[row][column] = value if before is None else max(before, value)
    return Contour(grid, bins[0][1], bins[1][1])


def _bins(dimension: Dimension, places: Sequence[float], cells: int) -> tuple[list[int | None], list[str]]:
    """The bin of each place, and what the bins are called: a choice, or the number in the middle."""
    if dimension.choices:
        return [round(place) if math.isfinite(place) else None for place in places], list(dimension.choices)
    scaled = [math.log10(place) if dimension.log and place > 0 else place for place in places]
    low, high = _ends(scaled)
    whole = len(set(scaled))
    cells = max(1, min(cells, whole))
    width = (high - low) / cells or 1.0
    found = [min(int((place - low) / width), cells - 1) if math.isfinite(place) else None for place in scaled]
    middles = [low + (number + 0.5) * width for number in range(cells)]
    return found, [f"{_back(middle, dimension):.2g}" for middle in middles]


def map_words(told: Contour, direction: str) -> str:
    """What the shades of the map stand for."""
    known = [value for row in told.values for value in row if value is not None]
    sign = 1 if direction == "maximize" else -1
    return f"{score(sign * min(known))} (light) to {score(sign * max(known))}" if known else ""


def distribution(trials: Sequence[Seen]) -> dict[str, tuple[list[float], list[float]]]:
    """For each family its values in order, and the share of its trials that came to no more than each."""
    found = {}
    for family in dict.fromkeys(trial.family for trial in scored(trials)):
        values = sorted(trial.value or 0.0 for trial in scored(trials, family))
        found[family] = values, [(place + 1) / len(values) for place in range(len(values))]
    return found


Span = tuple[float, float, str]
"""Start and end in seconds, and the state."""


def timeline(trials: Sequence[Seen], now: float) -> tuple[list[tuple[str, list[Span]]], float]:
    """For each worker what it did, as (start, end, state) in seconds since the first trial began, and that moment; what still
    runs ends now."""
    begun = [trial for trial in trials if trial.started]
    if not begun:
        return [], 0.0
    origin = min(to_seconds(trial.started) for trial in begun)
    workers: dict[Any, list[Span]] = {}
    for trial in begun:
        start = to_seconds(trial.started) - origin
        is_over = trial.ended is not None or trial.state != "running"
        end = (to_seconds(trial.ended) - origin if trial.ended else start) if is_over else max(now - origin, start)
        workers.setdefault(trial.worker, []).append((start, max(end, start), trial.state))
    hosts = {host for host, _ in workers}
    return [(_worker_name(key, alone=len(hosts) < 2), spans) for key, spans in workers.items()], origin


def _worker_name(key: tuple[str, int | None], *, alone: bool) -> str:
    host, pid = key
    name = "a worker" if pid is None else str(pid)
    return name if alone or not host else f"{host} {name}"


def unit_of_time(seconds: float) -> tuple[float, str]:
    """What an axis over so many seconds counts: how many seconds one is, and its sign."""
    return (3600.0, "h") if seconds >= 7200 else (60.0, "min") if seconds >= 120 else (1.0, "s")


def importance_rows(told: Told) -> list[tuple[str, float, str]]:
    """Bars as (label, importance, note): the family, then the parameters of the best family, then those of the others."""
    rows = [] if told["family"] is None else [("family", told["family"], "among all")]
    for family in told["families"]:
        rows += [(one["parameter"], one["importance"], family["family"]) for one in family["importances"]]
    return rows


def trials_words(complete: int, estimated: int) -> str:
    """How many trials a picture is of; those that were stopped early are where their folds let expect them."""
    more = f", {count(estimated)} stopped early (estimated)" if estimated else ""
    return f"{counted(complete, 'complete trial')}{more}"


def importance_words(told: Told) -> str:
    """How much the importances rest on, and which families have too few trials for it."""
    few = [family["family"] for family in told["families"] if not family["importances"]]
    part = f"{count(told['used'])} of " if told["used"] < told["trials"] else ""
    over = f"PED-ANOVA over {part}{trials_words(told['trials'] - told['estimated'], told['estimated'])}"
    words = f"{over}; parameters of a family add up to 1."
    return f"{words} Too few for {', '.join(few)}." if few else words


def order_of(told: Told | None, family: str) -> list[str]:
    """A family's parameters by their importance, where it is known."""
    if told is None:
        return []
    return [
        one["parameter"]
        for told_of in told["families"]
        if told_of["family"] == family
        for one in told_of["importances"]
    ]
