"""Held-out rows: a row is test or training for ever, in every version of its source.

With a time column the newest block of the labelled rows that are learnt from is held out, so that it moves as new ones come; else a salted hash of the row's id, of its group, or of its
content decides, so that duplicates stay together; a column that was adopted later is no part of that content.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pandas as pd

from mlops_tui.core.errors import DataError


def make_rule(
    frame: pd.DataFrame, *, time: str | None, id_column: str | None, group: str | None, salt: str, share: float
) -> dict[str, Any]:
    """The rule for a source, from its first labelled rows; kept with the source and never made anew.

    Raises:
        DataError: the time column has no value in them.
    """
    if time is not None:
        return newest_block(frame, time, share)
    column = group or id_column
    return {"by": "hash", "column": column, "salt": salt, "share": share}


def newest_block(frame: pd.DataFrame, time: str, share: float) -> dict[str, Any]:
    """The rule that holds out the newest share of these labelled rows, by their time.

    Raises:
        DataError: the time column has no value in them.
    """
    moments = pd.to_datetime(frame[time]).dropna().sort_values()
    if moments.empty:
        raise DataError(
            f"The time column '{time}' is missing in every labelled row.", "Add rows that have it, or name another."
        )
    cut = moments.iloc[min(int(len(moments) * (1 - share)), len(moments) - 1)]
    return {"by": "time", "column": time, "cut": cut.isoformat(), "share": share}


def is_held_out(frame: pd.DataFrame, rule: dict[str, Any]) -> np.ndarray:
    """A boolean array of the frame's length: which rows the rule holds out."""
    if rule["by"] == "time":
        moments = pd.to_datetime(frame[rule["column"]])
        return np.asarray(moments >= pd.Timestamp(rule["cut"]))
    return _hashes(frame, rule) < rule["share"]


def _hashes(frame: pd.DataFrame, rule: dict[str, Any]) -> np.ndarray:
    """A number in [0, 1) a row, from the salt and the row's key."""
    told = [name for name in rule.get("columns") or frame.columns if name in frame.columns]
    keys = map(_key, frame[rule["column"]].tolist()) if rule["column"] else content_hashes(frame[told]).astype(str)
    salt = rule["salt"].encode()
    digests = (hashlib.blake2b(key.encode(), key=salt[:64], digest_size=8).digest() for key in keys)
    return np.array([int.from_bytes(digest, "big") / 2**64 for digest in digests])


def _key(value: Any) -> str:
    """A value's text, whatever its column's type: whole numbers become floats in a version where one is missing."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def content_hashes(frame: pd.DataFrame) -> np.ndarray:
    """A hash of each row, shape (n,), alike for whole numbers and floats."""
    numbers = {name: "float64" for name in frame.columns if frame[name].dtype.kind in "iuf"}
    return pd.util.hash_pandas_object(frame.astype(numbers), index=False).to_numpy()


def row_set_hash(frame: pd.DataFrame) -> str:
    """A hash of a set of rows, whatever their order."""
    return hashlib.sha256(np.sort(content_hashes(frame)).tobytes()).hexdigest()
