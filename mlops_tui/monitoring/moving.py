"""References that move with the current window: what came before it, and the same season of the year before."""

from __future__ import annotations

from dataclasses import replace

from mlops_tui.core.clock import to_seconds
from mlops_tui.core.errors import UnknownName, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.model import TRAINING, Source
from mlops_tui.monitoring.history import Histories, History, between, span_of
from mlops_tui.monitoring.home import training_source
from mlops_tui.monitoring.period import Days, begin, day_of, days_before, end, year_before
from mlops_tui.monitoring.window import DATES, SEASON, Rows, Window

FIXED = "Say training, a version or a file's name as the reference."


def moving(histories: Histories, reference: Window, training: Source | None, window: Window, current: Rows) -> Rows:
    """What the current rows, asked for as `window`, are compared with; the label stays the reference's words.

    A season is looked for in the training source where one is named, else in the source itself, and where it has no rows
    then in the training source with its columns.

    Raises:
        UsageError: no time column, a window longer than a year, or a training source named for what came before.
        UnknownName: there are no such rows.
    """
    if reference.kind == SEASON:
        return _season(histories, reference, training, window, current)
    if training is not None and training.id != current.source.id:
        raise UsageError(
            f"'{reference.text}' means what came before the window in '{current.source.name}' itself.",
            "Leave out --training, or say another reference.",
        )
    history = histories.of(current.source)
    if reference.days is None:
        return _files_before(history, reference, current)
    history.require_time(f"'{reference.text}'")
    first, last = days_before(_days(histories, window, current)[0], reference.days)
    return _said(_of_days(history, reference, (first, last), without=current), f"{first}..{last}")


def _files_before(history: History, reference: Window, current: Rows) -> Rows:
    """The last so many files that came before the first of the current ones."""
    mine = {file.id for file in current.files}
    place = next((place for place, file in enumerate(history.files) if file.id in mine), 0)
    wanted, before = reference.number or 1, history.files[:place]
    if len(before) < wanted:
        came = f"only {len(before)}" if before else "no file"
        raise UnknownName(
            f"Of source '{current.source.name}' {came} came before '{printable(current.label)}', and"
            f" '{reference.text}' needs {wanted}.",
            f"Say rolling:{len(before)}, or a later window." if before else f"Say a later window. {FIXED}",
        )
    files = before[-wanted:]
    reach = files[0].path if wanted == 1 else f"{files[0].path} to {files[-1].path}"
    ordered = tuple(sorted(files, key=lambda file: (file.path, file.hash)))
    return _said(Rows(history.source, reference.text, ordered), printable(reach))


def _season(histories: Histories, reference: Window, training: Source | None, window: Window, current: Rows) -> Rows:
    days = _days(histories, window, current)
    first, last = days
    if (last - first).days >= 365:
        raise UsageError(
            f"'{printable(current.label)}' reaches over {(last - first).days + 1:,} days, so it has no season of its own.",
            "Say a window shorter than a year, or --chunks month.",
        )
    try:
        then = year_before(days)
    except ValueError:
        raise UsageError(f"There is no year before {first}.", FIXED) from None
    homes = [training or current.source]
    if training is None and (other := _training_of(histories, current.source)) is not None:
        homes.append(other)
    larger: UnknownName | None = None
    for home in homes:
        history = histories.of(home)
        if history.source.time_column is None:
            continue
        try:
            found = _of_days(history, reference, then)
        except UnknownName as error:
            larger = larger or (error if history.timed.touched(begin(then[0]), end(then[1])) else None)
            continue
        of = "" if home.id == current.source.id else f" of {home.name}"
        return _said(found, f"{then[0]}..{then[1]}{of}")
    names = " or ".join(f"'{home.name}'" for home in homes)
    season = f"from {then[0]} to {then[1]}, the season of '{printable(current.label)}' a year before."
    raise larger or UnknownName(f"There are no rows of {names} {season}", FIXED)


def _training_of(histories: Histories, source: Source) -> Source | None:
    """The training source with the columns of a source that is none, where there is one such."""
    if source.role == TRAINING:
        return None
    try:
        return training_source(histories.connection, source)
    except UsageError:
        return None


def _days(histories: Histories, window: Window, current: Rows) -> Days:
    """The first and the last day of the current window: those that were asked for, else those of its rows."""
    if window.kind == DATES and window.first is not None and window.last is not None:
        return window.first, window.last
    histories.of(current.source).require_time("season")
    start, stop = span_of(histories.connection, current)
    if start is None or stop is None:
        raise UsageError(f"No row of '{printable(current.label)}' has a time, so it has no days.", FIXED)
    return window.first or day_of(to_seconds(start)), day_of(to_seconds(stop))


def _of_days(history: History, reference: Window, days: Days, without: Rows | None = None) -> Rows:
    first, last = days
    return between(history, Window(DATES, reference.text, first=first, last=last), without=without)


def _said(rows: Rows, reach: str) -> Rows:
    """The rows with a note of what they are this time."""
    return replace(rows, notes=(reach, *rows.notes))
