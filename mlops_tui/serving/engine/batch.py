"""Predicting one file: checked against the signature, read and predicted in batches, written whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_tui.data.engine.reading import content_hash
from mlops_tui.data.options import ReadOptions
from mlops_tui.registry.engine.frame import unknown_categories
from mlops_tui.registry.engine.score import scores
from mlops_tui.registry.model import ModelVersion
from mlops_tui.serving.engine.fitting import frames, open_fitting
from mlops_tui.serving.engine.writing import predictions_to, require_free
from mlops_tui.serving.model import out_format

BATCH_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Predicted:
    """What came of a file. `rejected` are rows without a finite prediction; `scores` is their profile."""

    file_hash: str
    rows: int
    rejected: int
    scores: dict[str, Any]


def predict_file(
    pipeline: Any,
    version: ModelVersion,
    given: Path,
    out: Path,
    options: ReadOptions,
    on_rows: Callable[[int, int], None] = lambda done, total: None,
) -> Predicted:
    """Writes the file's columns with `prediction` and the probability, in memory that does not grow with the file."""
    format_ = out_format(given, out)
    signature = version.signature
    given = given.resolve()
    unknown: Counter[str] = Counter()
    with open_fitting(given, options, version) as file, predictions_to(given, out, signature) as (table, temporary):
        require_free(file, given, signature)
        done = 0
        for frame in frames(file, signature.columns, BATCH_ROWS):
            table.add(scores(pipeline, frame, signature))
            unknown.update(unknown_categories(frame, signature.columns))
            done += len(frame)
            on_rows(done, file.shape.rows)
        table.write(file, given, temporary, format_)
        profile = {**table.profile(), "unknown": dict(unknown)}
        return Predicted(content_hash(given), done, table.count_rejected(), profile)
