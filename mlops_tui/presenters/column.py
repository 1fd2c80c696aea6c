"""A column in figures, words and bars."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from mlops_tui.core.clock import from_seconds
from mlops_tui.core.printable import printable
from mlops_tui.data.profile import CATEGORY_CAP, EXACT, TOLD_APART
from mlops_tui.plot import Bar, sparkline
from mlops_tui.presenters.grid import fraction_of
from mlops_tui.presenters.words import MISSING, Cell, count, duration, one_line, value

COLUMN_TITLES = ("column", "kind", "role", "missing", "distinct", "min", "median", "max", "values")
PICTURE = 20
"""Cells of a histogram in one line."""
NUMBER = re.compile(r"-?[\d,]+(\.\d+)?(e[-+]\d+)?")
LONGEST = 15
"""Cells of numbers that are written below each other with their points in one line."""
COUNTED_KINDS = frozenset({"boolean", "category", "constant"})
FINEST, LARGEST = 1e-4, 1e9
"""Bins narrower or wider than that are labelled in powers of ten."""
DAY, DAYS = 86_400, 20
"""A histogram of so many days or fewer is told by the hour."""
FACTS = ("min", "mean", "std", "skew", "max")
Summary = Mapping[str, Any]
"""One column of one version, as `data.profile_query.summaries` reads it."""


def column_cells(column: Summary, role: str | None, *, symbols: str) -> tuple[Cell, ...]:
    """The cells that `COLUMN_TITLES` names, in that order; what a text column has no numbers for is left blank."""
    missing = missing_share(column)
    return (
        Cell(printable(column["name"])),
        Cell(column["kind"], "dim"),
        Cell(role or "", "accent" if role == "target" else "dim"),
        Cell(percent(missing), "warn" if missing >= 0.5 else "" if missing else "dim"),
        Cell(distinct(column)),
        Cell(_shown(column["min"])),
        Cell(_shown((column["quantiles"] or {}).get("0.5"))),
        Cell(_shown(column["max"])),
        Cell(picture(column, symbols=symbols), "dim"),
    )


def distinct(column: Summary) -> str:
    """How many different values there are, with ≈ where a sketch says so: not where each value was counted."""
    found = column["distinct"]
    is_counted = column["kind"] in COUNTED_KINDS and found <= CATEGORY_CAP
    return count(found) if is_counted or found <= TOLD_APART else f"≈{count(found)}"


def missing_share(column: Summary) -> float:
    """The share of rows without a value, 0 where there are no rows."""
    rows = column["count"] + column["missing"]
    return column["missing"] / rows if rows else 0.0


def percent(share: float) -> str:
    """A share with one decimal; the least that is something is not written as nothing."""
    return "< 0.1%" if 0 < share < 0.0005 else f"{share:.1%}"


def picture(column: Summary, *, symbols: str) -> str:
    """A histogram in one line, or the most frequent values."""
    if column["histogram"]:
        edges, counts = column["histogram"]["edges"], column["histogram"]["counts"]
        if len(counts) == 1:
            return ""
        widths = [high - low for low, high in pairwise(edges)]
        widest = max(widths)  # the last bin of whole numbers may be narrower, others only where floats are that close
        levels = [n / (width / widest or 1.0) if n else math.nan for n, width in zip(counts, widths, strict=True)]
        return sparkline([0.0, *levels], len(levels) + 1, symbols=symbols)[1:]  # all levels count from zero
    rows = max(column["count"], 1)
    top = [f"{item['value']} {item['count'] / rows:.0%}" for item in column["top"][:3]]
    return one_line(", ".join(top), 60)


def column_facts(column: Summary, role: str | None) -> list[tuple[str, str]]:
    """What is known of one column, by name, the most telling first."""
    facts = [
        ("kind", column["kind"]),
        ("role", role or MISSING),
        ("values", count(column["count"])),
        ("missing", f"{count(column['missing'])}  {percent(missing_share(column))}"),
    ]
    return facts + column_figures(column)


def column_figures(column: Summary) -> list[tuple[str, str]]:
    """What its values say, by name; of infinite ones only how many there are, since they are in no other figure."""
    facts = [("infinite", count(column["infinite"]))] if column.get("infinite") else []
    facts.append(("distinct", distinct(column)))
    facts += [(name, _figure(column, name)) for name in FACTS if column.get(name) is not None]
    if lengths := column.get("lengths"):
        low, high = (f"{lengths[end]:,.0f}" for end in ("min", "max"))
        mean = f", {value(lengths['mean'])} in the mean" if low != high else ""
        facts.append(("characters", f"{low} to {high}{mean}" if mean else low))
    if column.get("other") and column["top"]:
        facts.append(("the rest", count(column["other"])))
    quantiles = column["quantiles"] or {}
    facts += [
        (f"{float(share):.0%}", moment(at) if isinstance(at, str) else _shown(at)) for share, at in quantiles.items()
    ]
    return facts


def at_one_point(facts: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The facts with blanks before the measured numbers and quantiles, so that their points are in one line; as they are
    where that would make them too long."""
    numbers = [text for name, text in facts if (name in FACTS or name.endswith("%")) and NUMBER.fullmatch(text)]
    whole = max((len(text) - fraction_of(text) for text in numbers), default=0)
    if whole + max(map(fraction_of, numbers), default=0) > LONGEST:
        return list(facts)
    return [
        (name, (" " * (whole - len(text) + fraction_of(text)) if text in numbers else "") + text)
        for name, text in facts
    ]


def _figure(column: Summary, name: str) -> str:
    found = column[name]
    if name == "std" and column["kind"] == "date-time":
        return duration(found)
    return moment(found) if isinstance(found, str) else figure(found)


def figure(number: float) -> str:
    """A figure; a whole number that no float holds is written out."""
    return count(number) if isinstance(number, int) and abs(number) >= EXACT else value(number)


def moment(iso: str) -> str:
    """A moment in UTC: its day, and the time where it is not midnight."""
    return iso[:10] if iso[11:19] in ("", "00:00:00") else f"{iso[:10]} {iso[11:16]}"


def column_bars(column: Summary, most: int) -> list[Bar]:
    """The histogram of a number, or the most frequent values of the rest, with their shares of all values.

    Where there are more bins than `most`, neighbours are merged, equally many to a bar.
    """
    known = max(column["count"], 1)
    bins = _bins(column, most) if column["histogram"] else _top(column)[:most]
    return [Bar(label, float(number), f"{number / known:6.1%}") for label, number in bins]


def _top(column: Summary) -> list[tuple[str, int]]:
    return [(one_line(str(item["value"]), 40), item["count"]) for item in column["top"]]


def _bins(column: Summary, most: int) -> list[tuple[str, int]]:
    """Each bin by where it begins; of whole numbers by the first in it, and no bin without one."""
    edges, counts = column["histogram"]["edges"], column["histogram"]["counts"]
    step = _step(len(counts), most)
    digits = _digits(edges[::step])
    found = []
    for first in range(0, len(counts), step):
        low, high = edges[first], edges[min(first + step, len(edges) - 1)]
        if column["kind"] == "integer":
            is_last = first + step >= len(counts)
            low = math.ceil(low)
            if low > high or (low == high and not is_last):
                continue
        found.append((_edge(low, column, digits), sum(counts[first : first + step])))
    return found


def _step(bins: int, most: int) -> int:
    """How many bins make a bar: as few as give no more than `most` bars, or up to twice that where the last bar is then as wide
    as the others, since a narrower one looks like a fall."""
    least = math.ceil(bins / max(most, 1))
    return min(range(least, 2 * least + 1), key=lambda step: (-bins % step / step, step))


def tails_words(column: Summary) -> str:
    """How many values lie outside of the histogram's bins; empty where none do."""
    histogram = column["histogram"]
    if not histogram or len(histogram["edges"]) < 2:
        return ""
    low, high = histogram["edges"][0], histogram["edges"][-1]
    digits = _digits(histogram["edges"])
    last = high - 1 if column["kind"] == "integer" else high  # the last edge of whole numbers is the first beyond them
    sides = (("below", low), ("above", last))
    return ", ".join(
        f"{count(histogram[side])} {side} {_edge(edge, column, digits)}" for side, edge in sides if histogram.get(side)
    )


def _time_edge(low: float, edges: Sequence[float]) -> str:
    """What tells a moment from the others between these edges: its time, day and time, month and
    day, or year and month."""
    first, last, found = (from_seconds(at) for at in (edges[0], edges[-1], low))
    if first[:10] == last[:10]:
        return found[11:16]
    if edges[-1] - edges[0] < DAYS * DAY:
        return f"{found[8:10]} {found[11:16]}"
    if first[:4] == last[:4]:
        return found[5:10]
    return found[:7] if int(last[:4]) - int(first[:4]) > 1 else found[:10]


def _edge(low: float, column: Summary, digits: int | None) -> str:
    if column["kind"] == "date-time":
        return _time_edge(low, column["histogram"]["edges"])
    if column["kind"] == "integer":
        return f"{low:,.0f}"
    return f"{low:.2e}" if digits is None else f"{low:,.{digits}f}"


def _digits(edges: Sequence[float]) -> int | None:
    """The fewest decimals that tell edges apart, and say them exactly where few do; None where powers of ten do it better."""
    width = (edges[-1] - edges[0]) / max(len(edges) - 1, 1) or 1.0
    if not FINEST < width < LARGEST:
        return None
    most = max(0, 1 - math.floor(math.log10(width)))
    exact = (digits for digits in range(most) if all(abs(round(edge, digits) - edge) < width / 1e6 for edge in edges))
    return next(exact, most)


def _shown(found: float | str | None) -> str:
    """A figure, or the day of a moment; blank where there is none."""
    if found is None:
        return ""
    return found[:10] if isinstance(found, str) else value(found)
