"""Runs that are compared, as figures: parallel coordinates, one value against another, and what their models said."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any, Literal, TypeGuard

from mlops_tui import plot
from mlops_tui.presenters.page import HTML
from mlops_tui.presenters.words import one_line, value
from mlops_tui.runs.beside import METRICS, PARAMS, Line

CURVES, PARALLEL, SCATTER, ROC, RECALL, CALIBRATION, LIFT, CONFUSION, RESIDUALS = (
    *("curves", "parallel", "scatter", "ROC", "PR"),
    *("calibration", "lift", "confusion", "residuals"),
)
MOST_AXES = 8
"""So many are told apart side by side."""
PICTURES = (CURVES, PARALLEL, SCATTER, ROC, RECALL, CALIBRATION, LIFT, CONFUSION, RESIDUALS)
OF_ANSWERS = {ROC: "roc", RECALL: "precision_recall", CALIBRATION: "calibration", LIFT: "lift", RESIDUALS: "residuals"}
"""Pictures of what models said, and what the worker calls them."""
AXES_OF = {
    ROC: ("false positive rate", "true positive rate, all rows together: the further above the diagonal, the better."),
    RECALL: ("recall", "precision: the higher, the better."),
    CALIBRATION: ("said", "how often it came true: on the diagonal the probabilities can be believed."),
    LIFT: ("share of the rows taken, the most probable first", "share of all positives among them."),
    RESIDUALS: ("predicted", "truth less prediction: a cloud around 0 that tells nothing is best."),
}
Told = Mapping[str, Mapping[str, Any]]
NONE: Mapping[str, Any] = {}
MARKDOWN, TABLE = (".md", ".markdown"), (".csv",)
ENDINGS, END_IT = (*HTML, *MARKDOWN, *TABLE), "End its name in .html, .md or .csv."
"""What a comparison can be written as, and what is said of another ending."""


def lettered(run_ids: Sequence[str]) -> dict[str, str]:
    """A short name for each run: A to Z, then AA, AB …"""
    found = {}
    for number, run_id in enumerate(run_ids):
        text, rest = "", number
        while rest >= 0:
            text, rest = chr(ord("A") + rest % 26) + text, rest // 26 - 1
        found[run_id] = text
    return found


def role_of(place: int) -> str:
    """The colour of the run at that place."""
    return f"series-{place % 8}"


def words_of_pictures(told: Told | None) -> tuple[str, ...]:
    """The pictures that there are: those of what models said only where any did."""
    known = {name for drawn in (told or {}).values() for name in drawn}
    return tuple(one for one in PICTURES if one in (CURVES, PARALLEL, SCATTER) or OF_ANSWERS.get(one, one) in known)


def telling(found: Sequence[Line]) -> list[Line]:
    """What is drawn in parallel coordinates, in its order: metrics and parameters that have different values, of each the one that
    most of the runs have first, taking turns; so the first few are of both.
    """
    shown = [line for line in found if len({str(one) for one in line.values if one is not None}) > 1]
    metrics, params = (
        sorted(
            (line for line in shown if line.table == table), key=lambda line: sum(one is None for one in line.values)
        )
        for table in (METRICS, PARAMS)
    )
    return [line for pair in zip_longest(params, metrics) for line in pair if line is not None]


def parallel(names: Sequence[str], found: Sequence[Line]) -> plot.Bundle:
    """A line for each run across these, parameters first; up is more, or the last of the words."""
    shown = sorted(found, key=lambda line: line.table != PARAMS)
    axes, places = [], []
    for line in shown:
        axis, on_it = _axis(line)
        axes.append(axis)
        places.append(on_it)
    groups = [
        plot.Lines([[on_it[place] for on_it in places]], role_of(place), dotted=place >= 8, label=name)
        for place, name in enumerate(names)
    ]
    return plot.Bundle(PARALLEL, axes, groups)


def _axis(line: Line) -> tuple[plot.Upright, list[float]]:
    name = one_line(line.key, 40)
    if all(found is None or isinstance(found, int | float) for found in line.values):
        values = [math.nan if found is None else float(found) for found in line.values]
        numbers = [found for found in values if math.isfinite(found)]
        low, high = (min(numbers), max(numbers)) if numbers else (0.0, 0.0)
        span = high - low
        places = [0.5 if not span and math.isfinite(found) else (found - low) / (span or 1.0) for found in values]
        places = [place if math.isfinite(place) else math.nan for place in places]
        return plot.Upright(name, value(high), value(low)), places
    words = sorted({str(found) for found in line.values if found is not None})
    place = {word: number / max(1, len(words) - 1) for number, word in enumerate(words)}
    shown = [one_line(word, 20) for word in (words[-1], words[0])]
    return plot.Upright(name, *shown), [math.nan if found is None else place[str(found)] for found in line.values]


def numeric_keys(found: Sequence[Line]) -> list[Line]:
    """What one value can be drawn of against another: metrics first, what differs first."""
    numbers = [
        line
        for line in found
        if line.table in (PARAMS, METRICS)
        and any(map(_is_finite, line.values))
        and all(one is None or isinstance(one, int | float) for one in line.values)
    ]
    return sorted(
        numbers, key=lambda line: (not line.differs, -sum(map(_is_finite, line.values)), line.table != METRICS)
    )


def _is_finite(one: object) -> TypeGuard[float]:
    return isinstance(one, int | float) and math.isfinite(one)


def scatter(x: Line, y: Line, names: Sequence[str]) -> plot.Curves:
    """A point for each run that has both as finite numbers."""
    points = [
        (name, float(across), float(up), role_of(place))
        for place, (name, across, up) in enumerate(zip(names, x.values, y.values, strict=True))
        if _is_finite(across) and _is_finite(up)
    ]
    dots = [plot.Series(name, [across], [up], role, "dots", label="") for name, across, up, role in points]
    marks = [plot.Mark(across, up, name, role) for name, across, up, role in points]
    title = f"{one_line(y.key, 40)} by {one_line(x.key, 40)}"
    return plot.Curves(title, dots, one_line(x.key, 30), marks=marks)


def said(picture: str, told: Told, run_ids: Sequence[str], names: Sequence[str]) -> list[plot.Figure]:
    """What the models of these runs said, as one picture for all, or one for each where that is of two directions."""
    if picture == CONFUSION:
        return [
            _confusion(f"{name}  {_right(drawn['confusion'])}", drawn["confusion"])
            for name, run_id in zip(names, run_ids, strict=True)
            if "confusion" in (drawn := told.get(run_id, NONE))
        ]
    key = OF_ANSWERS[picture]
    lines: list[plot.Series] = []
    kind: Literal["line", "dots"] = "dots" if picture == RESIDUALS else "line"
    for place, (name, run_id) in enumerate(zip(names, run_ids, strict=True)):
        one = told.get(run_id, {}).get(key)
        if one is not None:
            label = f"{name} {value(one['value'])}"
            lines.append(plot.Series(name, one["x"], one["y"], role_of(place), kind, label=label))
    if picture in (ROC, CALIBRATION, LIFT) and lines:
        lines.insert(0, plot.Series("", [0.0, 1.0], [0.0, 1.0], "faint", label="", dotted=True))
    summed = next((drawn[key]["told"] for drawn in told.values() if key in drawn), "")
    return [plot.Curves(f"{picture}, {summed}", lines, AXES_OF[picture][0])]


def _confusion(title: str, drawn: Mapping[str, Any]) -> plot.Grid:
    classes = [one_line(name, 20) for name in drawn["classes"]]
    return plot.Grid(title, drawn["counts"][::-1], (classes, classes[::-1]), ("said", "is"), are_counts=True)


def _right(drawn: Mapping[str, Any]) -> str:
    counts = drawn["counts"]
    whole = sum(map(sum, counts))
    return f"{sum(counts[place][place] for place in range(len(counts))) / whole:.1%} right" if whole else ""
