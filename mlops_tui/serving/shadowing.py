"""The champion before, which runs in the shadow of the new one for a while after a promotion."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from mlops_tui.core.errors import UnknownName, UsageError
from mlops_tui.registry.model import CHAMPION, PROMOTED, ModelVersion
from mlops_tui.registry.query import alias_history, get_model, read_alias, version_of


@dataclass(frozen=True, slots=True)
class Before:
    """The version that was the champion until another was promoted at `since`, the alias' move number `revision`."""

    version: ModelVersion
    since: str
    revision: int


def champion_before(connection: sqlite3.Connection, version: ModelVersion) -> Before | None:
    """The champion before this version, where it is the champion now and was promoted over another one.

    None after a rollback, also of one that was undone: what a person went back to has been judged.
    """
    alias = read_alias(connection, version.model_id, CHAMPION)
    moves = alias_history(connection, version.model_id, CHAMPION, limit=1)
    if alias.version != version.number or not moves or moves[0].verb != PROMOTED:
        return None
    before = moves[0].before
    if before is None or moves[0].after != version.number:
        return None
    try:
        found = version_of(connection, get_model(connection, version.model_id), before)
    except UnknownName:
        return None
    return Before(found, moves[0].at, alias.revision)


def require_comparable(version: ModelVersion, other: ModelVersion) -> None:
    """Raises UsageError where the other version says something else: another target, or other classes."""
    mine, theirs = version.signature, other.signature
    if mine.target != theirs.target or {*map(str, mine.classes)} != {*map(str, theirs.classes)}:
        raise UsageError(
            f"{other.label} does not say the same as {version.label}: another target, or other classes.",
            "Name a version that says what this one does.",
        )
