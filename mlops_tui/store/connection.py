"""Connections to the store over the standard library's sqlite3, with the pragmas that hold for all of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlops_tui.store.translate import translated

BUSY_MILLISECONDS = 30_000
PAGE_BYTES = 2048
"""Of a store that is made anew. Most transactions change a few rows: half the default writes half as much for each."""
CACHED_KILOBYTES = 16_000
STREAMED_KILOBYTES = 500


def open_writer(path: Path) -> sqlite3.Connection:
    """A connection that may write; transactions are begun by hand, with BEGIN IMMEDIATE."""
    with translated(path):
        connection = sqlite3.connect(
            path, isolation_level=None, timeout=BUSY_MILLISECONDS / 1000, check_same_thread=False
        )
        prepare_writer(connection)
    return connection


def prepare_writer(connection: sqlite3.Connection) -> None:
    """The pragmas of a connection that may write."""
    connection.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
    connection.execute(f"PRAGMA page_size={PAGE_BYTES}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")


def open_reader(path: Path, *, immutable: bool = False) -> sqlite3.Connection:
    """A connection that only reads; `immutable` is for a medium that cannot be written, where no lock can be taken.

    What only the write-ahead log holds is read too where there is one: an immutable file is read without it.
    """
    with translated(path):
        flags = "mode=ro&immutable=1" if immutable and not _has_log(path) else "mode=ro"
        uri = f"{path.absolute().as_uri()}?{flags}"
        connection = sqlite3.connect(
            uri, uri=True, isolation_level=None, timeout=BUSY_MILLISECONDS / 1000, check_same_thread=False
        )
        connection.execute("PRAGMA query_only=ON")
        connection.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
        connection.execute(f"PRAGMA cache_size={-CACHED_KILOBYTES}")
    return connection


def _has_log(path: Path) -> bool:
    log = path.with_name(f"{path.name}-wal")
    return log.exists() and log.stat().st_size > 0


@contextmanager
def streaming(connection: sqlite3.Connection) -> Iterator[None]:
    """Within the block many large values are read once each: few pages are kept, so that they stay in the processor's cache."""
    connection.execute(f"PRAGMA cache_size={-STREAMED_KILOBYTES}")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA cache_size={-CACHED_KILOBYTES}")
