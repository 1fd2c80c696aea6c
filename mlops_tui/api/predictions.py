"""What a model of the script's own said of rows that it had not learnt from: it can then be compared with other runs'."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlops_tui.api.tracking import active_run
from mlops_tui.evaluation.answers import answers
from mlops_tui.runs.artifact import PREDICTIONS


def log_predictions(
    truth: Any,
    said: Any,
    *,
    classes: Sequence[Any] | None = None,
    ids: Any = None,
    task: str | None = None,
    name: str = "predictions.npz",
) -> None:
    """Keeps with the active run what its model said of rows that it had not learnt from, beside the truth: `said` are numbers, labels,
    the probabilities of the second of two classes, or a column of them for each class, in the order of `classes`, by default
    sorted. Runs whose rows are the same, by their `ids` and the truth, are compared row by row.

    Raises:
        UsageError: no run is active, or the two do not fit each other.
    """
    run = active_run()
    run.log_bytes(answers(truth, said, classes, ids, task).to_bytes(), name, PREDICTIONS)
