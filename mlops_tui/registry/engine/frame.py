"""The frame that a model reads: columns, order and dtypes are the signature's, never the batch's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from mlops_tui.features.engine import without_infinite
from mlops_tui.registry.model import Signature, SignatureColumn

CATEGORIES_KEPT = 10_000
"""A column with more categories keeps none: unknown ones are not counted there."""

_OF_STRINGS = frozenset({"category", "text", "identifier", "constant"})


def columns_of(frame: pd.DataFrame, kinds: dict[str, str]) -> tuple[SignatureColumn, ...]:
    """The signature's columns for a training frame, in the order of `kinds`."""
    return tuple(_column(frame[name], name, kind) for name, kind in kinds.items())


def _column(values: pd.Series, name: str, kind: str) -> SignatureColumn:
    low, high = _range(values, kind)
    return SignatureColumn(name, kind, str(values.dtype), _categories(values, kind), low, high, _lacks_some(values))


def _lacks_some(values: pd.Series) -> bool:
    """Whether a row has no value; what is infinite is none."""
    return bool(values.isna().any() or (values.dtype.kind == "f" and np.isinf(values).any()))


def _categories(values: pd.Series, kind: str) -> tuple[str, ...] | None:
    if kind != "category":
        return None
    found = values.dropna().unique()
    return tuple(sorted(str(value) for value in found)) if len(found) <= CATEGORIES_KEPT else None


def _range(values: pd.Series, kind: str) -> tuple[float, float] | tuple[None, None]:
    """The least and the greatest finite number; none of a column that is no number or has none."""
    if kind not in ("numeric", "integer"):
        return None, None
    numbers = values.to_numpy(dtype=float)
    finite = numbers[np.isfinite(numbers)]
    return (float(finite.min()), float(finite.max())) if len(finite) else (None, None)


def typed(frame: pd.DataFrame, columns: Sequence[SignatureColumn]) -> pd.DataFrame:
    """The frame with exactly these columns, in this order, in the dtypes of training; missing as NaN, NaT or None.

    Infinite numbers count as missing.
    """
    found = pd.DataFrame({column.name: typed_column(frame[column.name], column.dtype) for column in columns})
    return without_infinite(found, found.columns)  # as in training


def typed_column(values: pd.Series, dtype: str) -> pd.Series:
    """A column in a dtype of training, or in float64 where it has missing values or fractions and that dtype cannot."""
    if dtype == "str":
        return values.where(values.notna(), np.nan).astype("str")
    if dtype == "object":
        plain = values.astype(object)
        return plain.where(plain.notna(), None).astype(object)
    if dtype.startswith(("int", "uint", "bool")) and values.isna().any():
        dtype = "float64"  # a batch may miss a value that training never did
    elif dtype.startswith(("int", "uint")) and values.dtype.kind == "f" and bool((values % 1 != 0).any()):
        dtype = "float64"  # or have a fraction where training had whole numbers alone
    return values.astype(np.dtype(dtype))


def to_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The frame's rows ready for JSON."""
    return [{str(name): _plain(value) for name, value in row.items()} for row in frame.to_dict("records")]


def from_rows(rows: Sequence[dict[str, Any]], signature: Signature) -> pd.DataFrame:
    """The frame that `to_rows` wrote, typed by the signature."""
    data: dict[str, Any] = {}
    for column in signature.columns:
        values = [row[column.name] for row in rows]
        if column.kind == "date-time":
            data[column.name] = pd.to_datetime(pd.Series(values, dtype=object), format="ISO8601")
        elif column.kind in _OF_STRINGS or column.dtype == "object":
            data[column.name] = pd.Series(values, dtype=object)
        else:
            data[column.name] = pd.Series([np.nan if value is None else value for value in values])
    return typed(pd.DataFrame(data), signature.columns)


def _plain(value: Any) -> Any:
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return value.item() if isinstance(value, np.generic) else value
