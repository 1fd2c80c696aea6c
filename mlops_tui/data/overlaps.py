"""Rows that a file has in common with another one of its source: what is kept of it, and what is said."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mlops_tui.core.printable import printable
from mlops_tui.data.model import TAKEN_IN

OVERLAP = "overlap"
"""The verb of the event of a file that came with rows of another one."""

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Overlap:
    """The path of another file that is there, and about which share of the different rows it has too."""

    path: str
    share: float

    @property
    def words(self) -> str:
        """What there is to say of the file; the share is an estimate."""
        rows = (
            "all of its rows, or nearly all," if self.share >= 0.995 else f"about {100 * self.share:.0f} % of its rows"
        )
        return f"{rows} are in {printable(self.path)} too and count twice"

    def as_json(self) -> dict[str, str | float]:
        """As commands print it."""
        return {"with": self.path, "share": self.share}


def overlaps_of(connection: sqlite3.Connection, file_ids: Sequence[str]) -> dict[str, Overlap]:
    """Of those files the ones that came with rows which another file that is there has too, by id.

    Both are known by their content, whatever they are called by now.
    """
    found: dict[str, Overlap] = {}
    for start in range(0, len(file_ids), AT_ONCE):
        some = file_ids[start : start + AT_ONCE]
        rows = connection.execute(
            "SELECT f.id, min(o.path), json_extract(e.after, '$.share') FROM source_file f"
            " JOIN source_file g ON g.hash = f.hash AND g.source_id = f.source_id"
            f" JOIN event e ON e.subject_id = g.id AND e.verb = '{OVERLAP}'"
            " JOIN source_file o ON o.hash = json_extract(e.after, '$.of_hash') AND o.source_id = f.source_id"
            " AND o.hash <> f.hash"
            f" WHERE f.id IN ({', '.join('?' * len(some))}) AND f.state = ? AND o.state = ? GROUP BY f.id",
            (*some, TAKEN_IN, TAKEN_IN),
        )
        found |= {file_id: Overlap(path, share) for file_id, path, share in rows}
    return found


def counted_twice(connection: sqlite3.Connection, file_ids: Sequence[str]) -> dict[str, str]:
    """What there is to say of those files that have the content of one that came before, or many rows of another; by id."""
    found = {file_id: overlap.words for file_id, overlap in overlaps_of(connection, file_ids).items()}
    for start in range(0, len(file_ids), AT_ONCE):
        some = file_ids[start : start + AT_ONCE]
        rows = connection.execute(
            "SELECT f.id, (SELECT o.path FROM source_file o WHERE o.hash = f.hash AND o.source_id = f.source_id"
            " AND o.state = f.state ORDER BY o.since_version, o.path LIMIT 1) AS first, f.path FROM source_file f"
            f" WHERE f.id IN ({', '.join('?' * len(some))}) AND f.state = ?",
            (*some, TAKEN_IN),
        )
        found |= {
            file_id: f"it has the content of {printable(first)}; its rows count twice"
            for file_id, first, path in rows
            if path != first
        }
    return found


def newest_overlaps(connection: sqlite3.Connection, source_id: str, limit: int) -> dict[str, Overlap]:
    """The files of the source that came last with rows of others, by path."""
    rows = connection.execute(
        f"SELECT f.id, f.path FROM source_file f JOIN event e ON e.subject_id = f.id AND e.verb = '{OVERLAP}'"
        " WHERE f.source_id = ? AND f.state = ? ORDER BY f.id DESC LIMIT ?",
        (source_id, TAKEN_IN, limit),
    )
    paths = dict(rows.fetchall())
    return {paths[file_id]: overlap for file_id, overlap in overlaps_of(connection, list(paths)).items()}


def newest_contents(connection: sqlite3.Connection, source_id: str, limit: int) -> list[tuple[str, str]]:
    """Path and content of the files that are taken in, those that came last first."""
    rows = connection.execute(
        "SELECT path, hash FROM source_file WHERE source_id = ? AND state = ? ORDER BY id DESC LIMIT ?",
        (source_id, TAKEN_IN, limit),
    )
    return rows.fetchall()


def row_hashes_of(connection: sqlite3.Connection, key: str) -> Iterator[bytes]:
    """Which rows each block of that profile holds; `data.engine.row_hashes` reads it."""
    rows = connection.execute("SELECT row_hashes FROM profile_block WHERE key = ? ORDER BY block", (key,))
    return (found for (found,) in rows if found is not None)
