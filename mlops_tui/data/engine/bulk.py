"""Many stored profiles of one column read and merged at once: a window is merged from thousands."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import hypot
from typing import Any

import numpy as np
from numpy.lib.recfunctions import structured_to_unstructured
from numpy.typing import NDArray

from mlops_tui.data.engine.distinct import REGISTERS, merged_registers
from mlops_tui.data.engine.moments import merged_sums
from mlops_tui.data.engine.payload import COUNT, HEAD, VERSION, from_bytes
from mlops_tui.data.engine.points import NO_POINTS, union
from mlops_tui.data.engine.sketches import merged_columns
from mlops_tui.data.profile import NUMERIC_KINDS, ColumnProfile

_SIZE = HEAD.itemsize
_PARSED_AT_ONCE = 64
"""So many texts of JSON are parsed as one."""

Heads = NDArray[np.void]
Floats = NDArray[np.float64]


def merged_payloads(payloads: Sequence[bytes], name: str, kind: str, *, with_registers: bool = True) -> ColumnProfile:
    """What `merged_columns` makes of all that `from_bytes` reads; those of the usual forms are read as arrays.

    Raises DataError for damaged bytes and those of another version.
    """
    heads = _heads(payloads)
    if heads is not None and kind in NUMERIC_KINDS:
        found = _merged_numbers(payloads, heads, name, kind, with_registers=with_registers)
        if found is not None:
            return found
    parts = None if heads is None or kind in NUMERIC_KINDS else _counted(payloads, heads, name, kind)
    parts = parts or [from_bytes(payload, name, kind) for payload in payloads]
    return merged_columns(parts, with_registers=with_registers)


def _heads(payloads: Sequence[bytes]) -> Heads | None:
    """The head of each; None of a single one, and where one is damaged or not of the usual version."""
    if len(payloads) < 2 or min(map(len, payloads)) < _SIZE:
        return None
    heads = np.frombuffer(b"".join([payload[:_SIZE] for payload in payloads]), HEAD)
    return heads if (heads["version"] == VERSION).all() else None


def _counted(payloads: Sequence[bytes], heads: Heads, name: str, kind: str) -> list[ColumnProfile] | None:
    """The profiles of those that hold the same values; None where they are not all of the plain form: nothing but counts."""
    plain = (heads["counted"] > 0) & (heads["size"] == 0) & (heads["weighed"] == 0)
    for part in ("moments", "lengths", "points", "registers"):
        plain &= ~heads[f"has_{part}"]
    if not plain.all():
        return None
    alike: dict[bytes, list[int]] = {}
    for place, (payload, counted) in enumerate(zip(payloads, heads["counted"].tolist(), strict=True)):
        alike.setdefault(payload[-counted:], []).append(place)
    try:
        texts = list(alike)
        values = [part for start in range(0, len(texts), _PARSED_AT_ONCE) for part in _parsed(texts, start)]
        counts = [_added(payloads, places, len(text)) for text, places in alike.items()]
        held = [dict(zip(*pair, strict=True)) for pair in zip(values, counts, strict=True)]
    except ValueError:
        return None
    figures = structured_to_unstructured(heads[["rows", "missing", "other"]], np.int64)
    told = [(*figures[places].sum(axis=0).tolist(), part) for places, part in zip(alike.values(), held, strict=True)]
    return [ColumnProfile(name, kind, rows, missing, counts=part, other=other) for rows, missing, other, part in told]


def _parsed(texts: Sequence[bytes], start: int) -> list[Any]:
    found: list[Any] = json.loads(b"[%s]" % b",".join(texts[start : start + _PARSED_AT_ONCE]))
    return found


def _added(payloads: Sequence[bytes], places: Sequence[int], text: int) -> list[int]:
    """The counts of all those added up. Raises ValueError where they are not as long as one another."""
    counts = np.frombuffer(b"".join([payloads[place][_SIZE:-text] for place in places]), COUNT)
    totals: list[int] = counts.reshape(len(places), -1).sum(axis=0, dtype=np.uint64).tolist()
    return totals


def _merged_numbers(
    payloads: Sequence[bytes], heads: Heads, name: str, kind: str, *, with_registers: bool
) -> ColumnProfile | None:
    """None where the profiles are not all of the plain form: nothing but moments, points, and registers if any is told."""
    is_told = bool(heads["has_registers"].any() or (with_registers and heads["bound"].any()))
    plain = heads["has_moments"] & heads["has_points"]
    plain &= ~heads["has_lengths"] & (heads["counted"] == 0) & (heads["has_registers"] == is_told)
    counts = heads["size"].astype(np.intp)
    starts = _SIZE + 8 * counts
    ends = starts + heads["weighed"]
    if not plain.all() or (ends + REGISTERS * is_told != list(map(len, payloads))).any():
        return None
    values, weights, registers = _cut(payloads, starts, ends)
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
        registers if is_told else None,
    )


def _cut(payloads: Sequence[bytes], starts: NDArray[np.intp], ends: NDArray[np.intp]) -> tuple[Floats, Floats, bytes]:
    """All values, all weights, and the registers of all together; those of one shape are cut out at once."""
    start, end = int(starts[0]), int(ends[0])
    if (starts == start).all() and (ends == end).all():
        table = np.frombuffer(b"".join(payloads), np.uint8).reshape(len(payloads), -1)
        values, weights = (np.frombuffer(table[:, a:b].tobytes()) for a, b in ((_SIZE, start), (start, end)))
        return values, weights, np.maximum.reduce(table[:, end:], axis=0).tobytes()
    parts = list(zip(payloads, starts.tolist(), ends.tolist(), strict=True))
    return (
        np.frombuffer(b"".join([payload[_SIZE:start] for payload, start, _ in parts])),
        np.frombuffer(b"".join([payload[start:end] for payload, start, end in parts])),
        merged_registers([payload[end:] for payload, _, end in parts]) if len(parts[0][0]) > ends[0] else b"",
    )
