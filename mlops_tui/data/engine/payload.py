"""The profile of one column as the bytes that are stored: quick to read, since a window is merged from thousands."""

from __future__ import annotations

import json
import struct
from dataclasses import replace
from typing import Any

import numpy as np

from mlops_tui.core.errors import DataError
from mlops_tui.data.engine.distinct import size_of
from mlops_tui.data.profile import ColumnProfile, Moments, Points

VERSION = b"P4"
_EXACT_VERSION = b"P5"
"""As P4, and where counted values would stand the bounds of large integers, which the head has rounded."""

_HEAD = struct.Struct("<2s4?3Q2I3d" + 2 * "Q5d")
"""Version; whether there are moments, lengths, points, registers; rows, missing, other; bytes of the points' weights and of
the counted values (0 for none); bound and deviation of the points, how many there are; moments and lengths. After it come the
points' values and weights, the registers, the counts, and the counted values as JSON: files of a source mostly hold the same
values, whose bytes are then alike.
"""
_SUMS = [(name, "<u8" if name == "count" else "<f8") for name in ("count", "minimum", "maximum", "mean", "m2", "m3")]
HEAD = np.dtype(
    [
        ("version", "S2"),
        *[(f"has_{name}", "?") for name in ("moments", "lengths", "points", "registers")],
        *[(name, "<u8") for name in ("rows", "missing", "other")],
        *[(name, "<u4") for name in ("weighed", "counted")],
        *[(name, "<f8") for name in ("bound", "deviation", "size")],
        ("moments", _SUMS),
        ("lengths", _SUMS),
    ]
)
"""The same head as an array of many profiles has it."""

COUNT = np.dtype("<u8")

_NO_MOMENTS = (0, 0.0, 0.0, 0.0, 0.0, 0.0)


def to_bytes(column: ColumnProfile) -> bytes:
    """The column's profile as a BLOB, without its name and kind."""
    points = column.points or Points(b"", b"")
    exact = _exact_bounds(column.moments)
    last = exact or (None if column.counts is None else list(column.counts))
    counted = b"" if last is None else json.dumps(last, separators=(",", ":")).encode()
    counts = np.array(list((column.counts or {}).values()), COUNT).tobytes()
    there = (column.moments, column.lengths, column.points, column.registers)
    head = _HEAD.pack(
        _EXACT_VERSION if exact else VERSION,
        *(part is not None for part in there),
        *(column.rows, column.missing, column.other, len(points.weights), len(counted)),
        *(points.bound, points.deviation, len(points.values) // 8),
        *_sums(column.moments),
        *_sums(column.lengths),
    )
    return b"".join((head, points.values, points.weights, column.registers or b"", counts, counted))


def _exact_bounds(moments: Moments | None) -> tuple[float, float] | None:
    bounds = None if moments is None else (moments.minimum, moments.maximum)
    return bounds if bounds and any(isinstance(bound, int) for bound in bounds) else None


def _sums(moments: Moments | None) -> tuple[float, ...]:
    m = moments
    return _NO_MOMENTS if m is None else (m.count, m.minimum, m.maximum, m.mean, m.m2, m.m3)


def from_bytes(blob: bytes, name: str, kind: str) -> ColumnProfile:
    """The profile of the column that `to_bytes` wrote. Raises DataError for other bytes."""
    if not blob.startswith((VERSION, _EXACT_VERSION)):
        raise DataError(
            "A stored profile is not of a version that is known here.", "Update mlops-tui, or scan the source again."
        )
    try:
        return _read(blob, name, kind)
    except (struct.error, ValueError) as error:
        raise DataError("A stored profile is damaged.", "Scan the source again.") from error


def _read(blob: bytes, name: str, kind: str) -> ColumnProfile:
    head = _HEAD.unpack_from(blob)
    _, has_moments, has_lengths, has_points, has_registers, rows, missing, other, weighed, counted, *figures = head
    bound, deviation, size = figures[:3]
    values_end = _HEAD.size + 8 * int(size)
    weights_end = values_end + weighed
    registers_end = weights_end + (size_of(blob, weights_end) if has_registers else 0)
    counts_end = len(blob) - counted
    counts = np.frombuffer(blob[registers_end:counts_end], COUNT).tolist()
    last: Any = json.loads(blob[counts_end:]) if counted else None
    is_exact = head[0] == _EXACT_VERSION
    if registers_end > counts_end or (not is_exact and len(counts) != len(last or ())):
        raise ValueError(f"{len(blob)} bytes and {len(counts)} counts there")
    moments = Moments(*figures[3:9]) if has_moments else None
    if moments is not None and is_exact:
        moments, last = replace(moments, minimum=last[0], maximum=last[1]), None
    return ColumnProfile(
        name,
        kind,
        rows,
        missing,
        moments,
        Points(blob[_HEAD.size : values_end], blob[values_end:weights_end], bound, deviation) if has_points else None,
        None if last is None else dict(zip(last, counts, strict=True)),
        other,
        blob[weights_end:registers_end] if has_registers else None,
        Moments(*figures[9:]) if has_lengths else None,
    )
