"""Logs of predictions that are older than they are to be kept, or that a newer one of the same file has replaced."""

from __future__ import annotations

import time
from collections.abc import Iterable

from mlops_tui.core.clock import from_seconds
from mlops_tui.serving.query import is_log_of_any, logs_before
from mlops_tui.store.artifact import place
from mlops_tui.store.store import Store

DAY = 86_400


def outdated(store: Store, days: int) -> list[str]:
    """The logs that are older than so many days; none where they are kept for ever (0)."""
    if days <= 0:
        return []
    return logs_before(store.reader, from_seconds(time.time() - days * DAY))


def drop_outdated(store: Store, days: int) -> int:
    """Removes the logs that are older than so many days; what the batches were, their counts and profiles, stays. Returns how
    many went.
    """
    found = outdated(store, days)
    if found:
        with store.write() as writing:
            for log in found:
                writing.execute("UPDATE prediction_batch SET log = NULL WHERE log = ?", (log,))
            writing.changed("predictions")
        remove_unused(store, found)
    return len(found)


def remove_unused(store: Store, logs: Iterable[str | None]) -> None:
    """Removes those of the logs' files that no batch has any more."""
    for log in logs:
        if log is not None and not is_log_of_any(store.reader, log):
            place(store.workspace, log).unlink(missing_ok=True)
