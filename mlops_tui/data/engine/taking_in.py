"""One file, looked into: its content's hash, then its profile, or the reason why it is kept out."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import duckdb

from mlops_tui.core.errors import DataError, FileUnreadable, UnknownColumn
from mlops_tui.core.printable import printable
from mlops_tui.data.engine.checking import check_file
from mlops_tui.data.engine.formats import is_read_alike
from mlops_tui.data.engine.profiling import profile_file
from mlops_tui.data.engine.progress import CHECKING, HASHING, PROFILING, Begins, no_step
from mlops_tui.data.engine.reading import content_hash, raw_file
from mlops_tui.data.engine.refusals import RowsUnreadable
from mlops_tui.data.engine.schema import Schema
from mlops_tui.data.engine.sliced import Apart, plan_of
from mlops_tui.data.engine.stored import keep
from mlops_tui.data.ledger import Finding, Refusal
from mlops_tui.data.listing import Sighting
from mlops_tui.data.model import NO_REJECTS
from mlops_tui.data.profile_query import blocks_of, column_kinds, rejects_of
from mlops_tui.data.query import paths_of
from mlops_tui.store.store import Store

BAD_FILE = (DataError, duckdb.Error, OSError, ValueError, ArithmeticError)
"""What a file's content may raise; anything else is a fault of ours and ends the scan."""

FULL = (errno.ENOSPC, errno.EDQUOT)


def look_into(
    store: Store, sighting: Sighting, schema_for: Callable[[Path], Schema], begins: Begins = no_step
) -> Finding | None:
    """What is in the file; None where it moved meanwhile, which the next scan will see. `begins` hears of each step.

    `schema_for` gives the source's schema, freezing it by this file where there is none. The profile is kept in the
    store at once, under its content's name, so that a scan that is killed does not begin again.
    """
    content = ""
    try:
        begins(HASHING)
        content = content_hash(sighting.path)
        require_name(sighting)
        schema = schema_for(sighting.path)
        begins(PROFILING)
        rows, bad_rows = _profiled(store, sighting.path, content, schema)
        begins(CHECKING)
        verdict = check_file(store, schema, sighting.path, content)
        finding = Finding(sighting, content, rows, verdict.refusal, verdict.found, bad_rows)
    except BAD_FILE as error:
        if isinstance(error, OSError) and error.errno in FULL:
            raise
        rejects = error.rejects if isinstance(error, RowsUnreadable) else NO_REJECTS
        finding = Finding(sighting, content, refusal=_refusal(sighting, error), rejects=rejects)
    return finding if sighting.seen_again() == sighting else None


def require_name(sighting: Sighting) -> None:
    """Raises FileUnreadable where the store cannot keep the name as it is."""
    if not sighting.name.endswith(sighting.path.name):
        raise FileUnreadable(f"{sighting.name} has a name that is not UTF-8.", "Rename it.", check="name")


def _profiled(store: Store, path: Path, content: str, schema: Schema) -> tuple[int, int]:
    """How many rows could be read, and how many could not."""
    key = schema.key(content)
    blocks = blocks_of(store.reader, [key])
    if blocks:
        _require_read_alike(store, path, content, schema)
        return sum(block.rows for block in blocks), rejects_of(store.reader, key, limit=0).count
    plan = plan_of(store.reader, schema.source)
    with Apart(key, plan) as slices:
        hears = slices.hear if plan else None
        profiled = profile_file(path, schema.options, schema.kinds, time_column=schema.time_column, hears=hears)
        keep(store, key, profiled.blocks, profiled.rejects, slices)
    return profiled.rows, profiled.rejects.count


def _require_read_alike(store: Store, path: Path, content: str, schema: Schema) -> None:
    """Raises FileUnreadable where a content that has a profile cannot be read, or has other columns, under this name: its
    ending says another format than the name it was profiled under.
    """
    if any(is_read_alike(path, Path(known)) for known in paths_of(store.reader, content)):
        return
    columns = column_kinds(store.reader, schema.key(content))
    with raw_file(path, schema.options, is_known=True) as (_, raw):
        if set(raw.stored) != set(columns):
            raise FileUnreadable(
                f"{printable(path.name)} is of another format than its name says.",
                "End its name as that of the same content which was read; no row of it was used.",
            )


def _refusal(sighting: Sighting, error: Exception) -> Refusal:
    if isinstance(error, FileUnreadable):
        return Refusal(str(error), error.check, error.row, error.column)
    if isinstance(error, DataError):
        return Refusal(str(error), "columns" if isinstance(error, UnknownColumn) else "readable")
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    first = (words.strip().splitlines() or [type(error).__name__])[0]
    return Refusal(f"{printable(sighting.path.name)} cannot be read: {printable(first).rstrip('.')}.")
