"""Batches of predictions as their readers see them, and where one may be written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable

FORMATS = {".csv": "csv", ".parquet": "parquet", ".jsonl": "json", ".ndjson": "json"}
"""How a file of predictions is written, by its ending; `json` is an object a line."""
PACKED = (".gz", ".zst")


@dataclass(frozen=True, slots=True)
class PredictionBatch:
    """One file that a version predicted.

    `scores` profiles the probability of the positive class (two classes), the greatest probability (more), or the
    prediction itself (regression): {"of", "count", "mean", "std", "deciles": 11 numbers from 0 to 100 %, "labels":
    {label: rows}}. `aside` rows were set aside; `findings` are as `policy.Finding.shown` has them; `shadow` is how far another
    version disagrees, as `engine.scoring.Disagreement` has it; `log` is the artifact (sha256) with what was said of each row.
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
    aside: int = 0
    threshold: float | None = None
    threshold_of: str | None = None
    findings: Sequence[dict[str, Any]] = ()
    shadow: dict[str, Any] | None = None
    log: str | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file of a source that came and is to be predicted; `path` is relative to the source's folder."""

    id: str
    path: str
    hash: str


@dataclass(frozen=True, slots=True)
class Shadowed:
    """A file that was predicted with another version in the shadow; `log` has what both said, None where it is gone."""

    file: str
    file_hash: str
    log: str | None
    at: str


@dataclass(frozen=True, slots=True)
class Ways:
    """How a file is to be predicted, beside which and by what; None is the usual way.

    `threshold` is a probability or a metric, `shadow` names a version to run beside (for a while after a promotion the
    champion before does by itself), `rejects` is where rows are set aside to; the others are policies.
    """

    threshold: str | None = None
    shadow: str | None = None
    rejects: Path | None = None
    unknown_category: str | None = None
    out_of_range: str | None = None
    missing_value: str | None = None

    @property
    def policies(self) -> dict[str, str | None]:
        """What is told of each check."""
        return {name: getattr(self, name) for name in ("unknown_category", "out_of_range", "missing_value")}


USUAL_WAYS = Ways()


def format_of(out: Path) -> str:
    """The format, csv, parquet or json, that the name of a file to write asks for. Raises UsageError."""
    found = FORMATS.get(out.suffix.lower())
    if found is None:
        raise UsageError(f"'{printable(out.name)}' ends in no known format.", f"Let it end in {_endings()}.")
    return found


def _endings() -> str:
    *some, last = FORMATS
    return f"{', '.join(some)} or {last}"


def out_format(given: Path | None, out: Path) -> str:
    """The format that the name of the file to write asks for, where it can be written.

    Raises:
        UsageError: another ending, no such folder, or the file that is read.
    """
    shown = printable(out.name)
    found = format_of(out)
    if not out.parent.is_dir():
        raise UsageError(f"There is no folder {printable(str(out.parent))} to write {shown} in.", "Make it first.")
    if out.is_dir():
        raise UsageError(f"{printable(str(out))} is a folder.", "Name a file to write.")
    if given is not None and out.resolve() == given.resolve():
        raise UsageError(f"{shown} is the file that is read.", "Write the predictions to another one.")
    return found


def name_of_result(path: str) -> str:
    """What the predictions of a file are called: like it, and in its format where that can be written, else CSV."""
    plain = PurePath(path.replace("/", "-"))
    while plain.suffix.lower() in PACKED:
        plain = plain.with_suffix("")
    ending = plain.suffix.lower() if plain.suffix.lower() in FORMATS else ".csv"
    return f"{plain.stem}-predictions{ending}"
