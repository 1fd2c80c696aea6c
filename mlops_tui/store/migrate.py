"""Brings a store to the newest revision with Alembic; an older one is backed up first."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

import mlops_tui.store.migrations as migrations
from mlops_tui.store.copy import copy_store
from mlops_tui.store.revision import HEAD, read_revision
from mlops_tui.store.session import writer_engine
from mlops_tui.store.translate import translated


def migrate(path: Path) -> None:
    """Creates or upgrades the store at `path`, in one transaction; a second process waits and finds it done."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    engine = writer_engine(path)
    try:
        with translated(path), engine.begin() as connection:
            _back_up(path)  # under the lock: what is copied is what is migrated
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def _back_up(path: Path) -> None:
    revision = read_revision(path)
    if revision not in (None, HEAD):
        copy_store(path, path.with_name(f"store-{revision}.backup.db"))
