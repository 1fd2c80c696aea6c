"""Drift by slice: the rows with each value of a column, in either window, compared like the whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from mlops_tui.core.errors import UnknownColumn, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.columns import MOST_SLICES
from mlops_tui.data.model import Source
from mlops_tui.data.profile_query import summaries
from mlops_tui.data.slices import (
    MOST_VALUES,
    NUMBERS,
    SliceName,
    number_text,
    refused_kind,
    refused_values,
    remedy_of,
)
from mlops_tui.monitoring.model import ColumnDrift

SLICED = "slice"
"""The key of a job's spec that says what to slice by."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person wants to slice by: a column, and of one `value` alone where that is not None."""

    by: str
    value: str | None = None

    @property
    def text(self) -> str:
        """As it is typed."""
        return self.by if self.value is None else f"{self.by}={self.value}"


def parse_slice(text: str, columns: Sequence[str]) -> Asked:
    """What `COLUMN` or `COLUMN=VALUE` means; a column whose name has a `=` in it is one. Raises UsageError for none."""
    if text in columns or "=" not in text:
        asked = Asked(text)
    else:
        named = max((name for name in columns if text.startswith(f"{name}=")), key=len, default=None)
        by, _, value = text.partition("=")
        asked = Asked(by, value) if named is None else Asked(named, text[len(named) + 1 :])
    if not asked.by or asked.value == "":
        raise UsageError(
            f"'{printable(text)}' names no slice.", "Say a column, or one of its values: --slice COLUMN=VALUE."
        )
    return asked


@dataclass(frozen=True, slots=True)
class SliceDrift:
    """One slice of both windows compared. `shares` are its parts of all rows of the reference and of the current window.

    `drift` is None where it cannot be told, or the slice is new or gone; `why` says so in a sentence. `alone` are the columns
    that drift in it and not in the whole; `columns` has those that could be compared, without pictures of those that do not drift.
    """

    name: SliceName
    reference_rows: int
    current_rows: int
    shares: tuple[float, float]
    drift: bool | None
    why: str
    alone: tuple[str, ...]
    columns: tuple[ColumnDrift, ...]

    @property
    def moved(self) -> float:
        """By how much its share of the rows rose."""
        return self.shares[1] - self.shares[0]

    @property
    def drifting(self) -> list[ColumnDrift]:
        """The columns that drift: those that do not in the whole first, then by how far they moved."""
        found = [column for column in self.columns if column.drift]
        return sorted(found, key=lambda one: (one.name not in self.alone, -(one.effect or ("", 0.0))[1]))

    def to_json(self) -> dict[str, Any]:
        """Plain dictionaries, lists and numbers, without pictures."""
        columns = [{key: told for key, told in asdict(one).items() if key != "histogram"} for one in self.columns]
        return {
            "slice": self.name.sort,
            "value": self.name.value if self.name.sort == "value" else None,
            "reference_rows": self.reference_rows,
            "current_rows": self.current_rows,
            "reference_share": self.shares[0],
            "current_share": self.shares[1],
            "drift": self.drift,
            "why": self.why,
            "alone": list(self.alone),
            "columns": columns,
        }


@dataclass(frozen=True, slots=True)
class SliceReport:
    """All slices by a column: those with a column that drifts in them alone first, then those that drift, then the largest.

    `files_read` is how many files were read for it, 0 where stored profiles told it.
    `notes` are sentences about the slices.
    """

    by: str
    value: str | None
    kind: str
    drift: bool | None
    why: str
    files_read: int
    notes: tuple[str, ...]
    slices: tuple[SliceDrift, ...]
    id: str = ""
    report_id: str = ""

    @property
    def asked(self) -> Asked:
        """What was asked for."""
        return Asked(self.by, self.value)

    def slice(self, name: SliceName) -> SliceDrift | None:
        """That slice, or None."""
        return next((one for one in self.slices if one.name == name), None)

    def only(self, column: str) -> Self:
        """The report with one of the columns alone, whose verdicts are then the slices' and the report's."""
        found = tuple(replace(one, **_of_column(one, column)) for one in self.slices)
        verdicts = {one.drift for one in found}
        return replace(self, slices=found, drift=True if True in verdicts else False if False in verdicts else None)

    def to_json(self) -> dict[str, Any]:
        """Plain dictionaries, lists and numbers; never NaN."""
        return {
            "by": self.by,
            "value": self.value,
            "kind": self.kind,
            "drift": self.drift,
            "why": self.why,
            "files_read": self.files_read,
            "notes": list(self.notes),
            "slices": [one.to_json() for one in self.slices],
        }


def _of_column(one: SliceDrift, column: str) -> Mapping[str, Any]:
    kept = tuple(found for found in one.columns if found.name == column)
    drift, why = (kept[0].drift, kept[0].why) if kept else (None, one.why)
    return {"columns": kept, "drift": drift, "why": why, "alone": tuple(name for name in one.alone if name == column)}


def how_to_declare(source: Source, by: str) -> str | None:
    """The command by which a source's files are told apart by a column from the next scan on; None where as many are as can be."""
    if len(source.slices) >= MOST_SLICES:
        return None
    declared = "".join(f" --slice {name}" for name in source.slices)
    return f"mlops-tui data options {source.name}{declared} --slice {by}"


def require_slices(connection: sqlite3.Connection, asked: Asked, ours: Source, theirs: Source) -> Asked:
    """What was asked for, its value as slices are named.

    Raises:
        UnknownColumn: the source that is looked at has no such column.
        UsageError: the reference has none, its values make no slices, are too many, are of another kind than the reference's, or
            the one that is asked for is known not to be there.
    """
    by, name = asked.by, printable(asked.by)
    if by not in theirs.kinds:
        raise UnknownColumn(f"Source '{theirs.name}' has no column '{name}'.", remedy_of(connection, theirs))
    if by not in ours.kinds:
        raise UsageError(
            f"Source '{ours.name}', the reference, has no column '{name}', so its rows cannot be told apart by it.",
            f"Compare with rows that have it: mlops-tui drift {theirs.name} --reference W --slice {by}",
        )
    kinds = ours.kinds[by], theirs.kinds[by]
    for source, kind in zip((theirs, ours), kinds[::-1], strict=True):
        if why := refused_kind(by, kind):
            raise UsageError(why, remedy_of(connection, source))
    if "constant" not in kinds and len({kind in NUMBERS for kind in kinds}) == 2:
        raise UsageError(
            f"Column '{name}' is {kinds[0]} in source '{ours.name}' and {kinds[1]} in '{theirs.name}', so its slices are not the same.",
            f"Have both be read alike: mlops-tui data schema {theirs.name} --kind {by}={kinds[0]}",
        )
    told = [_summary(connection, source, by) for source in (theirs, ours)]
    if asked.value is not None:
        return Asked(by, _value_of(asked.value, name, kinds[1], told))
    for source, summary in zip((theirs, ours), told, strict=True):
        if summary is not None and (why := refused_values(by, summary)):
            one = f" Or slice by one of its values: --slice {by}=VALUE"
            raise UsageError(why, remedy_of(connection, source) + one)
    return asked


def _summary(connection: sqlite3.Connection, source: Source, column: str) -> dict[str, Any] | None:
    return next((one for one in summaries(connection, source.id, source.version) if one["name"] == column), None)


def _value_of(value: str, name: str, kind: str, told: Sequence[dict[str, Any] | None]) -> str:
    """The value as slices are named. Raises UsageError for one that no row can have."""
    if kind in NUMBERS:
        try:
            return number_text(float(value))
        except ValueError:
            raise UsageError(f"'{printable(value)}' is no number, as column '{name}' has.", "Say one.") from None
    known = {one["value"] for summary in told if summary for one in summary["top"]}
    if value not in known and all(summary and summary["distinct"] <= MOST_VALUES for summary in told):
        listed = ", ".join(printable(one) for one in sorted(known)) or "none"
        raise UsageError(f"No row has the value '{printable(value)}' in column '{name}'.", f"Its values: {listed}.")
    return value
