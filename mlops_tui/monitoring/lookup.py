"""Looking windows up: which files and blocks of which source a word means, and what they are compared with."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from mlops_tui.core.errors import AmbiguousName, UnknownName, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.arrival import came_last, place_of, ranks_of
from mlops_tui.data.model import TRAINING, Source, SourceFile, files_named
from mlops_tui.data.query import find_version, members, quarantined_after
from mlops_tui.monitoring.history import Histories, between, numbered, read_history, with_kept_out
from mlops_tui.monitoring.home import home_of_tag, tagged, training_source
from mlops_tui.monitoring.moving import moving
from mlops_tui.monitoring.window import DATES, FILE, LAST, MOVING, ONE_FILE, ROWS, VERSION, WINDOW, Rows, Window

SHOWN = 5


def resolve(connection: sqlite3.Connection, window: Window, source: Source) -> Rows:
    """The rows of the source that the window means; `training` is its newest version.

    A window of one file is named by that file, however it was asked for. A word is a file's path, else a tag, else another
    name of a file.

    Raises:
        UsageError: dates without a time column, or a window that is a reference only.
        UnknownName: no such version or file, or no block in the window.
        AmbiguousName: several files have that name.
    """
    if window.kind in MOVING:
        raise UsageError(
            f"'{printable(window.text)}' is what a window is compared with, so it is no window itself.",
            f"Say it as the reference: mlops-tui drift {source.name} --reference {window.text}",
        )
    if window.kind == DATES:
        return between(read_history(connection, source), window)
    if window.kind == ROWS:
        return numbered(read_history(connection, source), window)
    return _files(connection, window, source)


def _files(connection: sqlite3.Connection, window: Window, source: Source) -> Rows:
    """The whole files of a version, of a name, or that came last."""
    number = window.number if window.kind == VERSION else None
    version = find_version(connection, source, number)
    source = version.of(source)
    files = members(connection, source.id, version.number)
    if (tag := tagged(connection, source, window)) is not None and all(file.path != window.text for file in files):
        window = Window(VERSION, f"{window.text} (v{tag})", tag)
        files = members(connection, source.id, tag)
        source = find_version(connection, source, tag).of(source)
    if window.kind in (FILE, LAST):
        files = with_kept_out(connection, source, files)
    notes: tuple[str, ...] = ()
    if window.kind == FILE:
        files = [_named(connection, files, window.text, source)]
    elif window.kind == LAST:
        notes = _left_aside(connection, source, files)
        files = came_last(connection, source.id, files, window.number or 1)
    if not files:
        raise UnknownName(
            f"Source '{source.name}' has no file in '{printable(window.text)}'.",
            f"See its files with: mlops-tui data show {source.name}",
        )
    is_one = len(files) == 1 and window.kind in (FILE, LAST)
    label = files[0].path if is_one else window.text
    return Rows(source, label, tuple(files), unit=ONE_FILE if is_one else WINDOW, notes=notes)


def _left_aside(connection: sqlite3.Connection, source: Source, files: Sequence[SourceFile]) -> tuple[str, ...]:
    """A note on files that came after all of these and cannot be compared, since they are quarantined; none where there are none."""
    newer = quarantined_after(connection, source.id, max((file.id for file in files), default=""))
    if not newer:
        return ()
    names = ", ".join(printable(file.path) for file in newer[:SHOWN]) + (", …" if len(newer) > SHOWN else "")
    came = (
        "a newer file is quarantined and was"
        if len(newer) == 1
        else f"{len(newer)} newer files are quarantined and were"
    )
    return (f"{came} not compared: {names}",)


def _named(connection: sqlite3.Connection, files: Sequence[SourceFile], name: str, source: Source) -> SourceFile:
    """The file of that path, else of that file name with or without its ending, else of that part of an id."""
    found = files_named(files, name)
    if len(found) == 1:
        return found[0]
    listed = ", ".join(printable(file.path) for file in (found or files)[:SHOWN])
    end = ", …" if len(found or files) > SHOWN else "."
    if found:
        raise AmbiguousName(f"'{printable(name)}' fits several files.", f"Say which: {listed}{end}")
    if held := files_named(quarantined_after(connection, source.id), name):
        raise UnknownName(
            f"File '{printable(held[0].path)}' of source '{source.name}' is quarantined, so it is not compared: {held[0].reason}",
            f"See: mlops-tui data show {source.name}",
        )
    raise UnknownName(f"Source '{source.name}' has no file '{printable(name)}'.", f"There is: {listed}{end}")


def placed(connection: sqlite3.Connection, rows: Rows) -> str:
    """What orders the window among those of its unit: its own place, else the arrival of its newest file."""
    if rows.place:
        return rows.place
    ranks = ranks_of(connection, rows.source.id, rows.files)
    return place_of(max(ranks.values()))


def reference_rows(connection: sqlite3.Connection, source: Source, training: Source | None, reference: Window) -> Rows:
    """What a window of the source is compared with, where that is the same for every window.

    `training` names the training source's rows, any other word those of the source itself, unless a training source was
    named, or has the tag that is asked for: then the reference is its.

    Raises:
        MlopsError: as `resolve` and `training_source` say.
    """
    home = training
    if home is None and reference.kind == TRAINING:
        home = training_source(connection, source)
    home = home or home_of_tag(connection, source, reference) or source
    rows = resolve(connection, reference, home)
    if rows.source.id != source.id and reference.kind != TRAINING:
        return replace(rows, label=f"{rows.source.name} {rows.label}")
    return rows


def pair(
    connection: sqlite3.Connection, source: Source, training: Source | None, reference: Window, current: Window
) -> tuple[Rows, Rows]:
    """Both windows looked up, the reference first: as `reference_rows` has it, or one that moves with the current window.

    Raises:
        UsageError: both are the same rows.
    """
    ours = None if reference.kind in MOVING else reference_rows(connection, source, training, reference)
    of_training = current.kind == TRAINING
    home = (training or training_source(connection, source)) if of_training else source
    theirs = resolve(connection, current, home)
    if ours is None:
        ours = moving(Histories(connection), reference, training, current, theirs)
    require_others(ours, theirs)
    return ours, theirs


def require_others(ours: Rows, theirs: Rows) -> None:
    """Raises UsageError where both are the same rows."""
    if ours.is_same_as(theirs):
        raise UsageError(
            f"'{printable(theirs.label)}' is the same rows as the reference.", "Say another window: --current FILE."
        )
