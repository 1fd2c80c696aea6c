"""Runs side by side: what each was given and came to, what differs first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mlops_tui.runs.expression import COLUMNS
from mlops_tui.runs.model import Run

Value = str | int | float | None
PARAMS, METRICS, TAGS, ORIGIN = "params", "metrics", "tags", "origin"
OF_ORIGIN = ("experiment", "status", "script", "commit", "branch", "dirty", "command")


@dataclass(frozen=True, slots=True)
class Line:
    """One key of the runs that are compared: a value for each in their order, None where a run has none."""

    table: str
    key: str
    values: tuple[Value, ...]

    @property
    def differs(self) -> bool:
        """Whether not all are alike; one that is not a number is like itself."""
        return len({"nan" if value != value else value for value in self.values}) > 1


def lines(runs: Sequence[Run]) -> list[Line]:
    """Every key that any of the runs has: parameters, metrics, tags, then where they are from; of each what differs first."""
    found: list[Line] = []
    for table in (PARAMS, METRICS, TAGS):
        keys = sorted({key for run in runs for key in getattr(run, table)})
        found += _sorted([Line(table, key, tuple(getattr(run, table).get(key) for run in runs)) for key in keys])
    origin = [Line(ORIGIN, key, tuple(getattr(run, COLUMNS[key]) for run in runs)) for key in OF_ORIGIN]
    return found + _sorted([line for line in origin if any(value is not None for value in line.values)])


def _sorted(found: list[Line]) -> list[Line]:
    return sorted(found, key=lambda line: (not line.differs, line.key))
