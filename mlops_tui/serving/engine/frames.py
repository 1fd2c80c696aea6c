"""Batches of rows as the frames that models read, and the counts of values in them that training has not seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mlops_tui.features.engine import without_infinite
from mlops_tui.registry.engine.frame import typed_column
from mlops_tui.registry.model import SignatureColumn
from mlops_tui.serving.policy import BEYOND, LACKING, UNKNOWN


class Unseen:
    """Counts, by check and column, of values that training has not seen."""

    def __init__(self, columns: Sequence[SignatureColumn]) -> None:
        self._known = {column.name: set(column.categories) for column in columns if column.categories is not None}
        self._ranges = {
            column.name: (column.low, column.high)
            for column in columns
            if column.low is not None and column.high is not None
        }
        self._complete = {column.name for column in columns if column.missing is False}
        self.counts: dict[str, Counter[str]] = {UNKNOWN: Counter(), BEYOND: Counter(), LACKING: Counter()}

    def look_at(self, name: str, values: pa.Array) -> None:
        """Counts in a column's values; of texts they are its dictionary and codes."""
        if name in self._complete:
            self.counts[LACKING][name] += _missing(values)
        if name in self._known and isinstance(values, pa.DictionaryArray):
            unknown = [word not in self._known[name] for word in values.dictionary.to_pylist()]
            if any(unknown):
                codes = values.indices.drop_null().to_numpy()
                self.counts[UNKNOWN][name] += int(np.asarray(unknown)[codes].sum())
        elif name in self._ranges and not isinstance(values, pa.DictionaryArray):
            low, high = self._ranges[name]
            numbers = values.to_numpy(zero_copy_only=False)
            self.counts[BEYOND][name] += int(np.count_nonzero((numbers < low) | (numbers > high)))

    def as_counts(self) -> dict[str, dict[str, int]]:
        """The counts above zero, columns in the order in which they were met."""
        return {check: {name: count for name, count in found.items() if count} for check, found in self.counts.items()}


def _missing(values: pa.Array) -> int:
    """How many have no value; what is not finite is none."""
    if not pa.types.is_floating(values.type):
        return int(values.null_count)
    return len(values) - (pc.sum(pc.is_finite(values)).as_py() or 0)


def encoded(values: pa.Array) -> pa.Array:
    """Texts by their dictionary: each is made an object of Python's once a batch."""
    is_text = pa.types.is_string(values.type) or pa.types.is_large_string(values.type)
    return pc.dictionary_encode(values) if is_text else values


def frame_of(values: Mapping[SignatureColumn, pa.Array], rows: int) -> pd.DataFrame:
    """The frame that a model reads, of each column's values; dtypes are the signature's as `typed` of the registry has them."""
    found = pd.DataFrame(
        {column.name: _series(array, column.dtype) for column, array in values.items()}, range(rows), copy=False
    )
    return without_infinite(found, found.columns)


def _series(values: pa.Array, dtype: str) -> pd.Series:
    if isinstance(values, pa.DictionaryArray):
        return typed_column(pd.Series(_objects(values), dtype=object), dtype) if dtype != "object" else _plain(values)
    array: Any = values.to_numpy(zero_copy_only=False)
    if array.dtype.kind == "f" and not array.flags.writeable and dtype == "float64":
        return pd.Series(array, copy=False)
    return typed_column(pd.Series(array), dtype)


def _plain(values: pa.DictionaryArray) -> pd.Series:
    return pd.Series(_objects(values), dtype=object, copy=False)


def _objects(values: pa.DictionaryArray) -> np.ndarray[Any, Any]:
    words = np.array([*values.dictionary.to_pylist(), None], dtype=object)
    codes = values.indices.fill_null(len(words) - 1).to_numpy(zero_copy_only=False)
    return words[codes]
