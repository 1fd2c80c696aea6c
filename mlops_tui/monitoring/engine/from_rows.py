"""Columns of two windows by the definitions of other tools, which the stored profiles cannot tell: their files are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mlops_tui.data.engine.frame import read_member
from mlops_tui.data.profile import NUMERIC_KINDS
from mlops_tui.monitoring.engine.definitions import of_categories, of_numbers
from mlops_tui.monitoring.model import DriftReport
from mlops_tui.monitoring.window import Rows
from mlops_tui.store.store import Store

VALUES_AT_ONCE = 20_000_000
"""So many values of both windows are in memory at once."""
DATES = "date-time"


def by_definitions(store: Store, ours: Rows, theirs: Rows, report: DriftReport) -> list[dict[str, Any]]:
    """Of each column that is judged: {"name", "evidently": {figure: value}, "nannyml": {figure: value}}; without figures where a side
    has no value, or is of another kind.

    Raises:
        DataError: a file is gone, or holds other bytes than when it was taken in.
    """
    kinds = {column.name: column.kind for column in report.columns if column.drift is not None and column.kind != DATES}
    at_once = max(1, VALUES_AT_ONCE // max(1, report.reference_rows + report.current_rows))
    names, found = list(kinds), list[dict[str, Any]]()
    for start in range(0, len(names), at_once):
        some = names[start : start + at_once]
        before, now = (_read(store, rows, some) for rows in (ours, theirs))
        found += [{"name": name, **_told(before[name], now[name], kinds[name])} for name in some]
    return found


def _read(store: Store, rows: Rows, names: Sequence[str]) -> pd.DataFrame:
    """Some columns of a window; NaN in a file that lacks one."""
    wanted = pd.Index(list(names))
    frames = [frame.reindex(columns=wanted) for frame in _frames(store, rows, names)]
    return pd.concat(frames, ignore_index=True)


def _frames(store: Store, rows: Rows, names: Sequence[str]) -> Iterator[pd.DataFrame]:
    for file in rows.files:
        part = rows.parts.get(file.id)
        numbers = None if part is None else [one.first_row + place for one in part for place in range(one.rows)]
        yield read_member(store, rows.source, file, rows.source.version, [*names], rows=numbers)


def _told(ours: pd.Series, theirs: pd.Series, kind: str) -> dict[str, Any]:
    if kind in NUMERIC_KINDS and all(pd.api.types.is_numeric_dtype(side.dtype) for side in (ours, theirs)):
        return of_numbers(*(side.to_numpy(dtype=float, na_value=np.nan) for side in (ours, theirs)))
    before, now = (_counts(side) for side in (ours, theirs))
    return of_categories(before, now)


def _counts(values: pd.Series) -> dict[str, int]:
    return {str(value): int(rows) for value, rows in values.dropna().astype(str).value_counts().items()}
