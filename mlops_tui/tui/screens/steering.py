"""When what is chosen on a screen can be changed, and what runs be paused, stopped or cancelled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def once_chosen(
    noun: str, chosen: Callable[[Any], Any], further: Callable[[Any, Any], str | None] | None = None
) -> Callable[[Any], str | None]:
    """Asks a pane why nothing can be changed about what `chosen` finds on it, and then what `further` says of the pane and that."""

    def reason(pane: Any) -> str | None:
        found = chosen(pane)
        if found is None:
            return f"No {noun} is chosen."
        no_writing: str | None = pane.why_no_writing()
        return no_writing or (further(pane, found) if further is not None else None)

    return reason


def unless(noun: str, chosen: Callable[[Any], Any], *states: str, verb: str) -> Callable[[Any], str | None]:
    """Asks a pane why what `chosen` finds on it cannot be steered; None where it is in one of the states."""
    return once_chosen(
        noun,
        chosen,
        lambda _, found: None if found.state in states else f"The {noun} is {found.state}; it cannot be {verb}.",
    )
