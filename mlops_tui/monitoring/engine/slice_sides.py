"""Where the slices of two windows come from: the store, where they are kept or are to be, else the files."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from heapq import nlargest

from mlops_tui.core.printable import printable
from mlops_tui.data.engine.points import read_points
from mlops_tui.data.engine.sliced import Apart, Slices, Tally, make_up, plan_of, read_apart
from mlops_tui.data.engine.stored import merged
from mlops_tui.data.model import SourceFile, key_of
from mlops_tui.data.profile import ColumnProfile
from mlops_tui.data.profile_query import blocks_of
from mlops_tui.data.slice_query import is_sliced
from mlops_tui.data.slices import MOST_VALUES, number_text
from mlops_tui.monitoring.engine.units import parts_of
from mlops_tui.monitoring.slices import Asked
from mlops_tui.monitoring.window import Rows
from mlops_tui.store.store import Store

Tell = Callable[[str], None]
"""Hears what is being read; raises where nobody waits any more."""


@dataclass(frozen=True, slots=True)
class Side:
    """One window's slices, and how many files were read for them."""

    rows: Rows
    slices: Slices
    tally: Tally
    files_read: int
    is_kept: bool
    parts: Sequence[tuple[str, Sequence[int] | None]]
    """Those by which is told how the window varies within itself."""


class Sides(ExitStack):
    """Finds the slices of windows, and makes up those that are not kept: what is not to be kept is gone at the end."""

    def __init__(self, store: Store, asked: Asked, tell: Tell) -> None:
        super().__init__()
        self._store = store
        self._asked = asked
        self._tell = tell

    def of(self, windows: tuple[Rows, Rows]) -> tuple[Side, Side]:
        """Both windows by slices."""
        ours, theirs = (self._of(rows, windows) for rows in windows)
        return ours, theirs

    def _of(self, rows: Rows, windows: tuple[Rows, Rows]) -> Side:
        reader, by, value = self._store.reader, self._asked.by, self._asked.value
        files = {key_of(rows.source, file): file for file in rows.files}
        profiled = {key: file for key, file in files.items() if blocks_of(reader, [key])}
        lacking = [file for key, file in profiled.items() if not is_sliced(reader, key, by)]
        if not lacking or by in rows.source.slices:
            plan = {by: plan_of(reader, rows.source).get(by, [])} if lacking else {}
            for file in lacking:
                self._say(file)
                make_up(self._store, rows.source, file, rows.source.version, plan)
            kept = self._side(rows, reader, len(lacking), is_kept=True)
            if value is None or kept.tally.is_whole(value):
                return kept
        first = [value] if value is not None else self._frequent(windows)
        apart = self.enter_context(Apart("", {by: first}))
        for file in profiled.values():
            self._say(file)
            read_apart(self._store, rows.source, file, rows.source.version, apart)
        return self._side(rows, apart.connection, len(profiled), is_kept=False)

    def _say(self, file: SourceFile) -> None:
        self._tell(f"{printable(file.path)} is read by {printable(self._asked.by)}")

    def _side(self, rows: Rows, connection: sqlite3.Connection, files_read: int, *, is_kept: bool) -> Side:
        slices = Slices(connection, self._store.reader, self._asked.by, *_keys(rows))
        parts = [(key, None if part is None else [b.block for b in part]) for key, part in parts_of(self._store, rows)]
        return Side(rows, slices, slices.tally(), files_read, is_kept, parts)

    def _frequent(self, windows: tuple[Rows, Rows]) -> list[str]:
        """The values that are the most frequent in both windows, half of the weight each, as their stored profiles count them."""
        shares = dict[str, float]()
        for rows in windows:
            profile = merged(self._store.reader, _keys(rows)[0], [self._asked.by], _keys(rows)[1])
            for column in profile.columns:
                for value, count in _counted(column):
                    shares[value] = shares.get(value, 0.0) + count / profile.rows
        return nlargest(MOST_VALUES, shares, key=shares.__getitem__)


def _counted(column: ColumnProfile) -> list[tuple[str, float]]:
    if column.points is None:
        return list((column.counts or {}).items())
    values, weights = read_points(column.points)
    return [(number_text(value), count) for value, count in zip(values.tolist(), weights.tolist(), strict=True)]


def _keys(rows: Rows) -> tuple[list[str], list[list[int] | None]]:
    taken = [rows.parts.get(file.id) for file in rows.files]
    parts = [None if part is None else [block.block for block in part] for part in taken]
    return [key_of(rows.source, file) for file in rows.files], parts
