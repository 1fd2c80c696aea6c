"""Registering a model that was made elsewhere: its file is copied, opened within limits, tried on rows, and kept as a version."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from skops import io

from mlops_tui.core.errors import MlopsError, ModelFileError
from mlops_tui.core.printable import printable
from mlops_tui.jobs.context import JobContext
from mlops_tui.registry.engine.file import parse, untrusted_types
from mlops_tui.registry.engine.foreign import Opened, copied, open_foreign
from mlops_tui.registry.engine.frame import typed
from mlops_tui.registry.engine.keep import Kept, Origin, add_version, checks_of, refuse_other_task
from mlops_tui.registry.engine.onnx_model import OnnxModel, columns_read, labels_in
from mlops_tui.registry.engine.score import scores
from mlops_tui.registry.engine.signing import (
    Rows,
    as_learnt,
    chosen,
    require_predicting,
    rows_of_file,
    rows_of_version,
    signature_of,
)
from mlops_tui.registry.formats import JOBLIB, ONNX, SKOPS
from mlops_tui.registry.model import Signature, valid_name
from mlops_tui.registry.query import get_version
from mlops_tui.store.artifact import put
from mlops_tui.store.session import write_session
from mlops_tui.store.store import Store

_STEPS = 4
MEGABYTE = 1_000_000


def run(context: JobContext) -> dict[str, Any]:
    """Registers `spec["file"]` as the next version of the model `spec["name"]`; its signature is that of the version
    `spec["like"]`, or taken from the rows of `spec["sample"]` without their column `spec["target"]`.

    `spec["trust"]` says that a person vouches for what it holds. Returns {"model", "version", "version_id", "format",
    "file", "types", "left_out"}; `left_out` are columns of the rows that the model does not read.

    Raises:
        ModelFileError: it is no model, is not vouched for, or does not predict the rows.
        SchemaMismatch: the rows have not the columns that it was fitted with.
        UsageError: the name cannot be a model's, or the task is another.
    """
    spec, store, settings = context.spec, context.store, context.settings
    name, path = valid_name(spec["name"]), Path(spec["file"])
    context.progress(0, _STEPS, note="reading the rows")
    like = None if spec["like"] is None else get_version(store.reader, spec["like"])
    rows = rows_of_version(like) if like is not None else rows_of_file(Path(spec["sample"]), spec["target"])
    context.progress(1, _STEPS, note="copying the file", force=True)
    most = settings.model_file_memory * MEGABYTE
    with copied(store.workspace, path) as copy:
        context.progress(2, _STEPS, note=f"opening {printable(path.name)}", force=True)
        with context.lease.piece(seconds=settings.model_file_seconds, memory=most):
            found = open_foreign(copy, trust=spec["trust"], most_bytes=most)
            model, signature, aside = _signed(found, copy, rows, spec["task"])
            if like is not None:
                signature = replace(signature, positive=like.signature.positive)
            refuse_other_task(store, name, signature.task)
            kept = _kept(store, copy, replace(found, model=model), signature, rows.frame)
        context.progress(3, _STEPS, note="registering", force=True)
        file = store.workspace.relative(path)
        family = spec["family"] or _family(model)
        with write_session(store) as writing:
            version = add_version(writing, name, kept, Origin(None, None, None, None, family, {}, {}, file=file))
    context.progress(_STEPS, _STEPS)
    context.log(f"{printable(name)} version {version.number} registered from {printable(path.name)} ({kept.format})")
    _tell(context, found, kept, aside)
    return {
        "model": name,
        "version": version.number,
        "version_id": version.id,
        "format": kept.format,
        "file": file,
        "types": list(kept.types),
        "left_out": aside,
    }


def _tell(context: JobContext, found: Opened, kept: Kept, aside: Sequence[str]) -> None:
    if kept.types:
        context.log(f"it may hold these types, and no other: {', '.join(map(printable, kept.types))}")
    if found.format != kept.format:
        context.log("it is kept as skops, which says the same of these rows bit by bit and runs no code")
    if aside:
        context.log(f"the model does not read: {', '.join(map(printable, aside))}")


def _signed(found: Opened, copy: Path, rows: Rows, task: str | None) -> tuple[Any, Signature, list[str]]:
    """The model as our code asks it, its signature, and the columns that it does not read."""
    name, rows = printable(copy.name), as_learnt(rows, found.model)
    if found.format == ONNX:
        read = columns_read(found.model, [column.name for column in rows.columns])
        aside = [column.name for column in rows.columns if column.name not in read]
        rows = replace(rows, columns=tuple(column for column in rows.columns if column.name in read))
        model = OnnxModel(found.model, read)
        classes = _classes_of_onnx(model, copy, rows, task)
        told = task if task is not None else (None if classes else "regression")
        signature = signature_of(rows, classes, told, model, name)
        model = OnnxModel(found.model, signature.names, signature.classes)
        require_predicting(model, rows, signature, name)
        _require_same_labels(model, rows, signature, name)
        return model, signature, aside
    model = found.model
    rows, aside = chosen(rows, model, name)
    signature = signature_of(rows, _classes_of(model, name), task, model, name)
    require_predicting(model, rows, signature, name)
    return model, signature, aside


def _classes_of(model: Any, name: str) -> Sequence[Any]:
    classes = getattr(model, "classes_", None)
    if classes is None:
        return ()
    if isinstance(classes, list) or np.asarray(classes).ndim != 1:
        raise ModelFileError(f"{name} says several targets at once.", "Write a model of one target.")
    return list(np.asarray(classes))


def _classes_of_onnx(model: OnnxModel, copy: Path, rows: Rows, task: str | None) -> Sequence[Any]:
    """As its probabilities, else its nodes name them; else the target's values, where there are as many."""
    if not model.is_classifier and task in (None, "regression"):
        return ()
    name, frame = printable(copy.name), typed(rows.frame.head(1), rows.columns)
    try:
        known = model.keys(frame) or labels_in(copy)
        width = model.predict_proba(frame).shape[1]
    except ValueError as error:
        raise ModelFileError(
            f"{name} does not predict the rows: {error}.", "Give rows as it was trained on."
        ) from error
    for classes in (known, rows.labels):
        if len(classes) == width:
            return list(classes)
    raise ModelFileError(
        f"{name} says {width} probabilities, and '{printable(rows.target)}' has {len(rows.labels)} values.",
        "Give rows in which every class is, or a version that says the same classes (--like M:3).",
    )


def _require_same_labels(model: OnnxModel, rows: Rows, signature: Signature, name: str) -> None:
    """Raises ModelFileError where its labels are not those that its probabilities are the greatest of."""
    frame = typed(rows.frame, signature.columns)
    said = model.labels_of(frame)
    if not said or not signature.is_classifier:
        return
    table = np.sort(model.predict_proba(frame), axis=1)
    clear = table[:, -1] - table[:, -2] > 1e-6
    told = model.predict(frame)
    if any(str(one) != str(other) for one, other, sure in zip(said, told, clear, strict=True) if sure):
        raise ModelFileError(
            f"{name} says other labels than '{printable(rows.target)}' has, or in another order.",
            "Give rows in which every class is.",
        )


def _kept(store: Store, copy: Path, found: Opened, signature: Signature, frame: pd.DataFrame) -> Kept:
    """The file as an artifact: as it is, or a pickle as skops where that says the same of the rows bit by bit."""
    checks = checks_of(found.model, frame, signature)
    with tempfile.TemporaryDirectory(dir=copy.parent) as folder:
        source, format_, types = copy, found.format, found.types
        if format_ == JOBLIB:
            rewritten = Path(folder) / "model.skops"
            known = _as_skops(rewritten, found.model, signature, typed(frame, signature.columns))
            if known is not None:
                source, format_, types = rewritten, SKOPS, known

        def write(path: Path) -> None:
            shutil.copyfile(source, path)

        digest = put(store.workspace, write)
        return Kept(digest, source.stat().st_size, types, signature, checks, format_)


def _as_skops(path: Path, model: Any, signature: Signature, rows: pd.DataFrame) -> tuple[str, ...] | None:
    """Writes the model with skops; the types it holds, or None where it cannot be written or says otherwise once read."""
    try:
        io.dump(model, path)
        types = untrusted_types(path)
        same = np.array_equal(
            scores(parse(path, types), rows, signature), scores(model, rows, signature), equal_nan=True
        )
    except MlopsError:
        return None
    except Exception:  # noqa: BLE001 - whatever an object does not allow: it is kept as it came
        return None
    return tuple(types) if same else None


def _family(model: Any) -> str:
    """What the estimator is called: that of a pipeline's last step."""
    if isinstance(model, OnnxModel):
        return ONNX
    steps = getattr(model, "steps", None)
    return type(steps[-1][1] if steps else model).__name__
