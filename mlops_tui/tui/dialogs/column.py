"""The forms that give a column another kind or role, and that take one of the files' into the schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mlops_tui.core.printable import printable
from mlops_tui.data.adopting import Beside
from mlops_tui.data.columns import COLUMN_ROLES, KINDS, ColumnChange
from mlops_tui.data.model import Source
from mlops_tui.presenters.column_changes import (
    IN_EACH,
    MAY_LACK,
    NO_ROLE,
    adopting_command,
    beside_words,
    changed,
    column_command,
    files_of,
    why_so,
)
from mlops_tui.tui.dialogs.form import Field, Form, Values
from mlops_tui.tui.dialogs.tried import TriedForm

TryColumns = Callable[[ColumnChange], None]


def column_form(source: Source, column: str, try_columns: TryColumns) -> TriedForm:
    """Asks for all of them; `try_columns` gets what is to be another way, and may refuse it."""

    def attempt(values: Values) -> Values:
        change = changed(source, column, values)
        if change != ColumnChange():
            try_columns(change)
        return values

    fields = [
        Field(
            "kind",
            "Kind",
            source.kinds[column],
            choices=KINDS,
            help="What its values are. With another one every file is read anew.",
        ),
        Field(
            "role",
            "Role",
            source.roles.get(column, NO_ROLE),
            choices=COLUMN_ROLES,
            help="What it is for. Of a role that one column has, the one before becomes a feature.",
        ),
        Field(
            "files",
            "In files",
            files_of(source, column),
            choices=(IN_EACH, MAY_LACK),
            help="Where a file may lack it, it is missing in that file's rows.",
        ),
    ]
    return TriedForm(
        f"{printable(column)} of {printable(source.name)}",
        fields,
        "Set",
        attempt,
        lambda error: "role",
        words=why_so(source, column),
        command=lambda values: column_command(source, column, values),
    )


def adopting_form(source: Source, beside: Mapping[str, Beside]) -> Form:
    """Asks which of the columns that files have beside the schema."""
    names = list(beside)
    help = "It is in the next version, and missing in files that lack it; older versions stay as they are."
    return Form(
        f"Take a column into {printable(source.name)}",
        [Field("column", "Column", names[0], choices=names, help=help)],
        "Adopt",
        words=beside_words(source, beside),
        command=lambda values: adopting_command(source, values["column"]),
    )
