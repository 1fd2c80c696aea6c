"""A file of a run as a terminal shows it: a text, the first rows of a table, a picture, or what is known of another file."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.segment import Segment, Segments
from rich.style import Style

from mlops_tui.bootstrap import Services
from mlops_tui.cli import rows_text
from mlops_tui.core.settings import Settings
from mlops_tui.plot import detect
from mlops_tui.presenters.artifacts import AS_IMAGE, AS_TABLE, AS_TEXT, facts, image_words, stones, text_of, way_of
from mlops_tui.runs.artifact import Artifact
from mlops_tui.runs.model import Run
from mlops_tui.store.artifact import verified

ROWS = 20
"""Of a table."""


def show(opened: Services, run: Run, artifact: Artifact) -> str:
    """Prints the file in the terminal; returns what is to be said of it beside that."""
    way = way_of(artifact)
    if way == AS_TABLE:
        found = opened.asking.ask("artifact_page", run=run.id, name=artifact.name, limit=ROWS)
        print(rows_text.page(found, 0))
        return rows_text.page_note({**found, "file": artifact.name}, 0)
    if way == AS_IMAGE:
        return _show_image(opened, run, artifact)
    text = text_of(verified(opened.workspace, artifact.hash), artifact) if way == AS_TEXT else None
    if text is None:
        print("\n".join(f"{name:10}  {cell.text}" for name, cell in facts(run.name, artifact)))
        return ""
    print(text.text)
    return f"This is {text.note}." if text.note else ""


def _show_image(opened: Services, run: Run, artifact: Artifact) -> str:
    width, height = shutil.get_terminal_size()
    told = opened.asking.ask("artifact_image", run=run.id, name=artifact.name, width=width, height=max(1, height - 2))
    console = Console(file=sys.stdout, width=width, highlight=False)
    for line in stones(told, _symbols(opened.settings)):
        styles: Sequence[Style | None] = [
            None if one.front is None else Style(color=_hex(one.front), bgcolor=_hex(one.back or one.front))
            for one in line
        ]
        segments = [Segment(one.text, style) for one, style in zip(line, styles, strict=True)]
        console.print(Segments([*segments, Segment.line()]), end="", soft_wrap=True)
    return image_words(told, 1.0)


def _symbols(settings: Settings) -> str:
    return detect(os.environ, sys.stdout.encoding) if settings.symbols == "auto" else settings.symbols


def _hex(colour: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
