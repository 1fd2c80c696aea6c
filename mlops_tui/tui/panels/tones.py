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
}


def toned(cell: Cell) -> Content:
    """A cell as content."""
    return Content.styled(cell.text, STYLES[cell.tone]) if cell.tone else Content(cell.text)
