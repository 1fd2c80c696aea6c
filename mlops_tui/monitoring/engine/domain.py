"""Whether rows are told apart from those that were learnt from by all columns at once, and what they weigh seen from there.

A classifier learns which of both a row is of (domain classifier), each row judged by folds that did not have it. Its area under the curve is
0.5 where nothing tells them apart. Its odds are the density of the reference over that of the current rows, which weights current rows back to
the reference (Bickel, Brückner and Scheffer 2009); rows like none that were learnt from weigh nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

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
CROSSED = 1.4
"""So many times the error of independent rows: folds that share rows make more of it (simulated on clean rows: 1.1 to 1.4)."""


@dataclass(frozen=True, slots=True)
class Domain:
    """Of `rows` current ones that were looked at: the area under the curve with its standard error; `weights`, shape (rows,), what
    each weighs seen from the reference, their mean being 1; `places` are the rows' own, shape (rows,). `falls` is by how much the area
    falls as a column is shuffled, where that is asked for and rows are told apart.
    """

    area: float
    error: float
    places: Array
    weights: Array
    falls: Mapping[str, float] = field(default_factory=dict)

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


def domain(reference: pd.DataFrame, current: pd.DataFrame, seed: int = 0, *, with_falls: bool = False) -> Domain | None:
    """Of two frames, by the columns that both have; None where either has too few rows, or they have no column in common.

    Where it tells them apart, it is looked up `with_falls` which columns do.
    """
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
    with threadpool_limits(1, "openmp"):  # of so few rows threads wait for each other longer than they compute
        return _told(names, x, theirs, seed, with_falls=with_falls)


def _told(names: Sequence[str], x: Array, theirs: Array, seed: int, *, with_falls: bool) -> Domain:
    """Of rows of both, as many of the reference as of the current ones below them."""
    rows = len(theirs)
    side = np.repeat([0, 1], rows)
    judges = _judges(x, side, seed)
    said = _said(judges, x)
    area = float(roc_auc_score(side, said))
    of_current = np.clip(said[rows:], 1e-6, 1 - 1e-6)
    odds = np.minimum((1 - of_current) / of_current, HEAVIEST)
    error = CROSSED * math.sqrt((2 * rows + 1) / (12 * rows * rows))
    found = Domain(area, error, theirs, odds / odds.mean())
    if not with_falls or not found.tells:
        return found
    areas = zip(names, _shuffled(judges, x, side, np.random.default_rng(seed)), strict=True)
    return replace(found, falls={name: area - shuffled for name, shuffled in areas})


Judges = Sequence[tuple[HistGradientBoostingClassifier, Array]]
"""Models, and the rows that each has not learnt from."""


def _judges(x: Array, side: Array, seed: int) -> Judges:
    model = HistGradientBoostingClassifier(max_iter=50, max_leaf_nodes=15, min_samples_leaf=20, random_state=seed)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(x, side)
    return [(clone(model).fit(x[learnt], side[learnt]), others) for learnt, others in folds]


def _said(judges: Judges, x: Array) -> Array:
    """The chance of each row to be a current one, shape (rows,)."""
    said = np.empty(len(x))
    for model, rows in judges:
        said[rows] = model.predict_proba(x[rows])[:, 1]
    return said


def _shuffled(judges: Judges, x: Array, side: Array, draw: np.random.Generator) -> list[float]:
    """The area with each column shuffled among all rows (permutation importance, Breiman 2001)."""
    areas = []
    for column in range(x.shape[1]):
        other = x.copy()
        other[:, column] = draw.permutation(x[:, column])
        areas.append(float(roc_auc_score(side, _said(judges, other))))
    return areas


def _encoded(ours: pd.Series, theirs: pd.Series) -> Array:
    """Both columns one below the other as numbers, NaN where missing."""
    whole = pd.concat([ours, theirs], ignore_index=True)
    return as_numbers(whole, ranks_of(whole))


def weights_of(found: Domain, places: Array) -> Array:
    """What the rows at these places weigh, shape (n,); NaN of those that were not looked at."""
    weighs = np.full(int(max(found.places.max(), places.max(initial=0))) + 1, np.nan)
    weighs[found.places] = found.weights
    return weighs[places]
