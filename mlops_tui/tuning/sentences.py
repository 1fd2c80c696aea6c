"""What is said of a study's plan when it is made: its task, its folds and its limits, and why they are so."""

from __future__ import annotations

from typing import Any

from mlops_tui.data.model import Source
from mlops_tui.evaluation.metrics import REGRESSION


def about_limits(seconds: float | None, memory: int | None) -> list[str]:
    """What a trial may take, where that is limited."""
    limits = [
        *([] if seconds is None else [f"take {seconds:g} s"]),
        *([] if memory is None else [f"hold {memory / 1e6:,.0f} MB of memory"]),
    ]
    return [f"A trial may {' and '.join(limits)}; one that goes beyond has failed."] if limits else []


def about_task(task: str, target: str, column: dict[str, Any]) -> str:
    """The task, and what in the target says so."""
    distinct = column["distinct"] or 0
    if task == REGRESSION:
        return f"The task is regression: '{target}' holds numbers, about {distinct:,} different ones."
    return f"The task is {task}: '{target}' has {distinct:,} different values."


def about_split(source: Source, task: str) -> str:
    """How the folds are drawn, and which column says so."""
    if source.time_column is not None:
        return f"Folds go forward in time, by '{source.time_column}'."
    if source.group_column is not None:
        return f"Folds keep the rows of one '{source.group_column}' together."
    return "Folds are drawn at random." if task == REGRESSION else "Folds keep the shares of the classes."
