"""How well a version does, file by file, as rows."""

from __future__ import annotations

from mlops_tui.monitoring.model import CANNOT_TELL, STEADY, WORSE, Figure, QualityChunk
from mlops_tui.presenters.words import MISSING, Cell, count, one_line

QUALITY_TITLES = ("file", "rows", "labelled", "expected", "with labels", "verdict", "why")
VERDICTS = {WORSE: ("✗", "x", "bad"), STEADY: ("✓", "+", "good"), CANNOT_TELL: ("?", "?", "warn")}


def quality_cells(chunk: QualityChunk, *, plain: bool = False) -> tuple[Cell, ...]:
    """The cells that `QUALITY_TITLES` names, in that order."""
    glyph, letter, tone = VERDICTS[chunk.verdict]
    return (
        Cell(one_line(chunk.file)),
        Cell(count(chunk.rows)),
        Cell(f"{chunk.share:.0%}", "" if chunk.labelled else "dim"),
        Cell(figure(chunk.estimated)),
        Cell(figure(chunk.realised)),
        Cell(f"{letter if plain else glyph} {chunk.verdict.replace('_', ' ')}", tone),
        Cell(one_line(chunk.why, 400), "dim"),
    )


def figure(found: Figure | None) -> str:
    """A value and how far its band reaches to either side."""
    if found is None:
        return MISSING
    return f"{found.value:.4f}" if found.high is None else f"{found.value:.4f} ± {found.high - found.value:.4f}"
