"""Which column is to be predicted, and whether it can be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlops_tui.core.errors import BadTarget, UnknownColumn, UsageError
from mlops_tui.data.model import Source

TARGET_NAMES = ("target", "label", "class", "outcome", "y")
COLUMNS_NAMED = 12
"""How many columns are named where one is not found."""
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


def target_of(source: Source, profile: Mapping[str, Mapping[str, Any]], given: str | None, folds: int) -> str:
    """The target column: the given one, else the source's.

    Raises:
        UsageError: nothing can be a target.
        UnknownColumn: there is no such column.
        BadTarget: it cannot be learnt.
    """
    target = given or source.target
    if target is None:
        raise UsageError(
            f"Source '{source.name}' has no column that can be a target.", "See: mlops-tui data show " + source.name
        )
    if target not in profile:
        further = len(profile) - COLUMNS_NAMED
        shown = ", ".join(list(profile)[:COLUMNS_NAMED]) + (f", … and {further:,} more" if further > 0 else "")
        raise UnknownColumn(f"Source '{source.name}' has no column '{target}'.", f"It has: {shown}.")
    _refuse_unlearnable(target, profile[target], folds)
    return target


def _refuse_unlearnable(target: str, column: Mapping[str, Any], folds: int) -> None:
    """Raises BadTarget for what the profile tells already; what only the rows tell, the study's job finds."""
    kind, labelled = column["kind"], column["count"]
    if labelled == 0:
        raise BadTarget(f"Every value of the target '{target}' is missing.", "Choose another target.")
    if kind == "constant":
        raise BadTarget(f"The target '{target}' has one value in every row.", "Choose another target.")
    if kind in ("text", "identifier", "date-time"):
        raise BadTarget(
            f"Column '{target}' is of kind {kind} and cannot be a target.", "Choose a number or a category."
        )
    if labelled < 2 * folds:
        raise BadTarget(
            f"The target '{target}' has {labelled} {'row' if labelled == 1 else 'rows'};"
            f" {folds} folds and the held-out rows need {2 * folds} or more.",
            "Add files until there are so many.",
        )
