"""A source's columns as a person has them: kinds, roles, what files may lack. Pure rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from mlops_tui.core.errors import UnknownColumn, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.model import BY_HAND, Source

COLUMN_ROLES = ("target", "id", "group", "time", "weight", "available-at", "feature", "ignored")
KINDS = ("numeric", "integer", "boolean", "category", "text", "date-time", "identifier", "constant")
FIELD_OF_ROLE = {"target": "target", "time": "time_column", "id": "id_column", "group": "group_column"}
"""Roles whose column the source keeps by name."""
MOST_SLICES = 5
"""So many columns tell predictions of a source apart at most: monitoring looks at each value of each."""
OF_ONE_COLUMN = (*FIELD_OF_ROLE, "weight", "available-at")
"""Roles that one column alone has."""
KINDS_OF_ROLE = {
    "time": ("date-time", "integer", "numeric"),
    "weight": ("numeric", "integer"),
    "available-at": ("date-time",),
}
"""Roles that only columns of some kinds can have."""


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """What is to be another way with a source's columns: kinds and roles by column, names of columns of its files that it
    is to have too, and of those that a file may lack, or may lack no more.
    """

    kinds: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    adopt: Sequence[str] = ()
    optional: Sequence[str] = ()
    required: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Columns:
    """A source's columns as they would be: kind by column, role and reason by column (as the store keeps them), and the
    column by role of those roles that one column has.
    """

    kinds: dict[str, str]
    told: dict[str, dict[str, Any]]
    named: dict[str, str]

    @property
    def optional(self) -> list[str]:
        """The columns that a file may lack."""
        return [column for column, item in self.told.items() if item.get("optional")]

    def are_read_otherwise(self, source: Source) -> bool:
        """Whether the files have to be read, or only judged, anew."""
        told = (self.kinds, self.named.get("time"), set(self.optional))
        return told != (source.kinds, source.time_column, set(source.optional))

    def standing(self, column: str) -> dict[str, Any]:
        """What an event says of a column."""
        told = self.told[column]
        return {"kind": self.kinds[column], "role": told["role"]} | ({"optional": True} if told.get("optional") else {})


def columns_after(source: Source, change: ColumnChange) -> Columns:
    """The source's columns with that change, what is to be adopted aside. Raises what `Curation.change_columns` does."""
    _require_known(source, change.kinds, KINDS, "kind")
    _require_known(source, change.roles, COLUMN_ROLES, "role")
    for names in (change.optional, change.required):
        _require_known(source, dict.fromkeys(names, "feature"), COLUMN_ROLES, "role")
    if both := set(change.optional) & set(change.required):
        raise UsageError(f"{printable(both.pop())} is named as optional and as required.", "Name it once.")
    kinds = {**source.kinds, **change.kinds}
    _require_fitting(change.roles, kinds)
    told: dict[str, dict[str, Any]]
    told, named = _roles_after(source, change.roles)
    for column in change.kinds:
        told[column] = {"role": told.get(column, {}).get("role", "feature"), "why": BY_HAND}
    optional = [name for name in dict.fromkeys((*source.optional, *change.optional)) if name not in change.required]
    for column in optional:
        told[column] = dict[str, Any](told.get(column, {"role": "feature", "why": BY_HAND})) | {"optional": True}
        if role := next((role for role, holder in named.items() if holder == column), None):
            raise UsageError(
                f"{printable(column)} is the {role} of source '{source.name}', which each file has to have.",
                f"Give that role to another column with: mlops-tui data schema {source.name} --role COLUMN={role}"
                if column in change.optional
                else f"Have each file have it with: mlops-tui data schema {source.name} --required {column}",
            )
    return Columns(kinds, told, named)


def standing_of(source: Source, column: str) -> dict[str, Any] | None:
    """What an event says of a column as it is; None of one that the source has not."""
    if column not in source.kinds:
        return None
    told: dict[str, Any] = {"kind": source.kinds[column], "role": source.roles.get(column)}
    return told | ({"optional": True} if column in source.optional else {})


def rule_after(source: Source) -> dict[str, Any] | None:
    """The rule for held-out rows; one that goes by their content goes by the columns that the source has had."""
    rule = source.held_out
    if rule is None or rule.get("by") != "hash" or rule.get("column") is not None or "columns" in rule:
        return rule
    return {**rule, "columns": list(source.kinds)}


def _require_known(source: Source, asked: Mapping[str, str], known: Sequence[str], what: str) -> None:
    for column, value in asked.items():
        if column not in source.kinds:
            columns = ", ".join(map(printable, list(source.kinds)[:20]))
            raise UnknownColumn(f"Source '{source.name}' has no column '{printable(column)}'.", f"It has: {columns}.")
        if value not in known:
            raise UsageError(f"There is no {what} '{printable(value)}'.", f"Choose one of: {', '.join(known)}.")


def _require_fitting(roles: Mapping[str, str], kinds: Mapping[str, str]) -> None:
    for column, role in roles.items():
        fitting = KINDS_OF_ROLE.get(role, KINDS)
        if kinds[column] not in fitting:
            raise UsageError(
                f"{printable(column)} is of kind {kinds[column]} and cannot be the {role}.",
                f"Name a column of kind {' or '.join(fitting)}; see: mlops-tui data schema N --kind {column}=KIND",
            )


def _roles_after(source: Source, roles: Mapping[str, str]) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Role and reason by column, and the column by role of those that one column has."""
    told = {
        column: {"role": role, "why": source.reasons.get(column, "")}
        for column, role in source.roles.items()
        if column in source.kinds
    }
    named = {role: column for column, role in source.roles.items() if role in ("weight", "available-at")}
    named |= {role: column for role, field in FIELD_OF_ROLE.items() if (column := getattr(source, field)) is not None}
    given: dict[str, str] = {}
    for column, role in roles.items():
        if role in OF_ONE_COLUMN and role in given:
            raise UsageError(f"Both {given[role]} and {column} are to be the {role}.", "One column alone can be.")
        given[role] = column
    for column, role in roles.items():
        for old, holder in list(named.items()):
            if holder == column:
                del named[old]
        if role in OF_ONE_COLUMN:
            former = named.get(role)
            if former is not None and former not in roles:
                told[former] = {"role": "feature", "why": f"{BY_HAND}: {column} is the {role} now"}
            named[role] = column
        told[column] = {"role": role, "why": BY_HAND}
    return told, named


def slices_of(source: Source, names: Sequence[str]) -> tuple[str, ...]:
    """The columns that predictions of the source's files are told apart by; empty texts name none.

    Raises:
        UsageError: they are too many, or one is no column of the source.
    """
    found = tuple(dict.fromkeys(name for name in names if name))
    if len(found) > MOST_SLICES:
        raise UsageError(f"{len(found)} columns are too many to slice by.", f"Name {MOST_SLICES} at most.")
    if source.kinds and (strange := next((name for name in found if name not in source.kinds), None)):
        known = ", ".join(printable(name) for name in islice(source.kinds, 10))
        raise UsageError(f"Source '{source.name}' has no column '{printable(strange)}'.", f"Its columns are {known}.")
    return found
