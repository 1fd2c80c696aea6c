"""Whether the next file of a source is overdue."""

from __future__ import annotations

from mlops_tui.core.clock import to_seconds
from mlops_tui.data.checks import Check


def overdue(check: Check, arrived: str | None, now: float) -> str | None:
    """The sentence about a file that should have come by `now` (seconds since 1970); None where none is overdue.

    `arrived` is when the last one came; a source that nothing ever came to is not late.
    """
    if check.kind != "freshness" or check.hours is None or arrived is None:
        return None
    waited = (now - to_seconds(arrived)) / 3600
    if waited <= check.hours:
        return None
    return f"A file is overdue: the last one came {_said(waited)} ago, and one has to come within {_said(check.hours)}."


def _said(hours: float) -> str:
    return f"{hours / 24:.1f} days" if hours >= 48 else f"{hours:.1f} hours"
