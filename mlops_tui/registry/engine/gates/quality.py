"""Is it good enough: against the champion, against a model that looks at no feature, in each part of the rows, and in what its
probabilities promise.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.stats import norm

from mlops_tui.core.printable import printable
from mlops_tui.evaluation.calibration import BINS, miscalibration
from mlops_tui.evaluation.metrics import BINARY, MAXIMIZE, METRICS, REGRESSION
from mlops_tui.evaluation.paired import MINIMUM_ROWS, OF_MEANS, Comparison
from mlops_tui.evaluation.power import rows_needed
from mlops_tui.registry.engine.gates.evidence import Evidence
from mlops_tui.registry.engine.gates.judged import JudgedRows
from mlops_tui.registry.engine.gates.said import Said, by_comparison, fails, not_applicable, passes, untold
from mlops_tui.registry.gates import Gate
from mlops_tui.tuning.engine.fit import place_of_positive

MOST_COLUMNS, MOST_VALUES = 5, 12
"""Without columns named, so many at most are cut into parts, those of no more values than this."""
FALSE_ALARMS = 0.05
"""The share of parts that are called worse and are not (Benjamini and Hochberg 1995)."""

Array = np.ndarray[Any, Any]


def not_worse_than_champion(evidence: Evidence, gate: Gate) -> Said:
    """Non-inferiority on rows that neither learnt from, by the study's metric; the split of the study is told beside it."""
    if evidence.champion is None:
        return not_applicable(evidence.no_champion)
    rows = evidence.rows(gate.options["rows"])
    margin = _margin(evidence, gate)
    found = evidence.compared(rows, evidence.scores(rows), evidence.champion_scores(rows), margin, evidence.against)
    told = evidence.told(rows) | {"champion": evidence.champion.number, "champion_artifact": evidence.champion.artifact}
    return by_comparison(found, told | _on_old_split(evidence, rows, margin), looked=True)


def _on_old_split(evidence: Evidence, newest: JudgedRows, margin: float) -> dict[str, Any]:
    """How the two compare on the rows that were held out when the champion learnt, where these are others: told, and no verdict."""
    rows = evidence.old_split
    if rows is None or rows.row_set == newest.row_set:
        return {}
    found = evidence.compared(rows, evidence.scores(rows), evidence.champion_scores(rows), margin, evidence.against)
    interval = None if found.low is None else [found.low, found.high]
    told = {
        "difference": found.difference,
        "interval": interval,
        "margin": found.margin,
        "n": found.n,
        "why": found.why,
    }
    return {"old_split": {"held_out_hash": rows.row_set, **told}}


def _margin(evidence: Evidence, gate: Gate) -> float:
    return evidence.margin if gate.options["margin"] is None else float(gate.options["margin"])


def better_than_baseline(evidence: Evidence, gate: Gate) -> Said:
    """Against the shares of the classes, or the middle of the numbers, among the rows that it learnt from."""
    rows = evidence.rows(gate.options["rows"])
    said, other = evidence.scores(rows), _baseline(evidence, len(rows.truth))
    told = evidence.told(rows)
    if np.array_equal(said, other):
        return fails("it says the same of every row as a model that looks at no feature", evidence=told, looked=True)
    found = evidence.compared(rows, said, other, 0.0, "a model that looks at no feature")
    needed = None
    if found.verdict == "cannot_tell" and found.difference is not None and found.error is not None:
        needed = rows_needed(found.error * math.sqrt(found.n), abs(found.difference))
    more = f"; about {needed:,} rows needed, {found.n:,} there" if needed is not None and needed > found.n else ""
    why = found.why.replace("; margin 0.000", "") + more
    return Said(
        found.verdict, why, found.difference, found.low, found.high, 0.0, found.n or None, needed, told, looked=True
    )


def _baseline(evidence: Evidence, n: int) -> Array:
    y, weights = evidence.prepared.y_training, evidence.prepared.weights
    if evidence.study.task == REGRESSION:
        middle = (
            np.median(y)
            if evidence.study.metric in ("mae", "median_absolute_error")
            else np.average(y, weights=weights)
        )
        return np.full(n, float(middle))
    weighs = np.ones(len(y)) if weights is None else weights
    shares = np.array([weighs[y == label].sum() for label in evidence.prepared.classes]) / weighs.sum()
    return np.tile(shares, (n, 1))


# ── parts of the rows ────────────────────────────────────────────────────────────────────────────────────────────────


def slices(evidence: Evidence, gate: Gate) -> Said:
    """Against the champion in each part; one that is surely worse by more than the margin fails, false alarms held to a share."""
    if evidence.champion is None:
        return not_applicable(evidence.no_champion)
    rows = evidence.rows(gate.options["rows"])
    metric = _metric_of_parts(evidence)
    said, other = evidence.scores(rows), evidence.champion_scores(rows)
    found: list[tuple[str, Comparison]] = []
    for name, places in _parts(evidence, rows, gate.options["columns"]):
        weights = None if rows.weights is None else rows.weights[places]
        part = replace(rows, truth=rows.truth[places], weights=weights)
        margin = _margin(evidence, gate)
        found.append((name, evidence.compared(part, said[places], other[places], margin, evidence.against, metric)))
    return _of_parts(evidence, rows, metric, found)


def _metric_of_parts(evidence: Evidence) -> str:
    """The study's metric where it is told fast of many parts, else one that is."""
    metric = evidence.study.metric
    if metric in OF_MEANS or metric in ("roc_auc", "accuracy"):
        return metric
    return "mae" if evidence.study.task == REGRESSION else "log_loss"


def _parts(evidence: Evidence, rows: JudgedRows, named: list[str]) -> Iterator[tuple[str, Array]]:
    frame, named = rows.frame, named or list(evidence.declared_slices)
    if named:
        columns = [name for name in named if name in frame.columns]
    else:
        few = (
            column.name
            for column in evidence.version.signature.columns
            if column.kind in ("category", "boolean") and 1 < frame[column.name].nunique() <= MOST_VALUES
        )
        columns = [name for name, _ in zip(few, range(MOST_COLUMNS), strict=False)]
    for column in columns:
        values = frame[column]
        for value in sorted(values.dropna().unique().tolist(), key=str)[:100]:
            yield f"{printable(column)} = {printable(str(value))}", np.flatnonzero((values == value).to_numpy())


def _of_parts(evidence: Evidence, rows: JudgedRows, metric: str, found: list[tuple[str, Comparison]]) -> Said:
    sign = 1.0 if METRICS[metric].direction == MAXIMIZE else -1.0
    told = evidence.told(rows) | {
        "metric": metric,
        "slices": [
            {
                "slice": name,
                "difference": one.difference,
                "low": one.low,
                "high": one.high,
                "n": one.n,
                "verdict": one.verdict,
            }
            for name, one in found
        ],
    }
    known = [(name, one) for name, one in found if one.difference is not None]
    if not found:
        return not_applicable("no column of few values cuts the rows into parts; columns names others")
    if not known:
        return untold(f"each of {len(found)} parts has too few rows to tell", evidence=told, looked=True)
    worse = _surely_worse([_p_worse(one, sign) for _, one in known])
    order = sorted(range(len(known)), key=lambda at: (at not in worse, sign * (known[at][1].difference or 0.0)))
    name, worst = known[order[0]]
    figures: dict[str, Any] = {
        "value": worst.difference,
        "low": worst.low,
        "high": worst.high,
        "threshold": worst.margin,
        "n": worst.n,
        "n_needed": worst.n_needed,
        "evidence": told,
        "looked": True,
    }
    if worse:
        more = f", and in {len(worse) - 1} more of {len(found)} parts" if len(worse) > 1 else ""
        return fails(f"where {name}: {worst.why}{more}", **figures)
    clear = sum(one.verdict == "pass" for _, one in known)
    if clear == len(found):
        return passes(f"in none of {len(found)} parts; the least good is {name}: {worst.why}", **figures)
    return untold(
        f"{clear} of {len(found)} parts are clear, the rest has too few rows; the least good is {name}: {worst.why}",
        **figures,
    )


def _p_worse(one: Comparison, sign: float) -> float:
    """How likely so great a loss is where the true one is the margin."""
    error, loss = one.error or 0.0, -sign * (one.difference or 0.0)
    if error <= 0:
        return 0.0 if loss > one.margin else 1.0
    return float(norm.sf((loss - one.margin) / error))


def _surely_worse(p: list[float]) -> set[int]:
    """The places that Benjamini and Hochberg's step-up rule picks at `FALSE_ALARMS`."""
    order = np.argsort(p, kind="stable")
    ranked = np.asarray(p)[order]
    below = np.flatnonzero(ranked <= FALSE_ALARMS * np.arange(1, len(p) + 1) / len(p))
    return set(order[: below[-1] + 1].tolist()) if len(below) else set()


# ── probabilities ────────────────────────────────────────────────────────────────────────────────────────────────────


def calibration(evidence: Evidence, gate: Gate) -> Said:
    """How far probabilities are off beyond chance: of the positive class of two, of the most probable one of more."""
    signature = evidence.version.signature
    if not signature.is_classifier:
        return not_applicable("it says numbers, not probabilities")
    rows = evidence.rows(gate.options["rows"])
    said, truth, most = evidence.scores(rows), evidence.truth(rows), float(gate.options["most"])
    told = evidence.told(rows)
    n = len(truth)
    if n < max(MINIMUM_ROWS, BINS * 5):
        return untold(
            f"{n} held-out rows are too few; at least {max(MINIMUM_ROWS, BINS * 5)} needed", n=n, evidence=told
        )
    if evidence.study.task == BINARY:
        positive = place_of_positive(evidence.study, signature.classes)
        hit, share = truth == positive, said[:, positive]
    else:
        hit, share = truth == said.argmax(axis=1), said.max(axis=1)
    found = miscalibration(hit, np.clip(share, 0, 1), evidence.study.seed)
    figures: dict[str, Any] = {
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "threshold": most,
        "n": n,
        "evidence": told | {"spiegelhalter_z": found.z},
        "looked": True,
    }
    head = f"off by {found.value:.3f} beyond chance on {n:,} held-out rows"
    if found.high <= most:
        return passes(f"{head}, 95 % at most {found.high:.3f}; allowed {most:g}", **figures)
    if found.low > most:
        return fails(f"{head}, 95 % at least {found.low:.3f}; allowed {most:g}", **figures)
    return untold(f"{head}, 95 % {found.low:.3f} to {found.high:.3f}; allowed {most:g}", **figures)
