"""Time as the store keeps it: UTC, ISO 8601 with microseconds and Z, so that text sorts as time does."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable

FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "": 1}


def now() -> str:
    """The present moment."""
    return datetime.now(UTC).strftime(FORMAT)


def from_seconds(seconds: float) -> str:
    """Seconds since 1970 as the store writes them."""
    return datetime.fromtimestamp(seconds, UTC).strftime(FORMAT)


def to_seconds(moment: str) -> float:
    """Seconds since 1970 of a moment that the store wrote."""
    return datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp()


def since(moment: str) -> float:
    """Seconds that have gone by since a moment that the store wrote."""
    return time.time() - to_seconds(moment)


def seconds_of(text: str) -> float:
    """The seconds that a person's 90s, 10m, 2h, 30d or bare number means.

    Raises:
        UsageError: it is none of these.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", text.strip().lower())
    if match is None:
        raise UsageError(f"A time of '{printable(text)}' cannot be read.", "Write for example 90s, 10m, 2h or 30d.")
    return float(match[1]) * SECONDS[match[2]]
