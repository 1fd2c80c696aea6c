"""Tones as Textual's styles: the few colours that mean something."""

from __future__ import annotations

from textual.content import Content

from mlops_tui.presenters.words import Cell

STYLES = {
    "": "",
    "dim": "$text-muted",
    "strong": "bold",
    "good": "$success",
    "bad": "$error",
    "warn": "$warning",
    "accent": "$accent",
    "series-0": "$primary",
    "series-1": "$accent",
    "series-2": "$success",
    "series-3": "$error",
    "series-4": "$secondary",
    "series-5": "$warning",
    "series-6": "$foreground",
    "series-7": "$text-muted",
}


def toned(cell: Cell) -> Content:
    """A cell as content."""
    return Content.styled(cell.text, STYLES[cell.tone]) if cell.tone else Content(cell.text)
