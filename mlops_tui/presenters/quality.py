"""How well a version does, file by file, as rows and as a section of the version."""

from __future__ import annotations

from collections.abc import Sequence

from mlops_tui.monitoring.answer import CONCEPT, NO_CHANGE
from mlops_tui.monitoring.model import CANNOT_TELL, STEADY, WORSE, Figure, QualityChunk
from mlops_tui.presenters.tune import score
from mlops_tui.presenters.words import MISSING, Cell, count, one_line

QUALITY_TITLES = ("file", "rows", "labelled", "expected", "with labels", "verdict", "change", "why")
VERDICTS = {WORSE: ("✗", "x", "bad"), STEADY: ("✓", "+", "good"), CANNOT_TELL: ("?", "?", "warn")}


def quality_cells(chunk: QualityChunk, *, plain: bool = False) -> tuple[Cell, ...]:
    """The cells that `QUALITY_TITLES` names, in that order."""
    glyph, letter, tone = VERDICTS[chunk.verdict]
    return (
        Cell(one_line(chunk.name)),
        Cell(count(chunk.rows)),
        Cell(f"{chunk.share:.0%}", "" if chunk.labelled else "dim"),
        Cell(figure(chunk.estimated)),
        realised_cell(chunk, plain=plain),
        Cell(f"{letter if plain else glyph} {chunk.verdict.replace('_', ' ')}", tone),
        answer_cell(chunk),
        Cell(one_line(f"{chunk.why}; {chunk.answer_why}" if chunk.answer_why else chunk.why, 600), "dim"),
    )


def realised_cell(chunk: QualityChunk, *, plain: bool = False) -> Cell:
    """What labels come to; hollow where nothing is concluded of it, since some are still to come or too few are there."""
    if chunk.realised is None or chunk.labels_tell:
        return Cell(figure(chunk.realised))
    return Cell(f"{'o' if plain else '○'} {figure(chunk.realised)}", "dim")


def answer_cell(chunk: QualityChunk) -> Cell:
    """What kind of change it is, in words."""
    if chunk.answer is None:
        return Cell(MISSING, "dim")
    return Cell(chunk.answer.replace("_", " "), {CONCEPT: "bad", NO_CHANGE: ""}.get(chunk.answer, "warn"))


def quality_title(chunks: Sequence[QualityChunk]) -> str:
    """What the section is called: the metric, and its value in training."""
    newest = chunks[-1]
    told = "" if newest.reference is None else f", {score(newest.reference)} in training"
    return f"Quality by file, {newest.metric}{told}"


def quality_lines(chunks: Sequence[QualityChunk], *, plain: bool = False) -> list[tuple[str, Cell]]:
    """A line a file, the newest first: the verdict, and both figures with their bands; below one that is no more steady, why."""
    lines = list[tuple[str, Cell]]()
    for chunk in reversed(chunks):
        _, _, _, _, _, verdict, change, why = quality_cells(chunk, plain=plain)
        told = [change.text] if chunk.answer not in (None, NO_CHANGE) else []
        told += [f"expected {figure(chunk.estimated)}"] if chunk.estimated is not None else []
        if chunk.realised is not None:
            told.append(
                f"with labels {figure(chunk.realised)}{f', {chunk.share:.0%} of rows' if chunk.share < 1 else ''}"
            )
        lines.append((one_line(chunk.name, 40), Cell(verdict.text, verdict.tone, ", ".join(told))))
        if chunk.verdict != STEADY or chunk.answer not in (None, NO_CHANGE):
            lines.append(("", why))
    return lines


def figure(found: Figure | None) -> str:
    """A value and how far its band reaches to either side."""
    if found is None:
        return MISSING
    return f"{found.value:.4f}" if found.high is None else f"{found.value:.4f} ± {found.high - found.value:.4f}"
