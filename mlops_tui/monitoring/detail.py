"""What a column's page has beside measures: quantiles of both sides, the files that brought a drift, and since when there is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

SHARES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
"""Shares of the rows of which the quantiles are told."""


@dataclass(frozen=True, slots=True)
class Quantiles:
    """The least values that at least these `shares` of either side's rows do not exceed, in the column's own units: moments
    (ISO 8601, UTC) of date-times, whole numbers of integers.

    `difference` is the current one less the reference's (seconds of date-times), None where it is beyond a float. Where a sketch
    tells a side, the share that a value stands for may be off by the side's `error`, 0 where every value is kept.
    """

    shares: tuple[float, ...]
    reference: tuple[float | str, ...]
    current: tuple[float | str, ...]
    difference: tuple[float | None, ...]
    reference_error: float = 0.0
    current_error: float = 0.0

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The record that `to_json` of a report wrote."""
        told: dict[str, Any] = {name: tuple(record[name]) for name in ("shares", "reference", "current", "difference")}
        return cls(**told, reference_error=record["reference_error"], current_error=record["current_error"])


@dataclass(frozen=True, slots=True)
class FileEffect:
    """One file of the current window: its own `effect` against the reference, the window's `without` it, and by how much that
    `falls` short of the whole window's: less than 0 where it is greater. None where there is no value to tell it from.
    """

    file: str
    rows: int
    effect: float | None
    without: float | None = None
    falls: float | None = None


@dataclass(frozen=True, slots=True)
class Brought:
    """An effect that made a column a drift, by which `measure` (wasserstein, jensen_shannon, l_infinity, or missing: the
    difference of the share without a value), and the files of the window, what it falls most without first; () where they are
    not known.
    """

    measure: str
    effect: float
    files: tuple[FileEffect, ...] = ()

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The record that `to_json` of a report wrote."""
        return cls(record["measure"], record["effect"], tuple(FileEffect(**file) for file in record["files"]))


@dataclass(frozen=True, slots=True)
class Since:
    """Since which window of the history, by the reports that are kept, a column drifts: so many `windows` in a row, none of which was
    steady. `steady` is the one before them that was, None where none is known.
    """

    window: str
    windows: int
    steady: str | None = None
