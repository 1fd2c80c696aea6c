"""Finding one thing by its name or by a part of its id: a name wins, an ambiguous part lists its candidates."""

from __future__ import annotations

import difflib
import sqlite3

from mlops_tui.core.errors import AmbiguousName, UnknownName
from mlops_tui.core.ids import looks_like_part, shorten
from mlops_tui.core.printable import printable

SHOWN = 5


def find_one(
    connection: sqlite3.Connection, table: str, selector: str, what: str, *, name_column: str = "name", where: str = "1"
) -> str:
    """The id of the row of `table` that the selector means: a name, or any unique prefix or suffix of an id.

    Raises:
        UnknownName: nothing fits; the remedy lists what is there.
        AmbiguousName: several fit; the remedy lists them.
    """
    named = connection.execute(
        f'SELECT id FROM "{table}" WHERE {name_column} = ? AND {where} ORDER BY id DESC LIMIT 2', (selector,)
    ).fetchall()
    if len(named) == 1:
        return named[0][0]
    fitting = named or _by_part(connection, table, selector, where)
    if len(fitting) == 1:
        return fitting[0][0]
    if fitting:
        raise AmbiguousName(
            f"'{printable(selector)}' fits several {what}s.",
            f"Say which: {_candidates(connection, table, name_column, fitting)}.",
        )
    raise UnknownName(
        f"There is no {what} '{printable(selector)}'.", _there_is(connection, table, name_column, selector, what, where)
    )


def _by_part(connection: sqlite3.Connection, table: str, selector: str, where: str) -> list[tuple[str]]:
    if not looks_like_part(selector):
        return []
    part = selector.upper()
    return connection.execute(
        f'SELECT id FROM "{table}" WHERE (id LIKE ? OR id LIKE ?) AND {where} LIMIT {SHOWN + 1}',
        (f"{part}%", f"%{part}"),
    ).fetchall()


def _candidates(connection: sqlite3.Connection, table: str, name_column: str, rows: list[tuple[str]]) -> str:
    ids = [row[0] for row in rows[:SHOWN]]
    shown = shorten(ids)
    names = {
        identifier: connection.execute(f'SELECT {name_column} FROM "{table}" WHERE id = ?', (identifier,)).fetchone()[0]
        for identifier in ids
    }
    listed = ", ".join(f"{shown[identifier]} ({printable(names[identifier])})" for identifier in ids)
    return listed + (", …" if len(rows) > SHOWN else "")


def _there_is(
    connection: sqlite3.Connection, table: str, name_column: str, selector: str, what: str, where: str
) -> str:
    rows = connection.execute(
        f'SELECT {name_column} FROM "{table}" WHERE {where} ORDER BY id DESC LIMIT 1000'
    ).fetchall()
    names = list(dict.fromkeys(row[0] for row in rows))
    if not names:
        return f"There are no {what}s yet."
    close = sorted(difflib.get_close_matches(selector, names, n=SHOWN)) or names[:SHOWN]
    end = ", …" if len(names) > len(close) else "."
    return f"There is: {', '.join(printable(name) for name in close)}{end}"
