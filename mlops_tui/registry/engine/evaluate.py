"""The test figure: a version's metrics on the rows that were held out when it learnt; each look at them is counted."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from mlops_tui.core.errors import DataError
from mlops_tui.evaluation.answers import Answers
from mlops_tui.evaluation.held_out import row_set_hash
from mlops_tui.evaluation.metrics import BINARY, METRICS
from mlops_tui.evaluation.verdict import CONFIDENCE, drawn
from mlops_tui.jobs.context import JobContext
from mlops_tui.registry.engine.frame import typed
from mlops_tui.registry.engine.gates.judged import learnt_by, study_of
from mlops_tui.registry.engine.labels import are_known, codes
from mlops_tui.registry.engine.load import load_version
from mlops_tui.registry.engine.score import scores
from mlops_tui.registry.model import LOOKED, TEST, ModelVersion
from mlops_tui.registry.query import count_looks, get_model, version_of
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.fit import Prepared, place_of_positive
from mlops_tui.tuning.model import Study

_STEPS = 2


def run(context: JobContext) -> dict[str, Any]:
    """Scores `spec["version"]` of the model `spec["model"]` (an id) on the rows that were held out of what it learnt from, by each metric
    that fits its task; the study's own has an interval of 95 %, of rows drawn anew. The figures are kept with the version.

    Returns {"model", "version", "metric", "value", "interval", "rows", "metrics", "looks"}.

    Raises:
        ModelFileError: the version's file cannot be used.
        DataError: no row was held out, or nobody knows what it learnt from.
    """
    spec, store = context.spec, context.store
    version = version_of(store.reader, get_model(store.reader, spec["model"]), spec["version"])
    study = study_of(store, version)
    pipeline = load_version(store, version)
    context.progress(0, _STEPS, note="reading the held-out rows", force=True)
    prepared = learnt_by(store, version)
    answers = _answers(version, study, prepared, pipeline)
    context.progress(1, _STEPS, note="scoring them", force=True)
    metrics = _metrics(answers, study.task)
    draws = drawn(answers, study.metric, study.seed)[1:]
    known = draws[np.isfinite(draws)]
    tail = (1 - CONFIDENCE) / 2
    interval = [float(bound) for bound in np.quantile(known, (tail, 1 - tail))] if len(known) else None
    told: dict[str, Any] = {
        "metric": study.metric,
        "value": metrics.get(study.metric),
        "interval": interval,
        "rows": len(answers.truth),
        "held_out_hash": row_set_hash(prepared.held_out),
    }
    _keep(store, version, study, metrics, told)
    context.progress(_STEPS, _STEPS)
    looks = count_looks(store.reader, told["held_out_hash"])
    return {"model": version.model, "version": version.number, **told, "metrics": metrics, "looks": looks}


def _answers(version: ModelVersion, study: Study, prepared: Prepared, pipeline: Any) -> Answers:
    signature, frame = version.signature, prepared.held_out
    if not len(frame):
        raise DataError(f"No row was held out when {version.label} learnt.", "Ask its gates: they judge by newer rows.")
    said = scores(pipeline, typed(frame, signature.columns), signature)
    if not signature.is_classifier:
        return Answers(study.task, prepared.y_held_out, said, "", weights=prepared.held_out_weights)
    rows = np.flatnonzero(are_known(prepared.y_held_out.tolist(), signature.classes))
    return Answers(
        study.task,
        codes(prepared.y_held_out[rows], signature.classes),
        said[rows, 1] if study.task == BINARY else said[rows],
        "",
        tuple(map(str, signature.classes)),
        positive=place_of_positive(study, signature.classes),
        weights=None if prepared.held_out_weights is None else prepared.held_out_weights[rows],
    )


def _metrics(answers: Answers, task: str) -> dict[str, float | None]:
    """Each metric that is defined on these rows."""
    found: dict[str, float | None] = {}
    for name, metric in METRICS.items():
        if task not in metric.scorers:
            continue
        try:
            value = answers.value(name, np.arange(len(answers.truth)))
        except ValueError:
            continue
        found[name] = value if np.isfinite(value) else None
    return found


def _keep(
    store: Store, version: ModelVersion, study: Study, metrics: dict[str, float | None], told: dict[str, Any]
) -> None:
    kept = {**version.metrics, f"{TEST}{study.metric}": metrics.get(study.metric)}
    with store.write() as writing:
        writing.execute("UPDATE model_version SET metrics = ? WHERE id = ?", (json.dumps(kept), version.id))
        writing.event(
            LOOKED,
            ("model", version.model_id, version.model),
            why="evaluated",
            after={"version": version.number, "study": study.id, "source": study.source_id, **told},
        )
        writing.changed("models")
