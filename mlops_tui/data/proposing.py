"""Checks that a source's own files suggest: with room beyond what was seen, and none that would have stopped one of them."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise, permutations
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
MOST_TIMES = 6
"""Of more columns of dates no relation is looked for: a flood of pairs says little."""
MOST_RELATIONS = 20
"""Pairs that are tried."""
ROWS_OF_RELATION = 100
"""In so many rows two columns have to be beside each other before one is expected to be beyond the other."""
LOW_AND_HIGH = (
    *(("min", "max"), ("minimum", "maximum"), ("low", "high"), ("lower", "upper"), ("lo", "hi"), ("least", "most")),
    *(("start", "end"), ("begin", "end"), ("from", "to"), ("first", "last"), ("floor", "ceiling"), ("net", "gross")),
)
"""Words of names, the one of which is never beyond the other."""
_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


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


def relations(kinds: Mapping[str, str], roles: Mapping[str, str], files: Sequence[FileFigures]) -> Iterator[Check]:
    """Pairs of columns of which the one may never be beyond the other, as far as least and most values of each file tell: two
    dates, or two numbers whose names say so, such as `low` and `high`. Only rows can tell whether it holds.
    """
    used = [name for name in kinds if roles.get(name) != "ignored"]
    times = [name for name in used if kinds[name] == "date-time"]
    pairs = list(permutations(times, 2)) if len(times) <= MOST_TIMES else []
    numbers = [name for name in used if kinds[name] in RANGED_KINDS]
    pairs += [(low, numbers[place]) for low, place in _named_pairs(numbers)]
    for low, high in [pair for pair in pairs if _may_hold(*pair, files)][:MOST_RELATIONS]:
        yield Check("relation", WARN, low, operator="<=", other=high)


def implied(checks: Collection[Check]) -> set[Check]:
    """The relations that follow from two of the others."""
    pairs = {(check.column, check.other): check for check in checks if check.kind == "relation"}
    return {
        pairs[low, high]
        for low, between in pairs
        for other, high in pairs
        if between == other and low != high and (low, high) in pairs and (high, low) not in pairs
    }


def _named_pairs(names: Sequence[str]) -> Iterator[tuple[str, int]]:
    """The names with a word such as `min`, and the place of the same name with its counterpart."""
    words = [
        tuple(_WORD.findall(name.casefold() if name.isupper() else _CAMEL.sub(" ", name).casefold())) for name in names
    ]
    places = {found: place for place, found in reversed(list(enumerate(words)))}
    for name, found in zip(names, words, strict=True):
        for at, word in enumerate(found):
            for low, high in LOW_AND_HIGH:
                other = places.get((*found[:at], high, *found[at + 1 :])) if word == low else None
                if other is not None:
                    yield name, other


def _may_hold(low: str, high: str, files: Sequence[FileFigures]) -> bool:
    rows, differ = 0, False
    for file in files:
        one, other = file.columns.get(low), file.columns.get(high)
        if one is None or other is None or None in (one.least, one.most, other.least, other.most):
            continue
        if one.least > other.least or one.most > other.most:  # type: ignore[operator]
            return False
        rows += min(column.rows - column.missing for column in (one, other))
        differ = differ or (one.least, one.most) != (other.least, other.most)
    return differ and rows >= ROWS_OF_RELATION


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
