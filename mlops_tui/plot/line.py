"""Lines, steps and points over a common x: learning curves, the best value so far, a metric in time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlops_tui.plot.axis import Axis, across, across_log, across_names, upward, upward_log
from mlops_tui.plot.canvas import Canvas, Picture, sentence
from mlops_tui.plot.cells import cell_width, clean, fit
from mlops_tui.plot.frame import Frame, share_out, spread, text_cells, title_rows
from mlops_tui.plot.raster import Dots, Floats, codes, dots, line, place, steps
from mlops_tui.plot.symbols import Symbols, symbol_set
from mlops_tui.plot.ticks import DATES, LARGEST, SMALLEST, value_label


@dataclass(frozen=True, slots=True)
class Series:
    """Points of one name, x and y of the same length n; None, NaN and infinite values are gaps.

    `label` stands at the right edge, at the height of the last point; None means the last value and the name for lines
    and steps, nothing for dots. A dotted line is one that can be told from a solid one without colour.
    """

    name: str
    x: ArrayLike
    y: ArrayLike
    role: str = "series-0"
    kind: Literal["line", "dots", "step"] = "line"
    label: str | None = None
    dotted: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A point to notice, or, where x or y is None, a rule across the chart (a threshold, a moment). A `hollow` point is one that does
    not count.
    """

    x: float | None
    y: float | None
    text: str = ""
    role: str = "mark"
    hollow: bool = False


@dataclass(frozen=True, slots=True)
class _Curve:
    """A series as arrays, sorted by x; `known` says which points have a place."""

    series: Series
    x: Floats
    y: Floats
    known: NDArray[np.bool_]
    kind: str

    @property
    def last(self) -> float:
        return float(self.y[self.known][-1])


class _End(NamedTuple):
    """A label at the right edge, at the height of a value."""

    value: float
    text: str
    role: str


def line_chart(
    series: Sequence[Series],
    width: int,
    height: int,
    *,
    symbols: str = "braille",
    x_label: str = "",
    y_label: str = "",
    log_y: bool = False,
    marks: Sequence[Mark] = (),
    step: bool = False,
    x_dates: bool = False,
    log_x: bool = False,
    x_names: Sequence[str] = (),
) -> Picture:
    """A chart of `width` × `height` cells; later series lie above earlier ones.

    Points are sorted by x. Where y has no place (NaN, infinite, beyond ±1e300; on a logarithmic axis less than 1e-290)
    the line has a real gap and the x axis a cross. `step` draws all lines as steps; `x_dates` reads x as seconds since
    1970 and labels it in UTC; `x_names` label the places 0, 1, 2 … in place of numbers. Small sizes lose the direct labels first, then the axes. ValueError for a negative size,
    for x and y of different lengths, and for an unknown symbol set.
    """
    glyphs = symbol_set(symbols)
    x_limits = DATES if x_dates else (SMALLEST if log_x else -LARGEST, LARGEST)
    curves = [_curve(one, x_limits, log_y, step) for one in series]
    shown = [curve for curve in curves if curve.known.any()]
    if width < 1 or height < 1 or not shown:
        told = any(curve.y.size for curve in curves)
        return sentence("no points with a value yet" if told else "no points yet", width, height, glyphs)
    canvas = Canvas(width, height, glyphs)
    x_label, y_label = (clean(text, glyphs.ascii_only) for text in (x_label, y_label))
    marks = [mark for mark in marks if _has_place(mark, x_limits, log_y)]
    names = [clean(name, glyphs.ascii_only) for name in x_names]
    x_axis = _across(shown, marks, names, log_x=log_x, dates=x_dates)
    ends, frame = _fit(shown, marks, canvas, (x_label, y_label), log_y, x_axis)
    frame.draw(canvas, x_label, y_label)
    _draw_gaps(canvas, frame, curves)
    for mark in marks:
        _draw_rule(canvas, frame, mark)
    _draw_curves(canvas, frame, shown)
    for mark in marks:
        _draw_mark(canvas, frame, mark)
    _draw_ends(canvas, frame, ends)
    return canvas.picture()


def _curve(series: Series, x_limits: tuple[float, float], log_y: bool, step: bool) -> _Curve:
    x, y = (np.asarray(values, dtype=np.float64) for values in (series.x, series.y))
    if x.shape != y.shape or x.ndim != 1:
        raise ValueError(f"series {series.name!r} has x of shape {x.shape} and y of shape {y.shape}")
    if np.any(x[1:] < x[:-1]):
        order = np.argsort(x, kind="stable")
        x, y = x[order], y[order]
    with np.errstate(invalid="ignore"):
        known = (x >= x_limits[0]) & (x <= x_limits[1]) & (np.abs(y) <= LARGEST) & ((y >= SMALLEST) | (not log_y))
    kind = "step" if step and series.kind == "line" else series.kind
    return _Curve(series, x, np.where(known, y, np.nan), known, kind)


def _has_place(mark: Mark, x_limits: tuple[float, float], log_y: bool) -> bool:
    x_fits = mark.x is None or x_limits[0] <= mark.x <= x_limits[1]
    y_fits = mark.y is None or (abs(mark.y) <= LARGEST and (mark.y >= SMALLEST or not log_y))
    return x_fits and y_fits


def _fit(
    curves: list[_Curve],
    marks: Sequence[Mark],
    canvas: Canvas,
    titles: tuple[str, str],
    log_y: bool,
    x_axis: Callable[[int], Axis],
) -> tuple[list[_End], Frame]:
    """The direct labels and the frame: the rows decide the y axis, its labels and the direct ones the columns."""
    symbols = canvas.symbols
    y = np.concatenate([curve.y[curve.known] for curve in curves] + [_given(mark.y for mark in marks)])

    def y_axis(rows: int) -> Axis:
        if log_y:
            return upward_log(float(y.min()), float(y.max()), rows)
        return upward(float(y.min()), float(y.max()), rows, len(symbols.weights), whole=_whole(y))

    top = title_rows(titles[1], canvas.height)
    axis = y_axis(max(1, canvas.height - top - 2))
    ends = _ends(curves, axis, symbols, canvas.width // 4) + _rule_ends(marks, symbols, canvas.width // 4)
    beside = max(text_cells([end.text for end in ends]), min(cell_width(titles[0]), 12))
    area, shown = share_out(
        canvas.width, canvas.height, top, text_cells(list(axis.labels)), beside + 1 if beside else 0
    )
    if not shown:
        axis = y_axis(area.rows)
    return ends, Frame(area, x_axis(area.columns), axis, symbols, shown)


def _across(
    curves: list[_Curve], marks: Sequence[Mark], names: Sequence[str], *, log_x: bool, dates: bool
) -> Callable[[int], Axis]:
    """The x axis for so many cells."""
    x = np.concatenate([curve.x[curve.known] for curve in curves] + [_given(mark.x for mark in marks)])
    low, high = float(x.min()), float(x.max())
    if names:
        return lambda cells: across_names(names)
    if log_x:
        return lambda cells: across_log(low, high, cells)
    return lambda cells: across(low, high, cells, whole=_whole(x), dates=dates)


def _ends(curves: list[_Curve], axis: Axis, symbols: Symbols, room: int) -> list[_End]:
    """What is said at the right edge: the name too if all of them have room."""
    named, short = [], []
    for curve in curves:
        series = curve.series
        if series.label is None and curve.kind != "dots":
            value = value_label(curve.last, axis.ticks, axis.log)
            named.append(_End(curve.last, f"{value} {clean(series.name, symbols.ascii_only)}".rstrip(), series.role))
            short.append(_End(curve.last, value, series.role))
        elif series.label:
            for ends in (named, short):
                ends.append(_End(curve.last, clean(series.label, symbols.ascii_only), series.role))
    if text_cells([end.text for end in named]) <= room:
        return named
    return [end._replace(text=fit(end.text, room, symbols.ellipsis)) for end in short]


def _rule_ends(marks: Sequence[Mark], symbols: Symbols, room: int) -> list[_End]:
    """The texts of the rules across the chart, which stand at the right edge too."""
    return [
        _End(mark.y, fit(clean(mark.text, symbols.ascii_only), room, symbols.ellipsis), mark.role)
        for mark in marks
        if mark.y is not None and mark.x is None
    ]


def _draw_gaps(canvas: Canvas, frame: Frame, curves: list[_Curve]) -> None:
    """A cross on the x axis below points that have an x but no place."""
    if not frame.shown:
        return
    for curve in curves:
        lost = curve.x[~curve.known & (curve.x >= frame.x.low) & (curve.x <= frame.x.high)]
        for column in {frame.column(value) for value in np.unique(lost).tolist()}:
            canvas.write(frame.area.top + frame.area.rows, column, canvas.symbols.missing, "bad")


def _draw_curves(canvas: Canvas, frame: Frame, curves: list[_Curve]) -> None:
    """All dots of a cell make one character, in the role of the topmost series that has a dot there.

    Where cells are coarse, points have a character of their own, under the lines.
    """
    area, symbols = frame.area, canvas.symbols
    code = np.zeros((area.rows, area.columns), dtype=np.uint8)
    owner = np.zeros(code.shape, dtype=np.int64)
    for number, curve in enumerate(curves):
        own = codes(_grid(curve, frame), symbols)
        if curve.kind == "dots" and symbols.point:
            for row, column in np.argwhere(own > 0).tolist():
                canvas.write(area.top + row, area.left + column, symbols.point, curve.series.role)
        else:
            code |= own
            owner[own > 0] = number
    roles = [curve.series.role for curve in curves]
    found = np.nonzero(code)
    rows, columns = ((first + part).tolist() for first, part in zip((area.top, area.left), found, strict=True))
    glyphs = map(symbols.glyphs.__getitem__, code[found].tolist())
    canvas.put(zip(rows, columns, glyphs, map(roles.__getitem__, owner[found].tolist()), strict=True))


def _grid(curve: _Curve, frame: Frame) -> Dots:
    x, y = frame.x.fraction(np.where(curve.known, curve.x, np.nan)), frame.y.fraction(curve.y)
    if curve.kind == "step":
        x, y = steps(x, y)
    shape = frame.area.dots(frame.symbols)
    points = place(x, y, shape)
    grid = dots(points, shape) if curve.kind == "dots" else line(points, shape)
    if curve.series.dotted:
        grid &= np.indices(shape).sum(axis=0) % 4 < 2
    return grid


def _draw_rule(canvas: Canvas, frame: Frame, mark: Mark) -> None:
    """A dashed rule under the curves, down the chart at an x or across it at a y."""
    area, symbols = frame.area, canvas.symbols
    if mark.x is not None and mark.y is None:
        canvas.write_column(area.top, frame.column(mark.x), symbols.dashed_down * area.rows, mark.role)
    elif mark.y is not None and mark.x is None:
        canvas.write(frame.row(mark.y), area.left, symbols.dashed_across * area.columns, mark.role)


def _draw_mark(canvas: Canvas, frame: Frame, mark: Mark) -> None:
    """A glyph at a point, and the text of a mark with an x near it, over the curves but never over a dot of them."""
    if mark.x is None:
        return
    area, column = frame.area, frame.column(mark.x)
    text = clean(mark.text, canvas.symbols.ascii_only)
    rows = list(range(area.top, area.top + area.rows))
    if mark.y is not None:
        row = frame.row(mark.y)
        canvas.write(row, column, canvas.symbols.hollow if mark.hollow else canvas.symbols.mark, mark.role)
        rows = [row, row - 1, row + 1]
    for row in rows:
        for start in (column + 2, column - 1 - cell_width(text)):
            inside = start >= area.left and start + cell_width(text) <= area.left + area.columns
            if text and inside and canvas.is_blank(row, start, cell_width(text)):
                canvas.write(row, start, text, mark.role)
                return


def _draw_ends(canvas: Canvas, frame: Frame, ends: list[_End]) -> None:
    area = frame.area
    start = area.left + area.columns + 1
    ends = sorted(ends, key=lambda end: -end.value)
    rows = spread([frame.row(end.value) for end in ends], area.top, area.top + area.rows - 1)
    for row, end in zip(rows, ends, strict=True):
        if row < area.top + area.rows:
            canvas.write(row, start, end.text, end.role)


def _given(values: Iterable[float | None]) -> Floats:
    return np.array([value for value in values if value is not None], dtype=np.float64)


def _whole(values: Floats) -> bool:
    return bool(np.all(values == np.rint(values)))
