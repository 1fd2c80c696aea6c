"""Sketches and moments of one column: built from arrays, merged in pairs, kept as bytes.

KLL compacts by coin tosses that DataSketches draws without a seed: two sketches of the same values may differ within
their error, so one is built for a file's content and kept. Below `QUANTILE_K` values it is exact, as HLL nearly is.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import reduce
from heapq import nsmallest

import datasketches
import numpy as np

from mlops_tui.core.errors import DataError
from mlops_tui.data.profile import CATEGORY_CAP, QUANTILE_K, ColumnProfile, Moments

DISTINCT_LG_K = 12
"""Base-2 logarithm of the HLL sketch's registers: relative error 1.6 % (one standard deviation)."""

_VERSION = b"P1"


def moments_of(values: np.ndarray) -> Moments:
    """Count, range and central sums of finite float64 values; zeros for none."""
    if values.size == 0:
        return Moments(0, 0.0, 0.0, 0.0, 0.0, 0.0)
    with np.errstate(over="ignore", invalid="ignore"):
        mean = values.mean()
        deviations = values - mean
        squares = deviations * deviations
        m2, m3 = squares.sum(), (squares * deviations).sum()
    return Moments(values.size, float(values.min()), float(values.max()), float(mean), float(m2), float(m3))


def merged_moments(a: Moments, b: Moments) -> Moments:
    """Moments of both together by the pairwise update (Chan, Golub, LeVeque 1979; third order: Pébay 2008)."""
    if a.count == 0 or b.count == 0:
        return b if a.count == 0 else a
    n = a.count + b.count
    delta = b.mean - a.mean
    shared = a.count * b.count / n
    return Moments(
        n,
        min(a.minimum, b.minimum),
        max(a.maximum, b.maximum),
        a.mean + delta * b.count / n,
        a.m2 + b.m2 + delta * delta * shared,
        a.m3
        + b.m3
        + delta * delta * delta * shared * (a.count - b.count) / n
        + 3 * delta * (a.count * b.m2 - b.count * a.m2) / n,
    )


def quantiles_of(values: np.ndarray) -> bytes:
    """A KLL sketch of finite float64 values."""
    sketch = datasketches.kll_doubles_sketch(QUANTILE_K)
    if values.size:
        sketch.update(np.ascontiguousarray(values, dtype=np.float64))
    return bytes(sketch.serialize())


def read_quantiles(sketch: bytes) -> datasketches.kll_doubles_sketch:
    """The KLL sketch of those bytes."""
    return datasketches.kll_doubles_sketch.deserialize(sketch)


def merged_quantiles(sketches: Sequence[bytes]) -> bytes:
    """One KLL sketch of the values of all; the error bound is that of one."""
    if len(sketches) == 1:
        return sketches[0]
    merged = datasketches.kll_doubles_sketch(QUANTILE_K)
    for sketch in sketches:
        merged.merge(read_quantiles(sketch))
    return bytes(merged.serialize())


def distinct_of(values: Iterable[float] | Iterable[str]) -> bytes:
    """An HLL sketch of the values."""
    sketch = datasketches.hll_sketch(DISTINCT_LG_K)
    deque(map(sketch.update, values), maxlen=0)
    return bytes(sketch.serialize_compact())


def merged_distinct(sketches: Sequence[bytes]) -> bytes:
    """One HLL sketch of the values of all."""
    if len(sketches) == 1:
        return sketches[0]
    union = datasketches.hll_union(DISTINCT_LG_K)
    for sketch in sketches:
        union.update(datasketches.hll_sketch.deserialize(sketch))
    return bytes(union.get_result().serialize_compact())


def distinct_estimate(profile: ColumnProfile) -> int:
    """Number of different values: exact where all of them were counted, else the sketch's estimate, never more than
    there are values.
    """
    if profile.counts is not None and profile.other == 0:
        return len(profile.counts)
    estimate = round(datasketches.hll_sketch.deserialize(profile.distinct).get_estimate())
    return min(estimate, profile.rows - profile.missing)


def capped(counts: Mapping[str, int], other: int) -> tuple[dict[str, int], int]:
    """The `CATEGORY_CAP` most frequent values (ties by value) and the rows of the rest added to `other`."""
    if len(counts) <= CATEGORY_CAP:
        return dict(counts), other
    kept = dict(nsmallest(CATEGORY_CAP, counts.items(), key=lambda item: (-item[1], item[0])))
    return kept, other + sum(counts.values()) - sum(kept.values())


def merged_columns(parts: Sequence[ColumnProfile]) -> ColumnProfile:
    """The profile of one column over the rows of all parts. Raises DataError where the kinds differ."""
    first = parts[0]
    if strange := next((part for part in parts if part.kind != first.kind), None):
        raise DataError(
            f"Column {first.name!r} is {first.kind} in one file and {strange.kind} in another.",
            "Profile both with the source's kinds.",
        )
    counts: dict[str, int] = {}
    for part in parts:
        for value, count in (part.counts or {}).items():
            counts[value] = counts.get(value, 0) + count
    kept, other = capped(counts, sum(part.other for part in parts))
    moments = [part.moments for part in parts if part.moments is not None]
    quantiles = [part.quantiles for part in parts if part.quantiles is not None]
    return ColumnProfile(
        first.name,
        first.kind,
        sum(part.rows for part in parts),
        sum(part.missing for part in parts),
        merged_distinct([part.distinct for part in parts]),
        reduce(merged_moments, moments) if moments else None,
        merged_quantiles(quantiles) if quantiles else None,
        None if first.counts is None else kept,
        other,
    )


def to_bytes(profile: ColumnProfile) -> bytes:
    """The column's profile as a BLOB: version, then a JSON header and both sketches, deflated."""
    header = {
        "name": profile.name,
        "kind": profile.kind,
        "rows": profile.rows,
        "missing": profile.missing,
        "moments": None if profile.moments is None else asdict(profile.moments),
        "counts": profile.counts,
        "other": profile.other,
        "distinct": len(profile.distinct),
        "quantiles": None if profile.quantiles is None else len(profile.quantiles),
    }
    text = json.dumps(header).encode()
    body = struct.pack("<I", len(text)) + text + profile.distinct + (profile.quantiles or b"")
    return _VERSION + zlib.compress(body, level=1)


def from_bytes(blob: bytes) -> ColumnProfile:
    """The profile that `to_bytes` wrote. Raises DataError for other bytes."""
    if not blob.startswith(_VERSION):
        raise DataError(
            "A stored profile is not of a version that is known here.", "Update mlops-tui, or scan the source again."
        )
    try:
        body = zlib.decompress(blob[len(_VERSION) :])
        size = struct.unpack_from("<I", body)[0]
        header = json.loads(body[4 : 4 + size])
    except (zlib.error, struct.error, ValueError) as error:
        raise DataError("A stored profile is damaged.", "Scan the source again.") from error
    sketches = body[4 + size :]
    split, has_quantiles = header.pop("distinct"), header.pop("quantiles") is not None
    moments = header.pop("moments")
    return ColumnProfile(
        **header,
        moments=None if moments is None else Moments(**moments),
        distinct=sketches[:split],
        quantiles=sketches[split:] if has_quantiles else None,
    )
