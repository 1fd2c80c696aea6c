"""How well a version does, file by file, as rows and as a section of the version."""

from __future__ import annotations

from collections.abc import Sequence

from mlops_tui.monitoring.alert import CRITICAL, Alert
from mlops_tui.monitoring.answer import CONCEPT, NO_CHANGE
from mlops_tui.monitoring.model import CANNOT_TELL, STEADY, ColumnDrift
from mlops_tui.monitoring.quality_model import WORSE, Figure, QualityChunk
from mlops_tui.presenters.monitor import verdict as drift_verdict
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
    return f"Quality by {newest.unit}, {newest.metric}{told}"


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


def chunk_lines(chunk: QualityChunk, *, plain: bool = False) -> list[Cell]:
    """One file in lines: its verdict and both figures, then why, and what kind of change it is."""
    _, rows, labelled, expected, realised, verdict, change, _ = quality_cells(chunk, plain=plain)
    kind = f", {change.text}" if chunk.answer not in (None, NO_CHANGE) else ""
    figures = f"expected {expected.text} · with labels {realised.text} ({labelled.text} of {rows.text} rows)"
    lines = [
        Cell(f"{verdict.text}{kind}  {one_line(chunk.name)}", verdict.tone),
        Cell(figures),
        Cell(one_line(chunk.why, 600), "dim"),
    ]
    return [*lines, Cell(one_line(chunk.answer_why, 600), "dim")] if chunk.answer_why else lines


def moved_line(column: ColumnDrift, *, plain: bool = False) -> tuple[str, str]:
    """How a score, or the labels that are called, have moved."""
    return f"{one_line(column.name)}: {drift_verdict(column.drift, column.why, plain=plain).text}, ", one_line(
        column.why, 300
    )


def alert_line(alert: Alert) -> Cell:
    """An open alert about the model."""
    return Cell(f"Alert: {one_line(alert.sentence, 400)}", "bad" if alert.severity == CRITICAL else "warn")


def figure(found: Figure | None) -> str:
    """A value and how far its band reaches to either side."""
    if found is None:
        return MISSING
    return f"{found.value:.4f}" if found.high is None else f"{found.value:.4f} ± {found.high - found.value:.4f}"
