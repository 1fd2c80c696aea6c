"""What a source's files have to look like: frozen by the first file that can be read, with reasons in words."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_tui.core.errors import FileUnreadable
from mlops_tui.core.printable import printable
from mlops_tui.data.checks import TOLERATED, Check
from mlops_tui.data.engine.casting import TEXT
from mlops_tui.data.engine.kinds import DATES, THOUSANDS, guess_kinds
from mlops_tui.data.engine.late_words import late_words
from mlops_tui.data.engine.notes import two_orders, unnamed
from mlops_tui.data.engine.reading import open_file
from mlops_tui.data.engine.refusals import rejected
from mlops_tui.data.model import LIVE, NOT_FEATURES, TRAINING, Source, profile_key
from mlops_tui.data.options import ReadOptions
from mlops_tui.data.query import list_sources

LOOKS = (THOUSANDS, DATES)
"""What a reason begins with that says already why values are text."""

UNNAMED = "the header has no name for it"

SHOWN = 20
"""So many columns are named where one is lacking."""


@dataclass(frozen=True, slots=True)
class Schema:
    """How a source's files are read and what columns they have.

    `kinds` is the kind by column. `roles` is `{column: {"role", "why"}}`. A live file need not have the target.
    `checks` are those of an accepted `source`.
    """

    options: ReadOptions
    kinds: Mapping[str, str]
    roles: Mapping[str, Mapping[str, Any]]
    target: str | None
    time_column: str | None
    is_live: bool
    told_options: Mapping[str, object]
    source: Source
    checks: tuple[Check, ...] = ()

    def key(self, content: str) -> str:
        """The name of the profile of that content under this schema."""
        return profile_key(content, self.told_options, self.kinds, self.time_column)

    def lacking(self, columns: Collection[str]) -> tuple[str, ...]:
        """The source's columns that are not among these and have to be, unless a check of its own says of one what it has."""
        named = {check.column for check in self.checks if check.kind == "missing_column"}
        return tuple(n for n in self.absent(columns) if n not in self.source.optional and n not in named)

    def absent(self, columns: Collection[str]) -> tuple[str, ...]:
        """All of the source's columns that are not among these; a live file need not have the target."""
        allowed = self.target if self.is_live else None
        return tuple(name for name in self.kinds if name not in columns and name != allowed)

    def unknown(self, columns: Collection[str]) -> tuple[str, ...]:
        """Those of these columns that the source has not."""
        return tuple(name for name in columns if name not in self.kinds)


def refused_column(
    path: Path, column: str, has: str, since: str, remedy: str = "Mend the file, or keep it in a source of its own."
) -> FileUnreadable:
    """The error of a file whose columns are not the source's."""
    return FileUnreadable(
        f"{printable(path.name)} {has} {printable(column)}, {since}.",
        remedy,
        check="columns",
        column=column,
    )


def schema_of(source: Source, checks: tuple[Check, ...] = ()) -> Schema | None:
    """The frozen schema with its checks; None where no file was taken in yet."""
    if not source.kinds:
        return None
    roles = {
        column: {"role": source.roles[column], "why": source.reasons[column]}
        for column in source.kinds
        if column in source.roles
    }
    return _schema(source, source.kinds, roles, source.target, checks)


def freeze(source: Source, path: Path, connection: sqlite3.Connection) -> Schema:
    """The schema that the first file gives the source: how it is read, kinds and roles, guessed, with reasons.

    A live source takes them over from the training source that it has all features of, so that the two can be compared.

    Raises:
        FileUnreadable: it cannot be read, holds many bad rows, or lacks a column that the source names.
    """
    with open_file(path, _options(source), leave_out_bad_rows=True) as file:
        shape = file.shape
        if shape.rejects.count > TOLERATED * (shape.rows + shape.rejects.count):
            raise rejected(path, shape.rejects, file.noun)
        columns = [column.name for column in shape.columns]
        named = _named(source)
        for column, role in named.items():
            if column not in columns and not (role == "target" and source.role == LIVE):
                since, names = f"which is named as the source's {role}", ", ".join(map(printable, columns[:SHOWN]))
                remedy = f"Mend the file, or add it under another name with one of its columns: {names}."
                raise refused_column(path, column, "lacks the column", since, remedy)
        model = _training_like(connection, columns) if source.role == LIVE else None
        if model is not None:
            roles = _taken_over(model, named)
            return _schema(source, model.kinds, roles, source.target or model.target, options=file.shape.options)
        options = file.shape.options
        types = {column.name: column.dtype for column in file.shape.columns}
        guessed = guess_kinds(file.con, file.sql_of, types)
        texts = [name for name, (_, why) in guessed.items() if types[name] == TEXT and not why.startswith(LOOKS)]
        for name, words in late_words(file, texts).items():
            kind, why = guessed[name]
            guessed[name] = kind, f"{why}; {words}"
        for name, words in two_orders(file, source.name).items():
            guessed[name] = guessed[name][0], words
        for name in unnamed(file, path):
            kind, why = guessed[name]
            guessed[name] = kind, f"{UNNAMED}; {why}"
    kinds = {column: kind for column, (kind, _) in guessed.items()}
    roles = {column: _role(column, kind, why, named) for column, (kind, why) in guessed.items()}
    return _schema(source, kinds, roles, source.target, options=options)


def _options(source: Source) -> ReadOptions:
    return ReadOptions.from_json(json.dumps(source.options))


def _schema(
    source: Source,
    kinds: Mapping[str, str],
    roles: Mapping[str, Mapping[str, Any]],
    target: str | None,
    checks: tuple[Check, ...] = (),
    options: ReadOptions | None = None,
) -> Schema:
    return Schema(
        options or _options(source),
        kinds,
        roles,
        target,
        source.time_column,
        source.role == LIVE,
        source.options if options is None else options.told(),
        source,
        checks,
    )


def _named(source: Source) -> dict[str, str]:
    told = {
        source.target: "target",
        source.time_column: "time",
        source.id_column: "id",
        source.group_column: "group",
    }
    return {column: role for column, role in told.items() if column is not None}


def _role(column: str, kind: str, why: str, named: Mapping[str, str]) -> dict[str, str]:
    if column in named:
        return {"role": named[column], "why": f"named as the {named[column]}; {kind} by the first file: {why}"}
    return {"role": NOT_FEATURES.get(kind, "feature"), "why": f"{kind} by the first file: {why}"}


def _training_like(connection: sqlite3.Connection, columns: Sequence[str]) -> Source | None:
    """The newest training source whose columns are these, its target aside."""
    present = set(columns)
    fitting = [
        source
        for source in list_sources(connection)
        if source.role == TRAINING
        and source.kinds
        and set(source.kinds) - {source.target} <= present <= set(source.kinds)
    ]
    return max(fitting, key=lambda source: source.created, default=None)


def _taken_over(model: Source, named: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    why = f"as in source {model.name}"
    may_lack = {column: {"optional": True} for column in model.optional}
    return {
        column: {"role": named.get(column, model.roles.get(column, "feature")), "why": why, **may_lack.get(column, {})}
        for column in model.kinds
    }
