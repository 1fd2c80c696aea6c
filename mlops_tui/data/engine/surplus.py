"""Rows with a field more than there are columns, which the engine takes without a word where that field is a missing one."""

from __future__ import annotations

from pathlib import Path

from mlops_tui.data.engine.lines import field_too_many, unpacked
from mlops_tui.data.options import ReadOptions

_CHUNK = 1 << 20
_LONGEST_END = 64


def has_surplus(path: Path, options: ReadOptions, columns: int) -> bool:
    """Whether some row has such a field; fields are counted only where a line ends with one that is missing."""
    return _has_line_that_ends_so(path, options) and field_too_many(path, options, columns)


def _has_line_that_ends_so(path: Path, options: ReadOptions) -> bool:
    if any(len(text) > _LONGEST_END for text in options.missing):
        return True
    codec = "utf-16-le" if options.encoding == "utf-16" else options.encoding or "utf-8"
    fields = [f"{options.delimiter or ','}{text}" for text in options.missing]
    ends = [f"{field}{end}".encode(codec) for field in fields for end in ("\n", "\r")]
    last = b""
    with unpacked(path) as stream:
        while chunk := stream.read(_CHUNK):
            if any(end in last + chunk for end in ends):
                return True
            last = chunk[-4 * _LONGEST_END :]
    return last.endswith(tuple(field.encode(codec) for field in fields))
