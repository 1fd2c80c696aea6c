"""Excel workbooks: one sheet of one, its first row the header. Needs the extra `excel`."""

from __future__ import annotations

from collections import OrderedDict
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from mlops_tui.core.errors import FileUnreadable
from mlops_tui.data.engine.casting import quoted
from mlops_tui.data.engine.columnar import attached_name, described
from mlops_tui.data.engine.dialect import require_distinct
from mlops_tui.data.engine.raw import Raw
from mlops_tui.data.engine.refusals import escaped, mark_of, shown
from mlops_tui.data.options import ReadOptions

KEPT_SHEETS = 4
"""So many sheets stay in memory, so that a page further down does not unpack the workbook again."""

_SHEETS: OrderedDict[tuple[Any, ...], pa.Table] = OrderedDict()
_EXACT = 2**53


def open_excel(con: duckdb.DuckDBPyConnection, path: Path, options: ReadOptions) -> Raw:
    """The sheet with the types of its cells; the connection has it attached. Raises FileUnreadable."""
    return described(con, quoted(attached_name(path)), options)


def sheet_rows(path: Path, sheet: str | None) -> pa.Table:
    """The rows of a sheet (None: the first). Raises FileUnreadable."""
    key = (path, sheet, mark_of(path))
    if key in _SHEETS:
        _SHEETS.move_to_end(key)
        return _SHEETS[key]
    cells = _cells(path, sheet)
    if not cells or not cells[0]:
        raise FileUnreadable(f"{shown(path)} is empty.", "Write a header and at least one row.")
    names = [str(name) if name != "" else f"column{place}" for place, name in enumerate(cells[0])]
    require_distinct(path, names)
    columns = {name: _column([row[place] for row in cells[1:]]) for place, name in enumerate(names)}
    table = pa.table(columns)
    _SHEETS[key] = table
    while len(_SHEETS) > KEPT_SHEETS:
        _SHEETS.popitem(last=False)
    return table


def _cells(path: Path, sheet: str | None) -> list[list[Any]]:
    try:
        import python_calamine  # noqa: PLC0415  # an extra
    except ImportError as error:
        raise FileUnreadable(
            f"{shown(path)} is an Excel workbook, which needs an extra to be read.",
            "Install it with: pip install 'mlops-tui[excel]'",
        ) from error
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
    except (python_calamine.CalamineError, OSError) as error:
        raise FileUnreadable(f"{shown(path)} is not a whole Excel file.", "Write it again.") from error
    names = book.sheet_names
    if sheet is not None and sheet not in names:
        known = ", ".join(map(escaped, names[:10]))
        raise FileUnreadable(f"{shown(path)} has no sheet {escaped(sheet)}.", f"Its sheets are {known}.")
    found = book.get_sheet_by_name(sheet) if sheet is not None else book.get_sheet_by_index(0)
    return [list(row) for row in found.to_python()]


def _column(cells: list[Any]) -> pa.Array:
    """The cells in the one type that holds them all; texts where there is none."""
    values = [None if cell == "" else cell for cell in cells]
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if kinds and kinds <= {int, float}:
        whole = all(value is None or (float(value).is_integer() and abs(value) < _EXACT) for value in values)
        return pa.array([value if value is None or not whole else int(value) for value in values])
    if kinds == {date}:
        return pa.array(values, pa.date32())
    if kinds and kinds <= {date, datetime}:
        times = [v if v is None or isinstance(v, datetime) else datetime.combine(v, time()) for v in values]
        return pa.array(times, pa.timestamp("us"))
    return pa.array([None if value is None else _text(value) for value in values], pa.string())


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    return value.isoformat(" ") if isinstance(value, datetime) else str(value)
