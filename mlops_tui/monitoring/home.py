"""Which source a window is of: a source's own rows, or those of the training source with its columns."""

from __future__ import annotations

import sqlite3

from mlops_tui.core.errors import AmbiguousName, UnknownName
from mlops_tui.data.model import TRAINING, Source
from mlops_tui.data.query import find_version, list_sources, tags_of
from mlops_tui.monitoring.window import FILE, Window


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


def home_of_tag(connection: sqlite3.Connection, source: Source, reference: Window) -> Source | None:
    """The training source of a live one, where it has the tag that the reference is called by, and the live one has not."""
    if reference.kind != FILE or source.role == TRAINING or tagged(connection, source, reference) is not None:
        return None
    fitting = [one for one in list_sources(connection) if one.role == TRAINING and set(source.kinds) <= set(one.kinds)]
    return next((one for one in fitting if tagged(connection, one, reference) is not None), None)


def tagged(connection: sqlite3.Connection, source: Source, window: Window) -> int | None:
    """The number of the version that has the window's word for a tag."""
    return tags_of(connection, source.id).get(window.text) if window.kind == FILE else None
