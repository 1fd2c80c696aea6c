"""Checks that a source's own files suggest: with room beyond what was seen, and none that would have stopped one of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from statistics import median

from mlops_tui.data.checks import (
    STOP,
    TOLERATED,
    WARN,
    Check,
    ColumnFigures,
    FileFigures,
    Value,
    verdict,
)

FEW_VALUES = 50
"""A column of at most so many different values has them as a list."""
ROWS_A_VALUE = 20
"""And at least so many rows for each of them in the mean: fewer have not shown all that there are."""
FEW_FILES = 3
"""From so many files on, their sizes and times say what is usual."""
ALWAYS_THERE = frozenset({"id", "time", "target", "weight"})
LISTED_KINDS = frozenset({"category", "boolean"})
RANGED_KINDS = frozenset({"numeric", "integer"})


def propose(
    kinds: Mapping[str, str], roles: Mapping[str, str], files: Sequence[FileFigures], arrivals: Sequence[datetime] = ()
) -> list[Check]:
    """The checks that the files suggest, in the order of the checks file.

    `arrivals` are the times that files came at. All but lacking columns, types and unreadable rows warn only.
    """
    if not files:
        return []
    found = [Check("missing_column", STOP), Check("new_column", WARN), _unreadable(files), _type(files), _volume(files)]
    found += _freshness(arrivals)
    for name, kind in kinds.items():
        figures = [file.columns[name] for file in files if name in file.columns]
        if figures:
            found += _of_column(name, kind, roles.get(name, ""), figures)
    return [check for check in found if check.severity == WARN or not stopped(check, files)]


def stopped(check: Check, files: Sequence[FileFigures]) -> int | None:
    """How many of the files break the check; None where only their rows could tell of one of them."""
    verdicts = [verdict(check, file) for file in files]
    return None if None in verdicts else verdicts.count(False)


def suggested_before(
    kinds: Mapping[str, str], roles: Mapping[str, str], files: Sequence[FileFigures]
) -> list[dict[str, Check]]:
    """For each file from the second on, what the files before it suggest, by name."""
    return [{check.name: check for check in propose(kinds, roles, files[:place])} for place in range(1, len(files))]


def foreseen(check: Check, suggested: Sequence[Mapping[str, Check]], files: Sequence[FileFigures]) -> tuple[int, int]:
    """How many files break what the files before them suggest in the check's stead, of how many that can be told of.

    `suggested` is what `suggested_before` gives. This is what to expect of the check: no file breaks a range that was made
    from it.
    """
    broken = told = 0
    for before, file in zip(suggested, files[1:], strict=True):
        same = before.get(check.name)
        holds = None if same is None else verdict(same, file)
        told += holds is not None
        broken += holds is False
    return broken, told


def _unreadable(files: Sequence[FileFigures]) -> Check:
    worst = max(file.bad_rows / max(file.rows + file.bad_rows, 1) for file in files)
    return Check("unreadable", STOP, most=_share(worst))


def _type(files: Sequence[FileFigures]) -> Check:
    worst = max(max(file.misfits.values(), default=0) / max(file.rows + file.bad_rows, 1) for file in files)
    return Check("type", STOP, most=_share(worst))


def _share(worst: float) -> float:
    return TOLERATED if worst <= TOLERATED / 2 else min(1.0, math.ceil(2 * worst * 1000) / 1000)


def _volume(files: Sequence[FileFigures]) -> Check:
    """Half the smallest to twice the largest file; ten times of either where few have been seen."""
    room = 2 if len(files) >= FEW_FILES else 10
    rows = [file.rows for file in files]
    return Check("volume", WARN, least=min(rows) // room, most=max(rows) * room)


def _freshness(arrivals: Sequence[datetime]) -> Iterator[Check]:
    """Three times the longest usual wait; none where files came together."""
    times = sorted(arrivals)
    gaps = [(later - earlier).total_seconds() / 3600 for earlier, later in pairwise(times)]
    if len(times) >= FEW_FILES and median(gaps) >= 1:
        yield Check("freshness", WARN, hours=float(math.ceil(max(3 * median(gaps), 1.5 * max(gaps)))))


def _of_column(name: str, kind: str, role: str, figures: Sequence[ColumnFigures]) -> Iterator[Check]:
    shares = [column.missing / max(column.rows, 1) for column in figures]
    if role == "ignored":
        return
    if max(shares) == 0:
        yield Check("required", WARN, name) if role in ALWAYS_THERE else Check("missing", WARN, name, most=0.05)
    elif min(shares) < 1:
        most = math.ceil(min(1.0, 2 * max(shares) + 0.05) * 100) / 100
        if most < 1:
            yield Check("missing", WARN, name, most=most)
    if role == "id":
        yield Check("unique", WARN, name)
    if kind in RANGED_KINDS:
        yield from _range(name, kind, figures)
    if kind in LISTED_KINDS:
        yield from _allowed(name, figures)


def _range(name: str, kind: str, figures: Sequence[ColumnFigures]) -> Iterator[Check]:
    """The range that was seen, and as much again on either side; what was never negative is not expected to be."""
    lows = [column.least for column in figures if column.least is not None]
    highs = [column.most for column in figures if column.most is not None]
    if not lows or not highs:
        return
    low, high = min(lows), max(highs)
    if kind == "integer" and (low, high) == (0, 1):  # yes and no as numbers: there is nothing beyond
        yield Check("range", WARN, name, least=0, most=1)
        return
    room = (high - low) or max(abs(high), 1.0)
    if not math.isfinite(room) or not math.isfinite(high + room) or not math.isfinite(low - room):
        return
    least, most = outwards(low - room, -1), outwards(high + room, 1)
    least = max(least, 0.0) if low >= 0 else least
    most = min(most, 0.0) if high <= 0 and low < 0 else most
    whole = kind == "integer"
    yield Check("range", WARN, name, least=int(least) if whole else least, most=int(most) if whole else most)


def outwards(number: float, direction: int) -> float:
    """The next number of two significant digits at or beyond it; `direction` 1 is up, -1 down."""
    if number == 0 or not math.isfinite(number):
        return number
    step = 10.0 ** (math.floor(math.log10(abs(number))) - 1)
    if step == 0 or not math.isfinite(step):
        return number
    rounded = float(f"{(math.ceil if direction > 0 else math.floor)(number / step) * step:.12g}")
    return rounded if (rounded >= number if direction > 0 else rounded <= number) else number


def _allowed(name: str, figures: Sequence[ColumnFigures]) -> Iterator[Check]:
    known: set[str] = set()
    for column in figures:
        if column.values is None:
            return
        known |= column.values
    rows = sum(column.rows - column.missing for column in figures)
    if known and len(known) <= FEW_VALUES and rows >= ROWS_A_VALUE * len(known):
        values: tuple[Value, ...] = tuple(sorted(known))
        yield Check("allowed", WARN, name, values=values)
