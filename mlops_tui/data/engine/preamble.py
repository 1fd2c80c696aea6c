"""Lines of a CSV file that stand above its table: a title, who made it and when, a blank line."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from mlops_tui.core.errors import FileUnreadable
from mlops_tui.data.engine.lines import csv_reader, text_of
from mlops_tui.data.engine.refusals import shown
from mlops_tui.data.options import ReadOptions

LONGEST = 30
"""Lines above a table that are found without being told of."""

_LOOKED_AT = 100
"""Rows of the table that have to be like its header."""

_DELIMITERS = ",;\t|"
_NUMBER = re.compile(r"[-+]?[\d.,]*\d[\d.,]*%?")
_END = re.compile(r"\r\n|\n|\r")


def with_skipped(options: ReadOptions, head: bytes) -> ReadOptions:
    """The options with the lines above the table that the file's first bytes show, where those are still sought."""
    is_sought = options.skip is None and (options.delimiter is None or options.header is None)
    if not is_sought or options.header is False or options.comment:
        return options
    text = head.decode(options.encoding or "utf-8", "replace").removeprefix("\ufeff")
    lines = _END.sub("\n", text).split("\n")[:-1]  # what is behind the last end may be half a line
    return replace(options, skip=_above(lines, options) or None)


def _above(lines: Sequence[str], options: ReadOptions) -> int:
    """How many of a file's first lines stand clearly above its table; 0 where the first one may be its header."""
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("#"):
        return 0
    marks = options.delimiter or _DELIMITERS
    widths = {mark: [_width(line, mark) for line in lines[: LONGEST + 1]] for mark in marks}
    for start in range(len(widths[marks[0]])):
        for mark in marks:
            least = 2 if start == 0 or widths[mark][start - 1] == 0 else 3
            if _is_table(lines[start:], mark, options, least):
                is_first = not any(line.strip() for line in lines[:start])
                return start if not is_first and _is_clear(widths[mark][:start], lines[start].count(mark) + 1) else 0
    return 0


def _width(line: str, mark: str) -> int:
    """How many fields it has up to the last that is not empty."""
    return len(line.rstrip().rstrip(mark).split(mark)) if line.strip(mark + " \r\n") else 0


def _is_table(lines: Sequence[str], mark: str, options: ReadOptions, least: int) -> bool:
    """Whether the lines begin with a header of several names, and rows of as many fields follow."""
    asked = replace(options, delimiter=mark)
    try:
        records = csv_reader((f"{line}\n" for line in lines), asked)
        found = list(islice((record for record in records if record), _LOOKED_AT))
    except csv.Error:
        return False
    if len(found) < least or not lines[0].strip():
        return False
    names = [name.strip() for name in found[0]]
    if len(names) < 2 or not all(names) or len({name.casefold() for name in names}) < len(names):
        return False
    return not any(map(_NUMBER.fullmatch, names)) and all(len(row) == len(names) for row in found)


def _is_clear(widths: Sequence[int], columns: int) -> bool:
    """Whether lines of so many fields cannot be a header: a blank line ends them, or each is one field above many."""
    if max(widths) >= columns:
        return False
    return widths[-1] == 0 or (max(widths) == 1 and columns > 2)


def lines_above(path: Path, options: ReadOptions) -> int:
    """How many lines the engine has to skip so that it begins at the table: it does not count comments, and takes a blank line
    for the header.

    Raises FileUnreadable where those lines are not there, or would have the engine lose rows.
    """
    skip, count = options.skip or 0, 0
    ends = set[str]()
    with text_of(path, options.encoding) as text:
        for number in range(1, skip + 1):
            line = text.readline()
            if not line:
                raise FileUnreadable(
                    f"{shown(path)} has {number - 1:,} lines, and {skip:,} are skipped.",
                    "Say how many lines stand above its table (data options --skip).",
                )
            _require_closed(path, number, line, options)
            ends.add(_end_of(line))
            is_marked = number == 1 and options.encoding == "utf-16"  # the engine sees the mark before the comment
            count += is_marked or not (options.comment and line.startswith(options.comment))
        for line in iter(text.readline, "") if options.header is not False else ():
            if line.strip("\r\n") and not (options.comment and line.startswith(options.comment)):
                ends.add(_end_of(line))
                break
            if not line.strip("\r\n"):
                ends.add(_end_of(line))
                count += 1
    if count and len(ends - {""}) > 1:
        raise FileUnreadable(
            f"{shown(path)} mixes two kinds of line ending above its table.",
            "Save it with one kind, for example by dos2unix.",
        )
    return count


def _end_of(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]


def _require_closed(path: Path, number: int, line: str, options: ReadOptions) -> None:
    """Raises FileUnreadable where a mark in a line that is skipped would have the engine skip rows too."""
    comment = options.comment
    if comment and comment in line and not line.startswith(comment):
        raise FileUnreadable(
            f"{shown(path)}, line {number:,}, which is skipped, has {comment} inside, and {comment} begins a comment.",
            "Say that there are no comments: data options --comment ''.",
            row=number,
        )
    if not options.quote or options.quote not in line:
        return
    mark = re.escape(options.delimiter or ",")
    bare = re.sub(f"(^|{mark})[ \t]+", r"\1", line)  # the engine passes over blanks before a mark
    try:
        list(csv_reader([bare], options, strict=True))
    except csv.Error:
        raise FileUnreadable(
            f"{shown(path)}, line {number:,}, which is skipped, has a quotation mark that is not closed, or text behind one.",
            "Take the mark out; no row of it was used.",
            row=number,
        ) from None
