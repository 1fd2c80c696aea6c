"""Figures as SVG, for a page: one size, no script, no font and nothing from the network."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

import numpy as np

from mlops_tui.plot.axis import Axis, across, across_log, upward, upward_log
from mlops_tui.plot.figure import Bundle, Curves, Figure, Grid
from mlops_tui.plot.line import Series
from mlops_tui.plot.thin import thinned

WIDTH, HEIGHT = 640, 320
LEFT, RIGHT, TOP, BOTTOM = 64, 150, 12, 44
"""Pixels around the curves; the names stand at the right."""
CELL = 8
"""Pixels of a cell, in which the axes count the room for their ticks."""
COLOURS = {
    **dict(enumerate(("#1f6feb", "#d97706", "#2da44e", "#cf222e", "#8250df", "#bf8700", "#24292f", "#6e7781"))),
}
FAINT, GRID_COLOUR, TEXT = "#d0d7de", "#eaeef2", "#57606a"


def svg(figure: Figure) -> str:
    """The figure as an `<svg>` element, `WIDTH` × `HEIGHT` pixels.

    Raises:
        TypeError: it is of a kind that is not drawn so.
    """
    if isinstance(figure, Curves):
        inside = _curves(figure)
    elif isinstance(figure, Grid):
        inside = _grid(figure)
    elif isinstance(figure, Bundle):
        inside = _bundle(figure)
    else:
        raise TypeError(f"{type(figure).__name__} is no figure")
    title = escape(figure.title)
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="{title}"'
        f' font-family="system-ui, sans-serif" font-size="12"><title>{title}</title>{"".join(inside)}</svg>'
    )


def _colour(role: str) -> str:
    number = role.removeprefix("series-")
    return COLOURS[int(number) % 8] if number.isdigit() else FAINT


def _text(x: float, y: float, text: str, anchor: str = "start", colour: str = TEXT) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'


def _curves(figure: Curves) -> list[str]:
    points = [(one, *_known(one, figure)) for one in figure.series]
    shown = [(one, x, y) for one, x, y in points if np.isfinite(y).any()]
    if not shown:
        return [_text(WIDTH / 2, HEIGHT / 2, "no points", "middle")]
    xs = np.concatenate([x[np.isfinite(y)] for _, x, y in shown])
    ys = np.concatenate([y[np.isfinite(y)] for _, _, y in shown])
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    cells = (right - LEFT) // CELL
    low, high = float(xs.min()), float(xs.max())
    x_axis = across_log(low, high, cells) if figure.log_x else across(low, high, cells, dates=figure.x_dates)
    rows = (bottom - TOP) // (2 * CELL)
    y_axis = (upward_log if figure.log_y else _upward)(float(ys.min()), float(ys.max()), rows)
    parts = _frame(x_axis, y_axis, figure.x_label)
    ends = []
    for one, x, y in shown:
        px = LEFT + x_axis.fraction(x) * (right - LEFT)
        py = bottom - y_axis.fraction(y) * (bottom - TOP)
        parts.append(_line(one, px, py))
        last = np.flatnonzero(np.isfinite(py))[-1]
        label = one.name if one.label is None else one.label
        if label:
            ends.append((float(py[last]), label, _colour(one.role)))
    return parts + _labels(ends, right)


def _upward(low: float, high: float, rows: int) -> Axis:
    return upward(low, high, rows, 4)


def _known(one: Series, figure: Curves) -> tuple[np.ndarray, np.ndarray]:
    x, y = (np.asarray(values, dtype=np.float64) for values in (one.x, one.y))
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    lost = (~np.isfinite(y)) | (figure.log_y & (y <= 0))
    return thinned(x, np.where(lost, np.nan, y))


def _frame(x_axis: Axis, y_axis: Axis, label: str) -> list[str]:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    parts = []
    for value, text in zip(y_axis.ticks, y_axis.labels, strict=True):
        y = bottom - float(y_axis.fraction(np.array([value]))[0]) * (bottom - TOP)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{right}" stroke="{GRID_COLOUR}"/>')
        parts.append(_text(LEFT - 8, y + 4, text, "end"))
    for value, text in zip(x_axis.ticks, x_axis.labels, strict=True):
        x = LEFT + float(x_axis.fraction(np.array([value]))[0]) * (right - LEFT)
        parts.append(f'<path d="M{x:.1f} {bottom}v5" stroke="{TEXT}"/>')
        parts.append(_text(x, bottom + 18, text, "middle"))
    parts.append(f'<path d="M{LEFT} {TOP}V{bottom}H{right}" fill="none" stroke="{TEXT}"/>')
    parts.append(_text((LEFT + right) / 2, HEIGHT - 6, label, "middle"))
    return parts


def _line(one: Series, x: np.ndarray, y: np.ndarray) -> str:
    colour = _colour(one.role)
    if one.kind == "dots":
        known = np.isfinite(y)
        dots = "".join(f"M{a:.1f} {b:.1f}h0" for a, b in zip(x[known], y[known], strict=True))
        return f'<path d="{dots}" stroke="{colour}" stroke-width="5" stroke-linecap="round"/>'
    words, is_open = [], False
    for a, b in zip(x.tolist(), y.tolist(), strict=True):
        if not math.isfinite(b):
            is_open = False
            continue
        if is_open and one.kind == "step":
            words.append(f"H{a:.1f}V{b:.1f}")
        else:
            words.append(f"{'L' if is_open else 'M'}{a:.1f} {b:.1f}")
        is_open = True
    dashes = ' stroke-dasharray="3 4"' if one.dotted else ""
    return f'<path d="{"".join(words)}" fill="none" stroke="{colour}" stroke-width="1.6"{dashes}/>'


def _labels(ends: Sequence[tuple[float, str, str]], right: int) -> list[str]:
    """At the right edge, moved apart where they would lie on each other."""
    parts, free = [], float(TOP)
    for y, label, colour in sorted(ends):
        place = max(y, free)
        free = place + 14
        if place < HEIGHT:
            parts.append(_text(right + 8, place + 4, label[:24], colour=colour))
    return parts


def _grid(figure: Grid) -> list[str]:
    across_names, up_names = figure.names
    known = [one for row in figure.values for one in row if one is not None and math.isfinite(one)]
    most, bottom = max(known, default=0.0), HEIGHT - BOTTOM
    wide = (WIDTH - RIGHT - LEFT) / max(1, len(across_names))
    high = (bottom - TOP) / max(1, len(up_names))
    parts = []
    for row, (name, values) in enumerate(zip(up_names, figure.values, strict=True)):
        y = bottom - high * (row + 1)
        parts.append(_text(LEFT - 8, y + high / 2 + 4, name, "end"))
        for column, value in enumerate(values):
            share = 0.0 if value is None or most <= 0 else max(0.0, value / most)
            x = LEFT + wide * column
            parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}" fill="{COLOURS[0]}"'
                f' fill-opacity="{share:.3f}" stroke="#ffffff"/>'
            )
            told = "" if value is None else f"{value:g}"
            parts.append(_text(x + wide / 2, y + high / 2 + 4, told, "middle", "#ffffff" if share > 0.5 else "#24292f"))
    for column, name in enumerate(across_names):
        parts.append(_text(LEFT + wide * (column + 0.5), bottom + 18, name, "middle"))
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, figure.titles[0], "middle"))
    parts.append(_text(8, TOP + 4, figure.titles[1]))
    return parts


def _bundle(figure: Bundle) -> list[str]:
    count, top, bottom = len(figure.axes), TOP + 32, HEIGHT - BOTTOM
    if count < 2:
        return [_text(WIDTH / 2, HEIGHT / 2, "one axis alone has no lines", "middle")]
    step = (WIDTH - 2 * LEFT) / (count - 1)
    parts = []
    for group in figure.groups:
        for places in group.places:
            points = [
                (LEFT + step * number, bottom - place * (bottom - top))
                for number, place in enumerate(places)
                if math.isfinite(place)
            ]
            path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
            colour = _colour(group.role)
            parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="1.6"/>' if points else "")
            if group.label and points:
                parts.append(_text(points[-1][0] + 6, points[-1][1] + 4, group.label, colour=colour))
    for number, axis in enumerate(figure.axes):
        x = LEFT + step * number
        parts.append(f'<path d="M{x:.1f} {top}V{bottom}" stroke="{TEXT}"/>')
        parts.append(_text(x, TOP + 4, axis.name[:14], "middle", "#24292f"))
        parts.append(_text(x, TOP + 20, axis.high[:12], "middle"))
        parts.append(_text(x, bottom + 18, axis.low[:12], "middle"))
    return parts


BIN, BESIDE, BRINGS = 20, 190, 90
"""Pixels of a bin's line, of its label between the two sides, and of what it brings at the right."""


def mirrored(
    labels: Sequence[str],
    reference: Sequence[float],
    current: Sequence[float],
    names: tuple[str, str] = ("reference", "current"),
    contribution: Sequence[float] | None = None,
) -> str:
    """Two distributions over the same bins back to back as an `<svg>` element: the reference to the left, each side as shares of
    its own sum on one scale; at the right, where it is known, what each bin brings, as shares. ValueError for unequal lengths.
    """
    if not len(labels) == len(reference) == len(current) == len(current if contribution is None else contribution):
        raise ValueError(f"{len(labels)} labels, {len(reference)} reference and {len(current)} current values")
    sides = [np.maximum(np.nan_to_num(np.asarray(one, dtype=float)), 0.0) for one in (reference, current)]
    shares = [one / one.sum() if one.sum() else one for one in sides]
    top = max((float(one.max(initial=0.0)) for one in shares), default=0.0) or 1.0
    half = (WIDTH - BESIDE) / 2
    room, height = half - 52, BIN * (len(labels) + 1) + 6
    parts = [
        _text(half - 4, 14, names[0], "end"),
        _text(half + BESIDE + 4, 14, names[1]),
    ]
    for place, label in enumerate(labels, 1):
        y = BIN * place + 4
        parts.append(_text(WIDTH / 2, y + 13, label, "middle", "#24292f"))
        for share, side in zip((one[place - 1] for one in shares), (0, 1), strict=True):
            long = room * float(share) / top
            x = half + BESIDE if side else half - long
            colour = COLOURS[1] if side else COLOURS[0]
            parts.append(f'<rect x="{x:.1f}" y="{y}" width="{long:.1f}" height="{BIN - 4}" fill="{colour}"/>')
            at = x + long + 4 if side else x - 4
            parts.append(_text(at, y + 13, f"{share:.1%}", "start" if side else "end"))
    width = WIDTH
    if contribution is not None:
        width += BRINGS
        told = ["contribution", *(f"{share:.1%}" for share in contribution)]
        parts += [_text(width - 4, BIN * place + 14 + 3 * bool(place), text, "end") for place, text in enumerate(told)]
    title = escape(f"{names[0]} and {names[1]}")
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{title}"'
        f' font-family="system-ui, sans-serif" font-size="12"><title>{title}</title>{"".join(parts)}</svg>'
    )
