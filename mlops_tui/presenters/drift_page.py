"""Drift as a page in one file: what was compared, a map of the chunks, and each column with its histograms and measures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape
from itertools import zip_longest

from mlops_tui.core.printable import printable
from mlops_tui.monitoring.model import ChunkHead, ColumnDrift, DriftReport, HeatMap, Tile
from mlops_tui.monitoring.quality_model import Importances
from mlops_tui.monitoring.slices import SliceReport
from mlops_tui.plot.svg import mirrored
from mlops_tui.presenters import monitor
from mlops_tui.presenters import slices as sliced
from mlops_tui.presenters.bins import bins
from mlops_tui.presenters.column_page import Table, contribution_words, tables
from mlops_tui.presenters.multivariate import TELLING, lines, telling_rows
from mlops_tui.presenters.page import page
from mlops_tui.presenters.words import Cell, one_line

BINS = 16
"""So many bins of a number are drawn."""
RIGHT = frozenset({"effect", "importance", "test p", "tells", *sliced.RIGHT})


def drift_page(
    reports: Sequence[DriftReport],
    known: Importances | None = None,
    slices: Sequence[SliceReport] = (),
    *,
    is_history: bool = False,
) -> str:
    """The page of some reports of one source, the newest last: the newest one whole, of a history all of them as a map. `known` is
    what predictions hang on, `slices` what each of the reports comes to by slice, where that was asked.
    """
    newest = reports[-1]
    parts = []
    if is_history:
        parts.append(f"<p>{escape(monitor.history_line(reports))}</p>")
        parts.append(_map(reports))
    for report, told in zip_longest([newest] if is_history else reports, slices):
        parts += _report(report, known)
        parts += [] if told is None else _slices(told, report)
    against = printable(newest.reference or "reference")
    return page(f"Drift of {printable(newest.source or '')} against {against}", parts)


def _report(report: DriftReport, known: Importances | None) -> Iterator[str]:
    yield f"<h2>{escape(printable(report.current or 'current'))}</h2>"
    yield "".join(f"<p>{escape(line)}</p>" for line in monitor.headline(report).splitlines())
    if report.multivariate is not None:
        yield "".join(f"<p>{escape(line)}</p>" for line in lines(report.multivariate))
        if told := telling_rows(report.multivariate):
            yield _table(TELLING, [tuple(map(Cell, row)) for row in told])
    if notes := monitor.notes(report):
        yield "<ul>" + "".join(f"<li>{escape(note)}</li>" for note in notes) + "</ul>"
    yield _table(monitor.columns_of(known), monitor.rows(report, known))
    if said := monitor.importance_note(known):
        yield f'<p class="dim">{escape(said)}</p>'
    for column in monitor.ranked(report, known):
        yield from _column(report, column)


def _slices(told: SliceReport, report: DriftReport) -> Iterator[str]:
    """What a report comes to by slice: a line for each, then those columns of it that drift."""
    yield f"<h3>{escape(sliced.headlines(told)[0])}</h3>"
    for note in sliced.headlines(told)[1:]:
        yield f'<p class="dim">{escape(note)}</p>'
    yield _table(sliced.COLUMNS, sliced.rows(told))
    for one in told.slices:
        within = replace(report, reference_rows=one.reference_rows, current_rows=one.current_rows)
        for column in one.drifting:
            yield from _column(within, replace(column, name=f"{one.name.label} · {column.name}"))


def _column(report: DriftReport, column: ColumnDrift) -> Iterator[str]:
    found = monitor.verdict(column.drift, column.why)
    told = tables(column)
    if not told and column.histogram is None:
        return
    is_open = " open" if column.drift else ""
    yield (
        f"<details{is_open}><summary><b>{escape(printable(column.name))}</b>"
        f' <span class="{found.tone}">{escape(found.text)}</span></summary>'
    )
    yield f"<p>{escape(one_line(column.why, 600))}</p>"
    if column.histogram is not None:
        shown = bins(column.histogram, column.kind, BINS)
        labels = [one_line(label, 28) for label in shown.labels]
        drawn = mirrored(labels, shown.reference, shown.current, monitor.sides(report), shown.contribution)
        yield f"<figure>{drawn}</figure>"
        if said := contribution_words(column):
            yield f'<p class="dim">{escape(said)}</p>'
    for one in told:
        yield from _titled(one)
    yield "</details>"


def _titled(table: Table) -> Iterator[str]:
    yield f"<h3>{escape(table.title)}</h3>"
    if table.rows:
        yield _table(table.columns, table.rows, table.right)
    if table.said:
        yield f"<p>{escape(table.said)}</p>"


def _table(columns: Sequence[str], rows: Sequence[Sequence[Cell]], right: frozenset[str] = RIGHT) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    body = "".join(
        "<tr>" + "".join(_cell(name, cell, right) for name, cell in zip(columns, row, strict=True)) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(column: str, cell: Cell, right: frozenset[str]) -> str:
    kinds = [
        *([cell.tone] if cell.tone in ("good", "bad", "warn", "dim") else []),
        *(["number"] if column in right else ["said"] if column in ("why", "definition") else []),
    ]
    mark = f' class="{" ".join(kinds)}"' if kinds else ""
    return f"<td{mark}>{escape(cell.text)}</td>"


def _map(reports: Sequence[DriftReport]) -> str:
    """Columns down and chunks across, a sign for each; what is beneath it when one points at it."""
    shown = monitor.matrix(map_of(reports))
    head = "".join(f"<th>{escape(name)}</th>" for name in shown.windows)
    rows = []
    for name, marks, cells in zip(shown.columns, shown.marks, shown.cells, strict=True):
        told = "".join(
            f'<td class="{mark.tone}" title="{escape(window)}: {escape(cell.text)}">{escape(mark.text)}</td>'
            for mark, cell, window in zip(marks, cells, shown.windows, strict=True)
        )
        rows.append(f"<tr><th>{escape(printable(name))}</th>{told}</tr>")
    legend = escape(monitor.legend(marks=True, plain=False))
    return (
        f'<table class="map"><thead><tr><th></th>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
        f'<p class="dim">{legend}</p>'
    )


def map_of(reports: Sequence[DriftReport]) -> HeatMap:
    """Reports that are one unit's chunks as a map, in the order given; columns in the newest one's order."""
    chunks = [
        ChunkHead(str(place), report.current or "", report.current_rows, report.first, report.last, report.drift)
        for place, report in enumerate(reports)
    ]
    kinds = {column.name: column.kind for report in reversed(reports) for column in report.columns}
    tiles = tuple(tuple(_tile(report.column(name)) for report in reports) for name in kinds)
    return HeatMap(tuple(chunks), tuple(kinds.items()), tiles)


def _tile(column: ColumnDrift | None) -> Tile | None:
    if column is None:
        return None
    measure, effect = column.effect or (None, None)
    return Tile(column.verdict, measure, effect)
