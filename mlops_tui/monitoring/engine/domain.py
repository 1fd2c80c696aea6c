"""Whether rows are told apart from those that were learnt from by all columns at once, and what they weigh seen from there.

A classifier learns which of both a row is of (domain classifier), each row judged by folds that did not have it. Its area under the curve is
0.5 where nothing tells them apart. Its odds are the density of the reference over that of the current rows, which weights current rows back to
the reference (Bickel, Brückner and Scheffer 2009); rows like none that were learnt from weigh nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from mlops_tui.monitoring.engine.encoding import as_numbers, ranks_of

Array = np.ndarray[Any, Any]

MOST_ROWS = 5_000
"""So many rows of either side are enough to tell them apart."""
LEAST_ROWS = 50
FOLDS = 3
HEAVIEST = 20.0
"""No row weighs more than so many others: one whose odds are far off would stand for all."""
TELLING = 0.6
"""From which area on, if it is no chance, rows count as told apart."""
ERRORS = 3.0


@dataclass(frozen=True, slots=True)
class Domain:
    """Of `rows` current ones that were looked at: the area under the curve with its standard error; `weights`, shape (rows,), what
    each weighs seen from the reference, their mean being 1; `places` are the rows' own, shape (rows,).
    """

    area: float
    error: float
    places: Array
    weights: Array

    @property
    def tells(self) -> bool:
        """Whether the rows are others than those that were learnt from, by more than chance and by more than a little."""
        return self.area >= TELLING and self.area - 0.5 > ERRORS * self.error

    @property
    def inside(self) -> float:
        """So many rows are as good as unweighted ones seen from the reference."""
        return as_good_as(self.weights)


def as_good_as(weights: Array) -> float:
    """How many unweighted rows are as good as rows of these weights (Kish's effective sample size)."""
    return float(weights.sum() ** 2 / np.square(weights).sum()) if weights.any() else 0.0


def domain(reference: pd.DataFrame, current: pd.DataFrame, seed: int = 0) -> Domain | None:
    """Of two frames, by the columns that both have; None where either has too few rows, or they have no column in common."""
    names = [name for name in reference.columns if name in current.columns]
    if min(len(reference), len(current)) < LEAST_ROWS or not names:
        return None
    draw = np.random.default_rng(seed)
    rows = min(len(reference), len(current), MOST_ROWS)
    ours, theirs = (np.sort(draw.choice(len(one), rows, replace=False)) for one in (reference, current))
    columns = (_encoded(reference[name].iloc[ours], current[name].iloc[theirs]) for name in names)
    x = np.column_stack(
        [column if np.isfinite(column).sum() >= LEAST_ROWS else np.isfinite(column) for column in columns]
    )
    side = np.repeat([0, 1], rows)
    model = HistGradientBoostingClassifier(max_iter=50, max_leaf_nodes=15, min_samples_leaf=20, random_state=seed)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    said = cross_val_predict(model, x, side, cv=folds, method="predict_proba")[:, 1]
    of_current = np.clip(said[rows:], 1e-6, 1 - 1e-6)
    odds = np.minimum((1 - of_current) / of_current, HEAVIEST)
    return Domain(
        float(roc_auc_score(side, said)), math.sqrt((2 * rows + 1) / (12 * rows * rows)), theirs, odds / odds.mean()
    )


def _encoded(ours: pd.Series, theirs: pd.Series) -> Array:
    """Both columns one below the other as numbers, NaN where missing."""
    whole = pd.concat([ours, theirs], ignore_index=True)
    return as_numbers(whole, ranks_of(whole))


def weights_of(found: Domain, places: Array) -> Array:
    """What the rows at these places weigh, shape (n,); NaN of those that were not looked at."""
    weighs = np.full(int(max(found.places.max(), places.max(initial=0))) + 1, np.nan)
    weighs[found.places] = found.weights
    return weighs[places]
