"""Runs side by side, as rows and sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from mlops_tui.evaluation.metrics import MAXIMIZE, direction_by_name
from mlops_tui.presenters.words import MISSING, Cell, one_line, value
from mlops_tui.runs.beside import METRICS, Line, Value

TITLES = {"params": "Parameters", "metrics": "Metrics", "tags": "Tags", "origin": "Origin"}


def best_of(line: Line) -> int | None:
    """Which of the runs is the best in a metric, by its place; None where the name does not tell which way, or all are alike."""
    way = direction_by_name(line.key) if line.table == METRICS else None
    numbers = {
        place: float(found)
        for place, found in enumerate(line.values)
        if isinstance(found, int | float) and math.isfinite(found)
    }
    if way is None or len(set(numbers.values())) < 2:
        return None
    return (max if way == MAXIMIZE else min)(numbers, key=lambda place: numbers[place])


def cells(line: Line) -> list[Cell]:
    """What stands in a line for each run; the best of a metric is marked."""
    best = best_of(line)
    return [Cell(shown(found), "good" if place == best else "") for place, found in enumerate(line.values)]


def shown(found: Value) -> str:
    """A value as it is shown."""
    if found is None:
        return MISSING
    if isinstance(found, bool):
        return "yes" if found else "no"
    return value(found) if isinstance(found, float) else one_line(str(found), 60)


def sentence(verdict: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """A verdict in words: `a is better by 0.013 roc_auc, 95 % between 0.004 and 0.021`."""
    one, other = names[verdict["a"]], names[verdict["b"]]
    if verdict["verdict"] == "unknown":
        return f"{one} and {other} cannot be told apart: {verdict['why']}."
    low, high = sorted(abs(bound) for bound in verdict["interval"])
    by = f"on {verdict['n']:,} {verdict['by']}"
    if verdict["verdict"] == "too_close":
        signed = " and ".join(_signed(bound) for bound in verdict["interval"])
        return (
            f"{one} and {other} are too close to call {by}: they differ by {value(abs(verdict['difference']))}"
            f" {verdict['metric']}, 95 % between {signed}."
        )
    better, than = (one, other) if verdict["verdict"] == "better" else (other, one)
    return (
        f"{better} is better than {than} by {value(abs(verdict['difference']))} {verdict['metric']},"
        f" 95 % between {value(low)} and {value(high)}, {by}."
    )


def _signed(number: float) -> str:
    return f"{'-' if number < 0 else '+'}{value(abs(number))}"


def folded(lines: Sequence[Line]) -> tuple[list[Line], int]:
    """What differs, and how many lines are alike in all runs."""
    found = [line for line in lines if line.differs]
    return found, len(lines) - len(found)
