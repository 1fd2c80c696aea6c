"""What is written down of a batch of predictions, and what a job says of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlops_tui.core.clock import now
from mlops_tui.core.ids import new_id
from mlops_tui.data.query import members
from mlops_tui.registry.model import ModelVersion
from mlops_tui.serving.engine.batch import Predicted
from mlops_tui.serving.engine.said import Loaded
from mlops_tui.serving.policy import UNKNOWN
from mlops_tui.serving.retention import remove_unused
from mlops_tui.store.store import Store

_COLUMNS = (
    *("id", "version_id", "source_id", "file", "file_hash", "rows", "rejected", "out", "scores", "at"),
    *("aside", "threshold", "threshold_of", "findings", "shadow", "log"),
)
_KEY = ("id", "version_id", "file_hash")


def record(store: Store, model: Loaded, given: Path, out: Path, source_id: str | None, found: Predicted) -> None:
    """Writes the batch down; the same file predicted again by the same version replaces its row, and its log."""
    places, version = store.workspace, model.version
    file, written = places.relative(given), places.relative(out)
    values = (
        *(new_id(), version.id, source_id, file, found.file_hash, found.rows, found.rejected, written),
        *(json.dumps(found.scores), now(), found.aside),
        *((None, None) if model.threshold is None else (model.threshold.value, model.threshold.of)),
        json.dumps([finding.shown() for finding in found.findings]),
        None if found.shadow is None else json.dumps(found.shadow),
        found.log,
    )
    updates = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name not in _KEY)
    with store.write() as writing:
        before = writing.execute(
            "SELECT log FROM prediction_batch WHERE version_id = ? AND file_hash = ?", (version.id, found.file_hash)
        ).fetchone()
        writing.execute(
            f"INSERT INTO prediction_batch ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"
            f" ON CONFLICT (version_id, file_hash) DO UPDATE SET {updates}",
            values,
        )
        writing.event(
            "predicted",
            ("model", version.model_id, version.model),
            after={"version": version.number, "file": file, "rows": found.rows, "out": written},
        )
        writing.changed("predictions")
    remove_unused(store, before or ())


def learnt_from(store: Store, version: ModelVersion, found: Sequence[Predicted]) -> int:
    """How many of the files are among those that the version learnt from."""
    if version.source_id is None or version.data_version is None:
        return 0
    hashes = {file.hash for file in members(store.reader, version.source_id, version.data_version)}
    return sum(one.file_hash in hashes for one in found)


def outcome(
    model: Loaded, out: Path, rejects: Path | None, found: Sequence[Predicted], *, learnt: int
) -> dict[str, Any]:
    """What came of one result, as JSON prints it: sums over its files, `learnt` of which the version has learnt from."""
    checks = [{"file_hash": one.file_hash, **finding.shown()} for one in found for finding in one.findings]
    unknown: dict[str, int] = {}
    for check in checks:
        if check["check"] == UNKNOWN:
            unknown[check["column"]] = unknown.get(check["column"], 0) + check["count"]
    return {
        "model": model.version.model,
        "version": model.version.number,
        "files": len(found),
        "rows": sum(one.rows for one in found),
        "rejected": sum(one.rejected for one in found),
        "out": str(out),
        "threshold": None if model.threshold is None else model.threshold.shown(),
        "unknown": unknown,
        "checks": checks,
        "read_as": None,
        "learnt": learnt,
        "rejects": None if rejects is None else str(rejects),
        "aside": sum(one.aside for one in found),
        "shadow": _together([one.shadow for one in found if one.shadow is not None]),
        "logs": [one.log for one in found if one.log is not None],
    }


def _together(parts: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The disagreement over all files, weighed by their rows."""
    if not parts:
        return None
    rows = sum(part["rows"] for part in parts)
    apart = sum((part["mean_absolute_difference"] or 0.0) * part["rows"] for part in parts)
    has_labels = any(part["different"] is not None for part in parts)
    different = sum(part["different"] or 0 for part in parts) if has_labels else None
    return {
        **parts[0],
        "left": None if parts[0]["left"] is None else min(part["left"] for part in parts),
        "why": next((part["why"] for part in parts if part["why"] is not None), None),
        "rows": rows,
        "different": different,
        "share": different / rows if different is not None and rows else None,
        "mean_absolute_difference": apart / rows if rows else None,
    }
