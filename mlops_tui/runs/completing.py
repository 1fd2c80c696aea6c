"""What may come next in a query that is being typed: fields, operators, values of the store, and what joins them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from mlops_tui.runs.expression import COLUMNS, PLAIN, SPANS, Name, quoted, show_name
from mlops_tui.runs.model import STATUSES
from mlops_tui.runs.query import NEWEST, RECENT, metric_keys, param_keys, tag_keys
from mlops_tui.runs.where import CALLED, KEYWORDS, OF_RUNS, TOKEN, Fields

OFFERED = 12
"""So many are offered at most."""
ON_NUMBERS = ("=", "!=", "<", "<=", ">", ">=")
ON_TEXTS = ("=", "!=", "~", "like", "in", "not in")
JOINTS = ("and", "or")

OPERAND, FIELD, OPERATOR, VALUE, LIST, JOINT = "operand", "field", "operator", "value", "list", "joint"


@dataclass(frozen=True, slots=True)
class Offers:
    """What may stand from `start` on, up to where one types, the likeliest first."""

    start: int
    texts: tuple[str, ...]


def complete(connection: sqlite3.Connection, text: str, at: int) -> Offers:
    """What may come where one types, of what the store has; nothing within a text that is quoted and closed."""
    before, start = _before(text[:at])
    typed = text[start:at]
    expected, name = _expected(before)
    if expected == JOINT:
        found: Iterable[str] = JOINTS
    elif expected == OPERATOR and name is not None:
        found = ON_NUMBERS if name.table == "metrics" or (not name.table and name.key in SPANS) else ON_TEXTS
    elif expected in (VALUE, LIST) and name is not None:
        found = _values(connection, name, typed.lstrip("'\""))
        return Offers(start, tuple(dict.fromkeys(map(_written, found)))[:OFFERED])
    else:
        found = _fields(connection, typed, OF_RUNS)
        return Offers(start, tuple(dict.fromkeys(found))[:OFFERED])
    return Offers(start, tuple(one for one in found if one.startswith(typed.lower()))[:OFFERED])


def _before(text: str) -> tuple[list[str], int]:
    """The whole tokens before the one that is being typed, and where that begins."""
    tokens: list[tuple[str, int, int]] = []
    position = 0
    while position < len(text) and (match := TOKEN.match(text, position)) is not None and match.lastgroup is not None:
        tokens.append((match[match.lastgroup], match.start(match.lastgroup), match.end()))
        position = match.end()
    rest = text[position:]
    if rest.strip():  # a quote that is not closed
        return [token for token, _, _ in tokens], position + len(rest) - len(rest.lstrip())
    if tokens and not rest and tokens[-1][0][-1] not in "(),'\"`":
        return [token for token, _, _ in tokens[:-1]], tokens[-1][1]
    return [token for token, _, _ in tokens], len(text)


def _expected(tokens: list[str]) -> tuple[str, Name | None]:
    """What is expected behind these tokens, and of which field."""
    state, name = OPERAND, None
    for token in tokens:
        word = token.lower() if token.lower() in KEYWORDS else token
        if state in (OPERAND, FIELD):
            if word == "has":
                state = FIELD
            elif word in ("not", "("):
                state = OPERAND
            else:
                name = OF_RUNS.find(token)
                state = JOINT if name is None or state == FIELD else OPERATOR
        elif state == OPERATOR:
            if word in ("and", "or"):
                state = OPERAND
            elif word == "in":
                state = LIST
            elif word != "not":
                state = VALUE
        elif state == LIST:
            state = JOINT if word == ")" else LIST
        elif state == VALUE:
            state = JOINT
        else:
            state = OPERAND if word in ("and", "or") else JOINT
    return state, name


def _fields(connection: sqlite3.Connection, typed: str, fields: Fields) -> Iterator[str]:
    """The fields whose name, or whose key alone, begins with what is typed; then those that have it in them."""
    wanted = typed.lower().replace("`", "")
    known = [*fields.columns, *(show_name(name) for name in _keys(connection))]
    tests: tuple[Callable[[str], bool], ...] = (
        lambda one: one.lower().startswith(wanted),
        lambda one: one.partition(".")[2].lower().startswith(wanted),
        lambda one: wanted in one.lower(),
    )
    for test in tests:
        yield from (one for one in known if test(one.replace("`", "")))
    yield from (word for word in ("not", "has") if word.startswith(wanted))


def _keys(connection: sqlite3.Connection) -> Iterator[Name]:
    """The keys of metrics, parameters and tags: of the first two all there are, by their indexes."""
    for table, keys in (("metrics", metric_keys), ("params", param_keys), ("tags", tag_keys)):
        yield from (Name(table, key) for key in keys(connection))


def _values(connection: sqlite3.Connection, name: Name, typed: str) -> Iterator[str]:
    """The values of a field that begin with what is typed."""
    if name.table == "metrics" or (not name.table and name.key in SPANS):
        return iter(())
    if name.table == "params":
        query = "SELECT min(value) FROM run_param WHERE key = ? AND value"
        found: Iterable[str] = _seek(connection, query, (name.key,), typed)
    elif name.table:
        rows = connection.execute(
            f"SELECT DISTINCT value FROM run_tag WHERE key = ? AND run_id IN {RECENT} ORDER BY value", (name.key,)
        )
        found = (value for (value,) in rows)
    elif name.key == "status":
        found = STATUSES
    elif name.key == "dirty":
        found = ("true", "false")
    elif name.key in CALLED:
        rows = connection.execute(
            f"SELECT DISTINCT name FROM {CALLED[name.key]} WHERE id IN (SELECT {COLUMNS[name.key]} FROM run"
            f" WHERE archived IS NULL ORDER BY started DESC LIMIT {NEWEST}) ORDER BY name"
        )
        found = (value for (value,) in rows)
    else:
        column = COLUMNS[name.key]
        rows = connection.execute(
            f"SELECT DISTINCT {column} FROM (SELECT {column} FROM run WHERE archived IS NULL ORDER BY started DESC"
            f" LIMIT {NEWEST}) WHERE {column} IS NOT NULL ORDER BY {column}"
        )
        found = (str(value) for (value,) in rows)
    return (value for value in found if value.lower().startswith(typed.lower()))


def _seek(connection: sqlite3.Connection, query: str, bound: tuple[str, ...], first: str = "") -> Iterator[str]:
    """The different values along an index, from `first` on, as many as could be offered: one seek each."""
    rows = connection.execute(
        f"WITH RECURSIVE found (value, n) AS (SELECT ({query} >= ?), 1 UNION ALL"
        f" SELECT ({query} > found.value), n + 1 FROM found WHERE found.value IS NOT NULL AND n < 200)"
        " SELECT value FROM found WHERE value IS NOT NULL",
        (*bound, first, *bound),
    )
    return (value for (value,) in rows)


def _written(value: str) -> str:
    """A value as the language takes it for that one."""
    is_plain = PLAIN.fullmatch(value) is not None and value.lower() not in KEYWORDS
    return value if is_plain else quoted(value)
