"""The profile of one column as the bytes that are stored: quick to read, since a window is merged from thousands."""

from __future__ import annotations

import json
import struct

from mlops_tui.core.errors import DataError
from mlops_tui.data.engine.distinct import REGISTERS
from mlops_tui.data.profile import ColumnProfile, Moments, Points

_VERSION = b"P2"
_HEAD = struct.Struct("<2s5?QQQII")
"""Version; whether there are moments, lengths, points, weights of their own, registers; rows, missing, other; how many
points; how many bytes of counts (0 for none).
"""
_MOMENTS = struct.Struct("<Q5d")
_BOUNDS = struct.Struct("<3d")


def to_bytes(column: ColumnProfile) -> bytes:
    """The column's profile as a BLOB, without its name and kind."""
    points = column.points
    weights = points.weights if points else b""
    alike = weights == weights[:8] * (len(weights) // 8)
    counts = b"" if column.counts is None else json.dumps(column.counts, separators=(",", ":")).encode()
    flags = (column.moments is not None, column.lengths is not None, points is not None, not alike)
    sizes = (column.rows, column.missing, column.other, len(weights) // 8, len(counts))
    parts = [_HEAD.pack(_VERSION, *flags, column.registers is not None, *sizes)]
    parts += [_moments_bytes(moments) for moments in (column.moments, column.lengths) if moments is not None]
    if points is not None:
        parts += [
            _BOUNDS.pack(points.bound, points.deviation, _first(weights)),
            points.values,
            b"" if alike else weights,
        ]
    return b"".join([*parts, column.registers or b"", counts])


def _moments_bytes(m: Moments) -> bytes:
    return _MOMENTS.pack(m.count, m.minimum, m.maximum, m.mean, m.m2, m.m3)


def _first(weights: bytes) -> float:
    return float(struct.unpack_from("<d", weights)[0]) if weights else 0.0


def from_bytes(blob: bytes, name: str, kind: str) -> ColumnProfile:
    """The profile of the column that `to_bytes` wrote. Raises DataError for other bytes."""
    if not blob.startswith(_VERSION):
        raise DataError(
            "A stored profile is not of a version that is known here.", "Update mlops-tui, or scan the source again."
        )
    try:
        return _read(blob, name, kind)
    except (struct.error, ValueError) as error:
        raise DataError("A stored profile is damaged.", "Scan the source again.") from error


def _read(blob: bytes, name: str, kind: str) -> ColumnProfile:
    _, has_moments, has_lengths, has_points, own_weights, has_registers, rows, missing, other, size, counted = (
        _HEAD.unpack_from(blob)
    )
    at = _HEAD.size
    moments = lengths = points = registers = counts = None
    if has_moments:
        moments = Moments(*_MOMENTS.unpack_from(blob, at))
        at += _MOMENTS.size
    if has_lengths:
        lengths = Moments(*_MOMENTS.unpack_from(blob, at))
        at += _MOMENTS.size
    if has_points:
        bound, deviation, _ = _BOUNDS.unpack_from(blob, at)
        first, at = blob[at + 16 : at + 24], at + _BOUNDS.size
        end = at + 8 * size
        values = blob[at:end]
        weights, at = (blob[end : end + 8 * size], end + 8 * size) if own_weights else (first * size, end)
        points = Points(values, weights, bound, deviation)
    if has_registers:
        registers, at = blob[at : at + REGISTERS], at + REGISTERS
    if counted:
        counts, at = json.loads(blob[at : at + counted]), at + counted
    if at != len(blob):
        raise ValueError(f"{at} bytes told, {len(blob)} there")
    return ColumnProfile(name, kind, rows, missing, moments, points, counts, other, registers, lengths)
