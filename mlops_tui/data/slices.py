"""Slices: the rows of a source told apart by the values of a column, and which columns can be sliced by."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.model import Source
from mlops_tui.data.profile_query import summaries

VALUE, OTHER, MISSING = "value", "other", "missing"
"""Sorts of a slice: the rows with one value, those with a value that has none of its own, those without a value."""

MOST_VALUES = 20
"""So many values have a slice of their own: the most frequent ones."""

HELD = 0.5
"""At least this share of the rows has one of them, or the column has too many values."""

NUMBERS = frozenset({"integer", "numeric"})
SLICED_KINDS = NUMBERS | {"category", "boolean", "constant"}
"""Kinds whose values come again."""


@dataclass(frozen=True, slots=True, order=True)
class SliceName:
    """Which slice of a column is meant; `value` is empty of what is no value."""

    sort: str
    value: str = ""

    @property
    def label(self) -> str:
        """What it is called in a list."""
        return {OTHER: "(other values)", MISSING: "(no value)"}.get(self.sort, self.value)


def number_text(number: float) -> str:
    """A number as the name of a slice: a whole one without a point."""
    return str(int(number)) if number.is_integer() else repr(number)


def refused_kind(column: str, kind: str) -> str | None:
    """Why there are no slices by a column of that kind, in a sentence; None where there are."""
    if kind in SLICED_KINDS:
        return None
    why = {"date-time": "every moment is another one"}.get(kind, "hardly a value comes twice")
    return f"Column '{printable(column)}' is of kind {kind}, in which {why}, so it makes no slices."


def refused_values(column: str, summary: Mapping[str, Any]) -> str | None:
    """Why a column has too many values to be sliced by, as a version's summary of it tells; None where it has not."""
    different, rows = summary["distinct"] or 0, summary["count"]
    if different <= MOST_VALUES:
        return None
    if summary["kind"] in NUMBERS:
        told = f"{different:,} different numbers; numbers are sliced by where there are at most {MOST_VALUES}"
    else:
        held = sum(one["count"] for one in summary["top"][:MOST_VALUES]) / rows if rows else 0.0
        if held >= HELD:
            return None
        told = f"{different:,} different values, and the {MOST_VALUES} most frequent ones are {held:.0%} of the rows"
    return f"Column '{printable(column)}' has too many values to be sliced by: {told}."


def require_sliced(connection: sqlite3.Connection, source: Source, columns: Sequence[str]) -> None:
    """Raises UsageError for a column whose values make no slices, as the newest version of the source has them."""
    told = {one["name"]: one for one in summaries(connection, source.id, source.version)} if columns else {}
    for column in columns:
        kind = source.kinds.get(column)
        why = None if kind is None else refused_kind(column, kind)
        if why is None and column in told:
            why = refused_values(column, told[column])
        if why is not None:
            raise UsageError(why, remedy_of(connection, source))


def remedy_of(connection: sqlite3.Connection, source: Source) -> str:
    """What can be sliced by instead."""
    fitting = sliceable(connection, source)
    if not fitting:
        return "Have the files hold a column of few values, such as a region or a band."
    return f"Name one of: {', '.join(map(printable, fitting[:10]))}."


def sliceable(connection: sqlite3.Connection, source: Source) -> list[str]:
    """The columns that can be sliced by: the declared ones first, then the others with few values, the fewest first."""
    told = summaries(connection, source.id, source.version)
    unasked = {source.target, source.time_column, source.id_column}
    few = [
        (one["distinct"] or 0, one["name"])
        for one in told
        if one["kind"] in SLICED_KINDS
        and one["name"] not in unasked
        and refused_values(one["name"], one) is None
        and (one["distinct"] or 0) > 1
    ]
    declared = [name for name in source.slices if refused_kind(name, source.kinds.get(name, "category")) is None]
    return list(dict.fromkeys([*declared, *(name for _, name in sorted(few))]))


def frequent(connection: sqlite3.Connection, source: Source, column: str) -> list[str]:
    """The most frequent values of a column in the newest version: those that have a slice of their own in every file, so
    that files hold the same slices. Of numbers none: they have few values, or make no slices.
    """
    found = next((one for one in summaries(connection, source.id, source.version) if one["name"] == column), None)
    return [] if found is None else [one["value"] for one in found["top"][:MOST_VALUES]]
