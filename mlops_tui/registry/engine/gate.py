"""The gate `not_worse_than_default`: tuning must not have made the model worse than no tuning at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlops_tui.core.clock import now
from mlops_tui.core.ids import short
from mlops_tui.evaluation.paired import CANNOT_TELL, PASS, Comparison, compare
from mlops_tui.registry.engine.frame import typed
from mlops_tui.registry.engine.load import load_version
from mlops_tui.registry.engine.recipe import fit
from mlops_tui.registry.engine.score import codes, scores
from mlops_tui.registry.model import CHAMPION, GATE, GateResult, ModelVersion
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.fit import Prepared, place_of_positive, prepare
from mlops_tui.tuning.model import Study, Trial
from mlops_tui.tuning.query import default_trials, find_study

AGAINST = "the default parameters"


@dataclass(frozen=True, slots=True)
class Judged:
    """A gate's result, and whether the held-out rows had to be looked at for it."""

    result: GateResult
    looked: bool


def not_worse_than_default(store: Store, version: ModelVersion, alias: str, margin: float) -> Judged:
    """Compares a version with the best default-parameter trial of its study, fitted on the same rows, on held-out rows.

    Raises:
        ModelFileError: the version's file cannot be used.
    """
    pipeline = load_version(store, version)
    study = find_study(store.reader, version.study_id) if version.study_id else None
    baseline = None if study is None else best_default(study, default_trials(store.reader, study.id))
    evidence: dict[str, Any] = {"version_id": version.id, "artifact": version.artifact}
    if study is None or baseline is None:
        why = "there is no finished trial with default parameters to compare with"
        return Judged(_result(alias, _untold(CANNOT_TELL, margin, why), evidence), looked=False)
    evidence |= {
        "study": study.id,
        "metric": study.metric,
        "source": study.source_id,
        "data_version": study.version,
        "held_out_hash": study.held_out_hash,
        "weight": study.weight,
        "baseline_run": baseline.run_id,
        "baseline_family": baseline.family,
        "baseline_params": baseline.params,
    }
    if baseline.run_id == version.run_id:
        why = f"this version itself has {AGAINST} (run {short(baseline.run_id)}), so it is no worse than with them"
        return Judged(_result(alias, _untold(PASS, margin, why, difference=0.0), evidence), looked=False)
    prepared = prepare(store, study)
    if len(prepared.held_out) == 0 or (prepared.held_out_weights is not None and not prepared.held_out_weights.any()):
        why = "no rows are held out to compare on"
        return Judged(_result(alias, _untold(CANNOT_TELL, margin, why), evidence), looked=False)
    comparison = _compared(study, version, pipeline, baseline, prepared, margin)
    return Judged(_result(alias, comparison, evidence), looked=True)


def best_default(study: Study, trials: list[Trial]) -> Trial | None:
    """The default-parameter trial with the best cross-validated value; the first of equals."""
    finished = [trial for trial in trials if trial.value is not None]
    sign = -1.0 if study.direction == "maximize" else 1.0
    return min(finished, key=lambda trial: (sign * (trial.value or 0.0), trial.number), default=None)


def _compared(
    study: Study, version: ModelVersion, pipeline: Any, baseline: Trial, prepared: Prepared, margin: float
) -> Comparison:
    signature = version.signature
    default, _ = fit(study, baseline, prepared)
    rows = typed(prepared.held_out, signature.columns)
    truth = codes(pipeline, prepared.y_held_out) if signature.is_classifier else prepared.y_held_out
    return compare(
        study.metric,
        truth,
        scores(pipeline, rows, signature),
        scores(default, rows, signature),
        margin=margin,
        against=AGAINST,
        seed=study.seed,
        weights=prepared.held_out_weights,
        task=study.task,
        positive=place_of_positive(study, prepared.classes),
    )


def _untold(verdict: str, margin: float, why: str, difference: float | None = None) -> Comparison:
    return Comparison("", difference, difference, difference, margin, 0, None, verdict, why)


def _result(alias: str, comparison: Comparison, evidence: dict[str, Any]) -> GateResult:
    return GateResult(
        name=GATE,
        alias=alias,
        verdict=comparison.verdict,
        blocking=alias == CHAMPION,
        value=comparison.difference,
        low=comparison.low,
        high=comparison.high,
        threshold=comparison.margin,
        n=comparison.n or None,
        n_needed=comparison.n_needed,
        why=comparison.why,
        evidence=evidence,
        at=now(),
    )
