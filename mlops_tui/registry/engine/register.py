"""Registering a run: its recipe is fitted once more on all training rows, and the model kept as a version."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from mlops_tui.core.ids import short
from mlops_tui.core.printable import printable
from mlops_tui.evaluation.ensembling import averaged
from mlops_tui.evaluation.metrics import BINARY
from mlops_tui.jobs.context import JobContext
from mlops_tui.registry.engine.keep import Origin, add_version, keep, refuse_other_task
from mlops_tui.registry.engine.recipe import fit, members_of, recipe_of
from mlops_tui.registry.model import valid_name
from mlops_tui.registry.query import get_version
from mlops_tui.registry.threshold import TUNED
from mlops_tui.store.session import write_session
from mlops_tui.tuning.engine.analysing import thresholds_of
from mlops_tui.tuning.engine.fit import Prepared, prepare
from mlops_tui.tuning.engine.predictions import folder_of, read
from mlops_tui.tuning.engine.row_scorer import RowScorer
from mlops_tui.tuning.model import Study, Trial
from mlops_tui.tuning.query import find_study

_STEPS = 4


def run(context: JobContext) -> dict[str, Any]:
    """Registers `spec["run"]` as the next version of the model `spec["name"]`; held-out rows are not touched.

    Returns {"model", "version", "version_id"}.

    Raises:
        UsageError: the run is no finished trial, or the name cannot be a model's.
        ModelFileError: the file that was written does not give back the same predictions.
    """
    name = valid_name(context.spec["name"])
    version_id = keep_trial(context, name, context.spec["run"])
    version = get_version(context.store.reader, version_id)
    return {"model": name, "version": version.number, "version_id": version.id}


def keep_trial(context: JobContext, name: str, run_id: str, parent: int | None = None) -> str:
    """Keeps a trial's recipe, fitted on all rows that its study learnt from, as the model's next version; returns the version's id."""
    store = context.store
    trial = recipe_of(store, run_id)
    study = find_study(store.reader, trial.study_id)
    refuse_other_task(store, name, study.task)
    context.progress(0, _STEPS, note="reading the training rows")
    prepared = prepare(store, study)
    context.progress(1, _STEPS, note=f"fitting {trial.family} on {len(prepared.training):,} rows", force=True)
    pipeline, signature, seconds = fit(study, trial, prepared, store)
    context.progress(2, _STEPS, note="writing the model file", force=True)
    kept = keep(store, pipeline, signature, prepared.training)
    metrics = {study.metric: trial.value, **_thresholds(context, study, trial, prepared)}
    origin = Origin(
        trial.run_id,
        study.id,
        study.source_id,
        study.version,
        trial.family,
        trial.params,
        metrics,
        parent,
        study.window,
        fit_seconds=seconds,
    )
    context.progress(3, _STEPS, note="registering", force=True)
    with write_session(store) as writing:
        version = add_version(writing, name, kept, origin)
        version_id, number = version.id, version.number
    context.progress(_STEPS, _STEPS)
    context.log(f"{printable(name)} version {number} registered from run {short(trial.run_id)}")
    return version_id


def _thresholds(context: JobContext, study: Study, trial: Trial, prepared: Prepared) -> dict[str, float]:
    """From which probability on the positive class is called to make a metric best, by the rows that the trial had not
    learnt from; none where what it said of them was not kept.
    """
    if study.task != BINARY:
        return {}
    folder = folder_of(context.store.workspace, study.id)
    members = members_of(study, trial, context.store)
    known = [kept for one, _ in members if (kept := read(folder, one.number)) is not None]
    if len(known) < len(members) or any(len(kept) != len(prepared.training) for kept in known):
        return {}
    counts = Counter({place: count for place, (_, count) in enumerate(members)})
    return tuned_by(study, prepared, averaged(known, counts))


def tuned_by(study: Study, prepared: Prepared, said: np.ndarray[Any, Any]) -> dict[str, float]:
    """The thresholds of two classes that make a metric best on the training rows of which something was said, shape (n,), by the names
    that a version's metrics have for them.
    """
    scored = np.flatnonzero(np.isfinite(said))
    found = thresholds_of(study, RowScorer(study, prepared, [(scored, scored)]), said)
    return {f"{TUNED}{one.metric}": one.threshold for one in found}
