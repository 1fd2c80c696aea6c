"""Drift by slice as rows and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mlops_tui.core.printable import printable
from mlops_tui.monitoring.model import ColumnDrift, DriftReport
from mlops_tui.monitoring.slices import SliceDrift, SliceReport
from mlops_tui.presenters.monitor import effect_text, p_text, verdict
from mlops_tui.presenters.words import Cell, count, one_line

COLUMNS = ("slice", "rows", "share", "share moved", "verdict", "columns that drift", "why")
RIGHT = ("rows", "share", "share moved")
"""Columns of figures."""
OF_COLUMNS = ("column", "kind", "verdict", "effect", "test p", "in the whole", "why")
MOVED = 4
"""So many columns of a slice are named."""
HERE_ALONE = "here alone"


def headlines(report: SliceReport) -> list[str]:
    """What came of it in one line, then what a reader has to know of the slices."""
    return [one_line(f"By slice: {report.why}.", 400), *(one_line(f"{note}.", 400) for note in report.notes)]


def rows(report: SliceReport, *, plain: bool = False) -> list[tuple[Cell, ...]]:
    """One row a slice, under `COLUMNS`, in the report's order."""
    return [_row(one, plain) for one in report.slices]


def _row(one: SliceDrift, plain: bool) -> tuple[Cell, ...]:
    return (
        Cell(printable(one.name.label), "strong" if one.drift else "" if one.name.sort == "value" else "dim"),
        Cell(count(one.current_rows)),
        Cell(f"{one.shares[1]:.1%}"),
        Cell(f"{100 * one.moved:+.1f} points", "dim" if abs(one.moved) < 0.01 else ""),
        verdict(one.drift, one.why, plain=plain),
        Cell(moved(one), "warn" if one.alone else ""),
        Cell(one_line(one.why, 400)),
    )


def moved(one: SliceDrift) -> str:
    """The columns that drift, those that do not in the whole first and with a word for it."""
    named = [
        f"{printable(column.name)} {effect_text(column)}{f' ({HERE_ALONE})' if column.name in one.alone else ''}"
        for column in one.drifting[:MOVED]
    ]
    more = len(one.drifting) - MOVED
    return ", ".join([*named, *([f"and {more} more"] if more > 0 else [])])


def ranked(one: SliceDrift) -> list[ColumnDrift]:
    """A slice's columns: those that drift in it alone, then the others that drift, then by how far they moved."""
    calm = [column for column in one.columns if not column.drift]
    calm.sort(key=lambda column: (column.drift is None, -(column.effect or ("", 0.0))[1]))
    return [*one.drifting, *calm]


def column_rows(one: SliceDrift, whole: DriftReport, *, plain: bool = False) -> list[tuple[Cell, ...]]:
    """One row a column of a slice, under `OF_COLUMNS`, as `ranked`."""
    return [
        (
            Cell(printable(column.name), "strong" if column.drift else ""),
            Cell(column.kind, "dim"),
            verdict(column.drift, column.why, plain=plain),
            Cell(effect_text(column)),
            Cell(p_text(column), "dim"),
            _in_the_whole(column, one, whole, plain),
            Cell(one_line(column.why, 400)),
        )
        for column in ranked(one)
    ]


def _in_the_whole(column: ColumnDrift, one: SliceDrift, whole: DriftReport, plain: bool) -> Cell:
    found = whole.column(column.name)
    told = Cell("") if found is None else verdict(found.drift, found.why, plain=plain)
    return told if column.name not in one.alone else Cell(f"{told.text}: {HERE_ALONE}", "warn")


def slice_line(report: SliceReport, one: SliceDrift) -> str:
    """Which slice it is, and how many rows it has."""
    sizes = f"{count(one.current_rows)} rows against {count(one.reference_rows)}"
    share = f"{one.shares[1]:.1%} of the rows, {one.shares[0]:.1%} in the reference"
    return f"{printable(report.by)} = {printable(one.name.label)}: {sizes} · {share} · {one_line(one.why, 300)}"


def choices(columns: Sequence[str], declared: Sequence[str], kinds: Mapping[str, str]) -> dict[str, str]:
    """Columns to slice by, and what is told of each: of those that are declared no file is read."""
    return {
        name: "kept by it: no file is read" if name in declared else f"{kinds.get(name, '')}: reads the files"
        for name in columns
    }
