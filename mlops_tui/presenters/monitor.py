"""Drift as rows, words and a matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mlops_tui.core.printable import printable
from mlops_tui.monitoring.model import ColumnDrift, DriftReport
from mlops_tui.monitoring.query import Mark, Moment
from mlops_tui.presenters.words import MISSING, Cell, Sign, count, counted, one_line

DRIFT, STEADY = Sign("▲", "!", "bad"), Sign("✓", "+", "good")
CANNOT_TELL, NOT_COMPARED = Sign("?", "?", "warn"), Sign("–", "-", "dim")

COLUMNS = ("column", "kind", "verdict", "effect", "test p", "why")


@dataclass(frozen=True, slots=True)
class Matrix:
    """Windows across, columns down, what drifts most on top; `cells[row][window]`."""

    windows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[Cell, ...], ...]


def verdict(drift: bool | None, why: str, *, plain: bool = False) -> Cell:
    """The verdict on a column as glyph and word."""
    sign, word = _signed(drift, why)
    return Cell(f"{sign.plain if plain else sign.glyph} {word}", sign.tone)


def _signed(drift: bool | None, why: str) -> tuple[Sign, str]:
    if drift is None:
        return (CANNOT_TELL, "cannot tell") if why.startswith("cannot tell") else (NOT_COMPARED, "not compared")
    return (DRIFT, "drift") if drift else (STEADY, "steady")


def effect(column: ColumnDrift) -> float | None:
    """How far the column moved: standard deviations of the reference, or for categories a Jensen–Shannon distance."""
    measure = column.wasserstein or column.jensen_shannon
    return None if measure is None else measure.value


def effect_text(column: ColumnDrift) -> str:
    """The effect with its unit."""
    found = effect(column)
    return MISSING if found is None else f"{found:.2f} {'sd' if column.wasserstein else 'JS'}"


def p_text(column: ColumnDrift) -> str:
    """The p-value of the column's own test: Kolmogorov–Smirnov for numbers, chi-square for categories."""
    measure = column.ks or column.chi2
    if measure is None or measure.p is None:
        return MISSING
    return "< 1e-12" if measure.p < 1e-12 else f"{measure.p:.2g}"


def ranked(report: DriftReport) -> list[ColumnDrift]:
    """What drifts first, then what was judged, then what was not; within each the greatest effect first."""
    return sorted(report.columns, key=lambda column: _rank(column.drift, effect(column)))


def _rank(drift: bool | None, moved: float | None) -> tuple[int, float]:
    return (2 if drift is None else 0 if drift else 1), -(moved or 0.0)


def rows(report: DriftReport, *, plain: bool = False) -> list[tuple[Cell, ...]]:
    """One row a column, under `COLUMNS`, ranked."""
    return [
        (
            Cell(printable(column.name), "strong" if column.drift else ""),
            Cell(column.kind, "dim"),
            verdict(column.drift, column.why, plain=plain),
            Cell(effect_text(column)),
            Cell(p_text(column), "dim"),
            Cell(one_line(column.why, 400)),
        )
        for column in ranked(report)
    ]


def headline(report: DriftReport) -> str:
    """What was compared, and what came of it, in two lines."""
    sides = f"{printable(report.current or 'current')} ({count(report.current_rows)} rows)"
    sides += f" against {printable(report.reference or 'reference')} ({count(report.reference_rows)} rows)"
    drifting = [printable(column.name) for column in ranked(report) if column.drift]
    judged = sum(column.drift is not None for column in report.columns)
    found = f"{len(drifting)} of {counted(judged, 'column')} drift: {', '.join(drifting)}"
    steady = f"No drift in {counted(judged, 'column')}." if judged else "No column could be compared."
    return f"{printable(report.source or '')}: {sides}\n{found if drifting else steady}"


def matrix(moments: Sequence[Moment], *, plain: bool = False) -> Matrix:
    """The time line as a table; columns that no report judged are left out."""
    marks = [{mark.name: mark for mark in moment.marks} for moment in moments]
    names = dict.fromkeys(name for found in marks for name in found)
    judged = {name: found for name in names if (found := _judged(name, marks))}
    order = sorted(judged, key=lambda name: min(_rank(mark.drift, mark.effect) for mark in judged[name]))
    cells = tuple(tuple(_cell(found.get(name), plain) for found in marks) for name in order)
    windows = tuple(printable(moment.head.current) for moment in moments)
    return Matrix(windows, tuple(printable(name) for name in order), cells)


def _judged(name: str, marks: Sequence[dict[str, Mark]]) -> list[Mark]:
    return [found[name] for found in marks if name in found and _is_asked(found[name])]


def _is_asked(mark: Mark) -> bool:
    return _signed(mark.drift, mark.why)[0] is not NOT_COMPARED


def _cell(mark: Mark | None, plain: bool) -> Cell:
    if mark is None:
        return Cell(MISSING, "dim")
    sign, _ = _signed(mark.drift, mark.why)
    glyph = sign.plain if plain else sign.glyph
    return Cell(glyph if mark.effect is None else f"{glyph} {mark.effect:.2f}", sign.tone)
