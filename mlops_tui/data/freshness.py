"""Whether the next file of a source is overdue."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable

from mlops_tui.core.clock import to_seconds
from mlops_tui.core.errors import UsageError
from mlops_tui.data.checkfile import mentions, read
from mlops_tui.data.checks import Check
from mlops_tui.data.checkwords import hours_words
from mlops_tui.data.model import Source
from mlops_tui.data.query import last_arrival
from mlops_tui.store.workspace import Workspace


def late(workspace: Workspace, connection: sqlite3.Connection, source: Source) -> str | None:
    """The sentence about a file of the source that should have come by now; None where none is overdue.

    A checks file that is broken makes none late: the next scan says what is wrong with it.
    """
    if source.accepted is None or not mentions(workspace, source, "freshness"):
        return None
    try:
        checks = read(workspace, source)
    except UsageError:
        return None
    return late_by(checks, last_arrival(connection, source.id), time.time())


def late_by(checks: Iterable[Check], arrived: str | None, now: float) -> str | None:
    """The first sentence that one of the checks says, as `overdue` does."""
    return next((words for check in checks if (words := overdue(check, arrived, now))), None)


def overdue(check: Check, arrived: str | None, now: float) -> str | None:
    """The sentence about a file that should have come by `now` (seconds since 1970); None where none is overdue.

    `arrived` is when the last one came; a source that nothing ever came to is not late.
    """
    if check.kind != "freshness" or check.hours is None or arrived is None:
        return None
    waited = (now - to_seconds(arrived)) / 3600
    if waited <= check.hours:
        return None
    return f"A file is overdue: the last one came {hours_words(waited)} ago, and one has to come within {hours_words(check.hours)}."
