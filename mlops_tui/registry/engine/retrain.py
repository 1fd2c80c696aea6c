"""Learning again: the champion's recipe on a window of what its source has now, or tuned anew from it; a challenger, never a champion."""

from __future__ import annotations

from typing import Any

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.learning import ALL, parse
from mlops_tui.data.query import get_source
from mlops_tui.evaluation.metrics import BINARY
from mlops_tui.jobs.context import JobContext
from mlops_tui.jobs.service import Jobs
from mlops_tui.registry.engine.gates.asking import ask_gates, verdicts
from mlops_tui.registry.engine.gates.judged import study_of
from mlops_tui.registry.engine.keep import Kept, Origin, add_version, keep
from mlops_tui.registry.engine.out_of_fold import keep_answers
from mlops_tui.registry.engine.recipe import fit, members_of, recipe_of
from mlops_tui.registry.engine.register import keep_trial, tuned_by
from mlops_tui.registry.gates import decide
from mlops_tui.registry.model import CHALLENGER, CHAMPION, PROMOTED, ModelVersion
from mlops_tui.registry.query import get_model, get_version, read_alias, version_of
from mlops_tui.registry.service import move_alias
from mlops_tui.store.session import write_session
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine import study as tuning
from mlops_tui.tuning.engine.cross_validating import cross_validated
from mlops_tui.tuning.engine.fit import Prepared, prepare
from mlops_tui.tuning.model import Study, Trial
from mlops_tui.tuning.query import finalists_of, get_study, trial_of_run
from mlops_tui.tuning.service import Studies

_STEPS = 4


def run(context: JobContext) -> dict[str, Any]:
    """Makes a new version of the model `spec["model"]` (an id) from `spec["version"]`, its recipe fitted on the rows of `spec["window"]`,
    or, with `spec["retune"]`, from a study that begins with that recipe and tries `spec["trials"]`, `spec["timeout"]` seconds at most. It
    becomes the challenger; its gates are asked, and it is never promoted.

    Returns {"model", "version", "parent", "window", "data_version", "alias", "unchanged", "would_be_promoted", "gates"}.

    Raises:
        UsageError: the version is of no study.
        DataError: there is no row in the window, or nobody knows what the version learnt from.
    """
    spec, store = context.spec, context.store
    model = get_model(store.reader, spec["model"])
    before = version_of(store.reader, model, spec["version"])
    window = parse(spec["window"]).text
    made = _tuned(context, before, window) if spec["retune"] else _fitted(context, before, window)
    context.log(f"{printable(made.model)} version {made.number} made from version {before.number}")
    results = ask_gates(context, made, model, CHAMPION)
    alias = read_alias(store.reader, model.id, CHALLENGER)
    evidence = {"asking": context.job_id, "gates": verdicts(results)}
    with write_session(store) as writing:
        why = f"made from version {before.number} on {window}"
        move_alias(writing, made, CHALLENGER, revision=alias.revision, verb=PROMOTED, why=why, evidence=evidence)
    context.progress(1, 1)
    return {
        "model": made.model,
        "version": made.number,
        "parent": before.number,
        "window": window,
        "data_version": made.data_version,
        "alias": CHALLENGER,
        "unchanged": not spec["retune"] and (made.data_version, made.window) == (before.data_version, before.window),
        "would_be_promoted": decide(results, force=False, why=None).promoted,
        "gates": [result.shown() for result in results],
    }


# ── the recipe as it was ─────────────────────────────────────────────────────────────────────────────────────────────


def _fitted(context: JobContext, before: ModelVersion, window: str) -> ModelVersion:
    store = context.store
    study, trial = study_of(store, before), recipe_of(store, before.run_id or "")
    number = get_source(store.reader, study.source_id).version
    context.progress(0, _STEPS, note="reading the rows of the window", force=True)
    prepared = prepare(store, study, version=number, window=window)
    context.progress(1, _STEPS, note=f"fitting {trial.family} on {len(prepared.training):,} rows", force=True)
    pipeline, signature, seconds = fit(study, trial, prepared, store)
    context.progress(2, _STEPS, note="scoring it by folds", force=True)
    metrics, answers = _by_folds(context, study, trial, prepared)
    context.progress(3, _STEPS, note="writing the model file", force=True)
    kept = keep(store, pipeline, signature, prepared.training)
    return _kept(
        store,
        before,
        kept,
        Origin(
            before.run_id,
            study.id,
            study.source_id,
            number,
            trial.family,
            trial.params,
            metrics,
            before.number,
            None if window == ALL else window,
            prepared.rule,
            fit_seconds=seconds,
            answers=answers,
        ),
    )


def _by_folds(
    context: JobContext, study: Study, trial: Trial, prepared: Prepared
) -> tuple[dict[str, float | None], str | None]:
    """The study's metric of the recipe on these rows, computed as its trials' are, and the thresholds that what it said gives; then
    the sha256 of that, None where it is nothing to be kept.
    """
    members = members_of(study, trial, context.store)
    try:
        found = cross_validated(context.store, context.job_id, study, prepared, members)
    except (ArithmeticError, ValueError) as error:  # a window may lack in one fold what the study's rows had in each
        context.log(f"{study.metric} is not known by folds: {error}")
        return {study.metric: None}, None
    metrics: dict[str, float | None] = {study.metric: found.value}
    if study.task == BINARY and found.said is not None:
        metrics |= tuned_by(study, prepared, found.said)
    return metrics, None if found.said is None else keep_answers(context.store, study, prepared, found.said)


def _kept(store: Store, before: ModelVersion, kept: Kept, origin: Origin) -> ModelVersion:
    with write_session(store) as writing:
        row = add_version(writing, before.model, kept, origin)
        version_id = row.id
    return get_version(store.reader, version_id)


# ── tuned anew ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _tuned(context: JobContext, before: ModelVersion, window: str) -> ModelVersion:
    store, spec = context.store, context.spec
    study = study_of(store, before)
    source = get_source(store.reader, study.source_id)
    studies = Studies(store, context.settings, Jobs(store))
    made = studies.create(
        source.id,
        target=study.target,
        metric=study.metric,
        families=study.families,
        trials=spec["trials"],
        timeout=spec.get("timeout"),
        seed=study.seed,
        folds=study.folds,
        task=study.task,
        split=study.split,
        positive=study.positive,
        warm_start=study.id,
        window=window,
    )
    with store.write() as writing:
        writing.execute("UPDATE study SET job_id = ? WHERE id = ?", (context.job_id, made.id))
        writing.changed("studies")
    context.spec = {**spec, "study": made.id}
    tuning.run(context)
    run_id = _chosen(store, get_study(store.reader, made.id))
    version_id = keep_trial(context, before.model, run_id, parent=before.number)
    return get_version(store.reader, version_id)


def _chosen(store: Store, study: Study) -> str:
    """The run that the study chose, else its best one."""
    chosen = next((one.run_id for one in finalists_of(store.reader, study.id) if one.chosen), study.best_run)
    if chosen is None or trial_of_run(store.reader, chosen) is None:
        raise UsageError(f"Study {printable(study.name)} has no finished trial.", "Give it more trials or time.")
    return chosen
