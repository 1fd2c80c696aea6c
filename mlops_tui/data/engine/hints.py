"""Why a file may not have the columns of its source: it is read otherwise than it was written."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import islice
from pathlib import Path

from mlops_tui.core.errors import FileUnreadable
from mlops_tui.data.engine.formats import TYPED, ending_of
from mlops_tui.data.engine.lines import records_of
from mlops_tui.data.options import ReadOptions

_MARKS = {";": "';'", ",": ",", "\t": "tab", "|": "'|'"}
"""What may stand between fields, and how a shell has it."""

_VALUE = re.compile(r"[-+]?\d[\d.,:/T -]*")
_LINES = 30


def misread(path: Path, options: ReadOptions, found: Sequence[str], wanted: Collection[str]) -> str:
    """What to do where a file has the columns `found` and few of those `wanted`; nothing where that tells nothing."""
    if ending_of(path) in TYPED or not found:
        return ""
    for mark, written in _MARKS.items():
        if len(found) == 1 and _are_most(found[0].split(mark), wanted):
            return f"Its fields are parted by {written}: save it as the others, or read all so (data options --delimiter {written})."
    if len(found) == 1 and any(mark in found[0] for mark in _MARKS):
        return "It may have another delimiter than the source's (data options --delimiter)."
    try:
        for line, record in islice(records_of(path, options), _LINES):
            if _are_most(record, wanted) and line > 1 + (options.skip or 0):
                return f"Its header is line {line}: take out what stands above, or read all so (data options --skip {line - 1})."
    except (OSError, FileUnreadable):
        return ""
    if sum(_VALUE.fullmatch(name) is not None for name in found) * 2 > len(found) or (
        len(found) == len(wanted) and any(map(_VALUE.fullmatch, found))
    ):
        return "It seems to have no header: write one into its first line."
    return ""


def _are_most(names: Sequence[str], wanted: Collection[str]) -> bool:
    there = {name.strip().strip("\"'") for name in names}
    return len(names) > 1 and 2 * len(there & set(wanted)) >= len(wanted)
