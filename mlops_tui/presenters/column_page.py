"""The page of one column of a drift report: what stands on it beneath the verdict and the bars, as tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from mlops_tui.core.printable import printable
from mlops_tui.monitoring.detail import Brought, FileEffect, Quantiles, Since
from mlops_tui.monitoring.model import ColumnDrift, OneSided
from mlops_tui.presenters.bins import bins
from mlops_tui.presenters.column import percent
from mlops_tui.presenters.monitor import measure_rows
from mlops_tui.presenters.words import MISSING, Cell, count, counted, duration, one_line

DIGITS = 4
"""So many digits tell the width of the middle half of a column's values."""
MOST_DECIMALS, LARGEST = 9, 1e12
"""Numbers that need more decimals, or are greater, are written in powers of ten."""
BROUGHT = {
    "wasserstein": ("sd", "the Wasserstein distance"),
    "jensen_shannon": ("JS", "the Jensen–Shannon distance"),
    "l_infinity": ("L∞", "the greatest difference of a share"),
    "missing": ("", "the difference of the missing share"),
}
"""An effect's unit and its name."""
ALONE = 0.5
"""A file without which so much of an effect is gone brought it by itself."""


class Table(NamedTuple):
    """Rows under names with a title above and a sentence beneath; either may be empty. Columns in `right` hold digits."""

    title: str
    columns: Sequence[str]
    rows: Sequence[tuple[Cell, ...]]
    right: frozenset[str] = frozenset()
    said: str = ""


def tables(column: ColumnDrift) -> list[Table]:
    """What is known of the column beneath its bars: quantiles, or new and vanished values; the files that brought a drift; the measures."""
    found = [
        *([] if column.quantiles is None else [_quantiles(column.quantiles)]),
        *_one_sided("New values", column.new_values, "current"),
        *_one_sided("Vanished values", column.vanished_values, "reference"),
        *_files(column),
    ]
    rows = [tuple(map(Cell, row)) for row in measure_rows(column)]
    return [*found, *([Table("Measures", ("measure", "figure", "definition"), rows)] if rows else [])]


def bars(column: ColumnDrift) -> Table | None:
    """The bins as figures, for where nothing is drawn; None where there are none."""
    histogram = column.histogram
    if histogram is None:
        return None
    shown, brings = bins(histogram, column.kind, len(histogram.labels)), histogram.contribution
    rows = [
        (Cell(label), Cell(f"{ours:.1%}"), Cell(f"{theirs:.1%}"), *([] if share is None else [Cell(f"{share:.1%}")]))
        for label, ours, theirs, share in zip(
            shown.labels, shown.reference, shown.current, brings or [None] * len(shown.labels), strict=True
        )
    ]
    names = ("values", "reference", "current", *([] if brings is None else ["contribution"]))
    return Table("Shares of rows", names, rows, frozenset(names[1:]), contribution_words(column))


def contribution_words(column: ColumnDrift) -> str:
    """What the contributions are shares of; empty where there are none."""
    if column.histogram is None or not any(column.histogram.contribution or ()):
        return ""
    of = "the Jensen–Shannon divergence" if column.histogram.edges is None else "the Wasserstein distance"
    return f"Contribution: each bin's share of {of}."


# ── quantiles ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _quantiles(found: Quantiles) -> Table:
    reference, current = _written([*found.reference, *found.current], len(found.shares))
    rows = [
        (Cell(f"{share:.0%}", "dim"), Cell(ours), Cell(theirs), Cell(gap, "dim" if gap == "0" else ""))
        for share, ours, theirs, gap in zip(found.shares, reference, current, _differences(found), strict=True)
    ]
    names = ("quantile", "reference", "current", "difference")
    return Table("Quantiles", names, rows, frozenset(names), _sketch_words(found))


def _written(values: Sequence[float | str], half: int) -> tuple[list[str], list[str]]:
    """Both sides in the same digits: moments to the minute unless all are days, whole numbers as they are."""
    if moments := [value for value in values if isinstance(value, str)]:
        days = all(value[11:19] == "00:00:00" for value in moments)
        texts = [value[:10] if days else f"{value[:10]} {value[11:16]}" for value in moments]
    else:
        numbers = [value for value in values if not isinstance(value, str)]
        texts = _numbers(numbers, decimals(numbers[:half], numbers[half:]))
    return texts[:half], texts[half:]


def decimals(*sides: Sequence[float]) -> int | None:
    """How many decimals tell the width of the middle half of either side, by its rising quantiles, with `DIGITS` digits: far values do
    not hide what happens near. 0 of whole numbers, None where powers of ten do better.
    """
    numbers = [number for side in sides for number in side]
    if all(isinstance(number, int) for number in numbers):
        return 0
    largest = max(map(abs, numbers))
    middle = max(side[-1 - len(side) // 3] - side[len(side) // 3] for side in sides)
    width = middle or max(numbers) - min(numbers) or largest
    if not width:
        return 0
    if largest >= LARGEST or not math.isfinite(width):
        return None
    found = max(0, DIGITS - 1 - math.floor(math.log10(width)))
    return found if found <= MOST_DECIMALS else None


def _numbers(numbers: Sequence[float], digits: int | None, sign: str = "") -> list[str]:
    if digits is None:
        return [f"{number:{sign}.{DIGITS}e}" for number in numbers]
    return [f"{number:{sign},.{digits}f}" if digits else f"{round(number):{sign},}" for number in numbers]


def _differences(found: Quantiles) -> list[str]:
    """With their sign; a plain 0 where nothing moved."""
    if isinstance(found.reference[0], str):
        return [_stretch(gap) for gap in found.difference]
    sides = [[value for value in side if not isinstance(value, str)] for side in (found.reference, found.current)]
    digits = decimals(*sides)
    return [MISSING if gap is None else "0" if not gap else _numbers([gap], digits, "+")[0] for gap in found.difference]


def _stretch(seconds: float | None) -> str:
    if not seconds:
        return MISSING if seconds is None else "0"
    return f"{'+' if seconds > 0 else '-'}{duration(abs(seconds))}"


def _sketch_words(found: Quantiles) -> str:
    """What a sketch leaves open; empty where every value is kept."""
    errors = {"reference": found.reference_error, "current": found.current_error}
    told = [f"{error:.2%} of the {side} rows" for side, error in errors.items() if error]
    if not told:
        return ""
    return f"Read from a sketch: the share at a value may be off by up to {' and '.join(told)}."


# ── values of one side ───────────────────────────────────────────────────────────────────────────────────────────────


def _one_sided(title: str, found: OneSided | None, side: str) -> list[Table]:
    if found is None:
        return []
    if not found.count:
        return [Table(f"{title}: none", (), ())]
    shares = [*found.shares, *[None] * (len(found.values) - len(found.shares))]
    rows = [
        (Cell(one_line(value, 60)), Cell(MISSING if share is None else percent(share)))
        for value, share in zip(found.values, shares, strict=True)
    ]
    more = found.count - len(found.values)
    said = f"and {count(more)} more" if more else ""
    whole = f"{title}: {count(found.count)}, {percent(found.share)} of the {side} rows"
    return [Table(whole, ("value", f"share of {side}"), rows, frozenset({f"share of {side}"}), said)]


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _files(column: ColumnDrift) -> list[Table]:
    if not column.drift:
        return []
    known = [found for found in column.brought_by if found.files]
    since = [] if column.drifts_since is None else [since_words(column.drifts_since)]
    if not known:
        return [Table("The files that brought it", (), (), said=" ".join(["Not known: compare again.", *since]))]
    files = known[0].files
    if len(files) == 1:
        words = f"The window is one file, {printable(files[0].file)}, which brought all of it."
        return [Table("The files that brought it", (), (), said=" ".join([words, *since]))]
    shown = [_by_file(found, alone=len(known) == 1) for found in known]
    return [*shown[:-1], shown[-1]._replace(said=" ".join([shown[-1].said, *since]))]


def _by_file(found: Brought, *, alone: bool) -> Table:
    """`alone` is whether no other effect made the column a drift."""
    unit, name = BROUGHT[found.measure]
    rows = [
        (
            Cell(printable(file.file), "strong" if _is_much(file, found) else ""),
            Cell(count(file.rows)),
            *(Cell(_effect(number, unit)) for number in (file.effect, file.without)),
            Cell(_effect(file.falls, unit)),
        )
        for file in found.files
    ]
    names = ("file", "rows", "effect", "without it", "falls by")
    title = "The files that brought it" if alone else f"The files that brought it, by {name}"
    return Table(title, names, rows, frozenset(names[1:]), _said(found, unit))


def _is_much(file: FileEffect, found: Brought) -> bool:
    return file.falls is None or file.falls >= ALONE * found.effect


def _said(found: Brought, unit: str) -> str:
    whole = f"All {counted(len(found.files), 'file')} together: {_effect(found.effect, unit)} by {BROUGHT[found.measure][1]}."
    first = found.files[0]
    if _is_much(first, found):
        return whole
    return f"{whole} No file brought it alone: without any one of them at least {_least_left(found, unit)} is left."


def _least_left(found: Brought, unit: str) -> str:
    return _effect(min((file.without for file in found.files if file.without is not None), default=None), unit)


def _effect(number: float | None, unit: str) -> str:
    if number is None:
        return MISSING
    text = f"{number:.1%}" if not unit else f"{number:.2f} {unit}"
    return text.removeprefix("-") if not round(number, 3 if not unit else 2) else text


def since_words(since: Since) -> str:
    """Since when the column drifts."""
    first = printable(since.window)
    row = (
        f"It drifts since {first}, {since.windows} windows in a row"
        if since.windows > 1
        else f"It drifts since {first}"
    )
    before = f"{printable(since.steady)} before was steady" if since.steady else "none before was compared and steady"
    return f"{row}; {before}."
