"""Time as the store keeps it: UTC, ISO 8601 with microseconds and Z, so that text sorts as time does."""

from __future__ import annotations

import time
from datetime import UTC, datetime

FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


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
