"""Does it work where it is to work: its file, its signature, its speed, its memory, and whether it can be made again."""

from __future__ import annotations

import resource
import statistics
import sys
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from mlops_tui.core.printable import printable
from mlops_tui.registry.engine.environment import package_version
from mlops_tui.registry.engine.frame import typed
from mlops_tui.registry.engine.gates.evidence import Evidence
from mlops_tui.registry.engine.gates.said import Said, fails, not_applicable, passes
from mlops_tui.registry.engine.labels import label_key
from mlops_tui.registry.engine.load import TOLERANCES
from mlops_tui.registry.engine.recipe import fit, recipe_of
from mlops_tui.registry.engine.score import scores
from mlops_tui.registry.gates import FAIL, Gate
from mlops_tui.registry.model import SignatureColumn

THOUSAND = 1_000
REPEATS = 5
_NUMBERS = frozenset({"numeric", "integer"})


def same_after_loading(evidence: Evidence, gate: Gate) -> Said:
    """The file was read by now, or there would be no gates to ask; its answers are held against those that were kept."""
    del gate
    found = scores(evidence.pipeline, evidence.check_rows, evidence.version.signature)
    return _as_kept(evidence, found, "loaded, it says")


def _as_kept(evidence: Evidence, found: np.ndarray[Any, Any], what: str) -> Said:
    kept = np.asarray(evidence.version.checks["scores"], dtype=float)
    gap = float(np.abs(found - kept).max()) if found.shape == kept.shape else float("inf")
    allowed = TOLERANCES[evidence.version.format] * max(1.0, float(np.abs(kept).max()))
    rows = f"the {len(kept)} rows that were kept"
    figures: dict[str, Any] = {"value": gap, "threshold": allowed, "n": len(kept)}
    if gap <= allowed:
        return passes(f"{what} the same of {rows}" + ("" if gap == 0 else f", to {gap:.1g}"), **figures)
    return fails(f"{what} something else of {rows}, by up to {gap:.3g}", **figures)


def reproducible(evidence: Evidence, gate: Gate) -> Said:
    """Its recipe fitted once more on the rows of its data version."""
    del gate
    store, version = evidence.store, evidence.version
    if version.run_id is None:
        return not_applicable("it is of no run, so there is no recipe to fit")
    trial = recipe_of(store, version.run_id)
    pipeline, signature, _ = fit(evidence.study, trial, evidence.prepared, store)
    said = _as_kept(evidence, scores(pipeline, evidence.check_rows, signature), "fitted once more, it says")
    packages = version.environment["packages"]
    others = [
        f"{name} {there}, here {here}" for name, there in packages.items() if (here := package_version(name)) != there
    ]
    if said.verdict != FAIL or not others:
        return said
    return replace(said, why=f"{said.why}; it was made with {', '.join(others)}")


def signature(evidence: Evidence, gate: Gate) -> Said:
    """Whether what is given to the champion can be given to it."""
    del gate
    if evidence.champion is None:
        return not_applicable(evidence.no_champion)
    ours, theirs = evidence.version.signature, evidence.champion.signature
    known = {column.name: column for column in theirs.columns}
    new = [column.name for column in ours.columns if column.name not in known]
    other = [column.name for column in ours.columns if column.name in known and not _alike(column, known[column.name])]
    wrong = (
        [f"{_listed(new)} {'is' if len(new) == 1 else 'are'} read, which {evidence.against} does not read"]
        if new
        else []
    )
    if other:
        wrong.append(f"{_listed(other)} {'is' if len(other) == 1 else 'are'} of another kind")
    if ours.target != theirs.target:
        wrong.append(f"it says '{printable(ours.target)}', and not '{printable(theirs.target)}'")
    if {label_key(label) for label in ours.classes} != {label_key(label) for label in theirs.classes}:
        wrong.append("its classes are others")
    if wrong:
        return fails("; ".join(wrong))
    left = [name for name in known if name not in ours.names]
    more = f", and does without {_listed(left)}" if left else ""
    return passes(f"it reads what {evidence.against} reads{more}")


def _alike(one: SignatureColumn, other: SignatureColumn) -> bool:
    return one.kind == other.kind or {one.kind, other.kind} <= _NUMBERS


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(f"'{printable(name)}'" for name in names[:3]) + more


def _thousand(evidence: Evidence) -> pd.DataFrame:
    rows = evidence.check_rows
    return typed(rows.iloc[np.resize(np.arange(len(rows)), THOUSAND)], evidence.version.signature.columns)


def _seconds(pipeline: Any, rows: pd.DataFrame, evidence: Evidence, repeats: int) -> list[float]:
    found = []
    for _ in range(repeats + 1):
        began = time.perf_counter()
        scores(pipeline, rows, evidence.version.signature)
        found.append(time.perf_counter() - began)
    return found[1:]  # the first one warms up


def latency(evidence: Evidence, gate: Gate) -> Said:
    """The middle of a few runs over a thousand rows like those that were kept, in this process, by itself."""
    rows = _thousand(evidence)
    many = [second * 1_000 for second in _seconds(evidence.pipeline, rows, evidence, REPEATS)]
    one = [second * 1_000 for second in _seconds(evidence.pipeline, rows.head(1), evidence, REPEATS)]
    value, limit = statistics.median(many), float(gate.options["milliseconds"])
    figures: dict[str, Any] = {
        "value": value,
        "low": min(many),
        "high": max(many),
        "threshold": limit,
        "n": THOUSAND,
        "evidence": {"milliseconds_of_one_row": statistics.median(one)},
    }
    why = f"{value:.3g} ms for a thousand rows, {statistics.median(one):.3g} ms for one; at most {limit:,g} ms"
    return passes(why, **figures) if value <= limit else fails(why, **figures)


def memory(evidence: Evidence, gate: Gate) -> Said:
    """The most memory that a process held that loaded it and predicted a thousand rows; asked before any data is read."""
    scores(evidence.pipeline, _thousand(evidence), evidence.version.signature)
    limit, value = float(gate.options["megabytes"]), _most_memory() / 1e6
    why = f"{value:,.0f} MB in the process that loaded it and predicted a thousand rows; at most {limit:,g} MB"
    figures: dict[str, Any] = {"value": value, "threshold": limit}
    return passes(why, **figures) if value <= limit else fails(why, **figures)


def _most_memory() -> float:
    """Bytes; the system counts them in kibibytes, but on macOS."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(most if sys.platform == "darwin" else most * 1024)
