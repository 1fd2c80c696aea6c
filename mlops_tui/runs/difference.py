"""How two runs differ beyond their values: the code, the packages, the data."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from mlops_tui.core.code import between_commits
from mlops_tui.core.errors import ModelFileError, UnknownName
from mlops_tui.runs.artifact import DIFF, ENVIRONMENT
from mlops_tui.runs.input import Input
from mlops_tui.runs.model import Run
from mlops_tui.runs.query import artifacts_of, inputs_of
from mlops_tui.store.artifact import verified
from mlops_tui.store.workspace import Workspace

MACHINE = ("python", "platform", "host", "cpu", "cores")


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between a run and another. `code` is what `git diff` says of their commits, None where the repository is not at
    hand; `changes` what each had changed since its commit, empty where it had nothing; `packages` and `machine` are
    name, the one's and the other's, None where one lacks it; `added` and `gone` the data that only the other, or only the one, was given.
    """

    code: str | None
    changes: tuple[str, str]
    packages: tuple[tuple[str, str | None, str | None], ...]
    machine: tuple[tuple[str, str | None, str | None], ...]
    added: tuple[Input, ...]
    gone: tuple[Input, ...]


def difference(connection: sqlite3.Connection, workspace: Workspace, run: Run, other: Run) -> Difference:
    """How `other` differs from `run`. What was not captured of one of them is not told to differ."""
    code = None
    if run.commit_hash and other.commit_hash:
        same = run.commit_hash == other.commit_hash
        code = "" if same else between_commits(_folder(workspace, other), run.commit_hash, other.commit_hash)
    one, two = (_environment(connection, workspace, found) for found in (run, other))
    given, others = inputs_of(connection, run.id), inputs_of(connection, other.id)
    known, known_by_other = {one.hash for one in given}, {one.hash for one in others}
    return Difference(
        code,
        (_text(connection, workspace, run, DIFF) or "", _text(connection, workspace, other, DIFF) or ""),
        _unlike(one.get("packages") or {}, two.get("packages") or {}),
        _unlike({name: one.get(name) for name in MACHINE}, {name: two.get(name) for name in MACHINE}),
        tuple(found for found in others if found.hash not in known),
        tuple(found for found in given if found.hash not in known_by_other),
    )


def _folder(workspace: Workspace, run: Run) -> Path:
    return workspace.root if run.script is None else workspace.absolute(run.script).parent


def _environment(connection: sqlite3.Connection, workspace: Workspace, run: Run) -> dict[str, object]:
    text = _text(connection, workspace, run, ENVIRONMENT)
    return {} if text is None else dict(json.loads(text))


def _text(connection: sqlite3.Connection, workspace: Workspace, run: Run, kind: str) -> str | None:
    """The text of the run's file of that kind; None where it has none, or it is gone."""
    found = next((one for one in artifacts_of(connection, run.id) if one.kind == kind), None)
    if found is None:
        return None
    try:
        return verified(workspace, found.hash).read_text("utf-8", "replace")
    except (ModelFileError, UnknownName):
        return None


def _unlike(one: object, other: object) -> tuple[tuple[str, str | None, str | None], ...]:
    """What two records differ in; nothing where one of them is empty."""
    if not isinstance(one, dict) or not isinstance(other, dict) or not any(one.values()) or not any(other.values()):
        return ()
    names = sorted({*one, *other}, key=str.lower)
    found = ((name, one.get(name), other.get(name)) for name in names)
    return tuple((name, _told(a), _told(b)) for name, a, b in found if a != b)


def _told(value: object) -> str | None:
    return None if value is None else str(value)
