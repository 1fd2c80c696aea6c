"""The data that a run was given: what it is called, what is in it, and the hash that tells it from any other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from mlops_tui.store.store import Writing

FILE, FRAME, ARRAY = "file", "frame", "array"


@dataclass(frozen=True, slots=True)
class Input:
    """Data of a run. `kind` is what it was when it was given; `hash` that of its content: a file's is the one that its source
    knows it by; `columns` their kinds, empty where they are not known; `rows` None likewise.
    """

    name: str
    role: str
    kind: str
    hash: str
    rows: int | None
    columns: Mapping[str, str]
    path: str | None = None


def write_input(writing: Writing, run_id: str, given: Input) -> None:
    """Adds the data to the run's, in the open transaction; the same data in the same role is there once."""
    here = "run_id = ? AND role = ? AND hash = ?"
    writing.execute(f"DELETE FROM run_input WHERE {here}", (run_id, given.role, given.hash))
    writing.execute(
        "INSERT INTO run_input (run_id, position, name, role, kind, hash, rows, columns, path)"
        " SELECT ?1, coalesce(max(position) + 1, 0), ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM run_input WHERE run_id = ?1",
        (
            run_id,
            given.name,
            given.role,
            given.kind,
            given.hash,
            given.rows,
            json.dumps(dict(given.columns)),
            given.path,
        ),
    )
