"""Runs by what they have in common: how many there are of each kind, and the mean of their metrics with its spread."""

from __future__ import annotations

import json
import math
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mlops_tui.core.errors import UsageError
from mlops_tui.runs import where as language
from mlops_tui.runs.expression import COLUMNS, SPANS, TABLES, Comparison, Has, Joined, Name, Not, Tree, Value, show
from mlops_tui.runs.model import FINISHED
from mlops_tui.runs.query import NEWEST

CONFIG = "config"
"""Every parameter but the seed: runs of one configuration."""
SEED = "seed"
MOST_PARAMETERS = 400
"""So many are asked for at most in the query of a configuration."""
DIRTY = Name("", "dirty")
RUNS, VALUE = "runs", "value"
"""What groups are sorted by beside a metric's mean: how many runs they have, and what they have in common."""
_CONFIG_SQL = (
    "(SELECT json_group_object(key, value) FROM (SELECT key, value FROM run_param"
    f" WHERE run_id = run.id AND key != '{SEED}' ORDER BY key))"
)


@dataclass(frozen=True, slots=True)
class Spread:
    """A metric over n runs that have finished and have it: `deviation` is the standard deviation of a sample, None of fewer than two."""

    n: int
    mean: float
    deviation: float | None
    least: float
    greatest: float


@dataclass(frozen=True, slots=True)
class Group:
    """Runs that are alike in what they are grouped by: `values` in that order, None where they have none."""

    values: tuple[str | None, ...]
    runs: int
    metrics: Mapping[str, Spread] = field(default_factory=dict)


def fields(text: str) -> tuple[Name | str, ...]:
    """What to group by, as it is written with commas between: fields of runs, or `config`.

    Raises:
        UsageError: it is no field, or one that tells every run apart.
    """
    found: list[Name | str] = []
    for part in (one.strip() for one in text.split(",")):
        name = part if part == CONFIG else language.field(part)
        if isinstance(name, Name) and (name.table == "metrics" or (not name.table and name.key in (*SPANS, "id"))):
            raise UsageError(
                f"Runs are not grouped by {part}.",
                "Group by a parameter, a tag, a field such as experiment, or config.",
            )
        found.append(name)
    return tuple(found)


def page_of_groups(
    connection: sqlite3.Connection,
    by: Sequence[Name | str],
    *,
    metrics: Sequence[str] = (),
    where: str | None = None,
    sort: str | None = None,
    descending: bool = True,
    limit: int = 50,
    offset: int = 0,
) -> list[Group]:
    """The groups of the runs that match, by `sort`: `runs`, `value`, or `metrics.KEY` for its mean; those with the most runs first
    where none is named. Groups without the metric come last.

    Raises:
        UsageError: a query that cannot be read, or an order that there is not.
    """
    chosen, bound, columns = _chosen(by, where)
    way = "DESC" if descending else "ASC"
    names = ", ".join(columns)
    key = _metric(sort)
    mean, more = "NULL", []
    if key is not None:
        of_group = " AND ".join(f"c.{column} IS grouped.{column}" for column in columns)
        mean = (
            "(SELECT avg(m.value) FROM chosen c JOIN run_metric m ON m.run_id = c.id"
            f" WHERE c.is_whole AND m.key = ? AND {of_group})"
        )
        more = [key]
    order = {RUNS: f"runs {way}", VALUE: ", ".join(f"{column} {way}" for column in columns)}.get(
        sort or RUNS, f"mean {way} NULLS LAST"
    )
    rows = connection.execute(
        f"WITH chosen AS MATERIALIZED ({chosen}),"
        f" grouped AS (SELECT {names}, count(*) AS runs FROM chosen GROUP BY {names})"
        f" SELECT {names}, runs, {mean} AS mean FROM grouped ORDER BY {order}, {names} LIMIT ? OFFSET ?",
        (*bound, *more, limit, offset),
    ).fetchall()
    found = [(tuple(row[: len(columns)]), row[len(columns)]) for row in rows]
    spreads = _spreads(connection, chosen, bound, columns, metrics) if metrics and found else {}
    return [Group(values, runs, spreads.get(values, {})) for values, runs in found]


def count_groups(connection: sqlite3.Connection, by: Sequence[Name | str], where: str | None = None) -> int:
    """How many groups the runs that match make.

    Raises:
        UsageError: a query that cannot be read.
    """
    chosen, bound, columns = _chosen(by, where)
    names = ", ".join(columns)
    return int(
        connection.execute(f"SELECT count(*) FROM (SELECT 1 FROM ({chosen}) GROUP BY {names})", bound).fetchone()[0]
    )


def parameters(connection: sqlite3.Connection, where: str | None = None) -> list[str]:
    """The parameters that tell some of the newest of the runs that match apart, the seed left out.

    Raises:
        UsageError: a query that cannot be read.
    """
    sql, bound = language.matching(where)
    rows = connection.execute(
        f"WITH newest AS MATERIALIZED (SELECT id FROM run WHERE {sql} ORDER BY started DESC LIMIT {NEWEST})"
        " SELECT key FROM run_param WHERE run_id IN newest AND key != ? GROUP BY key"
        " HAVING count(DISTINCT value) > 1 OR count(*) < (SELECT count(*) FROM newest) ORDER BY key LIMIT ?",
        (*bound, SEED, MOST_PARAMETERS),
    )
    return [row[0] for row in rows]


def query_of(
    by: Sequence[Name | str], values: Sequence[str | None], where: str = "", telling: Sequence[str] = ()
) -> str:
    """The query of the runs of a group, in the language of runs; `where` is what the groups were chosen by, `telling` are the
    parameters that tell configurations apart, as `parameters` has them.
    """
    tests: list[Tree] = []
    for name, value in zip(by, values, strict=True):
        if isinstance(name, Name):
            tests.append(_test(name, value))
        else:
            given = json.loads(value or "{}")
            tests += [_test(Name("params", key), given.get(key)) for key in telling]
    asked = [language.parse(where)] if where.strip() else []
    parts = (*asked, *tests)
    return "" if not parts else show(parts[0] if len(parts) == 1 else Joined("and", parts))


def _test(name: Name, value: str | None) -> Tree:
    if value is None:
        return Not(Has(name))
    text = str(bool(int(value))).lower() if name == DIRTY else str(value)
    return Comparison(name, "=", Value(text))


def _metric(sort: str | None) -> str | None:
    if sort in (None, RUNS, VALUE):
        return None
    name = language.field(sort or "")
    if name.table != "metrics":
        raise UsageError(f"Groups are not sorted by {sort}.", "Sort by runs, value or metrics.KEY.")
    return name.key


def _chosen(by: Sequence[Name | str], where: str | None) -> tuple[str, list[Any], list[str]]:
    """A SELECT of the ids of the runs that match and of what they are grouped by, what is bound in it, and those columns' names."""
    parts, bound, columns = [], [], []
    for place, name in enumerate(by):
        columns.append(f"g{place}")
        if not isinstance(name, Name):
            parts.append(f"{_CONFIG_SQL} AS g{place}")
        elif name.table:
            parts.append(f"(SELECT value FROM {TABLES[name.table]} WHERE run_id = run.id AND key = ?) AS g{place}")
            bound.append(name.key)
        else:
            own = (
                "(SELECT name FROM study WHERE id = run.study_id)"
                if name.key == "study"
                else f"run.{COLUMNS[name.key]}"
            )
            parts.append(f"{own} AS g{place}")
    sql, more = language.matching(where)
    whole = f"run.status = '{FINISHED}' AS is_whole"
    return f"SELECT run.id AS id, {whole}, {', '.join(parts)} FROM run WHERE {sql}", [*bound, *more], columns


def _spreads(
    connection: sqlite3.Connection, chosen: str, bound: Sequence[Any], columns: Sequence[str], metrics: Sequence[str]
) -> dict[tuple[str | None, ...], dict[str, Spread]]:
    """Of each group the metrics; the deviations in a second pass over what is known to lie near each other."""
    names = ", ".join(columns)
    of_group = " AND ".join(f"means.{column} IS chosen.{column}" for column in columns)
    rows = connection.execute(
        f"WITH chosen AS MATERIALIZED ({chosen}),"
        " wanted AS (SELECT value AS key FROM json_each(?)),"
        f" means AS MATERIALIZED (SELECT {names}, m.key AS key, count(m.value) AS n, avg(m.value) AS mean,"
        " min(m.value) AS least, max(m.value) AS greatest FROM chosen JOIN run_metric m ON m.run_id = chosen.id"
        f" WHERE chosen.is_whole AND m.key IN wanted AND m.value IS NOT NULL GROUP BY {names}, m.key)"
        f" SELECT {', '.join(f'means.{column}' for column in columns)}, means.key, n, mean, least, greatest,"
        " (SELECT sum((m.value - means.mean) * (m.value - means.mean)) FROM chosen JOIN run_metric m"
        f" ON m.run_id = chosen.id WHERE chosen.is_whole AND m.key = means.key AND {of_group}) FROM means",
        (*bound, json.dumps(list(metrics))),
    )
    found: dict[tuple[str | None, ...], dict[str, Spread]] = defaultdict(dict)
    for row in rows:
        key, n, mean, least, greatest, squares = row[len(columns) :]
        deviation = None if n < 2 or squares is None else math.sqrt(squares / (n - 1))
        found[tuple(row[: len(columns)])][key] = Spread(n, mean, deviation, least, greatest)
    return found
