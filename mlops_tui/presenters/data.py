"""Sources, their columns and their files as rows and words."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePath
from typing import Any

from mlops_tui.core.clock import from_seconds
from mlops_tui.core.printable import printable
from mlops_tui.data.checkfile import is_about_checks
from mlops_tui.data.checkwords import noun_of
from mlops_tui.data.listing import DATA_FILES, DEEP, ending_of
from mlops_tui.data.model import GONE, QUARANTINED, TAKEN_IN, Source, SourceFile, SourceVersion
from mlops_tui.data.profile import CATEGORY_CAP, EXACT, TOLD_APART
from mlops_tui.plot import Bar, sparkline
from mlops_tui.presenters.grid import fraction_of
from mlops_tui.presenters.words import MISSING, Cell, Sign, age, count, counted, duration, one_line, size, state, value

SOURCE_TITLES = ("source", "role", "files", "rows", "version", "arrived", "state", "target", "place", "id")
COLUMN_TITLES = ("column", "kind", "role", "missing", "distinct", "min", "median", "max", "values")
FILE_TITLES = ("file", "state", "rows", "size", "came", "reason")

PICTURE = 20
"""Cells of a histogram in one line."""

SCANNING, WARNED, TAKEN, WAITING = (
    Sign("▶", ">", "accent"),
    Sign("▲", "!", "warn"),
    Sign("✓", "+", "good"),
    Sign("○", "o", "dim"),
)
NUMBER = re.compile(r"-?[\d,]+(\.\d+)?(e[-+]\d+)?")
LONGEST = 15
"""Cells of numbers that are written below each other with their points in one line."""
COUNTED_KINDS = frozenset({"boolean", "category", "constant"})
FINEST, LARGEST = 1e-4, 1e9
"""Bins narrower or wider than that are labelled in powers of ten."""
DAY, DAYS = 86_400, 20
"""A histogram of so many days or fewer is told by the hour."""
DONE_WORDS = {
    "taken": "taken in",
    "gone": "gone",
    "left_out": "left out by the pattern",
    "renamed": "renamed",
    "left": "left for the next scan",
}
FACTS = ("min", "mean", "std", "skew", "max")

Summary = Mapping[str, Any]
"""One column of one version, as `data.query.summaries` reads it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A source and how it stands: its files by state, its newest version, the last arrival, whether it is scanned, and the
    sentences about a file that should have come and about a folder that cannot be listed."""

    source: Source
    files: Mapping[str, int]
    version: SourceVersion | None
    arrived: str | None
    is_scanned: bool
    overdue: str | None = None
    trouble: str | None = None


def standing_cell(standing: Standing, *, plain: bool = False) -> Cell:
    """How a source is, by what matters most: being scanned, its folder away, files quarantined, one overdue, all in, nothing yet."""
    kept_out = standing.files.get(QUARANTINED, 0)
    if standing.is_scanned:
        return _signed(SCANNING, "scanning", plain)
    if standing.trouble:
        return _signed(WARNED, "checks broken" if is_about_checks(standing.trouble) else "unreachable", plain)
    if kept_out:
        return _signed(WARNED, f"{count(kept_out)} quarantined", plain)
    if standing.overdue:
        return _signed(WARNED, "file overdue", plain)
    if standing.files.get(TAKEN_IN):
        return _signed(TAKEN, "all taken in", plain)
    return _signed(WAITING, "no files yet", plain)


def standing_words(standing: Standing, aside: Sequence[str]) -> Cell:
    """What a person has to know of a source and may do about it: its folder cannot be listed, a file is overdue, or files
    are left aside, of which the endings are `aside`; empty where all is well."""
    if standing.trouble:
        return Cell(trouble_words(standing.source.name, standing.trouble), "warn")
    if standing.overdue:
        return Cell(one_line(standing.overdue, 400), "warn")
    return Cell(unread_words(standing.source.name, aside), "dim")


def _signed(sign: Sign, words: str, plain: bool) -> Cell:
    return Cell(f"{sign.plain if plain else sign.glyph} {words}", sign.tone)


def source_cells(standing: Standing, short_id: str, now: float, *, plain: bool = False) -> tuple[Cell, ...]:
    """The cells that `SOURCE_TITLES` names, in that order."""
    source, version = standing.source, standing.version
    return (
        Cell(printable(source.name)),
        Cell(source.role, "dim"),
        Cell(count(standing.files.get(TAKEN_IN, 0))),
        Cell(count(version.rows) if version else MISSING),
        Cell(f"v{version.number}" if version else MISSING),
        Cell(age(standing.arrived, now), "dim"),
        standing_cell(standing, plain=plain),
        Cell(one_line(source.target or MISSING), "dim"),
        Cell(place(source), "dim"),
        Cell(short_id, "dim"),
    )


def place(source: Source) -> str:
    """Where the files are: a file, or the pattern and its folder."""
    return place_words(source.path, source.pattern)


def place_words(path: str, pattern: str) -> str:
    """A path with its pattern; the pattern of every data file is said in words."""
    folders, _, last = pattern.rpartition("/")
    if PurePath(path).name == pattern:
        return one_line(path)
    if last != DATA_FILES:
        return one_line(f"{pattern} in {path}")
    below = " and below" if folders == DEEP else f" in {folders}" if folders else ""
    return one_line(f"data files in {path}{below}")


def unread_words(name: str, endings: Sequence[str]) -> str:
    """Which files lie in a source's folder that its pattern leaves out, and how to take them in; empty where none do."""
    if not endings:
        return ""
    shown = ", ".join(map(one_line, endings))
    command = f"mlops-tui data options {printable(name)} --pattern"
    if all(ending_of(ending) for ending in endings):
        return f"Data files lie there that its pattern leaves out ({shown}). Take them in with: {command} any"
    pattern = shlex.quote(f"*{printable(endings[0])}")
    return (
        f"No data file lies there, but others do ({shown}). If they hold data, take them in with: {command} {pattern}"
    )


def trouble_words(name: str, trouble: str) -> str:
    """That a source's folder cannot be listed or its checks file is broken, and what to do."""
    if is_about_checks(trouble):
        return f"{one_line(trouble, 400)} Until then no file of {printable(name)} is taken in."
    return f"{one_line(trouble, 400)} Mend that, or name its new place with: mlops-tui data move {printable(name)} PATH"


def source_line(source: Source, version: SourceVersion | None) -> str:
    """A source in one line: what it is for, and how much there is of it."""
    parts = [printable(source.name), source.role]
    parts += [f"target {printable(source.target)}"] if source.target else []
    parts += [f"v{version.number}, {counted(version.rows, 'row')}"] if version else []
    return " · ".join(parts)


def scan_line(told: Mapping[str, Any]) -> str:
    """What a scan did in a source, by what it returned, and what is quarantined after it."""
    if told["trouble"]:
        return f"{printable(told['source'])}: {one_line(told['trouble'], 400)}"
    counts = {**told, "gone": told["gone"] - told.get("left_out", 0)}
    done = [f"{counts[key]} {words}" for key, words in DONE_WORDS.items() if counts.get(key)]
    if not done and not told["quarantined"]:
        done = ["nothing new"]
    done += [f"{told['warned']} warned of"] if told.get("warned") else []  # an older result has none
    done += [f"{told['duplicates']} with the content of others"] if told.get("duplicates") else []
    done += [f"{told['overlaps']} with rows of others"] if told.get("overlaps") else []
    done += [f"{told['kept_out']} quarantined"] if told["kept_out"] else []
    version = f"version {told['version']}" if told["version"] else "no version yet"
    return f"{printable(told['source'])}: {', '.join(done)}; {version}"


def scans_line(told: Sequence[Mapping[str, Any]]) -> str:
    """What a scan did in one sentence: of one source as `scan_line` says it, of more the sums."""
    if len(told) < 2:
        return scan_line(told[0]) if told else "Nothing was scanned."
    sums = {key: sum(one.get(key) or 0 for one in told) for key in (*DONE_WORDS, "warned", "kept_out")}
    sums["gone"] -= sums["left_out"]
    done = [f"{count(sums[key])} {words}" for key, words in DONE_WORDS.items() if sums[key]]
    parts = [", ".join(done) or "no file is new, changed or gone"]
    parts += [f"{count(sums['warned'])} warned of"] if sums["warned"] else []
    parts += [f"{count(sums['kept_out'])} quarantined"] if sums["kept_out"] else []
    troubled = sum(bool(one["trouble"]) for one in told)
    parts += [f"{counted(troubled, 'source')} in trouble"] if troubled else []
    return (
        f"{counted(len(told), 'source')} scanned: {'; '.join(parts)}. The log of the job says it source by source: 8."
    )


def file_cells(file: SourceFile, came: str, now: float, *, twice: str = "", plain: bool = False) -> tuple[Cell, ...]:
    """The cells that `FILE_TITLES` names, in that order; `came` is when its content came, `twice` says what it has in common with another file."""
    return (
        Cell(one_line(file.path)),
        state(file.state, plain=plain),
        Cell(count(file.rows)),
        Cell(size(file.size)),
        Cell(age(came, now), "dim"),
        Cell(
            one_line("; ".join(part for part in (_about(file), twice) if part)),
            "warn" if file.reason or twice else "dim",
        ),
    )


def _about(file: SourceFile) -> str:
    """Why a file is quarantined or was released, or which versions one that is gone is in."""
    if file.state == GONE and file.since_version is not None and file.until_version is not None:
        return f"in {versions_words(file.since_version, file.until_version - 1)}"
    return file.reason or (f"released: {file.released}" if file.released else "")


def versions_words(first: int, last: int) -> str:
    """A stretch of versions, both ends included."""
    return f"v{first}" if first == last else f"v{first} to v{last}"


def why_quarantined(file: SourceFile) -> str:
    """Why a file is not used, with the line and the column where they are known; empty where it is used."""
    if file.state != QUARANTINED:
        return ""
    reason = one_line(file.reason or "It was quarantined.", 400)
    where = [f"{noun_of(file.path)} {count(file.row_number)}"] if file.row_number is not None else []
    where += [f"column {printable(file.column_name)}"] if file.column_name is not None else []
    told = [part for part in where if part.split()[-1] not in reason]
    return f"{reason} ({', '.join(told)})" if told else reason


# ── columns ──────────────────────────────────────────────────────────────────────────────────────────────────────────


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
