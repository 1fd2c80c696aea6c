"""The tree of a run query, and how it is written."""

from __future__ import annotations

import re
from dataclasses import dataclass

COLUMNS = {
    "id": "id",
    "name": "name",
    "status": "status",
    "experiment": "experiment",
    "origin": "origin",
    "study": "study_id",
    "parent": "parent",
    "started": "started",
    "ended": "ended",
    "age": "started",
    "took": "ended",
    "host": "host",
    "command": "command",
    "script": "script",
    "commit": "commit_hash",
    "branch": "branch",
    "dirty": "is_dirty",
    "note": "note",
}
"""A run's fields, and the column that has to have a value where one is compared."""
SPANS = ("age", "took")
"""Those that are compared with a time: `2d`, `90s`, `1h30m`, or seconds."""
TABLES = {"metrics": "run_metric", "params": "run_param", "tags": "run_tag"}
PLAIN = re.compile(r"[^\s()'\"`,=!<>~]+")


@dataclass(frozen=True, slots=True)
class Name:
    """A field: a column of the run (`table` is empty), or a key of its metrics, params or tags."""

    table: str
    key: str


@dataclass(frozen=True, slots=True)
class Value:
    """A value as it was written, and as a number where it was written as one."""

    text: str
    number: float | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """A text in the run's name or experiment."""

    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field against a value; `~` means that the text is in it, `like` that it fits, `%` for any characters and `_` for one."""

    name: Name
    operator: str
    value: Value


@dataclass(frozen=True, slots=True)
class OneOf:
    """A field that equals one of the values."""

    name: Name
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Has:
    """What has a value in the field."""

    name: Name


@dataclass(frozen=True, slots=True)
class Not:
    """What does not match the part."""

    part: Tree


@dataclass(frozen=True, slots=True)
class Joined:
    """Two parts or more, joined by `and` or `or`."""

    word: str
    parts: tuple[Tree, ...]


Tree = Word | Comparison | OneOf | Has | Not | Joined


def show(tree: Tree) -> str:
    """The query that reads as this tree."""
    if isinstance(tree, Word):
        return quoted(tree.text)
    if isinstance(tree, Comparison):
        return f"{show_name(tree.name)} {tree.operator} {_show_value(tree.value)}"
    if isinstance(tree, OneOf):
        return f"{show_name(tree.name)} in ({', '.join(map(_show_value, tree.values))})"
    if isinstance(tree, Has):
        return f"has {show_name(tree.name)}"
    if isinstance(tree, Not):
        return f"not {_show_part(tree.part)}"
    return f" {tree.word} ".join(map(_show_part, tree.parts))


def _show_part(tree: Tree) -> str:
    return f"({show(tree)})" if isinstance(tree, Joined) else show(tree)


def show_name(name: Name) -> str:
    """The field as the language writes it."""
    if not name.table:
        return name.key
    plain = PLAIN.fullmatch(name.key)
    return f"{name.table}.{name.key}" if plain else f"{name.table}.`{name.key.replace('`', '``')}`"


def _show_value(value: Value) -> str:
    return quoted(value.text) if value.number is None else value.text


def quoted(text: str) -> str:
    """The text as a value of the language."""
    return "'" + text.replace("'", "''") + "'"
