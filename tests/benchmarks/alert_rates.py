"""How often a clean file raises any alert: a champion in a workspace, files that come to it, and their outcomes, all of it real."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from mlops_tui.monitoring.quality_model import WORSE
from mlops_tui.monitoring.quality_query import quality_of
from mlops_tui.monitoring.query import list_reports
from mlops_tui.registry.query import find_version
from tests.benchmarks.measuring import Figure
from tests.benchmarks.place import Place
from tests.living import Living, customers

REFERENCES, FILES = 25, 40
LEARNT, ROWS = 2_000, (200, 500, 2_000)
MOST = 1.5
"""Of a hundred clean files, with 95 % confidence."""


def figures(place: Place) -> list[Figure]:
    """The upper 95 % bound of the share of files of which a column drifts, or a champion is said to be worse: before its labels
    come, or once they are there.
    """
    found = [alerts(place.folder / f"alerts-{seed}", seed) for seed in range(REFERENCES)]
    files = len(found) * FILES
    by_rule = {rule: sum(len(one[rule]) for one in found) for rule in found[0]}
    any_rule = [len(set().union(*one.values())) for one in found]
    alone = float(stats.beta.ppf(0.95, sum(any_rule) + 1, files - sum(any_rule)))
    spread = float(np.std(np.array(any_rule) / FILES, ddof=1)) / REFERENCES**0.5
    bound = max(alone, sum(any_rule) / files + 1.645 * spread)
    said = ", ".join(f"{rule} {number}" for rule, number in by_rule.items())
    return [Figure("clean files with an alert, at most", 100 * bound, "%", MOST, f"{sum(any_rule)} of {files}: {said}")]


def alerts(root: Path, seed: int) -> dict[str, set[str]]:
    """The names of a champion's clean files by the rule that would raise an alert."""
    made = Living(root.resolve())
    for folder in ("live", "out"):
        (root / folder).mkdir()
    made.add("learnt", customers(LEARNT, 10_000 * seed), target="left", id_column="id")
    _, (trial,) = made.tune("learnt", trials=1, seed=seed, name="study", families=["logistic"])
    made.register(trial, "churn")
    version = find_version(made.store.reader, "churn:1")
    asked = {"model": version.model_id, "version": 1, "alias": "champion", "force": True, "why": "to be watched"}
    made.do("promote", asked)
    live = made.services.sources.add(root / "live", name="live", role="live", id_column="id")
    outcomes = []
    for number in range(FILES):
        rows = customers(ROWS[number % len(ROWS)], 10_000 * seed + 1 + number)
        rows["id"] += 100_000 * (number + 1)
        outcomes.append(rows[["id", "left"]])
        rows.drop(columns="left").to_csv(root / "live" / f"{number:03}.csv", index=False)
    made.do("scan", {"sources": [live.id]})
    names = [f"{number:03}.csv" for number in range(FILES)]
    files = [{"in": str(root / "live" / one), "out": str(root / "out" / one), "source_id": live.id} for one in names]
    made.do("predict", {"version_id": version.id, "files": files})
    compared = {"source": live.id, "reference_source": None, "reference": "training", "current": [], "chunks": "file"}
    made.do("drift", compared)
    heads = list_reports(made.store.reader, live.id, limit=FILES)
    told = {"drift": {head.current for head in heads if head.drift}, "worse, expected": worse(made, version.id)}
    made.add("outcomes", pd.concat(outcomes), role="labels", id_column="id")
    told["worse, by labels"] = worse(made, version.id)
    made.close()
    return told


def worse(made: Living, version_id: str) -> set[str]:
    """The files on which a version is said to be worse than in training."""
    made.do("quality", {"version_id": version_id, "seen": ""})
    chunks = quality_of(made.store.reader, version_id, limit=FILES)
    return {chunk.name for chunk in chunks if chunk.verdict == WORSE}
