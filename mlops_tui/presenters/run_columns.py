"""The columns of the list of runs: which there are, how they are named and kept, and what stands in them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlops_tui.core.ids import short
from mlops_tui.presenters.words import MISSING, Cell, age, between, duration, minute, one_line, state, value
from mlops_tui.runs.expression import COLUMNS, Name, show_name
from mlops_tui.runs.model import RUNNING, Run
from mlops_tui.runs.where import OF_RUNS

NARROWEST, WIDEST = 4, 60
WIDTHS = {"name": 20, "status": 11, "experiment": 14, "age": 9, "took": 8, "id": 6, "commit": 10, "started": 16}
TITLES = {"name": "run", "age": "started", "started": "began at"}
"""What stands above a column where that is not its field's name; how long ago a run began is what is asked for mostly."""
KEY_WIDTHS = (9, 14)
PLAIN = 12
FIRST, LAST = ("name", "status"), ("experiment", "age", "took", "id")
"""The columns around those of metrics and parameters, where a person has chosen none."""


@dataclass(frozen=True, slots=True)
class RunColumn:
    """A column by the field that it shows, and its width in cells."""

    name: Name
    width: int

    @property
    def title(self) -> str:
        """What stands above it."""
        return self.name.key if self.name.table else TITLES.get(self.name.key, self.name.key)

    @property
    def field(self) -> str:
        """Its field in the query language, by which it is sorted."""
        return show_name(self.name)

    @property
    def is_text(self) -> bool:
        """Whether it is read from the left; what is not known is taken for a number."""
        return not self.name.table and self.name.key not in ("age", "took", "started", "ended")

    def resized(self, by: int) -> RunColumn:
        """The same, wider or narrower."""
        return RunColumn(self.name, max(NARROWEST, min(WIDEST, self.width + by)))


def column(name: Name) -> RunColumn:
    """A column of the width that its field wants."""
    if name.table:
        narrow, wide = KEY_WIDTHS
        return RunColumn(name, max(narrow, min(len(name.key) + 2, wide)))
    return RunColumn(name, WIDTHS.get(name.key, PLAIN))


def usual(metrics: Sequence[str], params: Sequence[str]) -> list[RunColumn]:
    """The columns where a person has chosen none: with those metrics and parameters."""
    keys = [*(Name("metrics", key) for key in metrics), *(Name("params", key) for key in params)]
    return [column(name) for name in (*(Name("", key) for key in FIRST), *keys, *(Name("", key) for key in LAST))]


def kept(columns: Sequence[RunColumn]) -> list[dict[str, Any]]:
    """The columns as they are kept."""
    return [{"field": one.field, "width": one.width} for one in columns]


def restored(found: Sequence[Mapping[str, Any]]) -> list[RunColumn]:
    """The columns that `kept` gave; one that no field stands behind any more is left out."""
    columns = []
    for one in found:
        name = OF_RUNS.find(str(one.get("field", "")))
        if name is not None:
            columns.append(RunColumn(name, column(name).width).resized(int(one.get("width", 0)) - column(name).width))
    return columns


def all_fields(metrics: Sequence[str], params: Sequence[str], tags: Sequence[str]) -> list[Name]:
    """Everything that a column may show, in the order in which it is offered."""
    keyed = [
        Name(table, key)
        for table, keys in zip(("metrics", "params", "tags"), (metrics, params, tags), strict=True)
        for key in keys
    ]
    return [*(Name("", key) for key in COLUMNS), *keyed]


def cell(run: Run, name: Name, now: float, *, plain: bool = False) -> Cell:
    """What stands in a run's cell of that field."""
    if name.table:
        return key_cell(run, name)
    if name.key == "name":
        return Cell(one_line(run.name))
    if name.key == "status":
        return state(run.status, plain=plain)
    if name.key == "id":
        return Cell(short(run.id), "dim")
    if name.key == "age":
        return Cell(age(run.started, now), "dim")
    if name.key == "took":
        return Cell(duration(took(run, now)), "dim")
    found = getattr(run, attribute(name))
    if found is None:
        return Cell(MISSING, "dim")
    if isinstance(found, bool):
        return Cell("yes" if found else "no", "dim")
    if name.key in ("started", "ended"):
        return Cell(minute(found), "dim")
    return Cell(found[:10] if name.key == "commit" else one_line(str(found)), "dim")


def attribute(name: Name) -> str:
    """What a run has of a field that is none of its keys; of what it belongs to its name."""
    return {"study": "study", "parent": "parent_name"}.get(name.key, COLUMNS[name.key])


def key_cell(run: Run, name: Name) -> Cell:
    """A run's last value of a metric, a parameter or a tag; what is not a number says so."""
    found = getattr(run, name.table).get(name.key)
    if found is None:
        return Cell(MISSING, "dim")
    if isinstance(found, float):
        return Cell(value(found), "" if math.isfinite(found) else "warn")
    return Cell(one_line(str(found)))


def took(run: Run, now: float) -> float | None:
    """How long a run has taken, in seconds; None where nobody saw its end."""
    if run.ended is None and run.status != RUNNING:
        return None
    return between(run.started, run.ended, now)
