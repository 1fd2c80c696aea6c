"""One read-only SQL statement over the sources: each is a table by its name, its rows those of its newest version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from mlops_tui.core.errors import DataError, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.engine.casting import kept_type, quoted
from mlops_tui.data.engine.reading import ColumnShape
from mlops_tui.data.engine.tables import Table, members_of, plain, reading, table_of, told
from mlops_tui.data.model import Source
from mlops_tui.data.query import list_sources
from mlops_tui.jobs.context import AnswerContext

ASKED = "Ask by one SELECT, WITH, FROM, DESCRIBE, SUMMARIZE or SHOW TABLES."
NAMED = 20


def sql(context: AnswerContext, *, query: str, limit: int = 200, offset: int = 0) -> dict[str, Any]:
    """Rows `offset` to `offset + limit` of what one statement selects.

    Returns `{columns: [{name, kind}], rows, offset, more}`; `more` says whether rows follow. Only sources that the
    statement names are opened, and only the files of their newest versions can be read by it.

    Raises UsageError (not one statement that only reads, or one that the engine refuses), DataError.
    """
    statement = require_select(query)
    sources = list_sources(context.store.reader)
    text = statement.casefold()
    named = [source for source in sources if source.version and source.name.casefold() in text]
    tables = [table_of(context, members_of(context.store, source)[1]) for source in named]
    with reading(context, tables) as con:
        for source, table in zip(named, tables, strict=True):
            con.execute(f"CREATE VIEW {quoted(source.name)} AS SELECT * FROM {table.sql}")
        if text.startswith("show"):  # a table for each source by its name; nothing is read of it
            for source in sources:
                con.execute(f"CREATE VIEW IF NOT EXISTS {quoted(source.name)} AS SELECT 1")
        try:
            # the line's end: the statement may end in a comment
            cursor = con.execute(f"SELECT * FROM ({statement}\n) LIMIT ? OFFSET ?", [limit + 1, offset])
            columns = [{"name": item[0], "kind": _kind(str(item[1]))} for item in cursor.description or ()]
            rows = cursor.fetchall()
        except duckdb.InterruptException:
            raise
        except duckdb.Error as error:
            raise _refused(error, sources, named, tables) from error
    return {
        "columns": columns,
        "rows": [[plain(cell) for cell in row] for row in rows[:limit]],
        "offset": offset,
        "more": len(rows) > limit,
    }


def require_select(query: str) -> str:
    """The statement without what ends it. Raises UsageError unless it is one that only reads."""
    try:
        statements = duckdb.extract_statements(query)
    except duckdb.Error as error:
        raise UsageError(f"The SQL cannot be read: {told(error)}.", ASKED) from error
    if len(statements) != 1:
        found = "no statement" if not statements else f"{len(statements)} statements"
        raise UsageError(f"The SQL holds {found} where one is asked for.", ASKED)
    (statement,) = statements
    if statement.type != duckdb.StatementType.SELECT:
        raise UsageError(
            f"A statement of the kind {statement.type.name} is not let through: sources are only read.", ASKED
        )
    return str(statement.query).strip().rstrip(";")


def _kind(engine_type: str) -> str:
    return (
        "integer"
        if engine_type in ("HUGEINT", "UBIGINT", "UHUGEINT")
        else ColumnShape("", kept_type(engine_type)).plain_kind
    )


def _refused(
    error: duckdb.Error, sources: Sequence[Source], named: Sequence[Source], tables: Sequence[Table]
) -> UsageError | DataError:
    if isinstance(error, duckdb.PermissionException):
        return UsageError(
            "The SQL reads a file or an address, and only sources can be read.",
            f"Name a source: {_names(sources)}. A file becomes one by: mlops-tui data add",
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        return DataError("The SQL needs more memory than there is.", "Ask for fewer rows or columns.")
    columns = "; ".join(
        f"{one.name} has {', '.join(printable(column.name) for column in table.columns[:NAMED])}"
        for one, table in zip(named, tables, strict=True)
    )
    remedy = f"{columns}." if columns else f"The sources are {_names(sources)}."
    return UsageError(f"The SQL cannot be answered: {told(error)}.", remedy)


def _names(sources: Sequence[Source]) -> str:
    """The sources as SQL names them."""
    shown = [one.name if one.name.isidentifier() else quoted(one.name) for one in sources[:NAMED]]
    return ", ".join(shown) or "none yet"
