"""Features that tell the target all by themselves, as a copy of it does: they are rarely known before the target is."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype
from scipy.stats import spearmanr

from mlops_tui.core.printable import printable
from mlops_tui.evaluation.metrics import REGRESSION
from mlops_tui.features.model import FeatureColumn
from mlops_tui.store.store import Store
from mlops_tui.tuning.model import AS_A_COPY, Study
from mlops_tui.tuning.notices import note

ROWS_AT_LEAST = 50
"""In fewer rows a feature may tell the target by chance."""
LOOKED_AT = 2_000
"""So many rows are looked at, evenly over all: one in a thousand that is told wrong is enough."""
SHARE = 0.999
"""Of the rows whose target a feature has to tell, and of the rank correlation with a number."""
ROWS_A_VALUE = 5
"""A category has to come so often on average: of one that names its row nothing follows."""


def leaks(frame: pd.DataFrame, features: Sequence[FeatureColumn], y: np.ndarray, task: str) -> Iterator[str]:
    """The features by which alone the target can be told. `y` are the target's codes, or its numbers."""
    if len(frame) < ROWS_AT_LEAST:
        return
    step = max(1, len(frame) // LOOKED_AT)
    frame, y = frame.iloc[::step], y[::step]
    for feature in features:
        column = frame[feature.name]
        there = column.notna().to_numpy()
        if there.mean() < SHARE:
            continue
        values, told = column[there], y[there]
        if is_numeric_dtype(values.dtype) and values.dtype != bool:
            is_leak = _orders(values.to_numpy(dtype=float), told, task)
        else:
            is_leak = task != REGRESSION and _names(values.astype(str), told)
        if is_leak:
            yield feature.name


def _orders(values: np.ndarray, y: np.ndarray, task: str) -> bool:
    """Whether the target rises or falls with the values, or each class has a range of its own."""
    if len(np.unique(values)) < 2:
        return False
    if task == REGRESSION:
        return bool(abs(spearmanr(values, y).statistic) >= SHARE)
    order = np.argsort(values, kind="stable")
    ordered, classes = values[order], y[order]
    turns = np.flatnonzero(classes[1:] != classes[:-1])
    is_clear = (ordered[turns + 1] > ordered[turns]).all()
    return bool(is_clear and len(turns) + 1 == len(np.unique(y)))


def _names(values: pd.Series, y: np.ndarray) -> bool:
    """Whether nearly every row of a value has the same class."""
    table = pd.crosstab(values.to_numpy(), y).to_numpy()
    return bool(
        len(table) > 1 and len(values) >= ROWS_A_VALUE * len(table) and table.max(axis=1).sum() >= SHARE * len(values)
    )


def note_leaks(store: Store, study: Study, source: str, names: Iterable[str]) -> None:
    """Says them once among the study's notices, the first of all."""
    target = printable(study.target)
    found = [
        f"Column '{printable(name)}' alone tells '{target}', {AS_A_COPY}. If it is not known before '{target}' is,"
        f" leave it out: mlops-tui data schema {shlex.quote(source)} --role {shlex.quote(f'{name}=ignored')}"
        for name in names
    ]
    note(store, study, *found, first=True)
