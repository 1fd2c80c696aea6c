"""A file held against its source's checks: by its stored profile first, by its rows only where that cannot tell enough."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlops_tui.core.printable import printable
from mlops_tui.data.checkfile import read
from mlops_tui.data.checks import STOP, TOLERATED, WARN, Broken, Check, ColumnFigures, Example, FileFigures, verdict
from mlops_tui.data.checkwords import sentence
from mlops_tui.data.engine.breaking import EXAMPLES, broken_rows, require_runnable
from mlops_tui.data.engine.schema import Schema, refused_column
from mlops_tui.data.engine.stored import merged
from mlops_tui.data.ledger import Refusal
from mlops_tui.data.model import NO_REJECTS, Rejects, Source
from mlops_tui.data.profile import ColumnProfile
from mlops_tui.data.query import blocks_of, column_kinds, rejects_of
from mlops_tui.store.store import Store

NAMED = 5
"""So many columns are named in a sentence."""


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


def check_file(store: Store, schema: Schema, path: Path, content: str) -> Verdict:
    """The verdict on a file whose profile is kept; a content that a person released is kept out no more."""
    released = is_released(store.reader, schema.source.id, content)
    rejects = rejects_of(store.reader, schema.key(content))
    if schema.source.accepted is None:
        refusal = None if released else _refused_unasked(store, schema, path, content, rejects)
        if refusal:
            return Verdict(refusal=refusal)
        return Verdict((*_new_columns(store, schema, path, content), *_left_out(store, schema, path, content, rejects)))
    found = broken_by(schema, path, figures_of(store.reader, schema, content, path.name, rejects), rejects)
    if not any(item.check.kind in ("unreadable", "type") for item in found):
        found += _left_out(store, schema, path, content, rejects)
    stopping = next((item for item in found if item.check.severity == STOP), None)
    if stopping is None or released:
        return Verdict(found)
    return Verdict(found, Refusal(stopping.reason, stopping.check.name, stopping.line, stopping.column))


def _new_columns(store: Store, schema: Schema, path: Path, content: str) -> tuple[Broken, ...]:
    """Columns that the source has not are read by nobody, which is said."""
    names = schema.unknown(column_kinds(store.reader, schema.key(content)))
    if not names:
        return ()
    noun = "a column" if len(names) == 1 else "columns"
    told = f"{printable(path.name)} has {noun} that the source has not: {_named(names)}; {'it is' if len(names) == 1 else 'they are'} not used."
    return (Broken(Check("new_column", WARN), told, len(names), names[0]),)


def _left_out(store: Store, schema: Schema, path: Path, content: str, rejects: Rejects) -> tuple[Broken, ...]:
    """That a file is read without some of its rows is said, few as they are."""
    if not rejects.count:
        return ()
    first, there = rejects.first[0], _rows_there(store, schema, content, rejects)
    told = (
        f"{rejects.count:,} of its {there:,} rows cannot be read and {'is' if rejects.count == 1 else 'are'} left out"
    )
    reason = f"{printable(path.name)}, line {first.line:,} {first.reason}; {told}."
    examples = tuple(Example(row.line, {}) for row in rejects.first[:EXAMPLES])
    return (Broken(Check("unreadable", WARN), reason, rejects.count, first.column_name, examples),)


def _rows_there(store: Store, schema: Schema, content: str, rejects: Rejects) -> int:
    return rejects.count + sum(block.rows for block in blocks_of(store.reader, [schema.key(content)]))


def _refused_unasked(store: Store, schema: Schema, path: Path, content: str, rejects: Rejects) -> Refusal | None:
    """Of a source that nobody accepted, columns of its first file that are lacking, and many unreadable rows."""
    for name in schema.lacking(column_kinds(store.reader, schema.key(content))):
        error = refused_column(path, name, "lacks the column", "which the source's first file has")
        return Refusal(str(error), error.check, error.row, error.column)
    there = _rows_there(store, schema, content, rejects)
    if rejects.count <= TOLERATED * there:
        return None
    first = rejects.first[0]
    where = f"{printable(path.name)}, line {first.line:,} {first.reason}"
    told = f"{rejects.count:,} of its {there:,} rows cannot be read, and at most {TOLERATED:.0%} may be so"
    return Refusal(f"{where}; {told}.", "unreadable", first.line or None, first.column_name)


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
) -> FileFigures:
    """What the stored profile of that content tells; without a profile, a file of no rows and no columns."""
    key = schema.key(content)
    kinds = column_kinds(connection, key)
    profile = merged(connection, [key], list(kinds))
    return FileFigures(
        name,
        profile.rows,
        {column.name: column_figures(column) for column in profile.columns},
        rejects.count,
        rejects.misfits,
        schema.lacking(kinds),
        schema.unknown(kinds),
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
    told = {number: verdict(check, figures) for number, check in enumerate(schema.checks)}
    asked = [number for number, holds in told.items() if not holds and schema.checks[number].kind not in _OF_FILE]
    by_rows = dict(
        zip(asked, broken_rows(schema, path, [schema.checks[n] for n in asked]), strict=True) if asked else ()
    )
    found = []
    for number, check in enumerate(schema.checks):
        if number in by_rows:
            found.append(by_rows[number])
        elif told[number] is False:
            found.append(_of_file(check, figures, rejects))
    return tuple(item for item in found if item is not None)


_OF_FILE = frozenset({"missing_column", "new_column", "unreadable", "type", "volume", "freshness"})


def _of_file(check: Check, file: FileFigures, rejects: Rejects) -> Broken:
    name, has_to = printable(file.name), sentence(check)
    if check.kind in ("missing_column", "new_column"):
        columns = file.lacking if check.kind == "missing_column" else file.unknown
        verb = "lacks" if check.kind == "missing_column" else "has"
        noun = "the column" if len(columns) == 1 else "the columns"
        return Broken(check, f"{name} {verb} {noun} {_named(columns)}: {has_to}.", len(columns), columns[0])
    if check.kind == "volume":
        return Broken(check, f"{name} has {file.rows:,} {'row' if file.rows == 1 else 'rows'}: {has_to}.", file.rows)
    told = _broken_types(check, file)
    fitting = [row for row in rejects.first if check.kind == "unreadable" or row.column_name in told]
    count = file.bad_rows if check.kind == "unreadable" else max(told.values())
    examples = tuple(
        Example(row.line, {} if row.column_name is None else {row.column_name: row.text}) for row in fitting
    )
    if not fitting:
        return Broken(check, f"{name} has {count:,} bad rows: {has_to}.", count, check.column)
    first = fitting[0]
    why = f"{name}, line {first.line:,} {first.reason}; {count:,} of its rows cannot be read"
    return Broken(check, f"{why}: {has_to}.", count, first.column_name, examples[:EXAMPLES])


def _broken_types(check: Check, file: FileFigures) -> Mapping[str, int]:
    return {n: count for n, count in file.misfits.items() if check.column in (None, n)}


def _named(columns: Sequence[str]) -> str:
    more = f" and {len(columns) - NAMED} others" if len(columns) > NAMED else ""
    return ", ".join(printable(column) for column in columns[:NAMED]) + more
