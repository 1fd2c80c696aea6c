"""A file held against its source's checks: by its stored profile first, by its rows only where that cannot tell enough."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mlops_tui.core.printable import printable
from mlops_tui.data.checkfile import read
from mlops_tui.data.checks import STOP, WARN, Broken, Check, ColumnFigures, FileFigures, verdict
from mlops_tui.data.checkwords import noun_of, sentence
from mlops_tui.data.columns import FIELD_OF_ROLE
from mlops_tui.data.engine.breaking import broken_rows, require_runnable
from mlops_tui.data.engine.hints import misread, other_names
from mlops_tui.data.engine.refusals import remedy_of
from mlops_tui.data.engine.schema import Schema
from mlops_tui.data.engine.stored import merged
from mlops_tui.data.ledger import Refusal
from mlops_tui.data.model import NO_REJECTS, BadRow, Rejects, Source
from mlops_tui.data.profile import ColumnProfile
from mlops_tui.data.profile_query import column_kinds, rejects_of
from mlops_tui.store.store import Store

NAMED = 5
"""So many columns are named in a sentence."""

OPTIONAL = "Files may lack it where the source says so (data schema --optional)."
ADOPTING = " The source can have it too (data schema --adopt)."

UNASKED = (Check("missing_column", STOP), Check("unreadable", STOP), Check("new_column", WARN))
"""What the files of a source are held against that nobody accepted."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checks found in a file, and why it is kept out, if it is."""

    found: tuple[Broken, ...] = ()
    refusal: Refusal | None = None


def checks_of(store: Store, source: Source) -> tuple[Check, ...]:
    """The checks of an accepted source, none of another.

    Raises:
        UsageError: their file is gone, or broken, or holds an expression that the engine does not understand.
    """
    checks = read(store.workspace, source)
    require_runnable(checks, source.kinds, f"checks/{source.name}.toml")
    return checks


def held(schema: Schema) -> tuple[Check, ...]:
    """The checks that the source's files are held against: those that a person accepted, else those of every source."""
    return schema.checks if schema.source.accepted is not None else UNASKED


def check_file(store: Store, schema: Schema, path: Path, content: str) -> Verdict:
    """The verdict on a file whose profile is kept; a content that a person released is kept out no more."""
    rejects = rejects_of(store.reader, schema.key(content))
    of_columns = any(check.kind not in _OF_FILE for check in held(schema))
    figures = figures_of(store.reader, schema, content, path.name, rejects, of_columns=of_columns)
    found = broken_by(schema, path, figures, rejects)
    if rejects.count and not any(item.check.kind in ("unreadable", "type") for item in found):
        found += (_left_out(figures, rejects),)
    stopping = next((item for item in found if item.check.severity == STOP), None)
    if stopping is None or is_released(store.reader, schema.source.id, content):
        return Verdict(found)
    return Verdict(found, Refusal(stopping.reason, stopping.check.name, stopping.line or None, stopping.column))


def _left_out(file: FileFigures, rejects: Rejects) -> Broken:
    """That a file is read without some of its rows is said, few as they are."""
    verb = "is" if rejects.count == 1 else "are"
    reason = f"{_first_bad(file, rejects.first[0], rejects.count)} and {verb} left out."
    first = rejects.first[0]
    return Broken(Check("unreadable", WARN), reason, rejects.count, first.column_name, bad_line=first.line)


def _first_bad(file: FileFigures, first: BadRow, count: int) -> str:
    place = f", {noun_of(file.name)} {first.line:,}" if first.line else ""
    return f"{printable(file.name)}{place} {first.reason}; {count:,} of its {file.rows + file.bad_rows:,} rows cannot be read"


def is_released(connection: sqlite3.Connection, source_id: str, content: str) -> bool:
    """Whether a person let that content into the source, whatever the checks say."""
    row = connection.execute(
        "SELECT 1 FROM source_file WHERE source_id = ? AND hash = ? AND released IS NOT NULL", (source_id, content)
    ).fetchone()
    return row is not None


def figures_of(
    connection: sqlite3.Connection,
    schema: Schema,
    content: str,
    name: str,
    rejects: Rejects = NO_REJECTS,
    *,
    of_columns: bool = True,
) -> FileFigures:
    """What the stored profile of that content tells; without a profile, a file of no rows and no columns.

    What the columns hold is read with `of_columns` alone.
    """
    key = schema.key(content)
    kinds = column_kinds(connection, key)
    profile = merged(connection, [key], list(kinds) if of_columns else [])
    return FileFigures(
        name,
        profile.rows,
        {column.name: column_figures(column) for column in profile.columns},
        rejects.count,
        rejects.misfits,
        schema.lacking(kinds),
        schema.unknown(kinds),
        schema.absent(kinds),
    )


def column_figures(column: ColumnProfile) -> ColumnFigures:
    """What a column's profile tells of it."""
    moments = column.moments if column.moments and column.moments.count else None
    counted = column.counts is not None and column.other == 0
    return ColumnFigures(
        column.kind,
        column.rows,
        column.missing,
        moments.count if moments else 0,
        moments.minimum if moments else None,
        moments.maximum if moments else None,
        frozenset(column.counts or ()) if counted else None,
    )


def broken_by(schema: Schema, path: Path, figures: FileFigures, rejects: Rejects = NO_REJECTS) -> tuple[Broken, ...]:
    """The checks that the file breaks, in their order; its rows are read only where some may break one."""
    checks = held(schema)
    told = {number: verdict(check, figures) for number, check in enumerate(checks)}
    asked = [number for number, holds in told.items() if not holds and checks[number].kind not in _OF_FILE]
    by_rows = dict(zip(asked, broken_rows(schema, path, [checks[n] for n in asked]), strict=True) if asked else ())
    found = []
    for number, check in enumerate(checks):
        if number in by_rows:
            found.append(by_rows[number])
        elif told[number] is False:
            item = _of_file(check, figures, rejects)
            hint = _hint(schema, path, figures, check) if check.kind == "missing_column" else ""
            found.append(replace(item, reason=f"{item.reason} {hint}".rstrip()))
    return tuple(item for item in found if item is not None)


def _hint(schema: Schema, path: Path, figures: FileFigures, check: Check) -> str:
    """Why a file may lack columns: it is read otherwise than it was written, has them by other names, or never had them."""
    if set(figures.absent) < set(schema.kinds):
        is_needed = check.column or any(schema.source.roles.get(name) in FIELD_OF_ROLE for name in figures.lacking)
        return other_names(figures.unknown) or ("" if is_needed else OPTIONAL)
    return misread(path, schema.options, figures.unknown, schema.kinds)


_OF_FILE = frozenset({"missing_column", "new_column", "unreadable", "type", "volume", "freshness"})


def _of_file(check: Check, file: FileFigures, rejects: Rejects) -> Broken:
    """What such a check says; the rows that cannot be read are kept as they stand in the file, beside what it says."""
    name, has_to = printable(file.name), sentence(check)
    columns: tuple[str, ...]
    if check.kind in ("missing_column", "new_column"):
        columns = file.lacking if check.kind == "missing_column" else file.unknown
        columns = (check.column,) if check.column else columns
        verb = "lacks" if check.kind == "missing_column" else "has"
        noun = "the column" if len(columns) == 1 else "the columns"
        unused = (
            "" if check.kind == "missing_column" else f", {'which is' if len(columns) == 1 else 'which are'} not used"
        )
        way = ADOPTING if check.kind == "new_column" else ""
        what = f"{name} {verb} {noun} {_named(columns)}{unused}: {has_to}.{way}"
        return Broken(check, what, len(columns), columns[0])
    if check.kind == "volume":
        return Broken(check, f"{name} has {file.rows:,} {'row' if file.rows == 1 else 'rows'}: {has_to}.", file.rows)
    told = _broken_types(check, file)
    fitting = [row for row in rejects.first if check.kind == "unreadable" or row.column_name in told]
    count = file.bad_rows if check.kind == "unreadable" else max(told.values())
    if not fitting:
        return Broken(check, f"{name} has {count:,} bad rows: {has_to}.", count, check.column)
    first = fitting[0]
    what = f"{_first_bad(file, first, count)}: {has_to}. {remedy_of(first)}."
    return Broken(check, what, count, first.column_name, bad_line=first.line)


def _broken_types(check: Check, file: FileFigures) -> Mapping[str, int]:
    return {n: count for n, count in file.misfits.items() if check.column in (None, n)}


def _named(columns: Sequence[str]) -> str:
    more = f" and {len(columns) - NAMED} others" if len(columns) > NAMED else ""
    return ", ".join(printable(column) for column in columns[:NAMED]) + more
