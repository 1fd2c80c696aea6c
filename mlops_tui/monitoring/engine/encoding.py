"""Columns as numbers for models that tell rows apart or expect losses: categories by how frequent they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import pandas as pd

Array = np.ndarray[Any, Any]

UNKNOWN = -1.0
"""What stands for a category that the rows of which the ranks are lack."""


def ranks_of(values: pd.Series) -> dict[str, int]:
    """The rank of each text of a column, the most frequent being 0; {} of a column that is numbers or moments already.

    Those alike frequent go by their text: in the order in which they come, those of the first rows would be told from later ones.
    """
    if _is_number(values) or _is_moment(values):
        return {}
    counts = dict(_texts(values).value_counts())
    return {text: rank for rank, text in enumerate(sorted(counts, key=lambda text: (-counts[text], text)))}


def as_numbers(values: pd.Series, ranks: Mapping[str, int]) -> Array:
    """The column as numbers, shape (n,), NaN where missing or infinite; texts by these ranks."""
    if _is_number(values):
        found = values.to_numpy(dtype=float, na_value=np.nan)
        return np.where(np.isfinite(found), found, np.nan)
    if _is_moment(values):
        return np.where(values.isna(), np.nan, values.astype("int64").to_numpy(dtype=float))
    texts = _texts(values)
    found = texts.map(ranks).to_numpy(dtype=float)
    return np.where(np.isnan(found) & texts.notna().to_numpy(), UNKNOWN, found)


class Encoder:
    """Frames as matrices of shape (n, columns), by the ranks that categories have in the frame it was made of."""

    def __init__(self, ranks: Mapping[str, Mapping[str, int]]) -> None:
        self._ranks = ranks

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Self:
        """By the frequencies of this frame."""
        return cls({str(name): ranks_of(frame[name]) for name in frame.columns})

    def __call__(self, frame: pd.DataFrame) -> Array:
        columns = [
            as_numbers(frame[name], ranks) if name in frame.columns else np.full(len(frame), np.nan)
            for name, ranks in self._ranks.items()
        ]
        return np.column_stack(columns) if columns else np.empty((len(frame), 0))


def _is_number(values: pd.Series) -> bool:
    return pd.api.types.is_bool_dtype(values.dtype) or pd.api.types.is_numeric_dtype(values.dtype)


def _is_moment(values: pd.Series) -> bool:
    return pd.api.types.is_datetime64_any_dtype(values.dtype)


def _texts(values: pd.Series) -> pd.Series:
    return values.astype("object").map(lambda value: None if pd.isna(value) else str(value))
