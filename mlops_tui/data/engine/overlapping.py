"""Files that come with rows which another file of their source has already, told by the sketches of their rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from mlops_tui.data.engine.row_hashes import RowSketch, shared, sketch_of
from mlops_tui.data.engine.schema import Schema
from mlops_tui.data.ledger import Entry, Ledger
from mlops_tui.data.overlaps import Overlap, newest_contents, row_hashes_of

BLOCKS = 4_000
"""Blocks of the newest files that new ones are compared with: 40,000,000 rows, or so many small files."""
ENTERING = 5_000
"""So many new files are compared at once."""
MANY = 0.2
"""The share of a file's different rows from which it is said that another one has them."""
FEWEST = 10
"""So many rows have to be found in both, unless all of both are known to be the same."""


def with_overlaps(connection: sqlite3.Connection, schema: Schema | None, ledger: Ledger) -> Ledger:
    """The ledger with what files that enter have in common with those that are there, or that enter before them.

    Only files whose rows hardly come twice are compared: nothing follows from a few rows that all files have.
    """
    entering = [entry for entry in ledger.taken if entry.copy_of is None][:ENTERING]
    if schema is None or not entering:
        return ledger
    new = {entry.finding.name: _sketch(connection, schema, entry.finding.hash) for entry in entering}
    rows = {entry.finding.name: entry.finding.rows or 0 for entry in entering}
    told = {name: sketch for name, sketch in new.items() if sketch is not None and _is_telling(sketch, rows[name])}
    if not told:
        return ledger
    coming = {entry.finding.name for entry in ledger.taken}  # a copy that is read anew is there under its name already
    members = {(path, content): count for path, content, count, _ in ledger.members if path not in coming}
    known = dict(_known(connection, schema, members, np.unique(np.concatenate([s.hashes for s in told.values()]))))
    found = _found(known, told)
    return replace(ledger, taken=tuple(_told(entry, found.get(entry.finding.name)) for entry in ledger.taken))


def _told(entry: Entry, overlap: Overlap | None) -> Entry:
    return entry if overlap is None else replace(entry, overlap=overlap)


def _is_telling(sketch: RowSketch, rows: int) -> bool:
    return sketch.different > 1 and sketch.different >= rows / 2


def _sketch(connection: sqlite3.Connection, schema: Schema, content: str) -> RowSketch | None:
    return sketch_of(list(row_hashes_of(connection, schema.key(content))))


def _known(
    connection: sqlite3.Connection, schema: Schema, members: Mapping[tuple[str, str], int], wanted: np.ndarray
) -> Iterator[tuple[str, RowSketch]]:
    """The sketches of the newest of those files that have one of the hashes `wanted`."""
    blocks = 0
    for path, content in newest_contents(connection, schema.source.id, BLOCKS):
        if (path, content) not in members:
            continue
        parts = list(row_hashes_of(connection, schema.key(content)))
        blocks += max(1, len(parts))
        if blocks > BLOCKS:
            return
        sketch = sketch_of(parts)
        if sketch is not None and _in(sketch.hashes, wanted).any():
            yield path, sketch


def _in(some: np.ndarray, ordered: np.ndarray) -> np.ndarray:
    """Which of some are among others that ascend."""
    places = np.searchsorted(ordered, some)
    return ordered[np.minimum(places, len(ordered) - 1)] == some


def _found(known: Mapping[str, RowSketch], new: Mapping[str, RowSketch]) -> dict[str, Overlap]:
    """Of each new file the one before it that it has most rows in common with, where these are many."""
    sketches = dict(reversed(list(known.items()))) | dict(new)
    paths = list(sketches)
    found: dict[str, Overlap] = {}
    for path, others in _nearest(list(sketches.values()), len(known)):
        told = [(*shared(sketches[paths[path]], sketches[paths[other]]), paths[other]) for other in others]
        share, common, name = max(told, key=lambda one: one[0] or 0)  # of the same share the first: copies are no chain
        if share is not None and share >= MANY and (common >= FEWEST or _are_same(sketches, paths[path], name)):
            found[paths[path]] = Overlap(name, share)
    return found


def _are_same(sketches: Mapping[str, RowSketch], one: str, other: str) -> bool:
    a, b = sketches[one], sketches[other]
    return a.is_whole and b.is_whole and np.array_equal(a.hashes, b.hashes)


def _nearest(sketches: Sequence[RowSketch], first_new: int) -> Iterator[tuple[int, list[int]]]:
    """Of each new sketch and those before it that it has most hashes in common with: their places.

    A hash that many have counts once for the first one that has it, and once for the last one before.
    """
    hashes = np.concatenate([sketch.hashes for sketch in sketches])
    owners = np.repeat(np.arange(len(sketches)), [len(sketch.hashes) for sketch in sketches])
    order = np.lexsort((owners, hashes))
    hashes, owners = hashes[order], owners[order]
    begins = np.concatenate(([True], hashes[1:] != hashes[:-1]))
    firsts = owners[begins][np.cumsum(begins) - 1]
    alike = ~begins[1:] & (owners[1:] >= first_new)
    found: dict[int, list[int]] = {}
    for before in (firsts[1:], owners[:-1]):
        pairs, counts = np.unique(np.stack((owners[1:][alike], before[alike])), axis=1, return_counts=True)
        best: dict[int, tuple[int, int]] = {}
        for path, other, count in zip(*pairs.tolist(), counts.tolist(), strict=True):
            best[path] = max(best.get(path, (0, 0)), (count, other))
        for path, (_, other) in best.items():
            found.setdefault(path, []).append(other)
    return iter(found.items())
