"""Copying a live store, without the modules that migrate one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from mlops_tui.store.translate import translated


def copy_store(source: Path, target: Path) -> None:
    """Copies a live SQLite file with its own backup API: the copy is consistent whatever is written meanwhile."""
    with translated(target), closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(target)) as writing:
        reading.backup(writing)
