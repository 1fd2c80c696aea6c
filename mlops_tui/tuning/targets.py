"""Which column is to be predicted, where nobody has said it."""

from __future__ import annotations

from collections.abc import Mapping

TARGET_NAMES = ("target", "label", "class", "outcome", "y")
NO_TARGET = ("text", "identifier", "date-time", "constant")


def targets(kinds: Mapping[str, str]) -> list[str]:
    """The columns that can be learnt, by their kinds."""
    return [column for column, kind in kinds.items() if kind not in NO_TARGET]


def guessed_target(kinds: Mapping[str, str]) -> tuple[str, str] | None:
    """The column with a target's name, else the last one that can be learnt, and why it is that; None where there is none."""
    fitting = targets(kinds)
    named = next((column for column in fitting if column.lower() in TARGET_NAMES), None)
    if named is not None:
        return named, "by its name"
    return (fitting[-1], "the last column that can be learnt") if fitting else None
