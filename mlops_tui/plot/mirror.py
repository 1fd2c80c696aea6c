"""Two distributions over the same bins, back to back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from mlops_tui.plot.canvas import Canvas, Picture, sentence
from mlops_tui.plot.cells import cell_width, centre, clean, left, right
from mlops_tui.plot.symbols import Symbols, filled, symbol_set

_DIGITS = 6  # "100.0%"
_BRINGS = "contribution"
_LEAST_BAR = 6  # cells of a bar beside which there is room for digits


class _Row(NamedTuple):
    label: str
    reference: float
    current: float
    brings: float = 0.0


def mirrored_histogram(
    labels: Sequence[str],
    reference: Sequence[float],
    current: Sequence[float],
    width: int,
    *,
    symbols: str = "braille",
    height: int | None = None,
    names: tuple[str, str] = ("reference", "current"),
    short_names: tuple[str, str] | None = None,
    contribution: Sequence[float] | None = None,
) -> Picture:
    """One row a bin, the reference's bar to the left of its label, the current one's to the right, under both names.

    `reference` and `current` are counts or shares, one a bin; each is shown as its share of its own sum in %, both on
    one scale. What is negative or not finite counts as nothing. Where there are more bins than `height` leaves rows,
    neighbours are merged, equally many to a row, and the row is labelled with the first and the last. Where a name does not fit its
    short one stands there. `contribution`, shares one a
    bin, stands at the right, where there is room. ValueError for a negative size, unequal lengths, or an unknown symbol set.
    """
    if not len(labels) == len(reference) == len(current) == len(current if contribution is None else contribution):
        raise ValueError(f"{len(labels)} labels, {len(reference)} reference and {len(current)} current values")
    glyphs = symbol_set(symbols)
    height = max(len(labels) + 1, 2) if height is None else height
    brings = (
        [0.0] * len(labels)
        if contribution is None
        else [max(c, 0.0) if math.isfinite(c) else 0.0 for c in contribution]
    )
    rows = [
        _Row(clean(label, glyphs.ascii_only), a, b, c)
        for label, a, b, c in zip(labels, _shares(reference), _shares(current), brings, strict=True)
    ]
    if width < 1 or height < 1 or not any(row.reference or row.current for row in rows):
        return sentence("no values yet", width, height, glyphs)
    canvas = Canvas(width, height, glyphs)
    header = int(height > 1)
    rows = _merged(rows, height - header, glyphs)
    plan = _Plan.for_width(rows, width, brings=contribution is not None)
    if header:
        _draw_names(canvas, plan, names, short_names or names)
    top = max(max(row.reference, row.current) for row in rows)
    for number, row in enumerate(rows, header):
        _draw_row(canvas, plan, number, row, top)
    return canvas.picture()


class _Plan(NamedTuple):
    """Cells: digits, blank, bar, blank, label, blank, bar, blank, digits, blanks, contribution; without room no contribution, then no
    digits, and none of their blanks.
    """

    digits: int
    bar: int
    label: int
    brings: int = 0

    @classmethod
    def for_width(cls, rows: Sequence[_Row], width: int, *, brings: bool = False) -> _Plan:
        if brings:
            plan = cls.for_width(rows, width - len(_BRINGS) - 2)
            if plan.digits:
                return plan._replace(brings=len(_BRINGS) + 2)
        label = min(max(cell_width(row.label) for row in rows), width // 3)
        digits = _DIGITS + 1
        if (width - label - 2 - 2 * digits) // 2 < _LEAST_BAR:
            digits = 0
        bar = max(0, (width - label - 2 - 2 * digits) // 2)
        return cls(digits, bar, label)

    @property
    def label_start(self) -> int:
        return self.digits + self.bar + 1

    @property
    def current_start(self) -> int:
        return self.label_start + self.label + 1


def _shares(values: Sequence[float]) -> list[float]:
    """The values over their sum, which is taken of values scaled down so that it cannot overflow."""
    known = [value if math.isfinite(value) and value > 0 else 0.0 for value in values]
    largest = max(known, default=0.0)
    if largest == 0:
        return known
    scaled = [value / largest for value in known]
    return [value / sum(scaled) for value in scaled]


def _merged(rows: list[_Row], most: int, glyphs: Symbols) -> list[_Row]:
    size = math.ceil(len(rows) / most)
    groups = [rows[start : start + size] for start in range(0, len(rows), size)]
    return [
        _Row(
            group[0].label if len(group) == 1 else f"{group[0].label} {glyphs.ellipsis} {group[-1].label}",
            sum(row.reference for row in group),
            sum(row.current for row in group),
            sum(row.brings for row in group),
        )
        for group in groups
    ]


def _draw_names(canvas: Canvas, plan: _Plan, names: tuple[str, str], short: tuple[str, str]) -> None:
    symbols, room = canvas.symbols, plan.digits + plan.bar
    told = ([clean(one, symbols.ascii_only) for one in pair] for pair in zip(names, short, strict=True))
    ours, theirs = (name if cell_width(name) <= room else other for name, other in told)
    canvas.write(0, 0, right(ours, room, symbols.ellipsis), "reference")
    canvas.write(0, plan.current_start, left(theirs, room, symbols.ellipsis), "current")
    if plan.brings:
        canvas.write(0, plan.current_start + room + 2, _BRINGS, "label")


def _draw_row(canvas: Canvas, plan: _Plan, number: int, row: _Row, top: float) -> None:
    symbols = canvas.symbols
    canvas.write(number, plan.label_start, centre(row.label, plan.label, symbols.ellipsis), "label")
    bar = filled(row.reference / top, plan.bar, symbols.leftward)[::-1]
    canvas.write(number, plan.digits + plan.bar - len(bar), bar, "reference")
    canvas.write(number, plan.current_start, filled(row.current / top, plan.bar, symbols.halves), "current")
    if plan.digits:
        canvas.write(number, 0, _percent(row.reference), "reference")
        canvas.write(number, plan.current_start + plan.bar + 1, _percent(row.current), "current")
    if plan.brings:
        start = plan.current_start + plan.bar + plan.digits + 2
        canvas.write(number, start, right(_percent(row.brings).strip(), len(_BRINGS)), "label")


def _percent(share: float) -> str:
    return right(f"{100 * share:.1f}%", _DIGITS)
