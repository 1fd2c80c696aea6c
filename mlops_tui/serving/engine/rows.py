"""A file's rows once through: each column as it is to be written, and what models and the log read, in one query."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa

from mlops_tui.data.engine.casting import TEXT, TIMES, any_of, cast, literal, misfits, quoted
from mlops_tui.data.engine.dialect import csv_sql, recording
from mlops_tui.data.engine.formats import TYPED, ending_of
from mlops_tui.data.engine.reading import OpenFile
from mlops_tui.data.engine.refusals import translated
from mlops_tui.data.engine.turned import is_turned
from mlops_tui.data.options import ReadOptions
from mlops_tui.registry.model import SignatureColumn

_OF_KIND = {"numeric": "DOUBLE", "integer": "BIGINT", "boolean": "BOOLEAN", "date-time": "TIMESTAMP"}


@dataclass(frozen=True, slots=True)
class Keys:
    """The columns by which a log tells rows apart: what a row is called, when it happened, and up to five to slice by."""

    id: str | None = None
    time: str | None = None
    slices: tuple[str, ...] = ()


@dataclass(slots=True)
class Plan:
    """What is asked of each row: terms of SQL under short names of their own, each once however often it is needed.

    `written` are the columns of the result by their names, `read` the names of what models read, by column and dtype;
    `keys` those of the row's keys.
    """

    source: str
    terms: dict[str, str] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    read: dict[SignatureColumn, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    def add(self, term: str) -> str:
        """The short name of a term."""
        return self.terms.setdefault(term, f"t{len(self.terms)}")

    @property
    def sql(self) -> str:
        """The query."""
        return f"SELECT {', '.join(f'{term} AS {name}' for term, name in self.terms.items())} FROM {self.source}"


def is_text(path: Path, options: ReadOptions) -> bool:
    """Whether a file's fields can be written as they stand in it: it is a CSV file that the engine reads.

    Raises:
        FileUnreadable: its first bytes cannot be unpacked.
    """
    with translated(path):
        return ending_of(path) not in TYPED and not is_turned(path, options)


def plan_rows(
    file: OpenFile,
    path: Path,
    columns: Sequence[SignatureColumn],
    keys: Keys,
    *,
    as_text: bool,
    wanted: Mapping[str, str] | None = None,
) -> Plan:
    """The query for an open file.

    `as_text` writes each field as it stands. With `wanted` (kind by column) those columns alone are written, each in the type
    of its kind, and missing in all rows where the file has none of that name: so that several files can be one result.
    """
    types = {column.name: column.dtype for column in file.shape.columns}
    named = {"id": keys.id, "time": keys.time, **{f"slice {name}": name for name in keys.slices}}
    asked = {what: name for what, name in named.items() if name in types}
    if as_text:
        needed = {*(column.name for column in columns), *asked.values()}
        plan = Plan(_texts(file, path, [name for name in types if name in needed]))
        for name in wanted or types:
            plan.written[name] = plan.add(quoted(f"w {name}") if name in types else "CAST(NULL AS VARCHAR)")
    else:
        plan = Plan(file.sql)
        for name in wanted or types:
            plan.written[name] = plan.add(_written(name, types, wanted))
    values = {name: _value(file, name, types[name], as_text=as_text) for name in types}
    for column in columns:
        missing = column.name not in types
        plan.read[column] = plan.add(
            _missing(column) if missing else _typed(values[column.name], column, types[column.name])
        )
    for what, name in asked.items():
        if what != "time":
            plan.keys[what] = plan.add(f"CAST({values[name]} AS VARCHAR)")
        elif types[name] in TIMES:
            plan.keys[what] = plan.add(_time(values[name], types[name]))
    return plan


def batches(file: OpenFile, plan: Plan, rows: int) -> Iterator[pa.RecordBatch]:
    """The plan's answers, about `rows` at a time, in the file's order; memory does not grow with the file."""
    yield from file.con.sql(plan.sql).to_arrow_reader(rows)


def _texts(file: OpenFile, path: Path, needed: Sequence[str]) -> str:
    """A CSV file's rows that fit, every field as it stands under `w NAME`, and those that are needed as text or missing."""
    options, names = file.raw.options, list(file.raw.stored)
    plain = replace(options, missing=("",) if "" in options.missing else ())
    extra = (recording(1),) if file.tried.broken.count else ()
    rows = csv_sql(path, plain, names, *extra)
    among = ", ".join(map(literal, options.missing))
    present = {
        name: quoted(name)
        if options.missing in ((), ("",))
        else f"CASE WHEN {quoted(name)} NOT IN ({among}) THEN {quoted(name)} END"
        for name in {*needed, *file.tried.misfits}
    }
    written = [f"nullif({quoted(name)}, '') AS {quoted(f'w {name}')}" for name in names]
    read = [f"{term} AS {quoted(name)}" for name, term in present.items()]
    bad = any_of(
        f"coalesce({misfits(quoted(name), TEXT, file.tried.types[name], options)}, false)"
        for name in file.tried.misfits
    )
    kept = f" WHERE NOT {bad}" if bad else ""
    return f"(SELECT * FROM (SELECT {', '.join([*written, *read])} FROM {rows}){kept})"


def _written(name: str, types: Mapping[str, str], wanted: Mapping[str, str] | None) -> str:
    if wanted is None:
        return quoted(name)
    target = _OF_KIND.get(wanted[name], TEXT)
    if name not in types:
        return f"CAST(NULL AS {target})"
    if target == "TIMESTAMP" and types[name] in TIMES:
        return _time(quoted(name), types[name])
    return quoted(name) if types[name] == target else f"TRY_CAST({quoted(name)} AS {target})"


def _value(file: OpenFile, name: str, dtype: str, *, as_text: bool) -> str:
    """A column's value in the type that it was tried as."""
    return cast(quoted(name), TEXT, dtype, file.raw.options) if as_text else quoted(name)


def _time(value: str, dtype: str) -> str:
    # a cast of a time with a zone would need the time zone extension
    return f"make_timestamp(epoch_us({value}))" if dtype.endswith("ZONE") else f"CAST({value} AS TIMESTAMP)"


def _typed(value: str, column: SignatureColumn, dtype: str) -> str:
    """A column's value in the type that the model reads it as."""
    if column.kind == "date-time":
        return _time(value, dtype)
    whole = column.kind == "integer" and dtype == "BIGINT"
    target = {"numeric": "DOUBLE", "integer": "BIGINT" if whole else "DOUBLE", "boolean": "BOOLEAN"}.get(
        column.kind, TEXT
    )
    return value if dtype == target else f"CAST({value} AS {target})"


def _missing(column: SignatureColumn) -> str:
    return f"CAST(NULL AS {_OF_KIND.get(column.kind, TEXT)})"
