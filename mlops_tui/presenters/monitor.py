"""Drift as rows, words and a matrix."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import nan
from typing import overload

from mlops_tui.core.printable import printable
from mlops_tui.monitoring.model import (
    CANNOT_TELL,
    DRIFT,
    NOT_COMPARED,
    STEADY,
    ColumnDrift,
    DriftReport,
    HeatMap,
    Measure,
    Tile,
    verdict_of,
)
from mlops_tui.monitoring.quality_model import Importances, QualityChunk
from mlops_tui.plot.spark import sparkline
from mlops_tui.presenters.words import MISSING, Cell, Sign, count, counted, one_line, value

SIGNS = {
    DRIFT: Sign("▲", "!", "bad"),
    STEADY: Sign("✓", "+", "good"),
    CANNOT_TELL: Sign("?", "?", "warn"),
    NOT_COMPARED: Sign("–", "-", "dim"),
}
"""How a verdict is shown."""

MEASURE_NAMES = (
    ("psi", "PSI", "population stability"),
    ("jensen_shannon", "JS", "Jensen–Shannon"),
    ("hellinger", "Hellinger", "Hellinger"),
    ("ks", "KS", "Kolmogorov–Smirnov"),
    ("wasserstein", "moved", "Wasserstein"),
    ("mean_shift", "mean", "shift of the mean"),
    ("sd_ratio", "σ ratio", "ratio of deviations"),
    ("l_infinity", "L∞", "L-infinity"),
    ("chi2", "χ²", "chi-square"),
    ("test", "test", "test of the verdict"),
    ("missing", "missing", "missing share"),
    ("out_of_range", "out of range", "out of range"),
    ("distinct", "distinct", "different values"),
    ("length_shift", "length", "shift of the length"),
    ("unseen", "unseen", "unseen texts"),
    ("freshness", "age", "age in days"),
    ("longest_gap", "gap", "longest gap in days"),
)
"""Each measure: its field, a short name and its name."""

TREND, LEAST_WINDOWS = 48, 3
"""Windows of a trend in a line, and of how many there is one."""
IN_A_LINE = 5
"""So many of them where there is one line for all."""

LEVELS = (0.025, 0.05, 0.1)
"""Effects of steady columns that are told apart by shades; from the last on the effect alone would be a drift."""
SHADES = {True: ".:+#", False: "·░▒▓"}
"""From none of `LEVELS` to all, for ASCII and for the others."""

LEGEND = "numbers move by standard deviations, categories by a Jensen–Shannon distance"

UNITS = {"file": "files", "window": "other windows", "rows": "rows"}
"""What a heat map has across, where it is not periods of the calendar, which only get an s."""

COLUMNS = ("column", "kind", "verdict", "effect", "test p", "why")
CHUNK_COLUMNS = ("chunk", "rows", "verdict", "columns that moved")
MOVED = 6
"""So many columns of a chunk are named."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """Windows across, columns down, what drifts most on top; `cells[row][window]`.

    `columns` are the names as the source has them, still to be made printable. `marks[row][window]` say the same in a single
    sign each, where there are such.
    """

    windows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Sequence[Sequence[Cell]]
    marks: Sequence[Sequence[Cell]] = ()


def verdict(drift: bool | None, why: str, *, plain: bool = False) -> Cell:
    """The verdict on a column as glyph and word."""
    found = verdict_of(drift, why)
    sign = SIGNS[found]
    return Cell(f"{sign.plain if plain else sign.glyph} {found.replace('_', ' ')}", sign.tone)


def effect(column: ColumnDrift) -> float | None:
    """How far the column moved: standard deviations of the reference, or for categories a Jensen–Shannon distance."""
    return None if column.effect is None else column.effect[1]


def effect_text(column: ColumnDrift) -> str:
    """The effect with its unit."""
    found = effect(column)
    return MISSING if found is None else f"{found:.2f} {'sd' if column.wasserstein else 'JS'}"


def p_text(column: ColumnDrift) -> str:
    """The p-value of the test that the verdict asks; of an older report the column's own."""
    measure = column.test or column.ks or column.chi2
    if measure is None or measure.p is None:
        return MISSING
    return _p(measure.p)


def ranked(report: DriftReport, known: Importances | None = None) -> list[ColumnDrift]:
    """What drifts first, then what was judged, then what was not; within each what matters most first: the effect times how much
    predictions hang on the column, or the effect alone where that is not known.
    """
    return sorted(report.columns, key=lambda column: _rank(column.drift, _matters(column, known)))


def _matters(column: ColumnDrift, known: Importances | None) -> float | None:
    moved = effect(column)
    return moved if moved is None or known is None else moved * known.columns.get(column.name, 0.0)


def columns_of(known: Importances | None) -> tuple[str, ...]:
    """What each row has: the importance too, where that is known."""
    return COLUMNS if known is None else (*COLUMNS[:4], "importance", *COLUMNS[4:])


def importance_text(column: ColumnDrift, known: Importances) -> str:
    """How much predictions hang on the column."""
    found = known.columns.get(column.name)
    return MISSING if found is None else f"{found:.1%}"


def expected_note(found: tuple[str, QualityChunk] | None) -> str:
    """How the champion does on the window's file: what is expected of its metric, what labels come to, and what it was in training."""
    if found is None:
        return ""
    version, chunk = found
    told = [
        f"{words} {value:.4f}"
        for words, value in (
            ("expected", None if chunk.estimated is None else chunk.estimated.value),
            ("with labels", None if chunk.realised is None else chunk.realised.value),
            ("in training", chunk.reference),
        )
        if value is not None
    ]
    return f"{printable(version)} {chunk.metric}: {', '.join(told)}" if told else ""


def importance_note(known: Importances | None) -> str:
    """Whose predictions they are."""
    return (
        ""
        if known is None
        else f"Importance is the share that the predictions of {printable(known.version)} hang on a column."
    )


def _rank(drift: bool | None, moved: float | None) -> tuple[int, float]:
    return (2 if drift is None else 0 if drift else 1), -(moved or 0.0)


def rows(report: DriftReport, known: Importances | None = None, *, plain: bool = False) -> list[tuple[Cell, ...]]:
    """One row a column, under `columns_of` what is known, ranked."""
    return [
        (
            Cell(printable(column.name), "strong" if column.drift else ""),
            Cell(column.kind, "dim"),
            verdict(column.drift, column.why, plain=plain),
            Cell(effect_text(column)),
            *([] if known is None else [Cell(importance_text(column, known))]),
            Cell(p_text(column), "dim"),
            Cell(one_line(column.why, 400)),
        )
        for column in ranked(report, known)
    ]


def headline(report: DriftReport) -> str:
    """What was compared, and what came of it, in two lines; a third one where a reader of the verdicts has to know more."""
    sides = f"{printable(report.current or 'current')} ({count(report.current_rows)} rows)"
    sides += f" against {printable(report.reference or 'reference')} ({count(report.reference_rows)} rows)"
    drifting = [printable(column.name) for column in ranked(report) if column.drift]
    judged = sum(column.drift is not None for column in report.columns)
    found = f"{len(drifting)} of {counted(judged, 'column')} drift: {', '.join(drifting)}"
    steady = f"No drift in {counted(judged, 'column')}." if judged else "No column could be compared."
    note = f"\n{report.note}" if report.note else ""
    return f"{printable(report.source or '')}: {sides}\n{found if drifting else steady}{note}"


def notes(report: DriftReport) -> list[str]:
    """How the windows were rounded, and what a reference that moves or is pinned was."""
    return [one_line(note, 400) for note in report.notes]


def history_line(reports: Sequence[DriftReport], *, pinned: bool = False) -> str:
    """What chunks were compared with, and how many of them drift."""
    first = reports[0]
    against = f"{printable(first.reference or 'reference')}{' (pinned)' if pinned else ''}"
    drifting = sum(report.drift is True for report in reports)
    newest = "" if not reports[-1].drift else ", the newest among them" if drifting > 1 else ", the newest"
    return (
        f"{printable(first.source or '')}: {counted(len(reports), 'chunk')} against {against},"
        f" {drifting or 'none'} of them with drift{newest}"
    )


def chunk_rows(reports: Sequence[DriftReport], *, plain: bool = False) -> list[tuple[Cell, ...]]:
    """One row a chunk, under `CHUNK_COLUMNS`, in the order given; the columns that moved most come first."""
    return [
        (
            Cell(printable(report.current or "")),
            Cell(count(report.current_rows)),
            verdict(report.drift, "" if report.drift is not None else "cannot tell", plain=plain),
            Cell(_moved(report)),
        )
        for report in reports
    ]


def _moved(report: DriftReport) -> str:
    drifting = [column for column in ranked(report) if column.drift]
    named = [f"{printable(column.name)} {effect_text(column)}" for column in drifting[:MOVED]]
    more = [f"and {len(drifting) - MOVED} more"] if len(drifting) > MOVED else []
    at_once = ["all at once"] if report.multivariate is not None and report.multivariate.drift else []
    return ", ".join([*named, *more, *at_once])


def sides(report: DriftReport) -> tuple[str, str]:
    """What the reference and the current rows are called above their bars."""
    return (
        f"{printable(report.reference or 'reference')}, {counted(report.reference_rows, 'row')}",
        f"{printable(report.current or 'current')}, {counted(report.current_rows, 'row')}",
    )


def sizes(report: DriftReport) -> tuple[str, str]:
    """How many rows either side has, for where its name has no room beside that."""
    return counted(report.reference_rows, "row"), counted(report.current_rows, "row")


def title(report: DriftReport, column: ColumnDrift) -> str:
    """Which column of which windows."""
    sides = f"{printable(report.current or 'current')} against {printable(report.reference or 'reference')}"
    return f"{printable(column.name)} · {sides}"


def trend_line(effects: Sequence[float | None], *, symbols: str) -> str:
    """How far a column moved over the windows, the oldest first, on a scale from 0; empty where fewer than three are known."""
    known = [one for one in effects if one is not None]
    if len(known) < LEAST_WINDOWS:
        return ""
    width = min(TREND, len(effects))
    line = sparkline([0.0, *(nan if one is None else one for one in effects[-width:])], width + 1, symbols=symbols)
    return f"over {counted(width, 'window')}  {line[1:]}  {min(known):.2f} to {max(known):.2f}, floor {LEVELS[-1]:g}"


def measures_line(column: ColumnDrift) -> str:
    """The first measures that there are, in one line."""
    parts = [f"{short} {value(found.value)}" for short, _, found in _measures(column)[:IN_A_LINE]]
    p = p_text(column)
    return " · ".join([*parts, f"p {p}"] if p != MISSING else parts)


def measure_rows(column: ColumnDrift) -> list[tuple[str, str, str]]:
    """Each measure: its name, its figure with what a sketch may have added to it, and how it is defined."""
    rows = []
    for _, name, found in _measures(column):
        figure = value(found.value) + ("" if found.exact else f" ± {found.error:.2g}")
        p = f", p {_p(found.p)}" if found.p is not None else ""
        rows.append((name, figure, one_line(found.definition) + p))
    return rows


def _p(p: float) -> str:
    return "< 1e-12" if p < 1e-12 else f"{p:.2g}"


def _measures(column: ColumnDrift) -> list[tuple[str, str, Measure]]:
    found = [(short, name, getattr(column, key)) for key, short, name in MEASURE_NAMES]
    return [(short, name, measure) for short, name, measure in found if measure is not None]


class Lines(Sequence[tuple[Cell, ...]]):
    """Lines of cells that are made when somebody looks: few of many are in sight."""

    def __init__(self, lines: Sequence[Sequence[Tile | None]], make: Callable[[Tile | None], Cell]) -> None:
        self._lines = lines
        self._make = make
        self._made: dict[int, tuple[Cell, ...]] = {}

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, place: int) -> tuple[Cell, ...]: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[tuple[Cell, ...]]: ...

    def __getitem__(self, place: int | slice) -> tuple[Cell, ...] | Sequence[tuple[Cell, ...]]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        if place not in self._made:
            self._made[place] = tuple(map(self._make, self._lines[place]))
        return self._made[place]


def matrix(told: HeatMap, *, plain: bool = False) -> Matrix:
    """The heat map as a table; columns that no report judged are left out."""
    judged = [
        (name, tiles, min(map(_rank_of, tiles)))
        for (name, _), tiles in zip(told.columns, told.tiles, strict=True)
        if any(tile is not None and tile.verdict != NOT_COMPARED for tile in tiles)
    ]
    judged.sort(key=lambda one: one[2])
    return Matrix(
        tuple(printable(chunk.current) for chunk in told.chunks),
        tuple(name for name, _, _ in judged),
        Lines([tiles for _, tiles, _ in judged], lambda tile: _cell(tile, plain)),
        Lines([tiles for _, tiles, _ in judged], lambda tile: _mark(tile, plain)),
    )


def _rank_of(tile: Tile | None) -> tuple[int, float]:
    if tile is None or tile.verdict == NOT_COMPARED:
        return 3, 0.0
    return _rank({DRIFT: True, STEADY: False}.get(tile.verdict), tile.effect)


def _cell(tile: Tile | None, plain: bool) -> Cell:
    if tile is None:
        return Cell(MISSING, "dim")
    sign = SIGNS[tile.verdict]
    glyph = sign.plain if plain else sign.glyph
    return Cell(glyph if tile.effect is None else f"{glyph} {tile.effect:.2f}", sign.tone)


def _mark(tile: Tile | None, plain: bool) -> Cell:
    """A single sign: of a steady column a shade, by how far it moved."""
    if tile is None or tile.verdict == NOT_COMPARED:
        return Cell(" ")
    if tile.verdict != STEADY or tile.effect is None:
        sign = SIGNS[tile.verdict]
        return Cell(sign.plain if plain else sign.glyph, sign.tone)
    level = sum(tile.effect >= least for least in LEVELS)
    return Cell(SHADES[plain][level], "warn" if level == len(LEVELS) else "good" if level else "dim")


def legend(*, marks: bool, plain: bool) -> str:
    """What the cells say: figures, or signs."""
    if not marks:
        return LEGEND
    shades = SHADES[plain]
    steps = "  ".join(f"{shade} {least:g}" for shade, least in zip(shades[1:], LEVELS, strict=True))
    drift, unknown = (SIGNS[one].plain if plain else SIGNS[one].glyph for one in (DRIFT, CANNOT_TELL))
    return f"{drift} drift  {unknown} cannot tell  steady, by effect: {shades[0]}  {steps}"
