"""Noticing what others have written: a look at the store costs microseconds, so it is taken four times a second."""

from __future__ import annotations

import sqlite3

from mlops_tui.core.errors import MlopsError
from mlops_tui.store.change import ChangeReader
from mlops_tui.store.store import Store

LOOK_SECONDS = 0.25
SETTLE_SECONDS = 3.0
AGES_SECONDS = 30.0

TROUBLE = (MlopsError, sqlite3.Error)
"""What a look may raise when the store was moved, replaced or damaged under it."""


class Watch:
    """Looks at the store on a connection of its own, which is never left in a transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._reader: ChangeReader | None = None

    def look(self) -> frozenset[str]:
        """Topics that changed since the last look; none at the first, which only sets the mark.

        Raises:
            MlopsError, sqlite3.Error: the store can no longer be read.
        """
        if self._reader is None:
            self._reader = ChangeReader(self._store.new_reader())
            self._reader.changed()
            return frozenset()
        return self._reader.changed()
