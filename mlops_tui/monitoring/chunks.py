"""A source's whole history in chunks: a file each, a period of the calendar each, or about so many rows each."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from mlops_tui.core.errors import UnknownName, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.model import Source
from mlops_tui.monitoring.history import DAY_SECONDS, Histories, History, between, numbered
from mlops_tui.monitoring.lookup import pair, reference_rows, require_others
from mlops_tui.monitoring.moving import moving
from mlops_tui.monitoring.period import UNITS, day_of, period_of
from mlops_tui.monitoring.window import FILE, LONGEST, MOVING, ONE_FILE, ROWS, Rows, Window, parse

BY = (ONE_FILE, *UNITS)
"""Words that a history is cut by; a number cuts it by rows."""

BY_FILE = "Say --chunks file."

Chunk = tuple[Window, Rows]


@dataclass(frozen=True, slots=True)
class Cutting:
    """How a history is cut: `unit` is file, a period's or rows, then of about `size` rows."""

    unit: str
    size: int = 0

    @property
    def text(self) -> str:
        """The word for it."""
        return str(self.size) if self.unit == ROWS else self.unit


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What of a history is in no chunk, or cannot be compared, and why in a sentence."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Comparisons:
    """What is to be compared: pairs of a reference and a current window, in order, and what is left out."""

    pairs: tuple[tuple[Rows, Rows], ...]
    left_out: tuple[LeftOut, ...] = ()


def parse_cutting(text: str) -> Cutting:
    """What `--chunks` means. Raises UsageError for another word."""
    asked = text.strip().lower()
    if asked in BY:
        return Cutting(asked)
    if re.fullmatch(r"[0-9]+", asked) and len(asked) <= LONGEST and int(asked) >= 1:
        return Cutting(ROWS, int(asked))
    raise UsageError(
        f"A history cannot be cut by '{printable(text)}'.", f"Say {', '.join(BY)}, or a number of rows: 10000."
    )


def comparisons(
    connection: sqlite3.Connection,
    source: Source,
    training: Source | None,
    reference: str,
    current: Sequence[str] = (),
    chunks: str | None = None,
) -> Comparisons:
    """The windows `current` of the source looked up, or its history in `chunks`, the oldest first, each with its reference.

    A chunk that has no reference, or is the reference itself, is left out.

    Raises:
        MlopsError: a window that cannot be meant, both the same rows, or no chunk that can be compared.
    """
    if chunks is None:
        asked = parse(reference)
        return Comparisons(tuple(pair(connection, source, training, asked, parse(text)) for text in current))
    return _of_chunks(connection, source, training, parse(reference), parse_cutting(chunks))


def _of_chunks(
    connection: sqlite3.Connection, source: Source, training: Source | None, reference: Window, cutting: Cutting
) -> Comparisons:
    moves = reference.kind in MOVING
    fixed = None if moves else reference_rows(connection, source, training, reference)
    histories = Histories(connection)
    found, left_out = cut(histories.of(source), cutting)
    pairs = list[tuple[Rows, Rows]]()
    refused: UsageError | None = None
    for window, theirs in found:
        try:
            ours = fixed or moving(histories, reference, training, window, theirs)
            require_others(ours, theirs)
        except UsageError as error:
            refused = refused or error
            left_out.append(LeftOut(theirs.label, error.title))
        else:
            pairs.append((ours, theirs))
    if refused is not None and not pairs:
        raise refused
    return Comparisons(tuple(pairs), tuple(left_out))


def cut(history: History, cutting: Cutting) -> tuple[list[Chunk], list[LeftOut]]:
    """The chunks of a history, the oldest first (files and rows by arrival), and what is in none of them.

    Raises:
        UsageError: a period without a time column, or one that is shorter than the blocks that rows are kept in.
        UnknownName: there is no file.
    """
    if not history.files:
        name = history.source.name
        raise UnknownName(f"Source '{name}' has no file.", f"Take files in with: mlops-tui data scan {name}")
    if cutting.unit == ONE_FILE:
        return [(Window(FILE, file.path), _whole(history, place)) for place, file in enumerate(history.files)], []
    if cutting.unit != ROWS:
        history.require_time(f"chunks by {cutting.unit}")
    chunks, line = _cut(history, cutting), history.numbered if cutting.unit == ROWS else history.timed
    if not chunks:
        raise _too_small(history, cutting)
    left_out = list[LeftOut]()
    if lost := sum(piece.block.rows for piece in line.pieces) - sum(rows.count for _, rows in chunks):
        kept = "larger blocks" if cutting.unit == ROWS else f"blocks that are longer than a {cutting.unit}"
        left_out.append(LeftOut(f"{lost:,} rows", f"They are kept in {kept}."))
    if history.untimed and cutting.unit != ROWS:
        left_out.append(LeftOut(f"{history.untimed:,} rows", "They have no time."))
    return chunks, left_out


def _whole(history: History, place: int) -> Rows:
    file = history.files[place]
    return Rows(history.source, file.path, (file,), unit=ONE_FILE, place=history.places[file.id])


def _cut(history: History, cutting: Cutting) -> list[Chunk]:
    """The chunks by period or by rows; a block is in the one that holds its middle, where a half of it is there."""
    chunks = list[Chunk]()
    for text in dict.fromkeys(_windows(history, cutting)):
        window = parse(text)
        try:
            rows = numbered(history, window) if cutting.unit == ROWS else between(history, window)
        except UnknownName:
            continue  # only longer blocks lie there
        chunks.append((window, rows))
    return chunks


def _windows(history: History, cutting: Cutting) -> Iterable[str]:
    """The window that holds each block's middle, in order."""
    if cutting.unit != ROWS:
        for day in sorted({day_of(piece.middle) for piece in history.timed.pieces}):
            yield f"period:{period_of(cutting.unit, day)}"
        return
    for piece in history.numbered.pieces:
        first = int(piece.middle // cutting.size) * cutting.size
        yield f"rows:{first + 1}..{first + cutting.size}"


def _too_small(history: History, cutting: Cutting) -> UsageError:
    """What is said where every block is longer than two chunks, or none has a time."""
    name = history.source.name
    if cutting.unit == ROWS:
        rows = round(median(piece.block.rows for piece in history.numbered.pieces))
        return UsageError(
            f"Rows of source '{name}' are kept in blocks of {rows:,}, so there are no chunks of {cutting.size:,}.",
            f"Say --chunks {rows}.",
        )
    if not history.timed.pieces:
        return UsageError(f"No row of source '{name}' has a time, so it has no chunks by {cutting.unit}.", BY_FILE)
    days = median(piece.high - piece.low for piece in history.timed.pieces) / DAY_SECONDS
    longer = UNITS[UNITS.index(cutting.unit) + 1 :]
    unit = next((unit for unit in longer if _cut(history, Cutting(unit))), None)
    return UsageError(
        f"Rows of source '{name}' are kept in blocks of about {days:,.0f} days, so there are no chunks by {cutting.unit}.",
        f"Say --chunks {unit}." if unit else BY_FILE,
    )
