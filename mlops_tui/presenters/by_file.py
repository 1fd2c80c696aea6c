"""One column file by file: how much is missing, and where its values lie."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from mlops_tui.core.clock import to_seconds
from mlops_tui.core.printable import printable
from mlops_tui.plot import sparkline
from mlops_tui.presenters.column import figure, moment, percent
from mlops_tui.presenters.words import MISSING, Cell, count, duration, one_line, value

LINE = 24
"""Cells of the line over the files."""

Told = Mapping[str, Any]


def is_counted(told: Told) -> bool:
    """Whether a share of one value is told rather than a mean."""
    return told["value"] is not None


def middle_title(told: Told) -> str:
    """What the column of figures is called: the mean, or the value whose share it is."""
    return f"share of {one_line(told['value'] or '', 16)}" if is_counted(told) else "mean"


def by_file_cells(told: Told, file: Told) -> tuple[Cell, ...]:
    """File, rows, missing share, mean or share, deviation, range."""
    missing = file["missing"] / file["rows"] if file["rows"] else 0.0
    return (
        Cell(one_line(file["file"])),
        Cell(count(file["rows"])),
        Cell(percent(missing), "warn" if missing >= 0.5 else "" if missing else "dim"),
        Cell(_middle(told, file)),
        Cell(_deviation(file["std"], told["kind"]), "dim"),
        Cell(_range(file), "dim"),
    )


def _middle(told: Told, file: Told) -> str:
    if is_counted(told):
        return MISSING if file["share"] is None else percent(file["share"])
    return _shown(file["mean"])


def _deviation(std: float | None, kind: str) -> str:
    if std is None:
        return MISSING
    return duration(std) if kind == "date-time" else value(std)


def _shown(found: float | str | None) -> str:
    """A figure, or the day of a moment."""
    if found is None:
        return MISSING
    return found[:10] if isinstance(found, str) else figure(found)


def _range(file: Told) -> str:
    """The least and the greatest value, of a single day the times, and how many are infinite."""
    low, high = file["min"], file["max"]
    found = "" if low is None else f"{_shown(low)} to {_shown(high)}"
    if isinstance(low, str) and low[:10] == high[:10]:
        found = moment(low) if low == high else f"{low[:10]} {low[11:16]} to {high[11:16]}"
    infinite = f"{count(file['infinite'])} infinite" if file.get("infinite") else ""
    return ", ".join(filter(None, (found, infinite)))


def by_file_lines(told: Told, *, symbols: str) -> str:
    """The middle and the missing share over the files, each in a line of its own levels; empty for a single file."""
    files: Sequence[Told] = told["files"]
    if len(files) < 2:
        return ""
    middles = [_number(file["share"] if is_counted(told) else file["mean"]) for file in files]
    missing = [file["missing"] / file["rows"] if file["rows"] else math.nan for file in files]
    width = min(LINE, len(files))
    parts = []
    if any(math.isfinite(number) for number in middles):
        parts.append(f"{middle_title(told)} {sparkline(middles, width, symbols=symbols)}")
    if any(missing):
        line = sparkline([0.0, *missing], width + 1, symbols=symbols)[1:]  # levels count from zero
        parts.append(f"missing {line}")
    return "   ".join(parts)


def _number(found: float | str | None) -> float:
    if found is None:
        return math.nan
    return to_seconds(found) if isinstance(found, str) else found


def by_file_title(source: str, column: str) -> str:
    """What the panel is called."""
    return f"{printable(column)} by file of {printable(source)}"
