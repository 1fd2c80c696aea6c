"""Sections of names and values as text, values that need several lines under themselves."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from textual.content import Content

from mlops_tui.presenters.runs import Section
from mlops_tui.presenters.words import Cell
from mlops_tui.tui.panels.tones import toned

KEY_WIDTH = 24
LEAST = 16


def section_content(sections: Sequence[Section], width: int) -> Content:
    """All sections one below the other in `width` cells; a section without a title has no line for it."""
    lines: list[Content] = []
    for title, pairs in sections:
        if title:
            lines += [Content(""), Content.styled(title, "bold $primary")]
        column = min(KEY_WIDTH, max((len(key) for key, _ in pairs), default=0)) + 2
        for key, cell in pairs:
            start = max(column, len(key) + 1)
            indent = " " * (start - column)
            text = f"{cell.text}  {cell.tail}" if cell.tail else cell.text
            wrapped = textwrap.wrap(text, max(LEAST, width - column), drop_whitespace=True, initial_indent=indent)
            first, *rest = wrapped or [indent]
            lines.append(Content.assemble((key.ljust(start), "$text-muted"), *_toned(cell, first[len(indent) :])))
            more = cell._replace(tone="dim") if cell.tail else cell
            lines += [Content.assemble(" " * column, toned(more._replace(text=part))) for part in rest]
    return Content("\n").join(lines[1:] if sections and sections[0][0] else lines)


def _toned(cell: Cell, line: str) -> tuple[Content, ...]:
    """The first line of a cell: its text, and what of the tail stands on it."""
    if not cell.tail:
        return (toned(cell._replace(text=line)),)
    end = min(len(cell.text), len(line))
    return toned(cell._replace(text=line[:end])), toned(Cell(line[end:], "dim"))
