"""Another kind or role of a column: what a form says of it, and the command that does the same."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from mlops_tui.core.printable import printable
from mlops_tui.data.adopting import Beside
from mlops_tui.data.columns import ColumnChange
from mlops_tui.data.model import Source
from mlops_tui.presenters.words import one_line

SHOWN = 5
"""So many columns are told with their reason."""
NO_ROLE = "feature"
"""The role of a column of which none is told."""


IN_EACH, MAY_LACK = "each file has it", "a file may lack it"


def changed(source: Source, column: str, values: Mapping[str, str]) -> ColumnChange:
    """What is to be set: what differs from how the source has it."""
    kinds = {column: values["kind"]} if values["kind"] != source.kinds[column] else {}
    roles = {column: values["role"]} if values["role"] != source.roles.get(column, NO_ROLE) else {}
    is_same = values.get("files", files_of(source, column)) == files_of(source, column)
    told = () if is_same else (column,)
    may_lack = values.get("files") == MAY_LACK
    return ColumnChange(kinds, roles, optional=told if may_lack else (), required=() if may_lack else told)


def files_of(source: Source, column: str) -> str:
    """Whether each file has to have the column, in words."""
    return MAY_LACK if column in source.optional else IN_EACH


def column_command(source: Source, column: str, values: Mapping[str, str]) -> str:
    """The command that sets the same."""
    change = changed(source, column, values)
    options = [
        f"--{name} {shlex.quote(f'{column}={given[column]}')}"
        for name, given in (("kind", change.kinds), ("role", change.roles))
        if given
    ]
    options += [
        f"--{name} {shlex.quote(given[0])}"
        for name, given in (("optional", change.optional), ("required", change.required))
        if given
    ]
    return " ".join(["mlops-tui data schema", shlex.quote(source.name), *options]) if options else "nothing changed yet"


def adopting_command(source: Source, column: str) -> str:
    """The command that takes a column of the files into the schema."""
    return f"mlops-tui data schema {shlex.quote(source.name)} --adopt {shlex.quote(column)}"


def beside_words(source: Source, beside: Mapping[str, Beside]) -> str:
    """What the files have beside the schema, each column with its kind."""
    told = [f"{printable(one.name)} ({one_line(one.why, 120)})" for one in list(beside.values())[:SHOWN]]
    more = f"; and {len(beside) - SHOWN:,} others" if len(beside) > SHOWN else ""
    return f"Files of {printable(source.name)} have beside its schema: {'; '.join(told)}{more}."


def why_so(source: Source, column: str) -> str:
    """Why the column has its kind and role; empty where that is not known."""
    why = source.reasons.get(column)
    return f"Why it is so: {one_line(why, 300)}." if why else ""


def is_set(source: Source, column: str) -> str:
    """What a column is now."""
    return f"{printable(column)} is {source.kinds[column]}, {source.roles.get(column, NO_ROLE)}."
