"""What keeps a column of numbers, or of times, from being read as such: a few values that are none, the first by its line."""

from __future__ import annotations

from collections.abc import Sequence

from mlops_tui.data.engine.casting import AT_ONCE, TEXT, any_of, literal, losses, misfits, quoted
from mlops_tui.data.engine.narrow import is_wide, parts_of, short_table
from mlops_tui.data.engine.reading import OpenFile
from mlops_tui.data.engine.refusals import escaped
from mlops_tui.data.options import ReadOptions

FEW = 1 / 3
"""The share of a column's values up to which they are told as exceptions."""
_SAMPLE = 2_000
_LONGEST = 40
_ZEROS = r"\s*[+-]?0[0-9].*"

NUMBERS, TIMES = ("numeric", "numbers"), ("date-time", "dates or times")
"""A kind, and what its values are called."""


def late_words(file: OpenFile, names: Sequence[str]) -> dict[str, str]:
    """Of those columns of texts that hold something else but for a few values, what that is, by name."""
    found = dict[str, str]()
    names = [name for name in names if file.raw.stored[name] == TEXT]
    for kind, words in (NUMBERS, TIMES):
        asked = [name for name in names if name not in found]
        for name in _nearly(file, asked, kind):
            if told := _told(file, name, kind, words):
                found[name] = told
    return found


def _nearly(file: OpenFile, names: Sequence[str], kind: str) -> list[str]:
    """Those of which most of the first values are of that kind."""
    found = list[str]()
    parts = [names[start : start + AT_ONCE] for start in range(0, len(names), AT_ONCE)]
    table = short_table(file.con, file.sql_of(names), names) if is_wide(names) else None
    asked = ((part, file.sql_of(part)) for part in parts) if table is None else parts_of(file.con, table)
    for some, source in asked:
        terms = [f"count_if({_none(name, kind, file.shape.options)}) <= 0.5 * count({quoted(name)})" for name in some]
        sample = f"(FROM {source} LIMIT {_SAMPLE})"
        answers = file.con.execute(f"SELECT {', '.join(terms)} FROM {sample}").fetchone() or ()
        found += [name for name, holds in zip(some, answers, strict=True) if holds]
    return found


def _told(file: OpenFile, name: str, kind: str, words: str) -> str | None:
    column = quoted(name)
    none, unread = _none(name, kind, file.shape.options), _unread(name, kind, file.shape.options)
    ((count, changed, values, first),) = file.con.execute(
        "SELECT count_if(bad), count_if(bad AND read), count(value), arg_min({'row': row, 'value': value}, row) FILTER (bad)"
        f" FROM (SELECT row_number() OVER () AS row, {column} AS value, {none} AS bad, NOT {unread} AS read"
        f" FROM {file.sql_of([name])})"
    ).fetchall()
    if not count or count > FEW * values:
        return None
    (line,) = file.lines_of([first["row"]])
    value = f"{escaped(first['value'])[:_LONGEST]!r} in {file.noun} {line:,}"
    many = f"one, {value}" if count == 1 else f"{count:,}, the first of them {value}"
    them = "that row" if count == 1 else "those rows"
    would = f"leave {them} out" if not changed else f"change {'that value' if count == 1 else 'those values'}"
    if 0 < changed < count:
        would = f"change {changed:,} of those values and leave the rows of the others out"
    return f"all values but {many}, are {words} (data schema --kind {escaped(name)}={kind} would {would})"


def _none(name: str, kind: str, options: ReadOptions) -> str:
    """The condition in which a value is there and is none of the kind, or would not stay what it is."""
    column = quoted(name)
    if kind == TIMES[0]:
        return _unread(name, kind, options)
    lost = [f"({loss.condition})" for loss in losses(column, "DOUBLE", options) if loss.better == TEXT]
    zeros = (
        f"regexp_full_match({column}, {literal(_ZEROS)}) AND NOT contains({column}, {literal(options.decimal or '.')})"
    )
    return f"({column} IS NOT NULL AND ({_unread(name, kind, options)} OR {any_of([*lost, f'({zeros})'])}))"


def _unread(name: str, kind: str, options: ReadOptions) -> str:
    """The condition in which a value is there and cannot be read as that kind."""
    return str(misfits(quoted(name), TEXT, "DOUBLE" if kind == NUMBERS[0] else "TIMESTAMP WITH TIME ZONE", options))
