"""The job that predicts files: each written whole and recorded, one after the other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mlops_tui.core.clock import now
from mlops_tui.core.ids import new_id
from mlops_tui.core.printable import printable
from mlops_tui.data.options import ReadOptions
from mlops_tui.data.query import get_source
from mlops_tui.jobs.context import JobContext
from mlops_tui.registry.engine.load import load_version
from mlops_tui.registry.model import ModelVersion
from mlops_tui.registry.query import get_version
from mlops_tui.serving.engine.batch import Predicted, predict_file
from mlops_tui.store.store import Store


def run(context: JobContext) -> dict[str, Any]:
    """Predicts each of `spec["files"]` ({"in", "out", "source_id"}) with the version `spec["version_id"]`.

    Returns {"batches": [{"model", "version", "rows", "rejected", "out", "unknown"}]}; `unknown` counts rows with a
    category that training has not seen, by column.

    Raises:
        ModelFileError: the version's file cannot be used.
        SchemaMismatch: a file does not fit the signature; its rows are not predicted.
        FileUnreadable: a file cannot be read.
        UsageError: a result cannot be written where it should be.
    """
    store, files = context.store, context.spec["files"]
    version = get_version(store.reader, context.spec["version_id"])
    pipeline = load_version(store, version)
    batches: list[dict[str, Any]] = []
    for position, file in enumerate(files):
        if context.wanted() == "stop":
            break
        given, out, source_id = Path(file["in"]), Path(file["out"]), file.get("source_id")

        def on_rows(done: int, total: int, at: int = position, name: str = given.name) -> None:
            """Rows tell the progress of one file, files that of several."""
            context.progress(*((done, total) if len(files) == 1 else (at, len(files))), note=printable(name))

        options = options_of(store, source_id or version.source_id)
        found = predict_file(pipeline, version, given, out, options, on_rows)
        record(store, version, given, out, source_id, found)
        context.log(f"{printable(given.name)}: {found.rows:,} rows predicted, {found.rejected:,} without a prediction")
        if len(files) > 1:
            context.progress(position + 1, len(files))
        batches.append(
            {
                "model": version.model,
                "version": version.number,
                "rows": found.rows,
                "rejected": found.rejected,
                "out": str(out),
                "unknown": found.scores["unknown"],
            }
        )
    return {"batches": batches}


def options_of(store: Store, source_id: str | None) -> ReadOptions:
    """How the files of a source are read; as each file tells where there is none."""
    if source_id is None:
        return ReadOptions()
    return ReadOptions.from_json(json.dumps(get_source(store.reader, source_id).options))


def record(
    store: Store, version: ModelVersion, given: Path, out: Path, source_id: str | None, found: Predicted
) -> None:
    """Writes the batch down; the same file predicted again by the same version replaces its row."""
    places = store.workspace
    file, written = places.relative(given), places.relative(out)
    with store.write() as writing:
        writing.execute(
            "INSERT INTO prediction_batch (id, version_id, source_id, file_hash, file, rows, rejected, out, scores, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (version_id, file_hash) DO UPDATE SET"
            " source_id = excluded.source_id, file = excluded.file, rows = excluded.rows, rejected = excluded.rejected,"
            " out = excluded.out, scores = excluded.scores, at = excluded.at",
            (
                new_id(),
                version.id,
                source_id,
                found.file_hash,
                file,
                found.rows,
                found.rejected,
                written,
                json.dumps(found.scores),
                now(),
            ),
        )
        writing.event(
            "predicted",
            ("model", version.model_id, version.model),
            after={"version": version.number, "file": file, "rows": found.rows, "out": written},
        )
        writing.changed("predictions")
