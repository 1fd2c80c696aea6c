"""The files of a run: a line each, and what stands in one of them."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mlops_tui import plot
from mlops_tui.core.printable import printable
from mlops_tui.presenters.words import Cell, counted, one_line, size
from mlops_tui.runs.artifact import DIFF, HTML, IMAGE, JSON, TEXT, Artifact, has_rows, kind_of

if TYPE_CHECKING:
    from mlops_tui.plot import Stone

TEXT_BYTES = 512 * 1024
"""So much of a text is shown."""
COLOURED_CHARACTERS = 200_000
"""A longer text is shown in one colour."""
LINE_CHARACTERS = 2_000
AS_TABLE, AS_IMAGE, AS_TEXT, AS_FACTS = "table", "image", "text", "facts"
"""The ways to show a file."""


def way_of(artifact: Artifact) -> str:
    """How a file is shown: what its name tells of it counts, for what it was logged as may say more of its meaning."""
    if has_rows(artifact.name):
        return AS_TABLE
    if kind_of(artifact.name) == IMAGE:
        return AS_IMAGE
    if kind_of(artifact.name) in (TEXT, JSON, HTML, DIFF):
        return AS_TEXT
    return AS_FACTS


def artifact_cells(artifact: Artifact) -> tuple[Cell, ...]:
    """Name, kind, size, and the beginning of the hash."""
    return (
        Cell(one_line(artifact.name)),
        Cell(artifact.kind, "dim"),
        Cell(size(artifact.size)),
        Cell(artifact.hash[:12], "dim"),
    )


class Text(NamedTuple):
    """What stands in a text file, made safe for a terminal; a `note` says what was left out. `language` is what highlights it."""

    text: str
    note: str
    language: str | None


def text_of(path: Path, artifact: Artifact) -> Text | None:
    """The text of a file; None where it is none. JSON that is whole is written one value a line."""
    with path.open("rb") as file:
        content = file.read(TEXT_BYTES + 1)
    if b"\0" in content:
        return None
    is_cut = len(content) > TEXT_BYTES
    text = content[:TEXT_BYTES].decode("utf-8", "ignore" if is_cut else "replace").removeprefix("\ufeff")
    note = f"the first {size(TEXT_BYTES)} of {size(artifact.size)}" if is_cut else ""
    language = artifact.name.rpartition(".")[2].lower()
    if kind_of(artifact.name) == JSON and not is_cut:
        try:
            text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
        except ValueError as error:
            note = f"no valid JSON: {error}"
    lines = [_safe(line) for line in text.split("\n")]
    whole = "\n".join(lines).rstrip("\n")
    return Text(whole, note, language if len(whole) <= COLOURED_CHARACTERS else None)


def _safe(line: str) -> str:
    shown = printable(line.rstrip("\r").expandtabs(4))
    return shown if len(shown) <= LINE_CHARACTERS else f"{shown[:LINE_CHARACTERS]} …"


def stones(told: Mapping[str, Any], symbols: str) -> list[list[Stone]]:
    """The lines of a picture that the query worker has told of."""
    across, down = told["cells"]
    return plot.mosaic(base64.b64decode(told["pixels"]), across, down, symbols)


def image_words(told: Mapping[str, Any], zoom: float) -> str:
    """What is said below a picture: its size, and which part of it is seen."""
    wide, high = told["size"]
    parts = [f"{wide:,} × {high:,} pixels", str(told["format"])]
    if told["frames"] > 1:
        parts.append(f"the first of {counted(told['frames'], 'frame')}")
    left, top, right, bottom = told["box"]
    if zoom > 1:
        across, down = (f"{_percent(low)}–{_percent(high)}" for low, high in ((left, right), (top, bottom)))
        parts.append(f"{zoom:g} × enlarged: {across} across, {down} down")
    return " · ".join(parts)


def _percent(share: float) -> str:
    return f"{math.floor(share * 100 + 0.5)} %"


def facts(run_name: str, artifact: Artifact) -> list[tuple[str, Cell]]:
    """What is said of a file that is not shown."""
    return [
        ("kind", Cell(artifact.kind)),
        ("size", Cell(f"{size(artifact.size)}  ({artifact.size:,} bytes)")),
        ("sha256", Cell(artifact.hash)),
        ("write out", Cell(f"mlops-tui runs artifacts {one_line(run_name)} {one_line(artifact.name)} --out PATH")),
    ]
