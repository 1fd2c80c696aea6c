"""When what runs can be paused, stopped or cancelled from its screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def unless(noun: str, chosen: Callable[[Any], Any], *states: str, verb: str) -> Callable[[Any], str | None]:
    """Asks a pane why what `chosen` finds on it cannot be steered; None where it is in one of the states."""

    def reason(pane: Any) -> str | None:
        found = chosen(pane)
        if found is None:
            return f"No {noun} is chosen."
        fits = found.state in states
        return pane.why_no_writing() or (None if fits else f"The {noun} is {found.state}; it cannot be {verb}.")

    return reason
