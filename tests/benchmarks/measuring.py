"""Times of several things taken in turn, so that what else the machine does falls on all of them alike."""

from __future__ import annotations

import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

INSERTS = 1_000
ADDITIONS = 1_000_000


NAMED = 42
"""Cells of a figure's name."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number beside its limit; `beside` says what it was taken from."""

    what: str
    measured: float
    unit: str
    limit: float
    beside: str
    at_least: bool = False

    @property
    def is_met(self) -> bool:
        """Whether it is on the right side of its limit."""
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    def line(self) -> str:
        """The figure as it is printed."""
        sign, verdict = "≥" if self.at_least else "≤", "met" if self.is_met else "MISSED"
        number = f"{self.measured:,.0f}" if self.measured >= 1000 else f"{self.measured:.4g}"
        return f"{self.what:<{NAMED}}{number:>9} {self.unit:<3}{sign} {self.limit:<6g}{verdict:<8}{self.beside}"


@dataclass(frozen=True, slots=True)
class NotCompared:
    """A figure that could not be taken on this machine, and why; never a remembered number."""

    what: str
    why: str

    def line(self) -> str:
        """As it is printed."""
        return f"{self.what:<{NAMED}}not compared: {self.why}"


def interleaved(sides: Mapping[str, Callable[[], float]], times: int, *, warm: int = 1) -> dict[str, float]:
    """The median of each side's times; the sides take turns, and the first `warm` rounds do not count."""
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(warm + times):
        for name, measure in sides.items():
            taken[name].append(measure())
    return {name: statistics.median(found[warm:]) for name, found in taken.items()}


def seconds_of(work: Callable[[], object]) -> float:
    """How long a call takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


class Reference:
    """One operation that every machine can do: what milliseconds are printed beside, to tell two machines apart."""

    def __init__(self, folder: Path) -> None:
        self._inserts: list[float] = []
        self._loops: list[float] = []
        self._connection = sqlite3.connect(folder / "reference.db", isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute("CREATE TABLE number (n INTEGER)")

    def take(self) -> None:
        """Measures both once."""
        self._inserts.append(seconds_of(self._insert))
        self._loops.append(seconds_of(_loop))

    def _insert(self) -> None:
        for number in range(INSERTS):
            self._connection.execute("INSERT INTO number VALUES (?)", (number,))

    def close(self) -> None:
        """Lets go of its file."""
        self._connection.close()

    def lines(self) -> Iterator[str]:
        """The medians over the whole run."""
        if not self._loops:
            self.take()
        yield f"{INSERTS:,} SQLite inserts, each committed: {milliseconds(statistics.median(self._inserts))}"
        yield f"a Python loop of {ADDITIONS:,} additions: {milliseconds(statistics.median(self._loops))}"


def _loop() -> int:
    total = 0
    for number in range(ADDITIONS):
        total += number
    return total


def milliseconds(seconds: float) -> str:
    """A time in the unit that all are printed in."""
    return f"{seconds * 1000:.3g} ms" if seconds < 0.1 else f"{seconds * 1000:.0f} ms"
