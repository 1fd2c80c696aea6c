"""Columns that a source's files have and its schema has not: what they are, and the source that has them too. Pure rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mlops_tui.core.errors import UnknownColumn, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.model import NOT_FEATURES, Source

ADOPTED = "adopted by hand"
NUMBERS = frozenset({"integer", "numeric"})
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Beside:
    """A column beside the schema: its kind in each file that has it, by path, of how many `files` that are there."""

    name: str
    kinds: Mapping[str, str]
    files: int

    @property
    def kind(self) -> str:
        """The kind that all of them fit."""
        return common_kind(list(self.kinds.values()))

    @property
    def is_in_all(self) -> bool:
        """Whether no file lacks it."""
        return len(self.kinds) == self.files

    @property
    def why(self) -> str:
        """Why it has that kind."""
        counts = Counter(self.kinds.values())
        first = {kind: next(path for path, one in self.kinds.items() if one == kind) for kind in counts}
        told = ", ".join(f"{kind} in {count:,} ({first[kind]})" for kind, count in counts.most_common())
        return f"{self.kind} by the {len(self.kinds):,} of {self.files:,} files that have it: {told}"


def common_kind(kinds: Sequence[str]) -> str:
    """The kind that the values of all files fit, of which each suggests one."""
    varying = set(kinds) - {"constant"}
    if not varying:
        return "constant" if len(kinds) == 1 else "category"
    if len(varying) == 1:
        return varying.pop()
    if varying <= NUMBERS:
        return "numeric"
    return "text" if "text" in varying else "category"


def with_adopted(source: Source, names: Sequence[str], beside: Mapping[str, Beside]) -> Source:
    """The source with those columns behind its own; one that a file lacks is optional.

    Raises:
        UsageError: one that the source has already.
        UnknownColumn: one that no file has.
    """
    kinds, roles, reasons, optional = dict(source.kinds), dict(source.roles), dict(source.reasons), [*source.optional]
    for name in names:
        if name in source.kinds:
            raise UsageError(f"Source '{source.name}' has the column '{printable(name)}' already.", "Name another one.")
        if name not in beside:
            known = ", ".join(map(printable, list(beside)[:SHOWN])) or "none"
            raise UnknownColumn(
                f"No file of source '{source.name}' that was read has a column '{printable(name)}'.",
                f"Its files have beside the schema: {known}.",
            )
        found = beside[name]
        kinds[name], reasons[name] = found.kind, f"{ADOPTED}; {found.why}"
        roles[name] = NOT_FEATURES.get(found.kind, "feature")
        optional += [] if found.is_in_all else [name]
    return replace(source, kinds=kinds, roles=roles, reasons=reasons, optional=tuple(optional))
