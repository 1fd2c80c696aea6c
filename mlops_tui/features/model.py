"""Which columns a model learns from, by the roles of the person and the kinds of the profile."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

NUMERIC = frozenset({"numeric", "integer"})
CATEGORICAL = frozenset({"category", "boolean"})
NOT_LEARNT = frozenset({"id", "group", "time", "weight", "available-at"})
"""Roles of columns that say something of a row and are not known of it, or not in time, or mean nothing by themselves."""
MAX_CATEGORIES = 50
"""A column's commonest values but for one get a place each; the rest share one."""


@dataclass(frozen=True, slots=True)
class FeatureColumn:
    """A column that a model learns from; `kind` is its kind in the profile."""

    name: str
    kind: str

    @property
    def is_numeric(self) -> bool:
        """Whether it enters as a number."""
        return self.kind in NUMERIC


def choose_features(
    kinds: Mapping[str, str],
    taken: Collection[str | None],
    distinct: Mapping[str, int],
    roles: Mapping[str, str] | None = None,
) -> tuple[tuple[FeatureColumn, ...], tuple[str, ...]]:
    """The columns to learn from, and a sentence about each that is left out, whole or in part.

    `taken` are columns that are something else to the source: target, id, group, time. `distinct` is how many different
    values a column has, `roles` its role.
    """
    features, notices = [], []
    for name, kind in kinds.items():
        role = (roles or {}).get(name)
        if name in taken or (role in NOT_LEARNT and kind != "identifier"):
            continue
        if role == "ignored" and kind != "constant":
            notices.append(f"Column '{name}' is left out: its role is to be ignored.")
        elif kind in NUMERIC or kind in CATEGORICAL:
            features.append(FeatureColumn(name, kind))
            if kind in CATEGORICAL and (values := distinct.get(name, 0)) > MAX_CATEGORIES:
                told = f"the {MAX_CATEGORIES - 1} commonest are told apart, the others count as one"
                notices.append(f"Column '{name}' has about {values:,} different values: {told}.")
        else:
            notices.append(f"Column '{name}' is left out: {_why(kind)}.")
    return tuple(features), tuple(notices)


def _why(kind: str) -> str:
    reasons = {
        "text": "free text has too many different values to learn from",
        "identifier": "an identifier tells rows apart and nothing else",
        "constant": "it has one value, or none",
        "date-time": "a date alone moves on for ever",
    }
    return reasons.get(kind, f"it is of kind {kind}")
