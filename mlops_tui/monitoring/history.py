"""A source's whole history as it was profiled: files in order of arrival, their blocks, and which of these a span takes.

A block is the smallest part of a file that a profile is kept of. A window takes the blocks that lie in it by a half at
least: an edge inside a block is moved to the nearer end of that block, and the window says how many rows that is.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import inf

from mlops_tui.core.clock import to_seconds
from mlops_tui.core.errors import UnknownName, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.arrival import place_of, ranks_of
from mlops_tui.data.model import LIVE, ProfileBlock, Source, SourceFile
from mlops_tui.data.profile_query import file_blocks
from mlops_tui.data.query import find_version, kept_out_profiled, members
from mlops_tui.monitoring.period import begin, day_of, end
from mlops_tui.monitoring.window import DATES, WINDOW, Rows, Window

DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Piece:
    """A block of a file and where it lies: in seconds since 1970, or in rows of the history. `high` is where it ends."""

    file: SourceFile
    block: ProfileBlock
    low: float
    high: float

    @property
    def middle(self) -> float:
        """What lies half way."""
        return (self.low + self.high) / 2


@dataclass(frozen=True, slots=True)
class Line:
    """Pieces in order of their beginning, and the length of the longest."""

    pieces: tuple[Piece, ...]
    longest: float

    @classmethod
    def of(cls, pieces: Sequence[Piece]) -> Line:
        """The pieces in order."""
        ordered = tuple(sorted(pieces, key=lambda piece: piece.low))
        return cls(ordered, max((piece.high - piece.low for piece in ordered), default=0.0))

    def touched(self, low: float, high: float) -> list[Piece]:
        """The pieces of which a part lies from `low` to before `high`."""
        start = bisect_left(self.pieces, low - self.longest, key=lambda piece: piece.low)
        stop = bisect_left(self.pieces, high, key=lambda piece: piece.low)
        return [one for one in self.pieces[start:stop] if one.high > low or one.low == one.high >= low]

    def less(self, rows: Rows, low: float, high: float) -> Line:
        """The pieces that lie there, without those of the rows."""
        there = self.touched(low, high)
        return Line(tuple(one for one in there if not rows.has(one.file.id, one.block.block)), self.longest)

    def inside(self, low: float, high: float) -> tuple[list[Piece], float, float]:
        """The pieces of which a half or more lies there; how many of their rows do not, and how many of others do, as if
        rows were spread evenly over a block.
        """
        chosen, more, fewer = list[Piece](), 0.0, 0.0
        for piece in self.touched(low, high):
            span = piece.high - piece.low
            share = (min(high, piece.high) - max(low, piece.low)) / span if span else 1.0
            if share >= 0.5 and low <= piece.middle < high:
                chosen.append(piece)
                more += piece.block.rows * (1 - share)
            else:
                fewer += piece.block.rows * share
        return chosen, more, fewer


@dataclass(frozen=True, slots=True)
class History:
    """A source's files that count now, in order of arrival, and their blocks by where they lie in rows and in time.

    `places` orders the files by arrival. `untimed` is how many rows are in blocks without a time.
    """

    source: Source
    files: tuple[SourceFile, ...]
    places: Mapping[str, str]
    numbered: Line
    timed: Line
    untimed: int

    def require_time(self, what: str) -> None:
        """Raises UsageError where the source has no time column."""
        if self.source.time_column is None:
            raise UsageError(
                f"Source '{self.source.name}' has no time column, so no {what}.", "Say a file's name, or last:N."
            )


def read_history(connection: sqlite3.Connection, source: Source) -> History:
    """The history of the source as its newest version reads it. Raises UnknownName where it has no version yet."""
    version = find_version(connection, source)
    source = version.of(source)
    files = with_kept_out(connection, source, members(connection, source.id, version.number))
    ranks = ranks_of(connection, source.id, files)
    files.sort(key=lambda file: ranks[file.id])
    numbered, timed, untimed, first = list[Piece](), list[Piece](), 0, 0
    for file, blocks in file_blocks(connection, source, files):
        for block in blocks:
            numbered.append(Piece(file, block, first, first + block.rows))
            first += block.rows
            if block.period_start and block.period_end:
                timed.append(Piece(file, block, *_times(block.period_start, block.period_end)))
            else:
                untimed += block.rows
    places = {file.id: place_of(ranks[file.id]) for file in files}
    return History(source, tuple(files), places, Line.of(numbered), Line.of(timed), untimed)


class Histories:
    """Histories of sources, each read once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._read: dict[str, History] = {}

    def of(self, source: Source) -> History:
        """That of the source."""
        if source.id not in self._read:
            self._read[source.id] = read_history(self.connection, source)
        return self._read[source.id]


def with_kept_out(connection: sqlite3.Connection, source: Source, files: Sequence[SourceFile]) -> list[SourceFile]:
    """The files, and of a live source those that a check keeps out too: what arrives is watched whatever its verdict."""
    if source.role != LIVE:
        return list(files)
    return sorted([*files, *kept_out_profiled(connection, source.id)], key=lambda file: (file.path, file.hash))


def _times(start: str, last: str) -> tuple[float, float]:
    """From the first to the last moment; where both are midnights they stand for whole days."""
    low, high = to_seconds(start), to_seconds(last)
    return low, high + DAY_SECONDS if low % DAY_SECONDS == 0 == high % DAY_SECONDS else high


def between(history: History, window: Window, *, without: Rows | None = None) -> Rows:
    """The rows of a window of dates (days of UTC, both included; to the end where `last` is None), less the blocks of
    `without`.

    Raises:
        UsageError: the source has no time column.
        UnknownName: no block lies there.
    """
    history.require_time("window of dates")
    first = window.first or date.min
    span = begin(first), inf if window.last is None else end(window.last)
    line = history.timed if without is None else history.timed.less(without, *span)
    chosen, more, fewer = line.inside(*span)
    if not chosen:
        raise _nothing(history, window, line.touched(*span))
    parts = (
        f"about {round(more):,} rows of other days are in it" if round(more) else "",
        f"about {round(fewer):,} of these days are not" if round(fewer) else "",
    )
    place = "" if window.unit == WINDOW else str(first)
    return _rows(history, chosen, window, place, ", ".join(filter(None, parts)))


def numbered(history: History, window: Window) -> Rows:
    """The rows of those numbers, the first that arrived being row 1, both included. Raises UnknownName: there is no block."""
    first, last = window.number or 1, window.upto or 1
    chosen, more, fewer = history.numbered.inside(first - 1, last)
    if not chosen:
        raise _nothing(history, window, history.numbered.touched(first - 1, last))
    parts = (
        f"{round(more):,} rows more are in it" if round(more) else "",
        f"{round(fewer):,} of these rows are not" if round(fewer) else "",
    )
    return _rows(history, chosen, window, f"{first:012d}", ", ".join(filter(None, parts)))


def _nothing(history: History, window: Window, touched: Sequence[Piece]) -> UnknownName:
    name, asked = history.source.name, printable(window.text)
    if window.kind == DATES and str(window.first)[:4] not in asked:
        asked += f" ({window.first}..{window.last})"  # of one that moves the words do not say it
    if not touched:
        return UnknownName(
            f"Source '{name}' has no file in '{asked}'.", f"See its files with: mlops-tui data show {name}"
        )
    piece = touched[0]
    if piece in history.timed.pieces:
        reach = f"{day_of(piece.low)}..{day_of(max(piece.low, piece.high - 1))}"
    else:
        reach = f"rows:{round(piece.low) + 1}..{round(piece.high)}"
    return UnknownName(
        f"No block of source '{name}' lies in '{asked}' by a half: one of {printable(piece.file.path)} is {reach},"
        f" {piece.block.rows:,} rows.",
        f"Say that, or more: {reach}",
    )


def _rows(history: History, chosen: Sequence[Piece], window: Window, place: str, rounded: str) -> Rows:
    """The rows of the chosen pieces; a file that has others too is meant in part."""
    mine: dict[str, list[ProfileBlock]] = {}
    files = {piece.file.id: piece.file for piece in chosen}
    for piece in chosen:
        mine.setdefault(piece.file.id, []).append(piece.block)
    parts = {
        file_id: tuple(sorted(blocks, key=lambda block: block.block))
        for file_id, blocks in mine.items()
        if sum(block.rows for block in blocks) < (files[file_id].rows or 0)
    }
    ordered = tuple(sorted(files.values(), key=lambda file: (file.path, file.hash)))
    notes = (f"rounded to whole blocks: {rounded}",) if rounded else ()
    return Rows(history.source, window.text, ordered, parts, window.unit, place, notes)


def span_of(connection: sqlite3.Connection, rows: Rows) -> tuple[str | None, str | None]:
    """The first and the last moment of the time column in those rows (ISO 8601, UTC), None without."""
    whole = [file for file in rows.files if file.id not in rows.parts]
    blocks = [block for part in rows.parts.values() for block in part]
    blocks += [block for _, found in file_blocks(connection, rows.source, whole) for block in found]
    starts = [block.period_start for block in blocks if block.period_start]
    ends = [block.period_end for block in blocks if block.period_end]
    return min(starts, default=None, key=to_seconds), max(ends, default=None, key=to_seconds)
