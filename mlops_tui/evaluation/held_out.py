"""Held-out rows: a row is test or training for ever, in every version of its source.

With a time column the newest labelled block is held out; else a salted hash of the row's id, of its group, or of its
content decides, so that duplicates stay together.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pandas as pd


def make_rule(
    frame: pd.DataFrame, *, time: str | None, id_column: str | None, group: str | None, salt: str, share: float
) -> dict[str, Any]:
    """The rule for a source, from its first labelled rows; kept with the source and never made anew."""
    if time is not None:
        moments = pd.to_datetime(frame[time]).dropna().sort_values()
        cut = moments.iloc[min(int(len(moments) * (1 - share)), len(moments) - 1)]
        return {"by": "time", "column": time, "cut": cut.isoformat(), "share": share}
    column = group or id_column
    return {"by": "hash", "column": column, "salt": salt, "share": share}


def is_held_out(frame: pd.DataFrame, rule: dict[str, Any]) -> np.ndarray:
    """A boolean array of the frame's length: which rows the rule holds out."""
    if rule["by"] == "time":
        moments = pd.to_datetime(frame[rule["column"]])
        return np.asarray(moments >= pd.Timestamp(rule["cut"]))
    return _hashes(frame, rule) < rule["share"]


def _hashes(frame: pd.DataFrame, rule: dict[str, Any]) -> np.ndarray:
    """A number in [0, 1) a row, from the salt and the row's key."""
    keys = frame[rule["column"]].astype(str) if rule["column"] else _contents(frame)
    salt = rule["salt"].encode()
    digests = (hashlib.blake2b(key.encode(), key=salt[:64], digest_size=8).digest() for key in keys)
    return np.array([int.from_bytes(digest, "big") / 2**64 for digest in digests])


def _contents(frame: pd.DataFrame) -> pd.Series:
    return pd.util.hash_pandas_object(frame, index=False).astype(str)


def row_set_hash(frame: pd.DataFrame) -> str:
    """A hash of a set of rows, whatever their order."""
    hashes = np.sort(pd.util.hash_pandas_object(frame, index=False).to_numpy())
    return hashlib.sha256(hashes.tobytes()).hexdigest()
