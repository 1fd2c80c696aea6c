"""Which format a data file has, by its ending; any other ending is read as CSV."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from mlops_tui.data.engine.columnar import arrow_rows, attached_name, open_arrow, open_parquet
from mlops_tui.data.engine.csv_lines import open_csv
from mlops_tui.data.engine.excel import open_excel, sheet_rows
from mlops_tui.data.engine.json_lines import open_json_lines
from mlops_tui.data.engine.lines import PACKED
from mlops_tui.data.engine.raw import Raw
from mlops_tui.data.engine.turned import is_turned, open_turned, turned_rows
from mlops_tui.data.options import ReadOptions

ARROW = frozenset({".arrow", ".feather", ".ipc"})
EXCEL = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})

JSON_LINES = frozenset({".jsonl", ".ndjson", ".json"})
TYPED = frozenset({".parquet"}) | ARROW | EXCEL | JSON_LINES
"""Formats whose files are no CSV."""

Opener = Callable[[duckdb.DuckDBPyConnection, Path, ReadOptions], Raw]
_OPENERS: dict[str, Opener] = {
    ".parquet": open_parquet,
    **dict.fromkeys(ARROW, open_arrow),
    **dict.fromkeys(EXCEL, open_excel),
    **dict.fromkeys(JSON_LINES, open_json_lines),
}


@dataclass(frozen=True)
class KeptOptions(ReadOptions):
    """Of a file that is kept under another name than the one that tells its format."""

    ending: str = ""  # type: ignore[misc]


def ending_of(path: Path, options: ReadOptions | None = None) -> str:
    """The ending that tells the format, in small letters; what only says how the file is packed is left out."""
    if options is not None and options.ending is not None:
        return options.ending
    endings = [ending.lower() for ending in path.suffixes]
    if endings and endings[-1] in PACKED:
        endings.pop()
    return endings[-1] if endings else ""


def is_read_alike(one: Path, other: Path) -> bool:
    """Whether files of those names are read in the same way: by the same reader, and packed alike."""
    packed = [PACKED.get(path.suffix.lower()) for path in (one, other)]
    return packed[0] == packed[1] and _OPENERS.get(ending_of(one)) is _OPENERS.get(ending_of(other))


def open_raw(con: duckdb.DuckDBPyConnection, path: Path, options: ReadOptions, *, is_known: bool = False) -> Raw:
    """The file's rows as they are stored; of one that `is_known` its lines were looked at before. Raises FileUnreadable."""
    opener = _OPENERS.get(ending_of(path, options))
    if opener is None and is_turned(path, options):
        return open_turned(path, options)
    return opener(con, path, options) if opener else open_csv(con, path, options, is_known=is_known)


def attach(con: duckdb.DuckDBPyConnection, path: Path, options: ReadOptions) -> None:
    """Gives the connection the rows of a file that the engine cannot open itself. Raises FileUnreadable."""
    ending = ending_of(path, options)
    if ending in ARROW:
        con.register(attached_name(path), arrow_rows(path))
    elif ending in EXCEL:
        con.register(attached_name(path), sheet_rows(path, options.sheet))
    elif ending not in TYPED and is_turned(path, options):
        con.register(attached_name(path), turned_rows(path, options))


def detach(con: duckdb.DuckDBPyConnection, path: Path, options: ReadOptions) -> None:
    """Takes from the connection what `attach` gave it."""
    ending = ending_of(path, options)
    if ending in ARROW | EXCEL or (ending not in TYPED and is_turned(path, options)):
        con.unregister(attached_name(path))
