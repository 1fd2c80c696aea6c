"""Batches of predictions as their readers see them, and where one may be written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable

FORMATS = {".csv": "csv", ".parquet": "parquet"}


@dataclass(frozen=True, slots=True)
class PredictionBatch:
    """One file that a version predicted.

    `scores` profiles the probability of the positive class (two classes), the greatest probability (more), or the
    prediction itself (regression): {"of", "count", "mean", "std", "deciles": 11 numbers from 0 to 100 %, "labels":
    {label: rows}, "unknown": {column: rows with a category that training has not seen}}.
    """

    id: str
    version_id: str
    model: str
    version: int
    source_id: str | None
    file: str
    file_hash: str
    rows: int
    rejected: int
    out: str
    scores: dict[str, Any]
    at: str


def out_format(given: Path, out: Path) -> str:
    """The format, csv or parquet, that the name of the file to write asks for.

    Raises:
        UsageError: another ending, no such folder, or the file that is read.
    """
    shown = printable(out.name)
    found = FORMATS.get(out.suffix.lower())
    if found is None:
        raise UsageError(f"'{shown}' ends in no known format.", f"Let it end in {' or '.join(FORMATS)}.")
    if not out.parent.is_dir():
        raise UsageError(f"There is no folder {printable(str(out.parent))} to write {shown} in.", "Make it first.")
    if out.is_dir():
        raise UsageError(f"{printable(str(out))} is a folder.", "Name a file to write.")
    if out.resolve() == given.resolve():
        raise UsageError(f"{shown} is the file that is read.", "Write the predictions to another one.")
    return found
