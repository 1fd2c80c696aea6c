"""Every row of a file tried once: the types that all of them fit, and those that fit none."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import duckdb

from mlops_tui.data.engine.casting import AT_ONCE, TEXT, Loss, any_of, losses, misfits, quoted, type_for, values, wider
from mlops_tui.data.engine.narrow import is_wide, parts_of, short_table
from mlops_tui.data.engine.raw import BAD_ROWS_KEPT, Broken, Raw, cut
from mlops_tui.data.engine.refusals import misfit_reason
from mlops_tui.data.model import BadRow, Rejects

TEXT_COLUMNS = 50
"""Columns of a bad row that are kept."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What was found: each column's type, how many rows fit it, and which do not.

    `misfits` are the columns of a known kind with values that do not fit it.
    """

    types: Mapping[str, str]
    rows: int
    misfits: tuple[str, ...]
    broken: Broken
    rejects: Rejects


def try_rows(con: duckdb.DuckDBPyConnection, raw: Raw, kinds: Mapping[str, str]) -> Tried:
    """Tries every row; columns in `kinds` stay numbers, times or what else they are.

    Of the others, a type that does not fit a late row is widened rather than the row lost.
    """
    trial = _Trial(con, raw, {name: kinds[name] for name in raw.stored if kinds.get(name)})
    types = {name: _wanted(raw.stored[name], guessed, kinds.get(name)) for name, guessed in raw.guess(con).items()}
    misfitting = _widened(trial, types, list(types))
    rejects = rejects_of(con, raw, types, misfitting, trial.broken)
    return Tried(types, trial.rows + trial.broken.count - rejects.count, tuple(misfitting), trial.broken, rejects)


def types_of(
    con: duckdb.DuckDBPyConnection, raw: Raw, kinds: Mapping[str, str], guessed: Mapping[str, str], names: Sequence[str]
) -> dict[str, str]:
    """The types that `try_rows` finds for some columns of a file of which every row is known to fit the `kinds`."""
    trial = _Trial(con, raw, {name: kinds[name] for name in names}, has_broken=False)
    types = {name: _wanted(raw.stored[name], guessed[name], kinds[name]) for name in names}
    _widened(trial, types, [name for name, kind in types.items() if trial.wider(name, kind) is not None])
    return types


def _widened(trial: _Trial, types: dict[str, str], asked: list[str]) -> list[str]:
    """Widens the types of the columns `asked` as far as their values need; returns those with values that fit none."""
    misfitting = list[str]()
    while asked:
        answers = trial.ask({name: types[name] for name in asked})
        asked = []
        for name, (misfit, better) in answers.items():
            following = better or (trial.wider(name, types[name]) if misfit else None)
            if following is not None:
                types[name] = following
                asked.append(name)
            elif misfit:
                misfitting.append(name)
    return misfitting


def _wanted(stored: str, guessed: str, kind: str | None) -> str:
    """The type to begin with, of a column of that kind (None: unknown)."""
    wanted = type_for(guessed, kind)
    # a type of the file's own stays; what reads it as text says so
    return guessed if wanted == TEXT and stored != TEXT else wanted


class _Trial:
    """A file under trial: how many rows it has, and which are broken."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, raw: Raw, kinds: Mapping[str, str], *, has_broken: bool = True
    ) -> None:
        self._con = con
        self._raw = raw
        self._source = raw.tried
        self._kinds = kinds
        # broken by its bytes may be a column that no type is asked of
        self._looked_at = raw.stored if has_broken and raw.tried != raw.sql and not raw.has_only_ascii else ()
        self.rows = 0
        self.broken = Broken()

    def wider(self, name: str, kind: str) -> str | None:
        """The type to try where a value of the column does not fit that one; a column of integers stays one."""
        return None if self._kinds.get(name) == "integer" else wider(kind, name in self._kinds)

    def ask(self, types: Mapping[str, str]) -> dict[str, tuple[bool, str | None]]:
        """Of each column, whether a value does not fit its type, and a type that loses less."""
        names = list(types)
        if is_wide(names) and self._source == self._raw.tried:
            self._fetched([])  # what is broken is known then
        answers = dict[str, tuple[bool, str | None]]()
        table = short_table(self._con, self._source, names)
        if table is not None:
            for some, source in parts_of(self._con, table):
                terms = {name: self._terms(name, types[name]) for name in some}
                asked = [term for told in terms.values() for term, _ in told]
                answers |= _answers(
                    terms,
                    self._con.execute(f"SELECT count(*), {', '.join(asked or ['0'])} FROM {source}").fetchall()[0][1:],
                )
            return answers
        if len(names) > AT_ONCE and self._all_fit(types):
            return dict.fromkeys(names, (False, None))
        for start in range(0, len(names), AT_ONCE):
            terms = {name: self._terms(name, types[name]) for name in names[start : start + AT_ONCE]}
            answers |= _answers(terms, self._fetched([term for asked in terms.values() for term, _ in asked]))
        return answers

    def _all_fit(self, types: Mapping[str, str]) -> bool:
        """Whether no row of any column is amiss: one question, which a file of many columns nearly always passes."""
        amiss = [misfit for name, kind in types.items() if (misfit := self._misfit(name, kind)) is not None]
        amiss += [f"({loss.condition})" for name, kind in types.items() for loss in self._losses(name, kind)]
        return not self._fetched([f"bool_or({any_of(amiss)})"])[0]

    def _terms(self, name: str, kind: str) -> list[tuple[str, str | None]]:
        misfit = self._misfit(name, kind)
        terms: list[tuple[str, str | None]] = [] if misfit is None else [(f"bool_or{misfit}", None)]
        return terms + [(loss.of_all, loss.better) for loss in self._losses(name, kind)]

    def _misfit(self, name: str, kind: str) -> str | None:
        return misfits(quoted(name), self._raw.stored[name], kind, self._raw.options)

    def _losses(self, name: str, kind: str) -> list[Loss]:
        if self._raw.stored[name] != TEXT or self._kinds.get(name) == "integer":
            return []
        found = losses(quoted(name), kind, self._raw.options)
        return [loss for loss in found if loss.better != TEXT or name not in self._kinds]

    def _fetched(self, terms: Sequence[str]) -> list[object]:
        # fetchall: the engine writes its table of rejects only once the result was read to its end
        asked = ["count(*)", *terms]
        if self._looked_at:
            asked.append(f"count(coalesce(NULL, {', '.join(map(quoted, self._looked_at))}))")
            self._looked_at = ()
        ((rows, *answers),) = self._con.execute(f"SELECT {', '.join(asked)} FROM {self._source}").fetchall()
        answers = answers[: len(terms)]
        if self._source == self._raw.tried:
            self.rows, self.broken = int(rows), self._raw.broken(self._con)
            self._source = self._raw.tolerant if self.broken.count else self._raw.sql
        return answers


def _answers(
    terms: Mapping[str, Sequence[tuple[str, str | None]]], found: Sequence[object]
) -> Iterator[tuple[str, tuple[bool, str | None]]]:
    """Of each column, whether a value does not fit, and a type that loses less, from the answers to its terms."""
    rest = iter(found)
    for name, asked in terms.items():
        misfit, better = False, None
        for (_, meaning), holds in zip(asked, islice(rest, len(asked)), strict=True):
            misfit = misfit or bool(holds and meaning is None)
            better = better or (meaning if holds else None)
        yield name, (misfit, better)


def all_rejects(con: duckdb.DuckDBPyConnection, raw: Raw, tried: Tried, most: int) -> Rejects:
    """What cannot be read of a file that was tried, with the `most` first rows of it."""
    if tried.rejects.count <= len(tried.rejects.first):
        return tried.rejects
    broken = tried.broken
    if broken.count > len(broken.first):
        con.execute(f"SELECT count(*) FROM {raw.tried}").fetchall()  # it records them while it reads
        broken = raw.broken(con, most)
    return rejects_of(con, raw, tried.types, tried.misfits, broken, most)


def rejects_of(
    con: duckdb.DuckDBPyConnection,
    raw: Raw,
    types: Mapping[str, str],
    misfitting: Sequence[str],
    broken: Broken,
    most: int = BAD_ROWS_KEPT,
) -> Rejects:
    """What cannot be read as those types, with the `most` first rows of it in the order of their lines."""
    if not misfitting:
        return Rejects(broken.count, {}, broken.first)
    source = raw.tolerant if broken.count else raw.sql
    told = _conditions(raw, types, misfitting)
    bad = any_of(told.values())
    counts = ", ".join(f"count_if({condition})" for condition in told.values())
    ((count, *by_column),) = con.execute(f"SELECT count_if({bad}), {counts} FROM {source}").fetchall()
    shown = ", ".join(f"CASE WHEN {bad} THEN CAST({quoted(name)} AS VARCHAR) END" for name, bad in told.items())
    texts = ", ".join(f"coalesce(CAST({quoted(name)} AS VARCHAR), '')" for name in islice(raw.stored, TEXT_COLUMNS))
    rows = con.execute(
        f"SELECT row, misfit, text FROM (SELECT row_number() OVER () AS row, [{shown}] AS misfit,"
        f" concat_ws(', ', {texts}) AS text, {bad} AS bad FROM {source}) WHERE bad ORDER BY row LIMIT {most}"
    ).fetchall()
    lines = raw.lines_of(con, [row for row, _, _ in rows], broken.lines)
    in_file = raw.texts_at(con, [line for line in lines if line])
    first = list(broken.first)
    for line, (_, values_there, text) in zip(lines, rows, strict=True):
        name, value = next((n, v) for n, v in zip(told, values_there, strict=True) if v is not None)
        first.append(BadRow(line, name, misfit_reason(value, name, types[name]), cut(in_file.get(line, text))))
    first.sort(key=lambda row: row.line)
    return Rejects(
        count + broken.count,
        {name: n for name, n in zip(told, by_column, strict=True) if n},
        tuple(first[:most]),
    )


def stored_rows(con: duckdb.DuckDBPyConnection, raw: Raw, tried: Tried, rows: Sequence[int]) -> list[int]:
    """The numbers among all rows of the table of rows that are numbered among those that fit, from 1."""
    if not tried.misfits:
        return list(rows)
    bad = any_of(_conditions(raw, tried.types, tried.misfits).values())
    source = raw.tolerant if tried.broken.count else raw.sql
    left_out = con.execute(
        f"SELECT row FROM (SELECT row_number() OVER () AS row, {bad} AS bad FROM {source}) WHERE bad ORDER BY row"
    ).fetchall()
    found: dict[int, int] = {}
    skipped = 0
    for row in sorted(set(rows)):
        while skipped < len(left_out) and left_out[skipped][0] <= row + skipped:
            skipped += 1
        found[row] = row + skipped
    return [found[row] for row in rows]


def _conditions(raw: Raw, types: Mapping[str, str], misfitting: Sequence[str]) -> dict[str, str]:
    """In which rows a column's value does not fit, by column."""
    return {n: str(misfits(quoted(n), raw.stored[n], types[n], raw.options)) for n in misfitting}


def rows_sql(
    raw: Raw, tried: Tried, names: Sequence[str] | None = None, *, as_stored: Collection[str] = frozenset()
) -> str:
    """What to write after FROM: the rows that fit, each column in its type; of many columns only those that are named.

    Those `as_stored` are as the file has them.
    """
    source = raw.tolerant if tried.broken.count else raw.sql
    bad = _conditions(raw, tried.types, tried.misfits).values()
    types = tried.types if names is None else {name: tried.types[name] for name in names}
    types = {name: TEXT if name in as_stored else wanted for name, wanted in types.items()}
    terms = values(raw.stored, types, raw.options)
    if not bad and terms == ", ".join(map(quoted, types)):
        return source
    kept = f" WHERE NOT {any_of(f'coalesce({condition}, false)' for condition in bad)}" if bad else ""
    return f"(SELECT {terms} FROM {source}{kept})"
