"""The parts of a reference by which its variation is told: its files where they are many, else their blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from mlops_tui.data.engine.points import thinned
from mlops_tui.data.engine.stored import merged, profile_of_block
from mlops_tui.data.model import ProfileBlock, key_of
from mlops_tui.data.profile import ColumnProfile, Profile
from mlops_tui.data.profile_query import blocks_of
from mlops_tui.monitoring.model import MIN_BLOCKS
from mlops_tui.monitoring.window import Rows
from mlops_tui.store.store import Store

T = TypeVar("T")

Part = tuple[str, tuple[ProfileBlock, ...] | None]

MOST = 200
"""More parts than these, evenly chosen, would tell little more and take memory."""

POINTS = 1024
"""So many points of a part tell its shares within 0.05 % of its rows."""


def units_of(store: Store, rows: Rows) -> list[Profile]:
    """The profiles of the parts in the order of their rows.

    What an incoming file is compared with is how files differ, so that a file is a part where there are `MIN_BLOCKS` of
    different content: its blocks have in common what the file has. Of fewer the blocks are all that there is.
    """
    names, found = list(rows.source.kinds), parts_of(store, rows)
    if len(_contents(rows)) >= MIN_BLOCKS:
        return [thinned_profile(merged(store.reader, [key], names, [_numbers(part)])) for key, part in found]
    return [profile_of_block(store.reader, block) for _, part in found for block in part or ()]


def parts_of(store: Store, rows: Rows) -> list[Part]:
    """Which parts these are: the key of a profile, and the blocks of it, or None where all of them are meant."""
    taken = _contents(rows)
    if len(taken) >= MIN_BLOCKS:
        return [(key, taken[key]) for key in spread(list(taken))]
    blocks = [block for key, part in taken.items() for block in part or blocks_of(store.reader, [key])]
    return [(block.key, (block,)) for block in spread(blocks)]


def _contents(rows: Rows) -> dict[str, tuple[ProfileBlock, ...] | None]:
    return {key_of(rows.source, file): rows.parts.get(file.id) for file in rows.files}


def _numbers(part: Sequence[ProfileBlock] | None) -> list[int] | None:
    return None if part is None else [block.block for block in part]


def spread(found: Sequence[T]) -> Sequence[T]:
    """At most `MOST` of them, at even steps."""
    if len(found) <= MOST:
        return found
    return [found[place] for place in np.linspace(0, len(found) - 1, MOST).astype(int)]


def thinned_profile(profile: Profile) -> Profile:
    """The profile with few points of each column."""
    return replace(profile, columns=tuple(map(_thinned_column, profile.columns)))


def _thinned_column(column: ColumnProfile) -> ColumnProfile:
    points = None if column.points is None else thinned(column.points, POINTS)
    return column if points is column.points else replace(column, points=points)
