"""Why a file may not have the columns of its source: it is read otherwise than it was written."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from mlops_tui.core.errors import FileUnreadable
from mlops_tui.core.printable import printable
from mlops_tui.data.engine.formats import TYPED, ending_of
from mlops_tui.data.engine.lines import records_of
from mlops_tui.data.options import ReadOptions

_MARKS = {";": "';'", ",": ",", "\t": "tab", "|": "'|'"}
"""What may stand between fields, and how a shell has it."""

_VALUE = re.compile(r"[-+]?\d[\d.,:/T -]*")
_LINES = 30
_COMMENT = "#"
_NAMED = 3


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
        if above := _above(path, options, wanted):
            return above
    except (OSError, FileUnreadable):
        return ""
    if sum(_VALUE.fullmatch(name) is not None for name in found) * 2 > len(found) or (
        len(found) == len(wanted) and any(map(_VALUE.fullmatch, found))
    ):
        return "It seems to have no header: write one into its first line."
    return ""


def _above(path: Path, options: ReadOptions, wanted: Collection[str]) -> str:
    """What to do where the header stands further down or further up than the source's options have it."""
    skipped = options.skip or 0
    others = f"{skipped} {'line stands' if skipped == 1 else 'lines stand'} above it in the source's others"
    above = list[str]()
    for line, record in islice(records_of(path, replace(options, skip=None)), skipped + _LINES):
        if not _are_most(record, wanted):
            above += [record[0]] if line > skipped else []
        elif line == 1 + skipped:
            return ""
        elif line <= skipped:
            return f"Its header is line {line}, and {others}: write as many into this one."
        elif above and all(text.startswith(_COMMENT) for text in above):
            return f"Its header is line {line}, below comments (data options --comment '{_COMMENT}')."
        else:
            where = f"; {others}: take out what is more" if skipped else ": take out what stands above"
            return (
                f"Its header is line {line}{where}, or where all files are so, say it (data options --skip {line - 1})."
            )
    return ""


def other_names(unknown: Sequence[str]) -> str:
    """Of a file that lacks a column of the source: which it has instead; one of them may be a mistyped name."""
    if not 0 < len(unknown) <= _NAMED:
        return ""
    verb = "which the source has not: is it one of another name?"
    return f"It has {', '.join(map(printable, unknown))}, {verb}"


def _are_most(names: Sequence[str], wanted: Collection[str]) -> bool:
    there = {name.strip().strip("\"'") for name in names}
    return len(names) > 1 and 2 * len(there & set(wanted)) >= len(wanted)
