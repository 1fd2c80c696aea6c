"""Sources, their files and versions as readers see them, and the rules that need no engine."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Any

from mlops_tui.core.errors import UsageError
from mlops_tui.core.ids import looks_like_part
from mlops_tui.core.printable import printable
from mlops_tui.store.workspace import Workspace

TRAINING, LIVE, LABELS = "training", "live", "labels"
ROLES = (TRAINING, LIVE, LABELS)

TAKEN_IN, QUARANTINED, REPLACED, GONE = "taken_in", "quarantined", "replaced", "gone"
"""States of a file. The first two are what is there now; the others are kept as history."""

LEFT_OUT = "The source's pattern leaves it out."
"""Why a file is gone that its source has no place for any more; it may lie there still."""

BY_HAND = "set by hand"
"""Why something is so that a person said."""

NOT_FEATURES = {"identifier": "id", "constant": "ignored"}
"""Roles that a kind alone decides; every other column is a feature."""

PROFILE_FORMAT = 3
"""Raised when a profile of the same content would come out otherwise, so that it is made anew."""

_NAME = re.compile(r"\w[\w.-]{0,63}")


@dataclass(frozen=True, slots=True)
class Source:
    """A watched folder or file.

    `path` is relative to the workspace where it lies under it. `kinds` (kind by column) is frozen by the first file and
    empty before; `roles` (role by column) and `reasons` (why that kind and role) come with it. `version` is the newest
    version's number, 0 before the first. Files that fit a pattern of `exclude` are left out; with `snapshot` their
    content is copied in. `accepted` is when a person froze the schema, None before. A file may lack the `optional` columns,
    which are then missing in its rows. Predictions and profiles are told apart by the columns `slices`; files that come with a later version
    than `predict_after` are predicted by the model version `predict_with` names, into the folder `predict_to`. Labels of a row go on
    coming for `matures_after` seconds after it, None where that is not said.
    """

    id: str
    name: str
    path: str
    pattern: str
    role: str
    target: str | None
    positive: str | None
    time_column: str | None
    id_column: str | None
    group_column: str | None
    kinds: dict[str, str]
    roles: dict[str, str]
    reasons: dict[str, str]
    options: dict[str, Any]
    salt: str
    held_out: dict[str, Any] | None
    version: int
    created: str
    archived: str | None
    exclude: tuple[str, ...] = ()
    snapshot: bool = False
    accepted: str | None = None
    optional: tuple[str, ...] = ()
    slices: tuple[str, ...] = ()
    predict_with: str | None = None
    predict_to: str | None = None
    predict_after: int | None = None
    matures_after: float | None = None

    @property
    def is_one_file(self) -> bool:
        """Whether a file is watched rather than a folder."""
        return PurePath(self.path).name == self.pattern

    @property
    def is_recursive(self) -> bool:
        """Whether the pattern reaches into folders below."""
        return "/" in self.pattern

    def folder(self, workspace: Workspace) -> Path:
        """The folder that the source's files lie in; their paths are relative to it."""
        place = workspace.absolute(self.path)
        return place.parent if self.is_one_file else place


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One content at one path. It counts from `since_version` on, up to and without `until_version` (None: still).

    `path` is relative to the source's folder; `hash` is the sha256, empty where the file could not be read at all. Of a
    quarantined file `reason`, `check_name`, `row_number` (the line) and `column_name` say what broke it. `bad_rows` is how
    many rows could not be read, beside the `rows` that were; `released` why a person took it in nevertheless. `mtime_ns` and
    `ctime_ns` are when its content and anything about it had changed last when it was seen.
    """

    id: str
    source_id: str
    path: str
    hash: str
    size: int
    mtime_ns: int
    rows: int | None
    state: str
    reason: str | None
    check_name: str | None
    row_number: int | None
    column_name: str | None
    since_version: int | None
    until_version: int | None
    seen_at: str
    bad_rows: int | None = None
    released: str | None = None
    ctime_ns: int | None = None


@dataclass(frozen=True, slots=True)
class FileFinding:
    """What a check found in a file: `severity` is warn or stop, `count` how many rows or values broke it."""

    file_id: str
    position: int
    check_name: str
    severity: str
    column_name: str | None
    row_number: int | None
    count: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row of a file that could not be read: its line as an editor counts it, why, and what stands there.

    `line` is the row's number where the file has no lines, 0 where it cannot be told; `column_name` that of a value which
    does not fit its column's kind.
    """

    line: int
    column_name: str | None
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Rejects:
    """The rows of a file that could not be read: how many, how many with a value that does not fit by column, and the
    first of them.
    """

    count: int = 0
    misfits: Mapping[str, int] = field(default_factory=dict)
    first: tuple[BadRow, ...] = ()


NO_REJECTS = Rejects()


@dataclass(frozen=True, slots=True)
class SourceVersion:
    """A state of a source's membership, and how its files are read.

    `bytes` and `rows` are sums over its `files`; `options`, `kinds` and `time_column` are the source's of that time.
    """

    source_id: str
    number: int
    hash: str
    created: str
    files: int
    rows: int
    bytes: int
    options: dict[str, Any] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    time_column: str | None = None

    def of(self, source: Source) -> Source:
        """The source as this version reads it."""
        return replace(source, options=self.options, kinds=self.kinds, time_column=self.time_column)


@dataclass(frozen=True, slots=True)
class ProfileBlock:
    """One block of a profiled file: rows from `first_row` on, and the period of its time column (ISO 8601) if any."""

    key: str
    block: int
    first_row: int
    rows: int
    period_start: str | None
    period_end: str | None


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """One column of one block as it is stored; `data.engine.payload.from_bytes` reads it."""

    key: str
    block: int
    position: int
    name: str
    kind: str
    payload: bytes


def identity(members: Iterable[tuple[str, str]]) -> str:
    """The identity of a set of members (relative path, content hash): what training reads, in its order."""
    ordered = [content for _, content in sorted(members)]
    return hashlib.sha256("\n".join(ordered).encode()).hexdigest()


def profile_key(content: str, options: Mapping[str, Any], kinds: Mapping[str, str], time_column: str | None) -> str:
    """The name of the profile of a content (its sha256), read with those options and kinds."""
    told = json.dumps([PROFILE_FORMAT, content, dict(options), dict(kinds), time_column], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def unread_key(source: Source, content: str) -> str:
    """The name of what is kept of a content that the source could not read, whatever it is read with."""
    return f"unread {source.id} {content}"


def key_of(source: Source, file: SourceFile) -> str:
    """The name of a file's profile; of one that could not be read, under which its bad rows are kept."""
    if file.rows is None:
        return unread_key(source, file.hash)
    return profile_key(file.hash, source.options, source.kinds, source.time_column)


def files_named(files: Sequence[SourceFile], text: str) -> list[SourceFile]:
    """Those of that path, else of that file name with or without its ending, else with that part of an id."""
    part = text.upper() if looks_like_part(text) else None
    ways = (
        [file for file in files if file.path == text],
        [file for file in files if text in (PurePath(file.path).name, PurePath(file.path).stem)],
        [file for file in files if part and (file.id.startswith(part) or file.id.endswith(part))],
    )
    return next((way for way in ways if way), [])


def check_name(name: str) -> None:
    """Raises UsageError unless a source may be called that."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"A source cannot be named '{printable(name)}'.",
            "Use up to 64 letters, digits, '_', '-' and '.', the first one a letter or digit.",
        )


def check_columns_differ(columns: Mapping[str, str | None]) -> None:
    """Raises UsageError where one column is given two roles; `columns` is the column by role."""
    seen: dict[str, str] = {}
    for role, column in columns.items():
        if column is None:
            continue
        if column in seen:
            raise UsageError(f"Column '{printable(column)}' is named as {seen[column]} and as {role}.", "Name it once.")
        seen[column] = role
