"""How often a clean file raises an alarm, and how often a shift is found: simulated through the comparison itself."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context

import numpy as np
from scipy import stats

from mlops_tui.monitoring.engine.compare import compare
from mlops_tui.monitoring.engine.variation import variation
from tests.benchmarks.measuring import Figure
from tests.benchmarks.place import Place
from tests.benchmarks.streams import BLOCK, MIXED, NORMAL, Bank, Stream, whole


@dataclass(frozen=True, slots=True)
class Case:
    """So many `references` of `files` files of `rows` rows each, and to each of them so many current files of `current` rows."""

    what: str
    files: int
    rows: int
    current: int
    references: int = 40
    currents: int = 50
    effect: float = 0.0
    chained: float = 0.0
    moved: float = 0.0
    made: tuple[str, ...] = MIXED
    known: bool = True
    """Whether the reference's files are known to the comparison."""

    @property
    def is_large(self) -> bool:
        """Whether its blocks are drawn from the bank; rows that hang together are not."""
        return not self.chained and max(self.rows, self.current) >= BLOCK


INDEPENDENT = (
    Case("1,000 rows, file of 10", 1, 1_000, 10, 200, 15),
    Case("1,000 rows, file of 100", 1, 1_000, 100, 200, 15),
    Case("1,000 rows, file of 1,000", 1, 1_000, 1_000, 300, 15),
    Case("1,000 rows, file of 1,000,000", 1, 1_000, 1_000_000, 800, 1),
    Case("40 files of 250, file of 250", 40, 250, 250, 200, 15),
    Case("30 files of 10,000, file of 10,000", 30, 10_000, 10_000, 60, 8),
    Case("1,000,000 rows, file of 10", 1, 1_000_000, 10, 60, 15),
    Case("1,000,000 rows, file of 10,000", 1, 1_000_000, 10_000, 50, 10),
    Case("1,000,000 rows, file of 1,000,000", 1, 1_000_000, 1_000_000, 50, 6),
)
"""Clean files of independent rows."""

COMMON = (
    Case("30 files of 33, file of 100,000", 30, 33, 100_000, 100, 5, effect=0.05),
    Case("30 files of 1,000, file of 1,000", 30, 1_000, 1_000, 60, 10, effect=0.05),
    Case("30 files of 10,000, file of 10,000", 30, 10_000, 10_000, 100, 5, effect=0.05),
    Case("30 files of 10,000, file of 1,000,000", 30, 10_000, 1_000_000, 300, 1, effect=0.05),
)
"""Clean files with an effect of the file on every column of 0.05 σ."""

CHAINED = (
    Case("30 files of 1,000, file of 10", 30, 1_000, 10, 40, 10, chained=0.9),
    Case("30 files of 1,000, file of 1,000", 30, 1_000, 1_000, 60, 10, chained=0.9),
    Case("30 files of 10,000, file of 10,000", 30, 10_000, 10_000, 25, 10, chained=0.9),
)
"""Clean files whose neighbouring rows have 0.9 in common."""

MOVED = (
    Case("2,000 rows", 1, 2_000, 10_000, 40, 5, moved=0.2, made=NORMAL),
    Case("10 files of 200", 10, 200, 10_000, 40, 5, moved=0.2, made=NORMAL),
    Case("30 files of 67", 30, 67, 10_000, 40, 5, moved=0.2, made=NORMAL),
    Case("30 files of 134", 30, 134, 10_000, 40, 5, moved=0.2, made=NORMAL),
    Case("30 files of 1,000", 30, 1_000, 10_000, 30, 5, moved=0.2, made=NORMAL),
    Case("100,000 rows", 1, 100_000, 10_000, 20, 5, moved=0.2, made=NORMAL),
)
"""A shift of 0.2 σ in one of twenty normal columns, file of 10,000 independent rows."""


@dataclass(frozen=True, slots=True)
class Rate:
    """The share of current files with an alarm (of those in the moved column, where one was moved)."""

    case: Case
    alarms: tuple[int, ...]
    columns: Counter[str]

    @property
    def share(self) -> float:
        """Of all files of all references."""
        return sum(self.alarms) / (len(self.alarms) * self.case.currents)

    @property
    def upper(self) -> float:
        """The upper 95 % bound: files of one reference are not independent of each other, so the greater one of two."""
        found, n = sum(self.alarms), len(self.alarms) * self.case.currents
        alone = float(stats.beta.ppf(0.95, found + 1, n - found)) if found < n else 1.0
        spread = float(np.std(np.array(self.alarms) / self.case.currents, ddof=1)) / math.sqrt(len(self.alarms))
        return max(alone, self.share + 1.645 * spread)


@cache
def bank() -> Bank:
    """Made once a process."""
    return Bank.of(4_200, 7)


def alarms(case: Case, seed: int) -> tuple[int, Counter[str]]:
    """Of the current files of one reference."""
    draw = np.random.default_rng([seed, case.files, case.rows, case.current])
    stream = Stream(case.made, case.effect, case.chained, bank() if case.is_large else None)
    if case.files > 1 or case.rows <= BLOCK:
        units = [whole(blocks) for blocks in stream.files(draw, [case.rows] * case.files)]
    else:
        (units,) = stream.files(draw, [case.rows])
    reference, known = whole(units), variation(units if case.known else ())
    found, columns = 0, Counter[str]()
    for _ in range(case.currents):
        (blocks,) = stream.files(draw, [case.current], case.moved)
        report = compare(reference, whole(blocks), blocks=known)
        drifting = [column.name for column in report.columns if column.drift]
        columns.update(name.split()[0] for name in drifting)
        found += report.columns[0].drift is True if case.moved else bool(drifting)
    return found, columns


def rate(case: Case) -> Rate:
    """In this process."""
    return _told(case, [alarms(case, seed) for seed in range(case.references)])


def rates(cases: Sequence[Case], workers: int = 2) -> Iterator[Rate]:
    """Of each case, its references spread over processes."""
    if any(case.is_large for case in cases):
        bank()  # before the processes part, so that it is made once
    with ProcessPoolExecutor(workers, mp_context=get_context("fork")) as pool:
        for case in cases:
            seeds = range(case.references)
            yield _told(case, list(pool.map(alarms, [case] * len(seeds), seeds)))


def _told(case: Case, parts: Sequence[tuple[int, Counter[str]]]) -> Rate:
    return Rate(case, tuple(part[0] for part in parts), sum((part[1] for part in parts), Counter[str]()))


def figures(place: Place) -> Iterator[Figure]:
    """Each rate in percent, with its bound and the columns that were the alarm."""
    sorts = {"independent rows": INDEPENDENT, "files 0.05 σ apart": COMMON, "AR(1) of 0.9": CHAINED, "0.2 σ": MOVED}
    for sort, cases in sorts.items():
        for found in rates(cases):
            case = found.case
            what = f"{sort}: {case.what}"
            beside = f"of {case.references} references × {case.currents} files"
            if case.moved:
                yield Figure(what, 100 * found.share, "%", 95, beside, at_least=True)
                continue
            by = ", ".join(f"{made} {number}" for made, number in found.columns.most_common())
            yield Figure(what, 100 * found.share, "%", 1, f"{beside}, at most {found.upper:.1%}; {by or 'no alarm'}")
        place.reference.take()
