"""The keys of each kind of check as a checks file has them, and what they can mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.checks import OPERATORS, SEVERITIES, STOP, STOPPING, WARN, Check, seconds

FIELDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "missing_column": ((), ("column",)),
    "new_column": ((), ()),
    "unreadable": ((), ("most",)),
    "type": ((), ("column", "most")),
    "volume": ((), ("least", "most")),
    "freshness": (("hours",), ()),
    "required": (("column",), ()),
    "missing": (("column", "most"), ()),
    "range": (("column",), ("least", "most")),
    "allowed": (("column", "values"), ()),
    "pattern": (("column", "pattern"), ()),
    "unique": (("column",), ()),
    "monotone": (("column",), ()),
    "relation": (("column", "operator", "other"), ()),
    "sql": (("expression",), ()),
}
"""Kinds of checks, in the order of the file, with the keys that each needs and those that it may have."""


def made(kind: object, **keys: object) -> Check:
    """The check of those keys, as a file has them.

    Raises:
        UsageError: a kind that there is not, or a key that it has not, lacks or cannot mean; its title is what is wrong,
            without where; the key stands first in it, in single quotes.
    """
    if not isinstance(kind, str) or kind not in FIELDS:
        raise UsageError(f"'kind' is {kind!r}", f"Kinds are: {', '.join(FIELDS)}.")
    needed, possible = FIELDS[kind]
    known = (*needed, *possible, "severity")
    for key in keys:
        if key not in known:
            raise UsageError(f"'{printable(key)}' is no key of the kind {kind}", f"Its keys are: {', '.join(known)}.")
    for key in needed:
        if key not in keys:
            raise UsageError(f"'{key}' is lacking, which the kind {kind} needs", f"Its keys are: {', '.join(known)}.")
    for key, value in keys.items():
        if not _TESTS[key](value):
            raise UsageError(f"'{key}' is {value!r}", f"It has to be {_MEANT[key]}.")
    least, most = keys.get("least"), keys.get("most")
    if least is not None and most is not None and seconds(most) < seconds(least):  # type: ignore[arg-type]
        raise UsageError(f"'most' is {most!r}, which is below least", "Let least come first.")
    if isinstance(values := keys.get("values"), list | tuple):
        keys["values"] = tuple(values)
    severity = keys.pop("severity", STOP if kind in STOPPING else WARN)
    return Check(kind, str(severity), **keys)  # type: ignore[arg-type]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_bound(value: object) -> bool:
    return _is_number(value) or isinstance(value, date)


_TESTS: dict[str, Callable[[object], bool]] = {
    "severity": lambda value: value in SEVERITIES,
    "column": lambda value: isinstance(value, str),
    "other": lambda value: isinstance(value, str),
    "least": _is_bound,
    "most": _is_bound,
    "hours": lambda value: _is_number(value) and value > 0,  # type: ignore[operator]
    "values": lambda value: (
        isinstance(value, list | tuple)
        and len(value) > 0
        and all(isinstance(item, str | bool) or _is_number(item) for item in value)
    ),
    "pattern": _is_text,
    "operator": lambda value: value in OPERATORS,
    "expression": _is_text,
}
_MEANT = {
    "severity": "warn or stop",
    "column": "the name of a column",
    "other": "the name of a column",
    "least": "a number or a date",
    "most": "a number or a date",
    "hours": "a number above zero",
    "values": "a list of texts, numbers or booleans",
    "pattern": "a regular expression",
    "operator": f"one of {', '.join(OPERATORS)}",
    "expression": "an SQL expression, true or false of a row",
}


def to_record(check: Check) -> dict[str, Any]:
    """The check as JSON holds it."""
    told = {key: value for key, value in asdict(check).items() if value not in (None, ())}
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in told.items()}


def from_record(record: Mapping[str, Any]) -> Check:
    """The check that `to_record` wrote; of numbers only, which is what proposals bound."""
    return made(**record)
