"""The form that gives a column another kind or role."""

from __future__ import annotations

from collections.abc import Callable

from mlops_tui.core.printable import printable
from mlops_tui.data.curation import COLUMN_ROLES, KINDS
from mlops_tui.data.model import Source
from mlops_tui.presenters.columns import NO_ROLE, changed, column_command, why_so
from mlops_tui.tui.dialogs.form import Field, Values
from mlops_tui.tui.dialogs.tried import TriedForm

TryColumns = Callable[[dict[str, str], dict[str, str]], None]
"""Gets kinds and roles by column."""


def column_form(source: Source, column: str, try_columns: TryColumns) -> TriedForm:
    """Asks for both; `try_columns` is called where one of them is another, and may refuse it."""

    def attempt(values: Values) -> Values:
        kinds, roles = changed(source, column, values)
        if kinds or roles:
            try_columns(kinds, roles)
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
