"""Windows: which rows of a source are meant, in a word that a person can type."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from mlops_tui.core.errors import AmbiguousName, NotBuilt, UnknownName, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.arrival import by_arrival
from mlops_tui.data.model import LIVE, TRAINING, Source, SourceFile, files_named
from mlops_tui.data.profile_query import file_blocks
from mlops_tui.data.query import find_version, kept_out_profiled, list_sources, members, tags_of

VERSION, FILE, LAST, DATES = "version", "file", "last", "dates"
SHOWN = 5

_VERSION = re.compile(r"v?(\d+)", re.IGNORECASE)
_LAST = re.compile(r"last:(.*)", re.IGNORECASE)
_SINCE = re.compile(r"since:(.*)", re.IGNORECASE)
_BETWEEN = re.compile(r"(\d{4}-.*?)\.\.(\d{4}-.*)")
_PERIOD = re.compile(r"period:(.*)", re.IGNORECASE)
_MONTH = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, slots=True)
class Window:
    """What a person asked for, not yet looked up.

    `kind` is training, version, file, last or dates; `text` the words that name it. `number` is the version, or how
    many files; `first` and `last` are the days that a window of dates begins and ends with (`last` None: it is open).
    """

    kind: str
    text: str
    number: int | None = None
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """A window looked up: whole files of one source, in training order; `label` names it in reports."""

    source: Source
    label: str
    files: tuple[SourceFile, ...]

    @property
    def count(self) -> int:
        """How many rows the files have."""
        return sum(file.rows or 0 for file in self.files)


def parse(text: str) -> Window:
    """The window that `W` means: `training`, `v3` or `3`, `last:N`, `since:DATE`, `DATE..DATE`, `period:YYYY-MM`, else
    a tag or a file's name. Dates are written YYYY-MM-DD; both ends belong to the window.

    Raises:
        UsageError: a number or a date that cannot be meant.
    """
    asked = text.strip()
    if not asked:
        raise UsageError("A window needs a name.", "Say training, a version, a file's name, last:N or period:YYYY-MM.")
    if asked.lower() == TRAINING:
        return Window(TRAINING, TRAINING)
    if found := _VERSION.fullmatch(asked):
        return Window(VERSION, f"v{int(found[1])}", int(found[1]))
    if found := _LAST.fullmatch(asked):
        if not re.fullmatch(r"\d+", found[1]) or int(found[1]) < 1:
            raise UsageError(f"'{printable(asked)}' is no window.", "Say how many files: last:3.")
        return Window(LAST, f"last:{int(found[1])}", int(found[1]))
    return _parse_dates(asked) or Window(FILE, asked)


def _parse_dates(asked: str) -> Window | None:
    if found := _SINCE.fullmatch(asked):
        first = _day(found[1], asked)
        return Window(DATES, f"since:{first}", first=first)
    if found := _BETWEEN.fullmatch(asked):
        first, last = _day(found[1], asked), _day(found[2], asked)
        if last < first:
            raise UsageError(f"'{printable(asked)}' ends before it begins.", f"Say {last}..{first}.")
        return Window(DATES, f"{first}..{last}", first=first, last=last)
    if found := _PERIOD.fullmatch(asked):
        month = _MONTH.fullmatch(found[1])
        if not month:
            raise UsageError(f"'{printable(asked)}' is no period.", "Say a month: period:2026-03.")
        first = _day(f"{found[1]}-01", asked)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return Window(DATES, f"period:{found[1]}", first=first, last=last)
    return None


def _day(text: str, asked: str) -> date:
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise UsageError(f"'{printable(asked)}' has no date in it.", "Write dates as 2026-03-31.")


def resolve(connection: sqlite3.Connection, window: Window, source: Source) -> Rows:
    """The files of the source that the window means; `training` is its newest version.

    A window of one file is named by that file, however it was asked for. A word is a file's path, else a tag, else another
    name of a file.

    Raises:
        UnknownName: no such version or file, or no file in the window.
        AmbiguousName: several files have that name.
        NotBuilt: a file reaches over the edge of a window of dates.
    """
    number = window.number if window.kind == VERSION else None
    version = find_version(connection, source, number)
    source = version.of(source)
    files = members(connection, source.id, version.number)
    if (tagged := _tagged(connection, source, window)) is not None and all(file.path != window.text for file in files):
        window = Window(VERSION, f"{window.text} (v{tagged})", tagged)
        files = members(connection, source.id, tagged)
        source = find_version(connection, source, tagged).of(source)
    if window.kind in (FILE, LAST, DATES):
        files = with_kept_out(connection, source, files)
    if window.kind == FILE:
        files = [_named(files, window.text, source)]
    elif window.kind == LAST:
        newest = by_arrival(connection, source.id, files)[-(window.number or 1) :]
        files = [file for file in files if file in newest]
    elif window.kind == DATES:
        files = _within(connection, files, window, source)
    if not files:
        raise UnknownName(
            f"Source '{source.name}' has no file in '{printable(window.text)}'.",
            f"See its files with: mlops-tui data show {source.name}",
        )
    label = files[0].path if len(files) == 1 and window.kind in (FILE, LAST) else window.text
    return Rows(source, label, tuple(files))


def _tagged(connection: sqlite3.Connection, source: Source, window: Window) -> int | None:
    """The number of the version that has the window's word for a tag."""
    return tags_of(connection, source.id).get(window.text) if window.kind == FILE else None


def with_kept_out(connection: sqlite3.Connection, source: Source, files: Sequence[SourceFile]) -> list[SourceFile]:
    """The files, and of a live source those that a check keeps out too: what arrives is watched whatever its verdict."""
    if source.role != LIVE:
        return list(files)
    return sorted([*files, *kept_out_profiled(connection, source.id)], key=lambda file: (file.path, file.hash))


def _named(files: Sequence[SourceFile], name: str, source: Source) -> SourceFile:
    """The file of that path, else of that file name with or without its ending, else of that part of an id."""
    found = files_named(files, name)
    if len(found) == 1:
        return found[0]
    listed = ", ".join(printable(file.path) for file in (found or files)[:SHOWN])
    end = ", …" if len(found or files) > SHOWN else "."
    if found:
        raise AmbiguousName(f"'{printable(name)}' fits several files.", f"Say which: {listed}{end}")
    raise UnknownName(f"Source '{source.name}' has no file '{printable(name)}'.", f"There is: {listed}{end}")


def _within(
    connection: sqlite3.Connection, files: Sequence[SourceFile], window: Window, source: Source
) -> list[SourceFile]:
    """The files whose days all lie in the window; a file without days lies in none."""
    if source.time_column is None:
        raise UsageError(
            f"Source '{source.name}' has no time column, so no window of dates.", "Say a file's name, or last:N."
        )
    first, last = str(window.first), "9999-12-31" if window.last is None else str(window.last)
    inside = []
    for file, blocks in file_blocks(connection, source, files):
        days = [(b.period_start[:10], b.period_end[:10]) for b in blocks if b.period_start and b.period_end]
        if not days:
            continue
        start, end = min(day for day, _ in days), max(day for _, day in days)
        if first <= start and end <= last:
            inside.append(file)
        elif start <= last and first <= end:
            raise NotBuilt(
                f"{printable(file.path)} reaches from {start} to {end}, over the edge of '{printable(window.text)}':"
                " parts of files are not compared yet.",
                "Say a file's name, last:N, or dates that hold whole files.",
            )
    return inside


def training_source(connection: sqlite3.Connection, source: Source) -> Source:
    """The source that a source's rows are compared with: a training source is its own, else the one with its columns.

    Raises:
        UnknownName: no training source has all its columns.
        AmbiguousName: several have.
    """
    if source.role == TRAINING:
        return source
    find_version(connection, source)  # without a file there are no columns, and that is what to say
    candidates = [one for one in list_sources(connection) if one.role == TRAINING and one.kinds]
    fitting = [one for one in candidates if set(source.kinds) <= set(one.kinds)]
    if len(fitting) == 1:
        return fitting[0]
    names = ", ".join(one.name for one in fitting or candidates)
    if fitting:
        raise AmbiguousName(
            f"Several training sources have the columns of '{source.name}': {names}.",
            f"Say which: mlops-tui drift {source.name} --training {fitting[0].name}",
        )
    remedy = (
        f"Say it: mlops-tui drift {source.name} --training N. There is: {names}." if names else "There is none yet."
    )
    raise UnknownName(f"No training source has all the columns of '{source.name}'.", remedy)


def _home_of_tag(connection: sqlite3.Connection, source: Source, reference: Window) -> Source | None:
    """The training source of a live one, where it has the tag that the reference is called by, and the live one has not."""
    if reference.kind != FILE or source.role == TRAINING or _tagged(connection, source, reference) is not None:
        return None
    fitting = [one for one in list_sources(connection) if one.role == TRAINING and set(source.kinds) <= set(one.kinds)]
    return next((one for one in fitting if _tagged(connection, one, reference) is not None), None)


def pair(
    connection: sqlite3.Connection, source: Source, training: Source | None, reference: Window, current: Window
) -> tuple[Rows, Rows]:
    """Both windows looked up. `training` names the training source's rows, any other window those of the source itself,
    unless a training source was named, or has the tag that is asked for: then the reference is its.

    Raises:
        UsageError: both are the same rows.
    """
    known = training
    if known is None and TRAINING in (reference.kind, current.kind):
        known = training_source(connection, source)
    home = known if known is not None and (training is not None or reference.kind == TRAINING) else source
    if home is source and (tagged := _home_of_tag(connection, source, reference)):
        home = tagged
    ours = resolve(connection, reference, home)
    theirs = resolve(connection, current, known if known is not None and current.kind == TRAINING else source)
    if ours.source.id == theirs.source.id and {f.id for f in ours.files} == {f.id for f in theirs.files}:
        raise UsageError(
            f"'{printable(theirs.label)}' is the same rows as the reference.", "Say another window: --current FILE."
        )
    if ours.source.id != source.id and reference.kind != TRAINING:
        ours = Rows(ours.source, f"{ours.source.name} {ours.label}", ours.files)
    return ours, theirs
