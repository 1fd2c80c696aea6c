"""Correlations, and a column file by file, as a person reads them in a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlops_tui.cli.output import table
from mlops_tui.presenters.by_file import by_file_cells, middle_title
from mlops_tui.presenters.correlations import heat_matrix, strongest_words

Record = Mapping[str, Any]


def correlations(found: Record) -> str:
    """The columns downwards by name and across by number, then the strongest pairs."""
    if len(found["columns"]) < 2:
        return f"There are no two numeric columns that every file tells.\n{strongest_words(found)}".rstrip()
    matrix = heat_matrix(found, plain=True)
    rows = [[name, *(cell.text for cell in cells)] for name, cells in zip(matrix.columns, matrix.cells, strict=True)]
    drawn = table(["", *matrix.windows], rows, right=matrix.windows)
    return f"{drawn}\n\n{strongest_words(found)}".rstrip()


def column(found: Record) -> str:
    """One line a file."""
    middle = middle_title(found)
    titles = ["file", "rows", "missing", middle, "deviation", "range"]
    rows = [[cell.text for cell in by_file_cells(found, file)] for file in found["files"]]
    return table(titles, rows, right=("rows", "missing", middle, "deviation"))
