"""Many stored profiles of one column read and merged at once: a window is merged from thousands."""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot

import numpy as np
from numpy.lib.recfunctions import structured_to_unstructured

from mlops_tui.data.engine.distinct import REGISTERS, merged_registers
from mlops_tui.data.engine.moments import merged_sums
from mlops_tui.data.engine.payload import HEAD, from_bytes
from mlops_tui.data.engine.points import NO_POINTS, union
from mlops_tui.data.engine.sketches import merged_columns
from mlops_tui.data.profile import NUMERIC_KINDS, ColumnProfile


def merged_payloads(payloads: Sequence[bytes], name: str, kind: str) -> ColumnProfile:
    """What `merged_columns` makes of all that `from_bytes` reads; a column of numbers is read as one array.

    Raises DataError for damaged bytes and those of another version.
    """
    found = _merged_numbers(payloads, name, kind) if kind in NUMERIC_KINDS and len(payloads) > 1 else None
    return found or merged_columns([from_bytes(payload, name, kind) for payload in payloads])


def _merged_numbers(payloads: Sequence[bytes], name: str, kind: str) -> ColumnProfile | None:
    """None where the profiles are not all of the plain form: nothing but moments, points, and registers if any is told."""
    size = HEAD.itemsize
    if any(len(payload) < size for payload in payloads):
        return None
    heads = np.frombuffer(b"".join([payload[:size] for payload in payloads]), HEAD)
    is_told = bool(heads["has_registers"].any() or heads["bound"].any())
    plain = (heads["version"] == payloads[0][:2]) & heads["has_moments"] & heads["has_points"]
    plain &= ~heads["has_lengths"] & (heads["counted"] == 0) & (heads["has_registers"] == is_told)
    counts = heads["size"].astype(np.intp)
    starts = size + 8 * counts
    ends = starts + heads["weighed"]
    if not plain.all() or (ends + REGISTERS * is_told != [len(payload) for payload in payloads]).any():
        return None
    from_bytes(payloads[0], name, kind)  # raises where the version is not known
    parts = list(zip(payloads, starts.tolist(), ends.tolist(), strict=True))
    values = np.frombuffer(b"".join([payload[size:start] for payload, start, _ in parts]))
    weights = np.frombuffer(b"".join([payload[start:end] for payload, start, end in parts]))
    if len(weights) != len(values):  # of some parts all values weigh alike
        alike = heads["weighed"] == 8
        repeats = np.ones(len(weights), np.intp)
        places = np.cumsum(heads["weighed"] // 8) - 1
        repeats[places[alike]] = counts[alike]
        is_one = len(weights) == alike.sum() and bool((weights == weights[0]).all())
        weights = weights[:1] if is_one else np.repeat(weights, repeats)
    points = (
        union(values, weights, float(heads["bound"].sum()), hypot(*heads["deviation"])) if len(values) else NO_POINTS
    )
    return ColumnProfile(
        name,
        kind,
        int(heads["rows"].sum()),
        int(heads["missing"].sum()),
        merged_sums(structured_to_unstructured(heads["moments"], np.float64)),
        points,
        None,
        int(heads["other"].sum()),
        merged_registers([payload[end:] for payload, _, end in parts]) if is_told else None,
    )
