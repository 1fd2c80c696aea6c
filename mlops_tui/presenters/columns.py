"""Another kind or role of a column: what a form says of it, and the command that does the same."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from mlops_tui.core.printable import printable
from mlops_tui.data.model import Source
from mlops_tui.presenters.words import one_line

NO_ROLE = "feature"
"""The role of a column of which none is told."""


def changed(source: Source, column: str, values: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Kinds and roles to be set, by column: what differs from how the source has it."""
    kinds = {column: values["kind"]} if values["kind"] != source.kinds[column] else {}
    roles = {column: values["role"]} if values["role"] != source.roles.get(column, NO_ROLE) else {}
    return kinds, roles


def column_command(source: Source, column: str, values: Mapping[str, str]) -> str:
    """The command that sets the same."""
    kinds, roles = changed(source, column, values)
    options = [
        f"--{name} {shlex.quote(f'{column}={given[column]}')}"
        for name, given in (("kind", kinds), ("role", roles))
        if given
    ]
    return " ".join(["mlops-tui data schema", shlex.quote(source.name), *options]) if options else "nothing changed yet"


def why_so(source: Source, column: str) -> str:
    """Why the column has its kind and role; empty where that is not known."""
    why = source.reasons.get(column)
    return f"Why it is so: {one_line(why, 300)}." if why else ""


def is_set(source: Source, column: str) -> str:
    """What a column is now."""
    return f"{printable(column)} is {source.kinds[column]}, {source.roles.get(column, NO_ROLE)}."
