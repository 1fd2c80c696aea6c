"""What a source's first file leaves open, for the reasons of its columns: dates that may be read in two ways, and columns
that the header has no name for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from mlops_tui.data.engine.casting import AT_ONCE, TEXT, literal, quoted
from mlops_tui.data.engine.formats import TYPED, ending_of
from mlops_tui.data.engine.lines import records_of
from mlops_tui.data.engine.reading import OpenFile

_PARTS = re.compile(r"%[dmy]")
_WRITTEN = (("%d", "%m", "%y"), ("%m", "%d", "%y"), ("%y", "%m", "%d"))
"""Orders that people write days, months and years of two digits in."""


def two_orders(file: OpenFile, source: str) -> dict[str, str]:
    """Of the columns of dates or times that another order of days, months and years fits as well: which was taken."""
    found = dict[str, str]()
    options = file.shape.options
    for dtype, taken, option in (
        ("DATE", options.date_format, "--date-format"),
        ("TIMESTAMP", options.timestamp_format, "--timestamp-format"),
    ):
        names = [c.name for c in file.shape.columns if c.dtype == dtype and file.raw.stored[c.name] == TEXT]
        for other in _others(taken or ""):
            for name in _fitting([n for n in names if n not in found], file, taken or "", other):
                found[name] = f"read as {taken}, and {other} fits each value too (data options {source} {option})"
    return found


def _others(taken: str) -> Iterator[str]:
    """The same format with its days, months and years of two digits in another order; none where a full year comes first."""
    parts = tuple(_PARTS.findall(taken))
    if taken.startswith("%Y") or not {"%d", "%m"} <= set(parts) or len(set(parts)) < len(parts):
        return
    for order in _WRITTEN if "%y" in parts else (parts[::-1],):
        if order != parts:
            pieces = _PARTS.split(taken)
            yield "".join(chain(*zip(pieces, order, strict=False), pieces[-1:]))


def _fitting(names: Sequence[str], file: OpenFile, taken: str, other: str) -> list[str]:
    """Those columns of which each value has the other format too, and is another day by it."""
    found = list[str]()
    for start in range(0, len(names), AT_ONCE):
        some = names[start : start + AT_ONCE]
        source = file.raw.tolerant if file.tried.broken.count else file.raw.sql
        terms = []
        for column in map(quoted, some):
            one, two = (f"try_strptime({column}, {literal(form)})" for form in (taken, other))
            terms.append(f"bool_and({two} IS NOT NULL OR {one} IS NULL) AND bool_or({one} <> {two})")
        answers = file.con.execute(f"SELECT {', '.join(terms)} FROM {source}").fetchone() or ()
        found += [name for name, holds in zip(some, answers, strict=True) if holds]
    return found


def unnamed(file: OpenFile, path: Path) -> list[str]:
    """The columns of a text file with a header that has no name for them; they are called by their place."""
    if not file.shape.options.header or ending_of(path) in TYPED:
        return []
    _, header = next(records_of(path, file.shape.options), (1, list[str]()))
    names = [column.name for column in file.shape.columns]
    return [name for place, name in enumerate(names) if place >= len(header) or not header[place]]
