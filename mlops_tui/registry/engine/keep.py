"""Keeping a fitted pipeline as a model version: the file, what is recorded of it, and its number."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlops_tui.core.clock import now
from mlops_tui.core.code import code_of
from mlops_tui.core.errors import ModelFileError, UsageError
from mlops_tui.core.ids import new_id
from mlops_tui.core.printable import printable
from mlops_tui.registry.engine.environment import environment
from mlops_tui.registry.engine.file import dump, parse
from mlops_tui.registry.engine.frame import to_rows, typed
from mlops_tui.registry.engine.score import scores
from mlops_tui.registry.formats import SKOPS
from mlops_tui.registry.model import CHAMPION, REGISTERED, Signature
from mlops_tui.registry.table import ModelRow, ModelVersionRow
from mlops_tui.store.artifact import place
from mlops_tui.store.session import SessionWriting
from mlops_tui.store.store import Store

CHECK_ROWS = 5
VERIFIED_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class Kept:
    """A model file that was written and read back: its sha256, bytes and types, and rows with what it said of them."""

    artifact: str
    size: int
    types: tuple[str, ...]
    signature: Signature
    checks: dict[str, Any]
    format: str = SKOPS


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a version comes from: the run, its recipe, the data, and what was measured in training; or the `file` that
    was made elsewhere.
    """

    run_id: str | None
    study_id: str | None
    source_id: str | None
    data_version: int | None
    family: str
    params: dict[str, Any]
    metrics: dict[str, float | None]
    parent: int | None = None
    window: str | None = None
    held_out: dict[str, Any] | None = None
    file: str | None = None
    fit_seconds: float | None = None
    answers: str | None = None


def refuse_other_task(store: Store, name: str, task: str) -> None:
    """Raises UsageError where the model exists and does another task."""
    row = store.reader.execute("SELECT task FROM model WHERE name = ?", (name,)).fetchone()
    if row is not None and row[0] != task:
        raise UsageError(
            f"{printable(name)} is a model for {row[0]}; this one is for {task}.", "Register it under another name."
        )


def keep(store: Store, pipeline: Any, signature: Signature, training: pd.DataFrame) -> Kept:
    """Writes the model file and reads it back.

    Raises:
        ModelFileError: the model that was read back does not predict the same, bit by bit.
    """
    digest, size, types = dump(store.workspace, pipeline)
    rows = typed(training.head(VERIFIED_ROWS), signature.columns)
    again = parse(place(store.workspace, digest), types)
    if not np.array_equal(scores(again, rows, signature), scores(pipeline, rows, signature), equal_nan=True):
        raise ModelFileError(
            "The model predicts otherwise once it is written and read again.", "Choose a run of another family."
        )
    return Kept(digest, size, tuple(types), signature, checks_of(pipeline, training, signature))


def checks_of(model: Any, frame: pd.DataFrame, signature: Signature) -> dict[str, Any]:
    """A few of the rows, spread over the frame, with what the model says of them."""
    chosen = np.unique(np.linspace(0, len(frame) - 1, CHECK_ROWS).astype(int))
    check = typed(frame.iloc[chosen], signature.columns)
    return {"rows": to_rows(check), "scores": scores(model, check, signature).tolist()}


def add_version(writing: SessionWriting, name: str, kept: Kept, origin: Origin) -> ModelVersionRow:
    """Adds the version under the next number, and the model itself where it is the first, in the open transaction."""
    model_id = _model_of(writing, name, kept.signature.task)
    newest = writing.execute(
        "SELECT coalesce(max(number), 0) FROM model_version WHERE model_id = ?", (model_id,)
    ).fetchone()[0]
    version = ModelVersionRow(
        id=new_id(),
        model_id=model_id,
        number=newest + 1,
        run_id=origin.run_id,
        study_id=origin.study_id,
        source_id=origin.source_id,
        data_version=origin.data_version,
        family=origin.family,
        params=json.dumps(origin.params),
        artifact=kept.artifact,
        size=kept.size,
        signature=kept.signature.to_json(),
        types=json.dumps(kept.types),
        environment=json.dumps({**environment(kept.format), "fit_seconds": origin.fit_seconds}),
        metrics=json.dumps(origin.metrics),
        checks=json.dumps(kept.checks),
        code=json.dumps(None if origin.file else code_of(Path.cwd())),
        created=now(),
        card=_card_before(writing, model_id, newest),
        parent=origin.parent,
        window=origin.window,
        held_out=json.dumps(origin.held_out) if origin.held_out else None,
        format=kept.format,
        file=origin.file,
        answers=origin.answers,
    )
    writing.add(version)
    after = {"version": version.number, "version_id": version.id, "run": version.run_id, "artifact": version.artifact}
    if origin.file is not None:
        after |= {"file": origin.file, "format": kept.format}
    writing.event(REGISTERED, ("model", model_id, name), after=after)
    writing.changed("models")
    return version


def _card_before(writing: SessionWriting, model_id: str, newest: int) -> str:
    """What was said of the champion holds until somebody says otherwise, and so does what was said of the newest version."""
    rows = writing.execute(
        "SELECT v.card FROM model_version AS v LEFT JOIN model_alias AS a"
        " ON a.model_id = v.model_id AND a.alias = ? AND a.version = v.number"
        " WHERE v.model_id = ? AND (v.number = ? OR a.alias IS NOT NULL) ORDER BY v.number = ?",
        (CHAMPION, model_id, newest, newest),
    )
    said: dict[str, str] = {}
    for (card,) in rows:
        said |= {name: text for name, text in json.loads(card).items() if text}
    return json.dumps(said)


def _model_of(writing: SessionWriting, name: str, task: str) -> str:
    row = writing.execute("SELECT id FROM model WHERE name = ?", (name,)).fetchone()
    if row is not None:
        return str(row[0])
    model_id = new_id()
    writing.add(ModelRow(id=model_id, name=name, task=task, created=now()))
    return model_id
